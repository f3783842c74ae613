"""Models that embed cells, one folder each."""
