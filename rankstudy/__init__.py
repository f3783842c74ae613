"""Rank-value encodings of single-cell RNA-seq: what the order of a cell's genes keeps and what it loses.

Everything that computes lives in this package; the Snakemake rules and scripts only call it. Nothing here imports
Snakemake, so each function can be used from a notebook.
"""

__version__ = "0.1.0"
