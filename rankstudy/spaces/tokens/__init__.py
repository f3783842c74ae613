"""Vocabularies and tokenizers: from the counts of a cell to the tokens that a model reads.

A tokenizer is a module with two functions:

`read_vocabulary(files, version) -> Found`
    The genes that it knows, from the content (bytes) of the files of a release, by what they are there.
`tokenise(counts, vocabulary, max_length=None) -> (tokens, offsets)`
    The tokens of each cell, from the counts of the vocabulary's genes (CSR matrix, float64, without zeros): those of
    all cells one after the other (int32), and where each cell's begin (cells + 1 numbers).

What is around them is written once: which gene of a data set is which of the vocabulary, files, checks and reports.
"""
