"""What a study will take, before anything is downloaded: `make plan`, or `python -m rankstudy.run.plan`.

- `known`: what is known of the cells of a data set: from its index, or else from what its YAML file expects
- `jobs`: every job of the study, and how much each has to do
- `graph`: which rule waits for which, and the time by the longest chain
- `costs`: seconds per job and per unit of work, measured (`benchmarks/costs.json`)
- `sizes`: bytes to download and bytes on disk
- `report`: the tables that are printed
- `check`: the forecast beside what Snakemake measured
- `amounts`: numbers of which some may be unknown

Pure functions of the configuration and of small text files, free of numerical packages and of Snakemake.
"""
