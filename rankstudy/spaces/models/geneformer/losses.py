"""What is masked, and the table of the loss: apart from the training, so that figures and text need no torch."""

from __future__ import annotations

# shares: of the genes of a cell, and of the masked ones (Devlin et al. 2019)
MASKED, SHOWN_AS_MASK, SHOWN_AS_RANDOM = 0.15, 0.8, 0.1
