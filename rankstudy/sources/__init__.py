"""Where cells come from: downloads, and readers of every format."""
