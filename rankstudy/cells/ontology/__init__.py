"""The Cell Ontology: reading a release, finding terms for labels, and which cell types are similar."""
