"""RDS files of R, without R: Seurat objects (3 to 5), SingleCellExperiment and sparse matrices, in bounded memory.

The first pass over the file (`Contents`) reads the structure of the object, and goes over the long vectors; the second
(`RdsSource.read`, `RdsSource.stream`) copies the values of the cells that are wanted, and stops after the last of them.

=====================  ====================================================================================
`bytestream`           the unpacked bytes of a file: gzip, bzip2, xz or plain
`serialisation`        R's format: from bytes to `objects`, with `altrep` for vectors in another form
`contents`, `numbers`  values of vectors
`matrices`, `tables`   sparse matrices; tables of cells and genes
`find`                 where in an object the counts, the genes and the cells are, with `assays` and `experiments`
`source`               the `Source` of `rankstudy.sources.readers`
=====================  ====================================================================================

What a changed file can do. In a packed file any change of the content is found: the checksums of gzip, bzip2 and xz are
verified before anything is returned. A plain file has none: what is found there is anything that does not fit together
(lengths, references, rows in range and once per column, `p` rising to the number of values, factor codes, encodings);
another number in `x`, another row that is still free, or another letter of a name cannot be found.
"""

from rankstudy.sources.readers.rds.source import RdsSource

__all__ = ["RdsSource"]
