"""What a job is asked that looks at encodings in every setting, from the inputs and parameters of its rule."""

from __future__ import annotations

from typing import Any

from rankstudy.core.files import find_file
from rankstudy.measures.settings.asked import Asked
from rankstudy.run.workflow import FOLDER


def files_by_encoding(snakemake: Any) -> dict[str, dict[str, str]]:
    """Return the inputs that are called `<encoding>/<what>`, by encoding and by what they are."""
    found: dict[str, dict[str, str]] = {name: {} for name in snakemake.params.encodings}
    for named, path in snakemake.input.items():
        if "/" in named:
            encoding, what = named.split("/")
            found[encoding][what] = path
    return found


def asked_by(snakemake: Any) -> Asked:
    """Return what the rule of a job asks."""
    params = snakemake.params
    return Asked(
        shards=snakemake.input.shards,
        cells_in=snakemake.input.cells,
        genes_in=files_by_encoding(snakemake),
        encodings=params.encodings,
        shared_genes=find_file(params.shared_genes["file"], FOLDER),
        dataset=snakemake.wildcards.dataset,
        seed=int(snakemake.wildcards.seed),
        counts=params.counts,
        unit=params.unit,
        donors_in=next(iter(snakemake.input.donors), None),
        cells=params.cells,
        neighbours=params.neighbours,
        draws=params.draws,
        resamples=params.resamples,
        resampling_seed=params.seed,
        level=params.level,
    )
