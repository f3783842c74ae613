"""States within a type: how well a space tells them, with the donor as the unit."""
