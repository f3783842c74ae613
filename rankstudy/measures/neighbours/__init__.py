"""What the nearest neighbours of cells say."""
