"""Which changes of one gene's count an encoding shows, and what else moves: by rule, not by search."""
