"""The section `text` of a study: lists of genes that a text model reads, and vectors of genes that are weighted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from rankstudy.config.common_models import Citation, Name
from rankstudy.config.release import Release, ReleaseFile
from rankstudy.core.errors import advise, did_you_mean
from rankstudy.core.strict import Strict
from rankstudy.sources.source import Source

# a file's name, or what a plug-in calls it
ModelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$")]


class GeneList(Strict):
    """How the list of a cell's genes is written, and read; what is not stated is as in the list that it varies."""

    model: ModelName | None = None
    """Text model that reads it; null takes that of the section."""
    genes: int | None = Field(None, ge=1)
    """Genes at most; null takes as many as the model's window holds. They are the first ones in the order of `by`,
    whatever `order` makes of them."""
    by: Literal["counts", "medians"] = "counts"
    """Which genes come first: those with the most `counts`, or with the most counts over the median in Geneformer's
    corpus (`geneformer.release`)."""
    order: Literal["descending", "reversed", "shuffled", "alphabetical"] = "descending"
    """In which order the chosen genes are written."""
    words: Literal["symbols", "names"] = "symbols"
    """Symbols, or the names of `names_from`; genes without a name are written by their symbol."""
    counts: bool = False
    """Write the count behind each gene."""
    panel: Literal["all", "selected"] = "all"
    """All genes of the file, or the selected ones alone, as the other spaces have them."""
    prefix: str = "A cell with genes ranked by expression: "
    """What stands before the list."""
    control: Literal["cells", "symbols"] | None = None
    """`cells`: each cell has the list of another cell of its type; `symbols`: each gene has the symbol of another."""
    read_as: Literal["text", "places", "set"] = "text"
    """`text`, or the same list as a plain vector over genes: their `places` in it, or which are in it (`set`)."""
    against: str | None = None
    """The list that it differs from in one respect; null takes the first one."""
    title: str | None = None
    """What it is called in figures and text; without it, what it differs in."""

    @property
    def how(self) -> dict[str, Any]:
        """How it is written, as plain values for `rankstudy.spaces.texts.lists`."""
        return self.model_dump(exclude={"model", "against", "title"})


class GeneVectors(Strict):
    """Vectors of genes: of texts on them, by a text model, or made elsewhere."""

    model: ModelName | None = None
    """Text model that reads the texts; null takes that of the section."""
    texts: Name | None = None
    """Texts of genes: a file in `config/gene_texts/`, without `.yaml`, or `symbols`, their symbols."""
    vectors: Name | None = None
    """Vectors of genes that others have made: a file in `config/gene_texts/`, without `.yaml`, or `random`."""
    permuted: bool = False
    """Control: each gene has the vector of another."""
    title: str | None = None
    """What it is called in figures and text; without it, what it is made of."""

    @model_validator(mode="after")
    def _one_source(self) -> GeneVectors:
        if (self.texts is None) == (self.vectors is None):
            problem = "names no vectors of genes, or two"
            raise ValueError(advise(problem, "give `texts`, which a text model reads", "give `vectors`"))
        return self


class Text(Strict):
    """Text models, the lists of genes that they read, and vectors of genes: spaces by the names that stand here."""

    model: ModelName = "minilm"
    """Text model: a file in `config/text_models/`, without `.yaml`, or one of a plug-in (`TEXT_MODELS`)."""
    lists: dict[str, GeneList] = {}
    """Lists of genes, by names of your own; each is a space, and `<name>-umap`. The first one is the base that others
    are compared with."""
    genes: dict[str, GeneVectors] = {}
    """Vectors of genes, by names of your own; each is a space: the sum of the vectors of a cell's selected genes,
    weighted by `expression`."""
    names_from: Name = "hgnc"
    """Where `words: names` has the names of genes from: a file in `config/gene_texts/`, without `.yaml`."""
    threads: int = Field(1, ge=1)
    """CPU threads of a text model."""
    accepted_cost: float = Field(0, ge=0)
    """What the texts of one job may cost, where a service asks for money; jobs that would cost more stop before they
    send anything."""

    @model_validator(mode="after")
    def _known_bases(self) -> Text:
        for name, entry in self.lists.items():
            if entry.against is not None and entry.against not in self.lists:
                problem = f"lists.{name}.against: there is no list {entry.against!r}"
                raise ValueError(advise(f"{problem}{did_you_mean(entry.against, self.lists)}", "name one of `lists`"))
        return self

    @property
    def entries(self) -> dict[str, GeneList | GeneVectors]:
        """All lists and vectors, by name."""
        return {**self.lists, **self.genes}

    def base_of(self, name: str) -> str | None:
        """Return the list that one is compared with: the one that it names, or the first one; None for that one."""
        first = next(iter(self.lists), None)
        base = self.lists[name].against or first
        return None if base == name else base


class TextModelFiles(Strict):
    """The files of a text model in the layout of sentence-transformers."""

    config: ReleaseFile
    """`config.json` of the transformer."""
    weights: ReleaseFile
    """`model.safetensors`, in the same folder; no other format is opened."""
    tokenizer: ReleaseFile
    """`tokenizer.json`."""
    modules: ReleaseFile
    """`modules.json`: what is done with the vectors of the word pieces."""
    pooling: ReleaseFile
    """`1_Pooling/config.json`."""
    window: ReleaseFile
    """`sentence_bert_config.json`: how many word pieces are read."""


class TextModelRelease(Release):
    """A text model: one file `config/text_models/<name>.yaml`."""

    files: TextModelFiles
    """The files, by what they are."""
    short: str | None = None
    """The title in a word or two, for figures and text; without it, the title."""
    dimensions: int = Field(ge=1)
    """Dimensions of its vectors."""


class GeneTexts(Strict):
    """Texts or vectors of genes that others have made: one file `config/gene_texts/<name>.yaml`."""

    title: str
    """What they are called in figures and text."""
    form: Literal["hgnc", "ncbi", "gene2vec", "genept"]
    """How they are read: `hgnc`, the table of HGNC (approved names); `ncbi`, NCBI Gene as goatools carries it
    (descriptions and designations); `gene2vec`, a matrix (npy) and an h5ad with its genes; `genept`, the pickled
    dictionary of GenePT's vectors."""
    source: Source
    """Where the archive comes from: a `package`, another origin of a zip, or a file on this machine."""
    files: dict[str, ReleaseFile]
    """The files in the archive, by what they are: `table`, or `vectors` and, for gene2vec, `genes`."""
    citations: list[Citation] = []
    """How to cite it."""
    licence: str = "not stated"
    """Licence of the files."""

    @model_validator(mode="after")
    def _its_files(self) -> GeneTexts:
        wanted = {"hgnc": ["table"], "ncbi": ["table"], "gene2vec": ["genes", "vectors"], "genept": ["vectors"]}
        if sorted(self.files) != wanted[self.form]:
            problem = f"files: {', '.join(self.files) or 'none'}, where `form: {self.form}` reads others"
            raise ValueError(advise(problem, f"give {' and '.join(wanted[self.form])}"))
        return self

    @property
    def are_vectors(self) -> bool:
        """Whether they are vectors, and no texts."""
        return self.form in ("gene2vec", "genept")
