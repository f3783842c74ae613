"""The models whose embeddings a study can compare: those of the package, and what a plug-in declares of its own.

Names only, so that Snakemake can read it without the packages that compute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model that reads a cell's tokens and returns its embedding: a space of its name, and UMAP of it.

    Attributes
    ----------
    title
        What it is, where nothing more is known; in figures and text published weights have the title of their release,
        and `{cells}` becomes the number of cells that the model was trained on.
    short
        The same in two or three words, for figures; empty where the title is short.
    kind
        `published`: weights that others have trained; `trained`: by the study; `untrained`: the weights that this
        training starts from.
    module
        `load` and `embed`, as `rankstudy.spaces.models.embedding` calls them; of a plug-in, the file that declares it.
    tokenizer
        `read_vocabulary` and `tokenise`, as `rankstudy.spaces.tokens` calls them; of a plug-in, by default the file.
    release
        The files that it consists of: a name in `config/geneformer`, or, beside the plug-in that declares it, a YAML
        file. None: what `geneformer.release` says.
    environment
        The environment of its jobs, a file of conda: in `envs`, or beside the plug-in.
    section
        Section of the configuration that holds its settings.
    settings
        Settings without a section, with their defaults; `models` in the configuration sets others.
    memory
        MB that an embedding job asks for, besides what its inputs take.
    methods
        What the article says of it, in a sentence or two.
    """

    title: str
    short: str = ""
    kind: Literal["published", "trained", "untrained"] = "published"
    module: str = ""
    tokenizer: str = ""
    release: str | None = None
    environment: str = "core.yaml"
    section: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    memory: int = 4000
    methods: str = ""


# the tokenizer of the releases in config/geneformer
GENEFORMER_TOKENS = "rankstudy.spaces.tokens.geneformer"


def _geneformer(kind: Literal["published", "trained", "untrained"], title: str, short: str = "") -> Model:
    return Model(
        title=title,
        short=short,
        kind=kind,
        module="rankstudy.spaces.models.geneformer.embedding",
        tokenizer=GENEFORMER_TOKENS,
        environment="models.yaml",
        section="geneformer",
    )


MODELS: dict[str, Model] = {
    "geneformer": _geneformer("published", "Geneformer, published weights"),
    "trained-here": _geneformer(
        "trained", "Geneformer architecture, trained here on {cells} cells", "model trained here"
    ),
    "untrained": _geneformer("untrained", "Geneformer architecture, untrained", "untrained model"),
}
