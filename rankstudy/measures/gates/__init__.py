"""Checks of a run by spaces whose results are known beforehand."""
