"""Spaces of vectors with a measure, and the engine that compares all pairs of their cells."""
