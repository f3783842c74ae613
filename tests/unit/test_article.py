"""The article: every number is looked up, nothing of the outside is markup, the same input gives the same bytes."""

from __future__ import annotations

import functools
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd
import pytest

from rankstudy.cells.needs import GIVES
from rankstudy.core.errors import StudyError
from rankstudy.measures.tables import EFFECT_SIZES, PAIR_SUMMARIES
from rankstudy.measures.uncertainty.tables import DIFFERENCES
from rankstudy.measures.verdict import BETTER
from rankstudy.report.article import build
from rankstudy.report.article.numbers import Numbers
from rankstudy.report.article.values_words import VALUES
from tests.chromium.article_inputs import ROOT, Inputs

TEMPLATES = sorted(Path(build.__file__).parent.glob("*.jinja"))
# names of things that happen to hold a digit
TERMS = ("log1p CP10K", "SHA-256", "MD5", "Macro F1", "macro F1")
KEYS = ("cell2sentence", "sha256", "md5", "macro_f1")
VOID = {"meta", "link", "img", "br"}
# given by others and quoted: names, labels, titles, references; and commands
QUOTED = {"label", "cite", "reference", "quoted"}


class Page(HTMLParser):
    """A parsed page: texts with the elements around them, attributes, and whether every element is closed in order."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[tuple[str, dict]] = []
        self.texts: list[tuple[str, list[tuple[str, dict]]]] = []
        self.elements: list[tuple[str, dict]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert len(attributes) == len(attrs), f"an attribute stands twice in <{tag}>"
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append((tag, attributes))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        self.texts.append((data, list(self.open)))

    def loose(self) -> str:
        """Return the text that is neither a looked-up number, nor code, nor quoted."""
        kept = []
        for text, around in self.texts:
            tags = {tag for tag, _ in around}
            classes = {c for _, attributes in around for c in (attributes.get("class") or "").split()}
            if not tags & {"data", "code", "style"} and not classes & QUOTED:
                kept.append(text)
        text = " ".join(kept)
        for term in TERMS:
            text = text.replace(term, "")
        return text

    def data(self) -> list[tuple[str, str, str]]:
        """Return value, title and text of each looked-up number."""
        found = []
        for text, around in self.texts:
            for tag, attributes in around:
                if tag == "data":
                    found.append((attributes["value"], attributes["title"], text))
        return found


# -- looking a number up again, from the grammar in rankstudy/report/article/numbers.py, without its code
# ---------------------

_CONDITION = re.compile(r'(\w+)(?: is empty|=("(?:[^"\\]|\\.)*"|[A-Za-z0-9_.+-]+))(?:, |$)')


def conditions(text: str) -> dict[str, str | None]:
    found, at = {}, 0
    while at < len(text):
        match = _CONDITION.match(text, at)
        assert match, f"not a condition: {text[at:]}"
        value = match[2]
        found[match[1]] = json.loads(value) if value and value.startswith('"') else value
        at = match.end()
    return found


def chosen(frame: pd.DataFrame, where: dict[str, str | None]) -> pd.DataFrame:
    meets = np.ones(len(frame), bool)
    for column, wanted in where.items():
        empty = frame[column].isna().to_numpy(bool)
        meets &= empty if wanted is None else ~empty & (frame[column].astype(str) == wanted).to_numpy(bool)
    return frame[meets]


@functools.lru_cache(maxsize=64)
def table(path: Path, changed: int) -> pd.DataFrame:
    """Return a table as it was when it was last changed: a page has a thousand numbers of the same few."""
    # whole numbers stay whole where some are empty
    return pd.read_parquet(path, dtype_backend="numpy_nullable")


def look_up(title: str, folder: Path):
    over = re.fullmatch(r"(min|max) over (\w+) of \((.+)\) - \((.+)\)", title)
    if over:
        sides = [lookup_parts(over[i], folder) for i in (3, 4)]
        keys = sorted(set(chosen(*sides[0][::2])[over[2]].astype(str)))
        gaps = []
        for key in keys:
            pair = [chosen(frame, {**where, over[2]: key}) for frame, _, where in sides]
            assert [len(p) for p in pair] == [1, 1]
            gaps.append(pair[0][sides[0][1]].iloc[0] - pair[1][sides[1][1]].iloc[0])
        return min(gaps) if over[1] == "min" else max(gaps)
    frame, what, where = lookup_parts(title, folder)
    rows = chosen(frame, where)
    call = re.fullmatch(r"(\w+)\(([\w, ]+)\)", what)
    if call is None:
        assert len(rows) == 1, title
        return rows[what].iloc[0]
    columns = call[2].split(", ")
    values = rows[columns[0]]
    if call[1] == "shared":
        return len(set.intersection(*(set(group) for _, group in rows.groupby(columns[1])[columns[0]])))
    simple = {"count": len, "distinct": lambda v: v.dropna().nunique(), "sum": sum, "min": min, "max": max}
    return simple[call[1]](values)


def lookup_parts(title: str, folder: Path):
    path, _, rest = title.partition(": ")
    what, _, where = rest.partition(" where ")
    file = folder / path
    return table(file, file.stat().st_mtime_ns), what, conditions(where)


def check_numbers(page: Path, folder: Path) -> int:
    """Look every number of a page up again; return how many there are."""
    numbers = Page(page.read_text()).data()
    for value, title, _ in numbers:
        found = look_up(title, folder)
        same = value == found if isinstance(found, str) else float(value) == pytest.approx(float(found), rel=1e-12)
        assert same, (value, found, title)
    return len(numbers)


# -- the text ----------------------------------------------------------------------------------------------------------


def test_literal_text_of_the_template_holds_no_digit():
    pieces, depth = [], 0
    for _, kind, text in (token for path in TEMPLATES for token in jinja2.Environment().lex(path.read_text())):
        if kind == "data":
            pieces.append(text)
        elif kind == "string" and "'" in text:
            plain = text.strip("'\"")
            for term in (*TERMS, *KEYS):
                plain = plain.replace(term, "")
            assert not re.search(r"\d", plain), f"a number is typed in {text}"
        depth += kind == "variable_begin"
    assert depth > 200
    literal = "".join(pieces)
    literal = re.sub(r"<code>.*?</code>|<style>.*?</style>|<!DOCTYPE[^>]*>", "", literal, flags=re.S)
    literal = re.sub(r"</?[a-zA-Z][^<>]*>?|&\w+;", "", literal)
    for term in TERMS:
        literal = literal.replace(term, "")
    assert re.findall(r".{0,30}\d.{0,30}", literal) == []


@pytest.mark.parametrize("seeds", [(0, 1, 5), (3,)])
def test_every_number_of_the_page_is_found_again(tmp_path, seeds):
    inputs = Inputs(tmp_path, seeds=seeds)
    page = inputs.build()
    assert check_numbers(page, tmp_path) > 150
    assert re.findall(r".{0,40}\d.{0,40}", Page(page.read_text()).loose()) == []


def test_tests_give_the_article_no_table_that_the_workflow_does_not(tmp_path):
    rules = "".join((ROOT / f"workflow/rules/{name}.smk").read_text() for name in ("outputs", "article"))
    given = {
        Path(path).stem
        for tables in Inputs(tmp_path, spaces=("rank", "untrained")).tables.values()
        for path in tables.values()
    }
    assert len(given) > 20 and given <= set(re.findall(r'"(\w+)"', rules))


def test_numbers_say_where_they_come_from(tmp_path):
    inputs = Inputs(tmp_path)
    text = inputs.build().read_text()
    title = "effect_sizes.parquet: auroc where seed=0, space=rank, cell_type is empty"
    assert re.search(rf'<data class="n" value="0.9612" title="[^"]*{title}">0.961</data>', text)


def test_the_page_names_every_figure_and_its_command(tmp_path):
    inputs = Inputs(tmp_path)
    text = inputs.build().read_text()
    for name in inputs.figures:
        for figure in inputs.figures[name]:
            assert f"snakemake --cores all results/figures/{name}/{figure}.svg" in text
    assert text.count("<img ") == text.count('alt="') == sum(map(len, inputs.figures.values())) == 26


def test_the_page_needs_nothing_from_outside(tmp_path):
    page = Page(Inputs(tmp_path).build().read_text())
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.elements:
        assert tag not in {"script", "iframe", "object", "embed", "form", "base"}
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href"):
            address = attributes.get(name)
            if address is not None and address.startswith("#"):
                assert address[1:] in ids
            elif address is not None:
                assert address.startswith("data:") or (tag == "a" and address.startswith("https://doi.org/")), address


def test_the_data_section_says_what_the_readers_decided(tmp_path):
    shown = [text for text, _ in Page(Inputs(tmp_path).build().read_text()).texts]
    for choices, parts in (("matrix: counts of <RNA> (not SCT)", "one"), ("matrix: counts of 7", "three, four")):
        at = shown.index(choices)
        assert "".join(shown[at : at + 4]).startswith(f"{choices} ({parts})")


def test_headings_come_in_order(tmp_path):
    levels = [
        int(tag[1]) for tag, _ in Page(Inputs(tmp_path).build().read_text()).elements if re.fullmatch("h[1-6]", tag)
    ]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))


HOSTILE = "<script>alert(1)</script>\"'&=, x"


def test_labels_and_titles_are_never_markup(tmp_path):
    citations = [{"text": HOSTILE, "doi": 'javascript:alert(1)"><b>', "accession": HOSTILE}]
    words = {"title": HOSTILE, "licence": HOSTILE, "organism": HOSTILE, "protocol": HOSTILE, "citations": citations}
    inputs = Inputs(tmp_path, types=(HOSTILE, "a</td><td>b", "c{{ 7 * 7 }}"), **words)
    source = inputs.build().read_text()
    page = Page(source)
    assert "script" not in {tag for tag, _ in page.elements}
    assert "<script" not in source
    shown = [text for text, _ in page.texts]
    assert HOSTILE in shown and "a</td><td>b" in shown and "c{{ 7 * 7 }}" in shown
    addresses = {attributes["href"] for _, attributes in page.elements if "href" in attributes}
    assert all(address.startswith(("#", "data:,", "https://doi.org/")) for address in addresses)
    check_numbers(inputs.outputs["output"], tmp_path)


def test_a_missing_row_is_an_error_and_leaves_no_file(tmp_path):
    inputs = Inputs(tmp_path)
    inputs.change(
        "second", EFFECT_SIZES, lambda f: f[~((f["space"] == "rank") & (f["seed"] == 1) & f["cell_type"].isna())]
    )
    with pytest.raises(StudyError, match=r"0 rows instead of one .*second/tables/effect_sizes.*seed=1.*space=rank"):
        inputs.build()
    assert list((tmp_path / "results" / "article").iterdir()) == []


def test_a_missing_figure_is_an_error_and_leaves_no_file(tmp_path):
    inputs = Inputs(tmp_path)
    inputs.figures["first"]["outliers"].unlink()
    with pytest.raises(StudyError, match="outliers.svg cannot be read"):
        inputs.build()
    assert list((tmp_path / "results" / "article").iterdir()) == []


def test_seeds_of_the_tables_must_be_those_of_the_run(tmp_path):
    inputs = Inputs(tmp_path)
    inputs.change("first", EFFECT_SIZES, lambda f: f[f["seed"] == 0])
    with pytest.raises(StudyError, match="has the seeds 0, the run has 0, 1"):
        inputs.build()


def test_same_input_same_bytes(tmp_path):
    inputs = Inputs(tmp_path)
    before = {p: p.read_bytes() for p in (inputs.build(), *inputs.outputs.values())}
    inputs.build()
    assert before == {p: p.read_bytes() for p in inputs.outputs.values()}


def test_nothing_tells_where_files_lie_on_this_machine(tmp_path):
    inputs = Inputs(tmp_path)
    inputs.build()
    assert "/home/somebody" not in json.dumps(inputs.about)
    assert "/home/somebody" not in inputs.outputs["run_tsv"].read_text()


# -- what a run may lack -----------------------------------------------------------------------------------------------


def words_of(page: Path) -> str:
    return " ".join(
        " ".join(text for text, around in Page(page.read_text()).texts if ("style", {}) not in around).split()
    )


def test_one_seed_has_no_ranges(tmp_path):
    words = words_of(Inputs(tmp_path, datasets=["only"], seeds=[7]).build())
    assert "over seeds" not in words and "over the seeds" not in words and "every replicate of" not in words
    assert "This run has one seed, 7" in words


def test_ranks_alone_compare_with_nothing(tmp_path):
    inputs = Inputs(tmp_path, spaces=["rank"], values="normalised", genes={"method": "all"})
    page = inputs.build()
    words = words_of(page)
    assert "more sharply than the" not in words and "joint_distribution.svg" not in words and "cosine" not in words
    assert "Normalised values: ranks only." in words
    check_numbers(page, tmp_path)


def test_a_study_without_ranks(tmp_path):
    page = Inputs(tmp_path, spaces=["expression"]).build()
    assert "than the ranks" not in words_of(page)
    check_numbers(page, tmp_path)


def test_expected_counts_are_said_wherever_results_are(tmp_path):
    words = words_of(Inputs(tmp_path, datasets=["only"], values="expected_counts").build())
    assert words.count("Expected counts, not whole numbers.") >= 14
    assert "(expected counts, not whole numbers)" in words


def test_values_scaled_to_one_total_are_called_what_they_are(tmp_path):
    words = words_of(Inputs(tmp_path, datasets=["only"], values="cpm", spaces=["rank", "expression"]).build())
    assert words.count("Values scaled to one total per cell, not counts.") >= 14
    assert "(values scaled to one total per cell, not counts)" in words and "proportions, not counts" in words
    assert "xpected counts," not in words and "Normalised values" not in words


def test_every_kind_of_values_has_words():
    assert list(VALUES) == list(GIVES)


def test_settings_that_differ_between_data_sets_are_listed(tmp_path):
    inputs = Inputs(tmp_path)
    for row in inputs.about["settings"]:
        if row["key"] == "second.selection.min_cells":
            row["value"] = "33"
    assert "at least 20 ( first ), 33 ( second ) usable cells" in words_of(inputs.build())


def test_the_words_follow_the_verdicts(tmp_path):
    inputs = Inputs(tmp_path)
    assert "The order of a cell’s genes separates cell types less sharply than" in words_of(inputs.build())
    inputs.change("first", DIFFERENCES, lambda f: f.assign(verdict=f["verdict"].mask(f["space"] == "rank", BETTER)))
    assert "depending on the data set" in words_of(inputs.build())


def test_pair_summaries_are_read_column_by_column(tmp_path):
    numbers = Numbers(Inputs(tmp_path).tables)
    assert numbers.rows("first", "pair_summaries", "n", seed=0, space="rank", type_a="alpha", type_b="beta") == [
        {"n": 66}
    ]
    assert PAIR_SUMMARIES.name in numbers.tables["first"]
