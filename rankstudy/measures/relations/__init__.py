"""What distances say of how two cells are related."""
