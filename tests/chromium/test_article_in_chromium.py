"""The article in a browser: what is seen first, how much there is to read, and that nothing is broken."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from rankstudy.spaces.catalogue import BUILT_IN
from tests.chromium import browser, budget
from tests.chromium.article_inputs import BASELINES, SMALL_MODELS, SPACES, Inputs
from tests.chromium.article_tables import CONTROLS

pytestmark = pytest.mark.chromium

LONG = "a_cell_type_with_one_very_long_name_that_no_line_can_break_anywhere_at_all"
NAMES = ("index", "first", "second", "methods")
ENCODINGS = [
    name for name, space in BUILT_IN.spaces.items() if space.is_over_genes and name not in ("rank", "expression")
]
LEDGERS = [name for name in ENCODINGS if BUILT_IN.spaces[name].is_corner]
AXE = Path(importlib.util.find_spec("axe_core_python").origin).with_name("axe.min.js")
every_page = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def article(tmp_path_factory):
    types = ("alpha", LONG, "<img src=x onerror=alert(1)>")
    words = {"title": f"Made up, {LONG}", "licence": LONG, "values": "expected_counts"}
    words |= {"spaces": (*SPACES, *BASELINES, *SMALL_MODELS), "controls": CONTROLS}
    words |= {"curves": {"also": ENCODINGS[:3]}, "ledgers": LEDGERS}
    inputs = Inputs(tmp_path_factory.mktemp("article"), types=types, **words)
    return inputs.with_picture().with_curves().with_ledgers().build()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Return an article as large as the full study: nine data sets, sixty types of sixty characters, every space.

    Sixteen pairs of encodings have a specification curve, each encoding that declares its steps a ledger, and causes
    are looked for in all.
    """
    names = ["first", "second", *(f"data_set_{i}" for i in range(7))]
    types = [f"type {i:02d} of cells with a name that has sixty characters in all" for i in range(60)]
    spaces = (*SPACES, *BASELINES, "geneformer", "geneformer-umap", *SMALL_MODELS)
    title = "Human organ, some donors of several studies"
    folder = tmp_path_factory.mktemp("large")
    asked = {"curves": {"also": ENCODINGS}, "ledgers": LEDGERS, "causes": True}
    inputs = Inputs(folder, names, (0,), spaces=spaces, types=types, controls=CONTROLS, title=title, **asked)
    return inputs.with_picture().with_curves().with_ledgers().with_causes().build()


@every_page
@pytest.mark.parametrize("width", browser.WIDTHS)
def test_nothing_is_broken_fetched_or_out_of_reach(article, tmp_path, name, width):
    with browser.browser(tmp_path / "profile", width=width) as driver:
        browser.check(driver, article / f"{name}.html")
        assert driver.execute_script("return innerWidth") == width
        texts = "return [...document.querySelectorAll('p')].every(p => p.getBoundingClientRect().width <= 760)"
        assert driver.execute_script(texts)
        # unfolded, too
        driver.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert browser.overflowing(driver) == []


