"""Is an embedding what it is taken for: checks before any score, and what it knows that it should not."""
