"""What each step costs, from counts to what a model reads, and whose order it is.

A corner is one combination of steps (`rankstudy.spaces.steps`); published encodings are corners that have a name. All
corners of a ledger are scored on the same cells in every setting, and the difference between its two ends is shared out
among the steps.

- `corner`: the corners, and the cube of a ledger
- `vectors`: their vectors
- `itinerary`: which are walked, and how
- `shapley`: how a difference is shared out
- `ledgers`: the tables `lattice`, `lattice_steps`, `ledger`
- `origin`: the table `order_origin`
- `walk`: the job
"""
