"""Remedies of what is refused of RDS files: of the keys that say what to read, and of what R has saved."""

from pathlib import Path
from unittest.mock import patch

from rankstudy.sources.readers import open_source
from rankstudy.sources.readers.rds import serialisation
from tests.unit import rds_writer as w
from tests.unit.advice_toy import Toy, calling, change, named
from tests.unit.test_rds_as_in_r import FIXTURES
from tests.unit.test_rds_assays import EMPTY, assay

AGAIN = "save it again in R: saveRDS(object, file)"
GENES, CELLS = w.text(["g1", "g2", "g3"]), w.text(["c1", "c2"])


def fixture(name):
    """Return a file that R has written."""
    return FIXTURES.joinpath(f"{name}.rds").read_bytes()


def file(body):
    return w.HEADER + body


def read(folder, data, column=None, most_objects=serialisation.MOST_OBJECTS, **options):
    """Read all of a file, and a column of its cells."""
    path = folder / "a.rds"
    path.write_bytes(data)
    with patch.object(serialisation, "MOST_OBJECTS", most_objects):
        source = open_source(str(path), {"format": "rds", **options})
    list(source.stream())
    if column:
        source.labels([column])


def of(data, **keywords):
    """Return how such a file is read."""
    return calling(read, data=data, **keywords)


def saved(body):
    """Return a remedy: R has saved something else."""
    return change(data=file(body))


def key(name):
    """Return a remedy: `rds.<name>` is the first name that the message lists."""
    return lambda call, said: call.keywords.update({name: named(said)[0]})


def seurat(active="SCT", **assays):
    return file(w.seurat(assays=w.listed(list(assays.values()), names=w.text(list(assays))), active=active))


def genes(names):
    return w.matrix(Dimnames=w.listed([names, CELLS]))


def experiment(row_names):
    """Return a SummarizedExperiment of a matrix without names, whose cells have these names."""
    data = w.s4("SimpleList", listData=w.listed([genes(GENES)], names=w.text(["counts"])))
    slots = {} if row_names is None else {"rownames": row_names}
    cells = w.s4("DFrame", listData=w.listed([]), **slots)
    return file(w.s4("SummarizedExperiment", assays=w.s4("SimpleAssays", data=data), colData=cells))


def list_of_two():
    """Return a data set of one file, which holds two objects."""
    toy = Toy(source={"local_file": "both.rds"}, cell_type="kind", batch=None)
    toy.run = lambda: [open_source(part.path, part.read) for part in toy.load().datasets["toy"].parts.values()]
    w.write(Path("both.rds"), w.listed([w.seurat(), w.seurat()]))
    return toy


def save_one(toy, said):
    w.write(Path("one.rds"), w.seurat())
    toy.set(source={"local_file": "one.rds"})


def save_each(toy, said):
    files = {name: w.write(Path(f"{name}.rds"), w.seurat()) for name in ("one", "two")}
    toy.set(source=None, parts={name: {"source": {"local_file": path}} for name, path in files.items()})


TRIED = [
    (
        of(fixture("seurat4"), assay="RNAs"),
        {"assays: name one that the object has: …": key("assay")},
    ),
    (
        of(seurat(SCT=assay("SCTAssay"), ADT=assay())),
        {"assays: name the one to read: `rds: {assay: ...}`": change(assay="SCT")},
    ),
    (
        of(fixture("sce_altexps"), assay="logcounts"),
        {
            "experiments: name one that the object has: …": key("assay"),
            "experiments: remove the key, and name an assay of the main experiment in `rds.layer`": change(
                assay=None, layer="logcounts"
            ),
        },
    ),
    (of(fixture("sce"), layer="raw"), {"find: name one that the experiment has: …": key("layer")}),
    (of(fixture("seurat5"), layer="raw"), {"find: name one that it has: …": key("layer")}),
    (
        of(seurat("RNA", RNA=assay(counts=EMPTY), ADT=assay())),
        {
            "find: name an assay that is not empty": change(assay="ADT"),
            "find: give a file that has its values": saved(w.seurat()),
        },
    ),
    (
        list_of_two,
        {
            "find: save the one that is meant in R: saveRDS(object[[1]], file)": save_one,
            "find: save each in a file of its own, and name these files under `parts`": save_each,
        },
    ),
    (
        of(file(w.s4("seurat"))),
        {"find: update it in R: saveRDS(UpdateSeuratObject(object), file)": change(data=fixture("seurat4"))},
    ),
    (
        of(fixture("refused_dense")),
        {
            "find: make one of its counts and labels in R: CreateSeuratObject(counts, meta.data = labels), and "
            "save that": change(data=fixture("seurat4")),
            "find: save the counts alone in R: saveRDS(as(counts, 'CsparseMatrix'), file)": change(
                data=fixture("matrix")
            ),
        },
    ),
    (
        of(file(w.matrix(Dimnames=w.listed([w.NULL, CELLS])))),
        {"find: give each a name in R: …(object) <- ...": saved(genes(GENES))},
    ),
    (
        of(file(w.seurat(counts=w.numbers([1, 2, 0, 0, 0, 3])))),
        {"matrices: convert it in R: as(x, 'CsparseMatrix')": saved(w.seurat())},
    ),
    (
        of(file(w.matrix(x=w.altrep("mmap_real", w.NULL)))),
        {"altrep: put a copy of the vector in its place in R, x[seq_along(x)], and save again": saved(w.matrix())},
    ),
    (of(b"\x28\xb5\x2f\xfd packed"), {f"bytestream: {AGAIN}": saved(w.matrix())}),
    (of(fixture("refused_text")), {f"serialisation: {AGAIN}": change(data=fixture("matrix"))}),
    (
        of(file(genes(w.text(["g1", None, "g3"])))),
        {"contents: give every one a name in R": saved(genes(GENES))},
    ),
    (
        of(file(w.seurat(meta={"kind": w.text(["x", "y"]), "b": CELLS}).replace(w.string("b"), w.string("kind")))),
        {
            "contents: rename one of the two in R": saved(w.seurat(meta={"b": CELLS})),
            "contents: remove one of them in R": saved(w.seurat()),
        },
    ),
    (
        of(file(genes(w.text([b"caf\xc3\xa9", "g2", "g3"], encoding=2)))),
        {
            "objects: state its encoding in R: Encoding(x) <- 'UTF-8' (or 'latin1')": saved(
                genes(w.text([b"caf\xc3\xa9", "g2", "g3"], encoding=8))
            )
        },
    ),
    (
        of(fixture("seurat4"), most_objects=400),
        {
            "serialisation: save counts and labels alone in R, in CreateSeuratObject(counts, meta.data = "
            "labels)": change(data=fixture("seurat5"))
        },
    ),
    (
        of(fixture("matrix")[:-20]),
        {
            "source: fetch the file again": change(data=fixture("matrix")),
            "source: write it again in R: saveRDS(object, file)": saved(w.matrix()),
        },
    ),
    (
        of(experiment(None)),
        {"tables: give the cells names in R: colnames(object) <- ...": change(data=experiment(CELLS))},
    ),
    (
        of(file(w.seurat(meta={"when": w.numbers([1, 2], **{"class": w.text(["Date"])})})), column="when"),
        {
            "tables: make it text in R: as.character(...)": saved(
                w.seurat(meta={"when": w.text(["1970-01-02", "1970-01-03"])})
            )
        },
    ),
]
MEETS = [(spoilt, {f"sources.readers.rds.{way}": mend for way, mend in ways.items()}) for spoilt, ways in TRIED]
