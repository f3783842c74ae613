"""A second opinion on any embedding: the study's own statistics on cells that somebody brings, in one call.

In a notebook, on an AnnData object (`docs/judging.md`):

    from rankstudy.measures.judge.judge import judge

    opinion = judge(adata, cell_type="cell_type", batch="donor", obsm=["X_scGPT", "X_pca"])
    opinion.tables["differences"]
"""
