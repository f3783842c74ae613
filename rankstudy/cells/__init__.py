"""Which cells take part, and what they are: scan, index, selection, shards, labels on the Cell Ontology."""
