# Writes a Seurat object of generated counts: Rscript seurat.R <cells> <level of compression> <path>
# 33,538 genes, 3,000 values per cell, in the slots counts and data; 24 cell types, 40 subjects.
arguments <- commandArgs(TRUE)
n <- as.integer(arguments[1])
level <- as.integer(arguments[2])
suppressMessages({library(Matrix); library(SeuratObject)})
set.seed(1)
genes <- 33538L
per <- 3000L
rows <- integer(n * per)
for (cell in seq_len(n)) rows[((cell - 1) * per + 1):(cell * per)] <- sort.int(sample.int(genes, per), method = "quick") - 1L
values <- as.numeric(1 + rgeom(n * per, 0.6))
begins <- as.integer(seq(0, n * per, by = per))
names <- list(sprintf("GENE%05d", seq_len(genes)), sprintf("CELL%09dACGT-%d", seq_len(n), seq_len(n) %% 5))
empty <- new("dgCMatrix", i = integer(0), p = integer(n + 1), x = numeric(0), Dim = c(genes, n), Dimnames = names)
object <- CreateSeuratObject(empty)
object@assays$RNA@counts <- new("dgCMatrix", i = rows, p = begins, x = values, Dim = c(genes, n), Dimnames = names)
totals <- rep(colSums(matrix(values, per)), each = per)
values <- log1p(values / totals * 1e4)
rm(totals)
object@assays$RNA@data <- new("dgCMatrix", i = rows, p = begins, x = values, Dim = c(genes, n), Dimnames = names)
object$cell_type <- factor(paste0("type", (seq_len(n) * 7) %% 24))
object$subject <- paste0("S", seq_len(n) %% 40)
connection <- gzfile(arguments[3], "wb", compression = level)
saveRDS(object, connection)
close(connection)
