"""How cells become vectors: selected genes, encodings, models, fits and controls."""
