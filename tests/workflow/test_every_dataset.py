"""Every format from every source, in every place of the schema, becomes jobs of Snakemake: all in one dry run."""

import itertools

import yaml

from rankstudy.config.formats_model import FORMATS
from tests.unit.every_dataset import EVERY_ORIGIN, PLACES, REFUSED, SECTIONS, datasets, write_local_files
from tests.workflow.harness import snakemake

POSSIBLE = [
    (format, origin, place)
    for format, origin, place in itertools.product(FORMATS, EVERY_ORIGIN, PLACES)
    if (format, origin) not in REFUSED
]


def test_every_data_set_that_the_schema_allows_becomes_jobs(tmp_path):
    write_local_files(tmp_path)
    folder = tmp_path / "config" / "datasets"
    folder.mkdir(parents=True)
    names = ["_".join(choice) for choice in POSSIBLE]
    for name, choice in zip(names, POSSIBLE, strict=True):
        sections = {} if choice[-1] == "combine" else SECTIONS["donors"] | SECTIONS["keep"]
        written = datasets(*choice, **sections)
        toy = written.pop("toy")
        if "combine" in toy:
            toy["combine"] = {f"{name}_member": {}}
            (folder / f"{name}_member.yaml").write_text(yaml.safe_dump(written["member"]))
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(toy))
    study = tmp_path / "study.yaml"
    study.write_text(yaml.safe_dump({"datasets": names, "spaces": ["rank"], "controls": []}))

    targets = [
        path
        for (_, _, place), name in zip(POSSIBLE, names, strict=True)
        for path in (
            f"results/{name}/0/parts/{part_of(name, place)}.h5ad",
            *([] if place == "combine" else [f"results/{name}/tables/donors.parquet"]),
        )
    ]
    run = snakemake("-n", *targets, "--configfile", study, directory=tmp_path)
    assert run.ok, run.tail
    for rule in ("scan_part", "extract_cells", "index_cells", "select_cells"):
        assert run.counts[rule] == len(POSSIBLE)
    read = {wildcard(job, "dataset"): job.input for job in run.jobs if job.rule == "scan_part"}
    assert set(read) == set(names)
    downloaded = {path for job in run.jobs if job.rule.startswith("download_") for path in job.output}
    local = {f"data/{path.name}" for path in (tmp_path / "data").iterdir()}
    assert {path for paths in read.values() for path in paths} <= downloaded | local


def part_of(name, place):
    return {"source": "0", "parts": "one", "combine": f"{name}_member"}[place]


def wildcard(job, name):
    return next(text for text in job.wildcards if text.startswith(f"{name}=")).partition("=")[2]
