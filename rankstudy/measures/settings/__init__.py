"""Does the answer depend on how one asks? Two encodings compared in every setting: the specification curve.

A setting is how one looks, not what is encoded: a measure, whether the mean cell is subtracted, the panel of genes, the
depth of the cells (Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4:1208-1214; Steegen et al. 2016,
Perspectives on Psychological Science 11:702-712). One job per data set and replicate has the pairs of at most a few
thousand cells in memory, setting by setting.

- `setting`: the combinations of measure, centring, panel and depth that a pair has
- `material`: the cells, the same in every setting, and the vectors of each encoding there
- `scores`: the statistics of vectors, from all pairs in memory, each with what moves it
- `differences`: the table `specifications`: paired differences, intervals, verdicts
- `family`: p-values adjusted for all settings of a pair
- `curves`, `deciders`: counts of settings, and what decides
- `specify`: the job
"""
