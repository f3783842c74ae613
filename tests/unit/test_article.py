"""The article: every number is looked up, nothing of the outside is markup, the same input gives the same bytes."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import jinja2
import pytest

from rankstudy.cells.needs import GIVES
from rankstudy.core.errors import StudyError
from rankstudy.measures.tables import EFFECT_SIZES, PAIR_SUMMARIES
from rankstudy.report.article import build
from rankstudy.report.article.numbers import Numbers
from rankstudy.report.article.values_words import VALUES
from rankstudy.spaces.models.registry import MODELS
from rankstudy.spaces.registry import SPACES
from tests.chromium.article_inputs import ROOT, Inputs
from tests.unit.article_pages import TERMS, Page, check_numbers, loose_digits, pages_of, words_of

HERE = Path(build.__file__).parent
TEMPLATES = sorted(HERE.rglob("*.jinja"))
SENTENCES = sorted(HERE.glob("sentences/*.py"))


# -- the text ----------------------------------------------------------------------------------------------------------


def strings(path):
    """Yield the texts that stand in a module, but for those that describe it."""
    tree = ast.parse(path.read_text())
    described = (ast.Module, ast.FunctionDef, ast.ClassDef)
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, described) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.value


def test_sentences_hold_no_digit_and_no_name_of_a_space_or_a_model():
    known = set(SPACES) | set(MODELS)
    texts = [text for path in SENTENCES for text in strings(path)]
    assert len(texts) > 500
    for text in texts:
        plain = text
        for term in (*TERMS, "cell2sentence", "sha256", "macro_f1", "md5"):
            plain = plain.replace(term, "")
        assert not re.search(r"\d", re.sub(r"<h\d>|</h\d>", "", plain)), text
    # the works of the question are cited, and roles and kinds are no names
    cited = {"geneformer", "cell2sentence", "genept"}
    assert {text for text in texts if text in known} <= cited | {"published", "trained", "untrained"}


def test_templates_lie_beside_the_modules_of_the_article_where_its_digest_finds_them():
    assert len(TEMPLATES) == 5 and {path.parent for path in TEMPLATES} == {HERE}


def test_templates_hold_structure_only():
    words = []
    for path in TEMPLATES:
        pieces = [text for _, kind, text in jinja2.Environment().lex(path.read_text()) if kind == "data"]
        plain = re.sub(r"<style>.*?</style>|<[^<>]*>?|[^<>]*>", " ", "".join(pieces), flags=re.S)
        words += re.findall(r"[A-Za-z]{2,}", plain)
    assert len(words) < 40, words
    assert not {word.lower() for word in words} & {"rank", "expression", "geneformer", "trained"}


@pytest.mark.parametrize("seeds", [(0, 1, 5), (3,)])
def test_every_number_of_the_page_is_found_again(tmp_path, seeds):
    inputs = Inputs(tmp_path, seeds=seeds)
    page = inputs.build()
    assert check_numbers(page, tmp_path) > 150
    assert loose_digits(page) == []


def test_tests_give_the_article_no_table_that_the_workflow_does_not(tmp_path):
    rules = "".join((ROOT / f"workflow/rules/{name}.smk").read_text() for name in ("outputs", "report"))
    given = {
        Path(path).stem
        for tables in Inputs(tmp_path, spaces=("rank", "untrained")).tables.values()
        for path in tables.values()
    }
    assert len(given) > 20 and given <= set(re.findall(r'"(\w+)"', rules))


def test_numbers_say_where_they_come_from(tmp_path):
    inputs = Inputs(tmp_path)
    text = (inputs.build() / "first.html").read_text()
    title = "effect_sizes.parquet: auroc where seed=0, space=rank, cell_type is empty"
    assert re.search(rf'<data class="n" value="0.9612" title="[^"]*{title}">0.961</data>', text)


def test_each_figure_stands_on_its_page_once_with_its_command(tmp_path):
    inputs = Inputs(tmp_path)
    article = inputs.build()
    pages = {"": ("index", "study", 1), "first": ("first", "first", 13), "second": ("second", "second", 13)}
    for name, (page, folder, n) in pages.items():
        text, figures = (article / f"{page}.html").read_text(), inputs.figures[name]
        for figure in figures:
            assert text.count(f"<code>snakemake --cores all results/figures/{folder}/{figure}.svg") == 1
        assert text.count("<img ") == text.count('alt="') == len(figures) == n


def test_a_figure_that_no_page_knows_stands_at_the_end_with_its_own_caption(tmp_path):
    inputs = Inputs(tmp_path)
    declared = {"title": "A new <figure>", "caption": "Of ``first`` & others.", "section": "nowhere"}
    inputs.about["figures"]["first"]["new"] = declared
    inputs.figures["first"]["new"] = inputs.figures["first"]["sparsity"]
    text = (inputs.build() / "first.html").read_text()
    at = text.index("A new &lt;figure&gt;.</b>")
    assert at > text.index("Further figures") > text.index("The data: source")
    assert "Of <code>first</code> &amp; others." in text[at:]
    assert "Further figures" not in (inputs.article / "second.html").read_text()


def test_a_drawing_says_what_it_shows_or_else_its_title(tmp_path):
    inputs = Inputs(tmp_path)
    drawing = inputs.figures["first"]["sparsity"]
    drawing.write_text(
        drawing.read_text().replace("<rect", "<dc:description>9 &lt; 10 &amp; &quot;so&quot;</dc:description><rect")
    )
    text = (inputs.build() / "first.html").read_text()
    assert 'alt="9 &lt; 10 &amp; &#34;so&#34;"' in text and 'alt="Label transfer"' in text


def test_the_pages_need_nothing_from_outside_and_link_each_other(tmp_path):
    article = Inputs(tmp_path, datasets=("first", "second")).build()
    pages = {page.name: Page(page.read_text()) for page in pages_of(article)}
    assert list(pages) == ["index.html", "first.html", "methods.html", "second.html"]
    ids = {name: [a["id"] for _, a in page.elements if "id" in a] for name, page in pages.items()}
    for name, page in pages.items():
        assert len(ids[name]) == len(set(ids[name]))
        linked = set()
        for tag, attributes in page.elements:
            assert tag not in {"script", "iframe", "object", "embed", "form", "base"}
            assert not any(attribute.startswith("on") for attribute in attributes)
            for address in (attributes.get(attribute) for attribute in ("src", "href")):
                if address is None or address.startswith("data:"):
                    continue
                if not (tag == "a" and address.startswith("https://doi.org/")):
                    file, _, place = address.partition("#")
                    linked.add(file or name)
                    assert not place or place in ids[file or name], address
        assert linked | {name} == set(pages), name


def test_headings_come_in_order(tmp_path):
    for page in pages_of(Inputs(tmp_path).build()):
        tags = [tag for tag, _ in Page(page.read_text()).elements]
        levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))


HOSTILE = "<script>alert(1)</script>\"'&=, x"


def test_labels_and_titles_are_never_markup(tmp_path):
    citations = [{"text": HOSTILE, "doi": 'javascript:alert(1)"><b>', "accession": HOSTILE}]
    words = {"title": HOSTILE, "licence": HOSTILE, "organism": HOSTILE, "protocol": HOSTILE, "citations": citations}
    inputs = Inputs(tmp_path, types=(HOSTILE, "a</td><td>b", "c{{ 7 * 7 }}"), **words)
    shown = []
    for path in pages_of(inputs.build()):
        page = Page(path.read_text())
        assert "script" not in {tag for tag, _ in page.elements} and "<script" not in path.read_text()
        shown += [text for text, _ in page.texts]
        addresses = {attributes["href"] for _, attributes in page.elements if "href" in attributes}
        own = ("#", "data:,", "https://doi.org/", "index.html", "first.html", "second.html", "methods.html")
        assert all(address.startswith(own) for address in addresses)
    assert HOSTILE in shown and "a</td><td>b" in shown and "c{{ 7 * 7 }}" in shown
    check_numbers(inputs.article, tmp_path)


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
    inputs.build()
    before = {path: path.read_bytes() for path in inputs.outputs}
    inputs.build()
    assert before == {path: path.read_bytes() for path in inputs.outputs} and len(before) == 8


def test_pages_of_data_sets_that_are_no_longer_in_the_study_are_removed(tmp_path):
    inputs = Inputs(tmp_path)
    article = inputs.build()
    gone, other = article / "gone.html", article / "gone.txt"
    for path in (gone, other):
        path.write_text("of another run")
    inputs.figures["first"]["outliers"].rename(tmp_path / "kept.svg")
    with pytest.raises(StudyError):
        inputs.build()
    assert gone.exists()
    (tmp_path / "kept.svg").rename(inputs.figures["first"]["outliers"])
    inputs.build()
    assert (
        not gone.exists()
        and other.exists()
        and {path.name for path in inputs.outputs} < {path.name for path in article.iterdir()}
    )


def test_nothing_tells_where_files_lie_on_this_machine(tmp_path):
    inputs = Inputs(tmp_path)
    inputs.build()
    assert "/home/somebody" not in json.dumps(inputs.about)
    assert not any(b"/home/somebody" in path.read_bytes() for path in inputs.outputs)


# -- what a run may lack -----------------------------------------------------------------------------------------------


def test_one_seed_has_no_ranges(tmp_path):
    words = words_of(Inputs(tmp_path, datasets=["only"], seeds=[7]).build())
    assert "range over" not in words and "in every replicate of" not in words
    assert "This run has one seed, 7" in words


def test_an_encoding_alone_compares_with_nothing(tmp_path):
    inputs = Inputs(tmp_path, spaces=["rank"], values="normalised", genes={"method": "all"})
    article = inputs.build()
    words = words_of(article)
    assert "compares it with no other space" in words and "better than" not in words and "cosine" not in words
    assert "joint_distribution.svg" not in words and "Does it hold everywhere" not in words
    assert "Normalised values: ranks only." in words
    check_numbers(article, tmp_path)


def test_a_study_without_an_encoding(tmp_path):
    article = Inputs(tmp_path, spaces=["expression"]).build()
    assert "compares it with no other space" in words_of(article)
    check_numbers(article, tmp_path)


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


def test_pair_summaries_are_read_column_by_column(tmp_path):
    numbers = Numbers(Inputs(tmp_path).tables)
    assert numbers.rows("first", "pair_summaries", "n", seed=0, space="rank", type_a="alpha", type_b="beta") == [
        {"n": 66}
    ]
    assert PAIR_SUMMARIES.name in numbers.tables["first"]


def test_every_figure_of_the_workflow_has_a_section(tmp_path):
    spaces = ("rank", "expression", "trained-here")
    article = Inputs(tmp_path, spaces=spaces, ontology={"terms": {"alpha": "CL:0000171"}}).build()
    assert not any("Further figures" in page.read_text() for page in pages_of(article))
