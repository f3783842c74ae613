"""Models that embed cells: a module, or a folder, each.

A model's module has two functions, and may have a third:

`load(files, about, how) -> model`
    What `embed` needs: `files` are the paths of the model's files by what they are, `about` what is known of it
    (`title`, and the identity of its vocabulary), `how` its settings.
`embed(cells, model) -> vectors`
    The embedding of each cell (`rankstudy.spaces.tokens.token_files.TokenisedCells`; every one has tokens), row i for
    cell i: cells x dimensions, float32.
`describe(files, identity) -> dict`
    What else is to be known of the model: plain values. It raises StudyError if the files are no model that reads the
    vocabulary of this identity.

What is around them is written once: which cells, the check that a vector stands in the row of its cell, and files.
"""
