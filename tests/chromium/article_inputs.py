"""Small tables, figures and configuration of made-up data sets, from which an article can be built."""

from __future__ import annotations

from pathlib import Path

import yaml

from rankstudy.config import load_study
from rankstudy.report.article.about import describe
from rankstudy.report.article.build import build_article, study_of
from rankstudy.report.article.page_names import page_names
from rankstudy.report.article.study import Study
from rankstudy.report.figure import OF_STUDY, Drawing, draw, drawings
from rankstudy.run.provenance import command
from tests.chromium.article_tables import Tables

ROOT = Path(__file__).resolve().parents[2]
SPACES = ("rank", "expression", "expression-pca", "expression-umap")
BASELINES = ("expression@cosine", "expression@euclidean", "expression-harmony", "detection", "library-size")
SMALL_MODELS = ("trained-here", "trained-here-umap", "untrained", "untrained-umap")
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="518.4pt" height="200pt" viewBox="0 0 518 200">'
    '<rect width="518" height="200" fill="#0072B2"/></svg>'
)
# data sets whose figures are drawn from the tables: those of all would take minutes
_DRAWN = 1
PAIRS = [["expression-umap", "rank"], ["expression-umap", "trained-here-umap"], ["expression-umap", "trained-here"]]


class Inputs(Tables):
    """Files of an article, below one folder; `build` writes its pages and returns their folder.

    `curves` is the section `settings` of the configuration; None: there are no specification curves. `ledgers` are the
    encodings to which one leads; `causes` says whether they are looked for; `text` is the section of this name.
    """

    def __init__(
        self,
        folder: Path,
        datasets=("first", "second"),
        seeds=(0, 1),
        spaces=SPACES,
        types=("alpha", "beta"),
        controls=(),
        curves=None,
        ledgers=(),
        causes=False,
        text=None,
        references=("expression", "rank"),
        **changes,
    ):
        self.folder, self.seeds, self.spaces, self.types = folder, tuple(seeds), (*spaces, *controls), tuple(types)
        self.has_ontology = "ontology" in changes
        config = {"datasets": list(datasets), "seeds": list(seeds), "spaces": list(spaces), "pairs": {"joint": PAIRS}}
        config["controls"] = list(controls)
        config["settings"] = {"replicates": 0} if curves is None else dict(curves)
        config["lattice"] = {"ledgers": list(ledgers)}
        config["causes"] = {} if causes else {"replicates": 0}
        config |= {"text": text or {}, "uncertainty": {"references": list(references)}}
        if "geneformer" in spaces:
            config["geneformer"] = {"release": "v1_10m"}
        for name in datasets:
            path = folder / "config" / "datasets" / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(yaml.safe_dump({**self._dataset(name), **changes}))
        # data sets are found below the folder, releases and gene lists beside the workflow
        for what in ("geneformer", "ontology", "genes", "vocabularies", "text_models", "gene_texts"):
            (folder / "config" / what).symlink_to(ROOT / "config" / what)
        plan = load_study(config, ["config.yaml"], folder, demand_files=False)
        self.about = {**describe(plan), **command([], {}, folder), "commit": "f" * 40, "snakemake": "9.27.1"}
        self.about["pinned"] = (
            {"torch": "2.13.0", "transformers": "5.23.0", "safetensors": "0.8.0"}
            if plan.models or plan.text_models
            else {}
        )
        self.known = plan.catalogue.spaces
        self.replicates = plan.study.settings.replicates
        self.curves = {name: plan.datasets[name].curves for name in datasets}
        self.ledgers = {name: plan.datasets[name].ledgers for name in datasets}
        self.divided = {name: plan.datasets[name].orders_by_medians for name in datasets}
        self.caused = {
            name: (plan.datasets[name].cause_encodings, plan.datasets[name].cause_pairs) for name in datasets
        }
        self.orders = [name for name, space in plan.catalogue.spaces.items() if space.order]
        self.compared_with = {name: plan.datasets[name].compared_with for name in datasets}
        self.tables = {name: self._tables(name) for name in datasets}
        self.of_dataset = {name: drawings("dataset", plan.datasets[name]) for name in datasets}
        self.figures = {name: self._figures(name, list(drawn)) for name, drawn in self.of_dataset.items()}
        self.of_study = drawings("study", plan)
        self.figures[""] = self._figures(OF_STUDY, list(self.of_study))
        if "trained-here" in plan.models:
            self.tables[""] = self._training_tables(datasets)

    @property
    def article(self) -> Path:
        return self.folder / "results" / "article"

    @property
    def outputs(self) -> list[Path]:
        tables = [path for paths in self.of_article.values() for path in paths.values()]
        return [*(self.article / name for name in page_names(self.about["datasets"])), *tables]

    @property
    def of_article(self) -> dict[str, dict[str, Path]]:
        """The tables that are written with the pages."""
        kinds = ("parquet", "tsv")
        return {name: {kind: self.article / f"{name}.{kind}" for kind in kinds} for name in ("run", "answer")}

    def build(self) -> Path:
        pages = [path for path in self.outputs if path.suffix == ".html"]
        build_article(self.tables, self.figures, self.about, outputs=pages, **self.of_article)
        return self.article

    def with_picture(self) -> Inputs:
        """Draw the figure of the first screen from the tables, and return these inputs."""
        self._draw("", self.of_study, "answer")
        return self

    def with_curves(self) -> Inputs:
        """Draw the figures of specification curves from the tables, and return these inputs."""
        self._draw("", self.of_study, "settings_overview")
        return self._with("specification_curve")

    def with_ledgers(self) -> Inputs:
        """Draw the figures of ledgers and of whose order it is from the tables, and return these inputs."""
        return self._with("ledger", "order_origin")

    def with_causes(self) -> Inputs:
        """Draw the figures of causes from the tables, and return these inputs."""
        return self._with("depth_curves", "encoding_depth", "blind_bands", "displacement", "unseen_change")

    def _with(self, *names: str) -> Inputs:
        """Draw these figures of the first few data sets; in further ones, which are as large, others stand for them."""
        for name, drawn in list(self.of_dataset.items())[:_DRAWN]:
            for figure in (figure for figure in drawn if figure.startswith(names)):
                self._draw(name, drawn, figure)
        return self

    def _draw(self, dataset: str, drawn: dict[str, Drawing], name: str) -> None:
        drawing = drawn[name]
        files = drawing.files([dataset] if dataset else list(self.compared_with), self.seeds[0])
        found = {name: [str(self.folder / path) for path in paths] for name, paths in files.items()}
        draw(drawing.module, found, drawing.settings, paths=[str(self.figures[dataset][name])])

    def study(self) -> Study:
        """Return what sentences are functions of."""
        self.article.mkdir(parents=True, exist_ok=True)
        return study_of(self.tables, self.about, **self.of_article)

    def change(self, dataset: str, table, change) -> None:
        """Write a table again after a change to its frame."""
        path = self.tables[dataset][table.name]
        table.write(change(table.read(path)), path)

    @staticmethod
    def _dataset(name: str) -> dict:
        return {
            "title": f"Made up: {name}",
            "source": {"local_file": f"/home/somebody/{name}.h5ad"},
            "cell_type": "type",
            "citations": [{"text": "Nobody N. Nothing. 2001.", "doi": "10.1000/182", "accession": "GSE1"}],
            "licence": "CC0",
        }

    def _figures(self, name: str, drawn: list[str]) -> dict[str, Path]:
        paths = {figure: self.folder / "results" / "figures" / name / f"{figure}.svg" for figure in drawn}
        for path in paths.values():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(SVG)
        return paths
