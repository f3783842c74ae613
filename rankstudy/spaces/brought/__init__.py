"""Embeddings that a user brings: read by slices from obsm, Parquet, CSV, TSV or npz, and joined by cell id."""
