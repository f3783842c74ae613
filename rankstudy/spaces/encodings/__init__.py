"""Encodings: from the counts of a cell to the vector that a space compares.

An encoding is a function `(counts, totals) -> vectors`:

counts
    CSR matrix, cells x selected genes.
totals
    Sum of each cell over *all* genes, array of cells.
vectors
    CSR or dense float32; row i belongs to row i of the counts. Columns are the selected genes, or fewer dimensions of
    the encoding's own.

One that reads all genes of a vocabulary or of the file, with their names, takes `cell_counts.CellCounts` instead:
`published` holds those of published models.
"""
