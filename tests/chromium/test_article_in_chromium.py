"""The article in a browser: no error, nothing fetched, every image there, no sideways scroll, on a desk and a phone."""

from __future__ import annotations

import pytest

from tests.chromium import browser
from tests.chromium.article_inputs import BASELINES, CONTROLS, SMALL_MODELS, SPACES, Inputs

pytestmark = pytest.mark.chromium

LONG = "a_cell_type_with_one_very_long_name_that_no_line_can_break_anywhere_at_all"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    types = ("alpha", LONG, "<img src=x onerror=alert(1)>")
    words = {"title": f"Made up, {LONG}", "licence": LONG}
    words |= {"spaces": (*SPACES, *BASELINES, *SMALL_MODELS), "controls": CONTROLS}
    return Inputs(tmp_path_factory.mktemp("article"), types=types, **words).build()


@pytest.mark.parametrize("width", browser.WIDTHS)
def test_article(page, tmp_path, width):
    with browser.browser(tmp_path / "profile", width=width) as driver:
        browser.check(driver, page)
        assert driver.execute_script("return innerWidth") == width
        assert driver.execute_script("return document.images.length") == 27
        texts = "return [...document.querySelectorAll('p')].every(p => p.getBoundingClientRect().width <= 720)"
        assert driver.execute_script(texts)


def test_article_in_the_dark_and_in_print(page, tmp_path):
    ground = "return getComputedStyle(document.body).backgroundColor"
    with browser.browser(tmp_path / "profile") as driver:
        browser.check(driver, page)
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
