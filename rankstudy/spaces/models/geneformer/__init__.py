"""Geneformer: from the counts of a cell to the tokens that the model reads, and to the cell's embedding.

The specification is Theodoris et al. 2023 (Nature 618:616) and the files that its authors publish. A *vocabulary* is a
token dictionary with the medians of the same version; a *checkpoint* is a folder with `config.json` and
`model.safetensors` as on the authors' page. Only `checkpoint`, `embedding` and `training` need torch.
"""
