"""The pages of a second opinion on embeddings."""