# the page of the second data set has the parts of that of the first
@pytest.mark.parametrize("name", [name for name in NAMES if name != "second"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_serious(article, tmp_path, name, colours):
    with browser.browser(tmp_path / "profile") as driver:
        features = [{"name": "prefers-color-scheme", "value": colours}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})
        browser.open_file(driver, article / f"{name}.html")
        driver.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert serious(driver) == []


def serious(driver):
    """Return the serious and critical findings of axe-core."""
    driver.execute_script(AXE.read_text())
    # all rows of a table are alike
    few = "{exclude: [['tbody tr:nth-child(n + 5)']]}"
    found = driver.execute_async_script(f"const done = arguments[0]; axe.run({few}).then(r => done(r.violations))")
    return [
        (rule["id"], [node["html"][:200] for node in rule["nodes"][:3]])
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]


def test_axe_finds_what_is_wrong(tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text("<!DOCTYPE html><title>t</title><img src='data:,'><p style='color: #ccc; background: #fff'>pale</p>")
    with browser.browser(tmp_path / "profile") as driver:
        browser.open_file(driver, bad)
        assert {rule for rule, _ in serious(driver)} >= {"image-alt", "color-contrast", "html-has-lang"}


@pytest.mark.parametrize("which", ["article", pytest.param("large", marks=pytest.mark.long)])
def test_the_answer_is_on_the_first_screen_and_pages_keep_to_their_words_and_bytes(request, tmp_path, which):
    budget.check_article(request.getfixturevalue(which), tmp_path)


def test_a_page_that_keeps_to_nothing_is_found(tmp_path):
    picture = '<label class="card"><img width="60" src="data:image/svg+xml,{}"></label>'.format(
        "%3Csvg xmlns='http://www.w3.org/2000/svg' width='100' height='9'/%3E"
    )
    number = '<div class="number"><b class="ends">[0, 1]</b></div>'
    page = tmp_path / "index.html"
    page.write_text(f"<!DOCTYPE html><h1>Why?</h1><div class='picture'>{picture}</div>{number * 3}")
    with browser.browser(tmp_path / "profile", width=1280, height=800) as driver:
        budget.check_first_screen(driver, page)
        with pytest.raises(AssertionError, match=r"0\.(59|6)"):
            budget.check_picture(driver, page)
        with pytest.raises(AssertionError, match="index"):
            budget.check_words_and_bytes(driver, page)
        budget.check_print(driver, page)
        wide = "<table class='scroll'><tr>" + "<td><div style='width: 90px'>.</div>" * 9 + "</table>"
        for table in (wide, f"<div class='wide'>{wide * 2}</div>".replace("90px", "120px")):
            beside = tmp_path / "wide.html"
            beside.write_text(f"<!DOCTYPE html>{table}")
            with pytest.raises(AssertionError, match="TD"):
                budget.check_print(driver, beside)
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        for worse in ("<p style='height: 800px'>.</p>" + page.read_text(), page.read_text().replace("[0, 1]", "0")):
            page.write_text(worse)
            with pytest.raises(AssertionError):
                budget.check_first_screen(driver, page)


def test_without_curves_the_answer_is_on_the_first_screen_too(tmp_path):
    inputs = Inputs(tmp_path, spaces=(*SPACES, *BASELINES, *SMALL_MODELS), controls=CONTROLS)
    budget.check_article(inputs.with_picture().build(), tmp_path)


def test_links_lead_to_the_other_pages(article, tmp_path):
    with browser.browser(tmp_path / "profile") as driver:
        browser.open_file(driver, article / "index.html")
        for name in ("first", "methods", "index"):
            driver.execute_script("document.querySelector(arguments[0]).click()", f".bar a[href='{name}.html']")
            assert driver.current_url == (article / f"{name}.html").resolve().as_uri()
            assert driver.execute_script("return document.querySelector('.bar [aria-current]').innerText")


def test_a_figure_is_enlarged_by_a_click_and_by_the_keyboard(article, tmp_path):
    width = "return document.querySelector('figure img').getBoundingClientRect().width"
    with browser.browser(tmp_path / "profile") as driver:
        browser.open_file(driver, article / "first.html")
        driver.execute_script("document.querySelector('figure').scrollIntoView({behavior: 'instant', block: 'center'})")
        before = driver.execute_script(width)
        driver.find_element("css selector", "figure .card").click()
        assert driver.execute_script(width) > 1.2 * before
        driver.find_element("css selector", "figure .frame").click()
        assert driver.execute_script(width) == before
        driver.find_element("css selector", "figure .enlarge").send_keys(" ")
        assert driver.execute_script(width) > 1.2 * before


def test_the_article_in_the_dark_and_in_print(article, tmp_path):
    ground = "return getComputedStyle(document.body).backgroundColor"
    with browser.browser(tmp_path / "profile") as driver:
        browser.check(driver, article / "first.html")
        colours = {}
        for name, media in {"light": "", "dark": "", "print": "print"}.items():
            features = [{"name": "prefers-color-scheme", "value": "dark" if name == "dark" else "light"}]
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
            colours[name] = driver.execute_script(ground)
        assert colours["print"] == "rgb(255, 255, 255)" and len(set(colours.values())) == 3
        card = driver.execute_script("return getComputedStyle(document.querySelector('.card')).backgroundColor")
        assert card == "rgb(255, 255, 255)"


def test_the_checks_find_what_is_wrong(tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<!DOCTYPE html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<link rel=icon href='data:,'>"
        "<img src='gone.png' alt='gone'><div style='width:2000px'>wide</div><script>throw new Error('broken')</script>"
    )
    with browser.browser(tmp_path / "profile") as driver:
        browser.open_file(driver, bad)
        assert any("broken" in message for message in browser.console_errors(driver))
        assert browser.broken_images(driver) == ["gone"]
        assert browser.overflowing(driver)[0] == "page: 2008 > 1280"
        assert len(browser.requests(driver)) == 2
