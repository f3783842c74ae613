"""Models: what they read, how they were made, and what training gave."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from rankstudy.report.article.numbers import Number
from rankstudy.report.article.study import Study
from rankstudy.report.article.text import Grid, Section, code, grid, listed, text

_IN_THE_QUESTION = {
    "published": "published weights",
    "trained": "a small model of the same architecture that this study trains",
    "untrained": "such a small model untrained",
}


def in_the_question(study: Study) -> Markup:
    """Return which models the run has, for the question; that there are none."""
    kinds = [kind for kind in _IN_THE_QUESTION if study.models(kind)]
    if not kinds:
        return Markup("No model is trained or read: what is examined is the encoding itself.")
    words = text("Beside both stands what a model makes of such an order: {}.", listed(kinds, _IN_THE_QUESTION.get))
    if "published" in kinds:
        return words
    return text(
        "{} The published weights of {} are not part of this run, and nothing here is a result of theirs.",
        words,
        study.cite("geneformer"),
    )


def tokens(study: Study) -> list[Any]:
    """Return how a cell becomes what a model reads."""
    revision = ""
    if study.has_setting("release.revision"):
        revision = text(", commit {}", code(study.run("release.revision")))
    return [
        text(
            "What a model reads of a cell is made as for {} {}, with its authors’ dictionaries (release: {}{}). Each "
            "gene of the file, selected or not, is looked up there: by its Ensembl id without version suffix, or by "
            "its symbol or an alias. Counts of genes that stand for the same Ensembl id are summed. Each count is "
            "divided by the total of its cell and by the median of its gene, which the authors computed over the cells "
            "of their corpus; genes without a count are dropped, and the others stand in descending order. Genes of "
            "equal value, whose order the authors leave open, stand in the order of the vocabulary.",
            study.cite("geneformer"),
            study.run("release.version"),
            study.run("release.title"),
            revision,
        ),
        text(
            "An input holds at most {} tokens; genes beyond that are cut off. Values that are not whole numbers are "
            "refused, unless a data set declares expected counts or values scaled to one total per cell, which have "
            "the same order. A run stops if less than {} of the counts of a data set reach a token.",
            study.run("tokens.max_length", style="number"),
            study.run("geneformer.least_share_of_counts", style="percent", digits=2),
        ),
    ]


def models(study: Study) -> list[Any]:
    """Return how the models of the run were made."""
    said: list[Any] = [study.written(model["methods"]) for model in study.about["models"].values() if model["methods"]]
    described = {name for name, model in study.about["models"].items() if model["methods"]}
    said += [_published(study, name) for name in study.models("published") if name not in described]
    small = study.models("trained", "untrained")
    if small:
        said.append(_architecture(study, small))
    said += [_training(study, name) for name in study.models("trained")]
    for _ in study.models("untrained"):
        start = ", those that the training starts from" if study.models("trained") else ""
        said.append(
            text(
                "The untrained model has random weights{}. It shows what the architecture alone makes of the order of "
                "the genes.",
                start,
            )
        )
    return said


def _published(study: Study, name: str) -> Markup:
    return text(
        "<b>{}</b>: the weights that the authors published (licence: {}), used as they are; nothing is trained on the "
        "cells of this study.",
        study.title(name),
        study.run("release.licence"),
    )


def _architecture(study: Study, small: list[str]) -> Markup:
    sizes = ("layers", "hidden", "heads", "feed_forward", "max_length")
    return text(
        "{}: {}’s architecture, the encoder of BERT ({}) with rectified linear units, in small: {} blocks of {} "
        "dimensions with {} attention heads and {} dimensions in between. It reads the first {} tokens of a cell. "
        "There is one such model for all data sets and replicates. <em>It is not the published model</em>, which is "
        "larger, reads longer inputs and was trained on a large corpus.",
        listed(small, lambda name: text("<b>{}</b>", study.title(name))),
        study.cite("geneformer"),
        study.cite("devlin"),
        *(study.run(f"training.{size}", style="number") for size in sizes),
    )


def _training(study: Study, name: str) -> Markup:
    def share(key: str) -> Number:
        return study.run(f"training.{key}", style="percent", digits=2)

    def number(key: str) -> Number:
        return study.run(f"training.{key}", style="number")

    return text(
        "It was trained by masked-language modelling, as the published model and BERT were: {masked} of the genes of a "
        "cell "
        "are to be predicted from the others and from their order; of these, {mask} are replaced by a mask, {random} "
        "by a gene drawn at random, and the rest left as they are. Training made {epochs} passes over {cells} cells "
        "in batches of {batch} (AdamW, {adamw}; highest learning rate {rate}, reached after a twentieth of the steps, "
        "then falling linearly to zero; seed {seed}). The cells were drawn from those that no replicate selected, "
        "evenly over the data sets as far as these have any left; only if fewer than {least} were left would compared "
        "cells have been used as well. Training starts from the frequencies of the genes: the bias of the head is set "
        "to their logarithm. The loss is measured on other cells, which were not trained on, beside the loss of "
        "predicting each masked gene by its frequency alone.",
        masked=share("masked"),
        mask=share("shown_as_mask"),
        random=share("shown_as_random"),
        epochs=number("epochs"),
        cells=study.home(name).value("spaces", "trained_on", space=name),
        batch=number("cells_per_batch"),
        adamw=study.cite("loshchilov"),
        rate=study.run("training.learning_rate"),
        seed=study.run("training.seed"),
        least=number("least_cells"),
    )


def trained_here(study: Study) -> Section | None:
    """Return what training gave; None where the study trains no model."""
    if not study.models("trained"):
        return None
    said = [text("{} {}", drawn(study), overlap(study)), learnt(study)]
    return Section("models", "The model that was trained here", said, [cells_drawn(study)], folded=True)


def _drawn(study: Study, role: str, **where: Any) -> Number:
    return study.numbers.derived("count", "", "training_cells", "cell_id", role=role, **where)


def drawn(study: Study) -> Markup:
    """Return how many cells were drawn to train on, and to measure the loss on."""
    sentence = "{} cells were drawn to train on and {} to measure the loss on."
    return text(sentence, _drawn(study, "training"), _drawn(study, "validation"))


def overlap(study: Study) -> Markup:
    """Return whether cells that were trained on are compared too."""
    where = {"role": "training", "evaluated": True}
    if not study.numbers.has("", "training_cells", **where):
        return Markup("No replicate compares any of the cells that were trained on.")
    return text(
        "<strong>{} of those trained on are compared as well</strong>, since too few others were left: what this model "
        "says of these cells is not independent of them.",
        study.numbers.derived("count", "", "training_cells", "cell_id", **where),
    )


def learnt(study: Study) -> Markup:
    """Return how far the loss fell, and whether it is below that of the frequencies."""
    steps = [row["step"] for row in study.numbers.rows("", "training_loss", "step")]

    def loss(column: str, step: int) -> Number:
        return study.numbers.value("", "training_loss", column, step=step, digits=4)

    end, frequency = loss("validation_loss", steps[-1]), loss("unigram_loss", steps[-1])
    outcome = (
        "So the trained model predicts masked genes better than their frequencies alone do."
        if end.raw < frequency.raw
        else "So the trained model does not predict masked genes better than their frequencies alone do, and its "
        "embeddings are those of a model that has hardly learnt."
    )
    return text(
        "On cells that it was not trained on, the loss went from {} to {} nats per masked gene; predicting each gene "
        "by its frequency alone gives {}. {}",
        loss("validation_loss", steps[0]),
        end,
        frequency,
        outcome,
    )


def cells_drawn(study: Study) -> Grid:
    """Return the cells that were drawn for the training, and how many of them are compared too."""
    rows = [
        [
            code(dataset.name),
            *(
                _drawn(study, role, dataset=dataset.name, **evaluated)
                for role in ("training", "validation")
                for evaluated in ({}, {"evaluated": True})
            ),
        ]
        for dataset in study.datasets
        if study.numbers.has("", "training_cells", dataset=dataset.name)
    ]
    caption = Markup("Cells that were drawn for the training, and how many of them are compared too.")
    columns = ["Data set", "Trained on", "also compared", "Loss measured on", "also compared"]
    return grid(caption, columns, rows)


def embedding(study: Study, name: str) -> Markup:
    """Return which output of a model is the embedding of a cell."""
    home = study.home(name)
    dimensions = home.value("spaces", "dimensions", space=name)
    if home.rows("spaces", "pooling", space=name)[0]["pooling"] is None:
        return text("{} dimensions.", dimensions)
    pooled = home.value("spaces", "pooling", space=name).raw == "cell"
    what = Markup(
        "The mean over the gene tokens of a cell" if pooled else "The token <code>&lt;cls&gt;</code> of a cell"
    )
    last = home.value("spaces", "layer", space=name).raw == 0
    where = "last block" if last else "second-to-last block, the layer that the authors take by default"
    return text(
        "{} in the output of the {}: {} dimensions.", what, where, home.value("spaces", "dimensions", space=name)
    )


def software(study: Study) -> Markup:
    """Return in which environment models run; nothing without models."""
    if not (study.about["models"] or study.about["texts"]["models"]):
        return Markup("")
    return text(
        " Models run in <code>envs/models.yaml</code>, which adds {}: their versions are those that it pins.",
        listed(study.references["model_software"], study.cite),
    )
