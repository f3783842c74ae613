"""What the results do not say, and how the run can be done again."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from rankstudy.report.article.compared import reference
from rankstudy.report.article.looked_at import has_causes
from rankstudy.report.article.sentences import models
from rankstudy.report.article.sentences.answer import answers
from rankstudy.report.article.sentences.data import citation
from rankstudy.report.article.sentences.ledgers import has_ledgers
from rankstudy.report.article.sentences.settings import NO_TEST, curved
from rankstudy.report.article.study import Study
from rankstudy.report.article.text import Bullets, Facts, Grid, code, grid, label, listed, text


def caveats(study: Study) -> list[Markup]:
    """Return what the results do not say, for the spaces and models of the run."""
    return [
        dependence(study),
        *of_the_pair(study),
        *of_encodings(study),
        *of_ledgers(study),
        *of_causes(study),
        *of_models(study),
        LABELS,
        batches(study),
    ]


def dependence(study: Study) -> Markup:
    """Return what intervals and ranges are about."""
    seeds = (
        "A range over seeds is not an interval: replicates draw from the same cells, and types with few cells give the "
        "same ones each time."
        if study.several
        else "There is one replicate, so nothing is said about how much the draw of the cells matters."
    )
    return text(
        "Pairs share cells, so they are not independent; intervals and adjusted p-values come from batches, or from "
        "cells within batches where there are few, and then they say nothing of other batches, donors or protocols. {}",
        seeds,
    )


def of_the_pair(study: Study) -> list[Markup]:
    """Return that the pair of the first sentence differs in the measure too, where that is so."""
    rows = answers(study)
    if not rows or curved(study):
        return []
    one, other = (study.declared(rows[0][side]) for side in ("space", "against"))
    if one["metric"] == other["metric"]:
        return []
    return [
        text(
            "{} and {} differ in the encoding and in the measure: a correlation subtracts each cell’s mean, a cosine "
            "does not. A difference between them is one of the pair, not of the encoding alone.",
            study.title(rows[0]["space"]),
            study.title(rows[0]["against"]),
        )
    ]


def of_encodings(study: Study) -> list[Markup]:
    """Return what of the encodings is not tested."""
    if not study.spaces("encoding") or has_causes(study):
        return []
    return [
        Markup("Sparsity and ties are described beside the separation. That they cause it is not tested in this run."),
    ]


def of_ledgers(study: Study) -> list[Markup]:
    """Return what the cost of a step is not."""
    if not has_ledgers(study):
        return []
    return [
        Markup(
            "Points of a statistic are not information: a step can lose much of a cell that no cell type needs, and a "
            "step that costs nothing here may cost elsewhere. A share depends on which steps are told apart, and on "
            "the orders in which they can be taken. Where genes are selected, they are selected on expression. Each "
            "ledger is adjusted by itself: the step that is said to cost most, or to gain most, is picked from all of "
            "them, which makes it look larger than it is."
        )
    ]


def of_causes(study: Study) -> list[Markup]:
    """Return what thinned cells, twins and changes of one gene are not."""
    if not has_causes(study):
        return []
    return [
        Markup(
            "Thinned molecules stand for shallower sequencing of the same library, not for another chemistry or fewer "
            "captured cells, and cells deeper than those measured were not seen. Twins repeat the counting and nothing "
            "else: that an encoding finds them says nothing of types, and no part of a difference is set apart as due "
            "to sampling. Shares of changes that are not seen are of the genes of these cells, and a change that an "
            "encoding shows may still be one that a model ignores. A gene that is set to zero is no knock-out: what a "
            "cell would do in return is not in its counts."
        )
    ]


def of_models(study: Study) -> list[Markup]:
    """Return what models do not say, by what kind they are."""
    said = []
    if study.about["models"]:
        said.append(
            Markup(
                "The models read all genes that have a token, up to their longest input; the other spaces hold the "
                "selected genes. A difference between them is one of the genes too."
            )
        )
    if study.models("trained"):
        said.append(
            text(
                "The model trained here says whether this architecture learns anything from so few cells that "
                "separates cell types, beyond what it gives untrained. It was trained for minutes, on cells of the "
                "same data sets as those that are compared: it says nothing about how the published weights of {} do, "
                "nor how a model does on data that it has never seen.",
                study.cite("geneformer"),
            )
        )
    if study.models("untrained"):
        said.append(
            Markup(
                "An untrained model is not a model without information: random weights keep much of which genes come "
                "first in a cell. That types are separated by it shows what that alone gives, for one draw of the "
                "weights."
            )
        )
    published = study.models("published")
    if published:
        words = "Whether cells of these data sets were part of the corpus that {} was trained on is not checked."
        said.append(text(words, listed(published, study.title)))
    return said


LABELS = Markup(
    "Cell types are those that each data set labels, often by clustering expression, which favours spaces made from "
    "expression."
)


def batches(study: Study) -> Markup:
    """Return whether anything corrects for batches."""
    corrected = [name for name in study.spaces("baseline") if "batch" in study.declared(name)["cells"]]
    but = text(", but in {}", listed(corrected, study.title)) if corrected else ""
    return text("Batches are spread over the draw and are not corrected for{}.", but)


def how_sure(study: Study) -> list[Markup]:
    """Return in short, for the first page, how sure its numbers are."""
    said = [
        text(
            "Brackets are intervals of {} from {} resamples of whole batches, or of cells within batches where there "
            "are few: then they speak of these cells alone.",
            study.run("uncertainty.level", style="percent", digits=2),
            study.run("uncertainty.resamples", style="number"),
        )
    ]
    against = {reference(dataset) for dataset in study.datasets} - {None}
    if curved(study):
        said.append(
            text(
                "Better and worse of a curve are adjusted for all its settings; of other spaces, for all of them, in "
                "every replicate. Open is not equal. {}",
                NO_TEST,
            )
        )
    elif against:
        said.append(
            Markup(
                "Better and worse hold in every replicate, with all spaces taken together (Holm). Everything else is "
                "not shown to differ, which is not the same as equal."
            )
        )
    return [*said, LABELS]


def reproducibility(study: Study) -> Facts:
    """Return how to run the study again."""
    command = text("{}, in the workflow’s folder", code(study.run("command")))
    if study.has_setting("command.elsewhere"):
        command = text(
            "{}. What lies outside of it is named by its name alone ({}): put it there, or give its path, in this "
            "command and all others",
            command,
            study.run("command.elsewhere"),
        )
    pack = text("{} packs these pages and all figures with how they were made", code(study.run("command.report")))
    return Facts(
        [
            ("Command", command),
            ("Report", pack),
            ("Commit", code(study.run("commit"))),
            ("Seeds", study.run("seeds")),
            ("Snakemake", study.run("version.snakemake")),
            ("Python", study.run("version.python")),
        ]
    )


def same_bytes(study: Study) -> Markup:
    """Return what is equal in another run, and where versions come from."""
    return text(
        "The same seeds give the same bytes on the same machine. Block size and number of threads change no result "
        "beyond rounding. The environment is locked in <code>envs/core.yaml</code>; versions below are those that were "
        "found in it when this page was written.{}",
        models.software(study),
    )


def versions(study: Study) -> Grid:
    """Return the software of the run."""
    keys = [row["key"] for row in study.numbers.rows("", "run", "key") if row["key"].startswith("version.")]
    rows = [[label(key.partition(".")[2]), study.run(key)] for key in keys]
    return grid("Software of the run.", ["Package", "Version"], rows, words=[1])


def settings(study: Study) -> Grid:
    """Return all settings of the run."""
    rows: list[list[Any]] = [
        [code(row["key"]), "not set" if row["value"] is None else study.run(row["key"]), label(row["meaning"])]
        for row in study.numbers.rows("", "run", "key", "value", "meaning")
        if not row["key"].startswith("version.")
    ]
    return grid("Settings of the run.", ["Key", "Value", "Meaning"], rows, words=[1, 2])


def citations(study: Study) -> Bullets:
    """Return citations and licences of the data sets."""
    items = []
    for dataset in study.datasets:
        name = code(dataset.name)
        for each in dataset.about["citations"]:
            accession = label(each["accession"]) if each["accession"] else ""
            items.append(text("{}: {} {}", name, citation(each), accession))
        if not dataset.about["citations"]:
            items.append(text("{}: no citation is stated.", name))
        items.append(text("{}, licence: {}", name, label(dataset.about["licence"])))
    return Bullets(items)
