"""Encodings as published models have them, one file per model, each from the description of the model.

A file declares its spaces (`SPACES`; a function named without a module is in the file) and holds the encoders:
functions `(cells) -> vectors` of `rankstudy.spaces.encodings.cell_counts`. Declarations are read without the packages
that compute, so files import those inside functions.

Orders are vectors as `rankstudy.spaces.encodings.orders` describes. Where authors leave the order of equal values to
an unstable sort, it is that of the columns; where chance is their design, it is drawn per seed, cell and gene.
"""
