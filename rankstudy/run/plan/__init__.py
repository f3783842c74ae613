"""What a study will take, before anything is downloaded: `make plan`, or `python -m rankstudy.run.plan`.

- `known`: what is known of the cells of a data set: from its index, or else from what its YAML file expects
- `jobs`: every job of the study, from Snakemake's own plan over a stand-in of the working directory
- `sizes`: megabytes of files that are not there yet
- `work`: how much a job has to do, and what it asks for
- `costs`: seconds per job and per unit of work, measured (`benchmarks/costs.json`)
- `forecast`: these together
- `report`: the tables that are printed
- `check`: the forecast beside what Snakemake measured
- `amounts`: numbers of which some may be unknown

Free of numerical packages.
"""
