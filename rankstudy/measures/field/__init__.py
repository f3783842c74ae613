"""The measures that the field uses for embeddings, and of the geometry of a space."""
