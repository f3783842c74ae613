"""How alike two cells are: measures of vectors, one product for all measures of the same vectors, and their ranges."""
