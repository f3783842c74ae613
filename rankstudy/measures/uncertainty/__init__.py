"""Intervals of the headline numbers and of the differences between spaces, without seeing a pair again.

Pairs of cells share cells, and cells share batches, so neither pairs nor cells count as independent: batches do (or
donors), where there are enough of them.

- `statistics`: the numbers, from merged pairs, each with what every cell and every batch changes of it
- `influence`: how that is found
- `units`: what is independent: batches, or donors
- `resampling`: resamples of batches or cells, as sums
- `spread` (and `rankstudy.measures.relations.errors`): the same without drawing, for curves, which have too many points
- `half_samples`: halves of the batches or cells, for what moves by steps
- `intervals`: from resamples to intervals and p-values
- `references`: what a space is compared with
- `evaluation`: the tables
"""
