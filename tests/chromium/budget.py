"""What there may be to read on a page of the article, and what its first screen must show."""

from __future__ import annotations

from pathlib import Path

from tests.chromium import browser

MOST_WORDS = {"index": 900, "methods": 6000}
MOST_WORDS_OF_DATASET = 1500
MOST_BYTES = 6_000_000
FIRST_SCREEN = (1280, 800)
# CSS pixels of a printed page (A4, margins of 1.5 cm), upright and turned
UPRIGHT, TURNED = 680, 1009
# letters of a drawing may be made so much smaller than they were drawn (seven points or more)
LEAST_SCALE = 0.9


def check_words_and_bytes(driver, page: Path) -> None:
    """Open a page and assert that before anything is unfolded it shows few words, and that its file is small."""
    browser.open_file(driver, page)
    words = driver.execute_script("return document.body.innerText").split()
    assert 50 < len(words) <= MOST_WORDS.get(page.stem, MOST_WORDS_OF_DATASET), (page.name, len(words))
    assert page.stat().st_size <= MOST_BYTES, (page.name, page.stat().st_size)


def check_first_screen(driver, index: Path) -> None:
    """Open the first page and assert that question, sentence, picture and numbers with intervals need no scrolling."""
    browser.open_file(driver, index)
    below = driver.execute_script(
        "return [...document.querySelectorAll('h1, .asked, .headline, .picture, .number')]"
        ".map(e => [e.className || e.tagName, e.getBoundingClientRect().bottom])"
    )
    assert [name for name, bottom in below if bottom > FIRST_SCREEN[1]] == [], below
    assert [name for name, _ in below].count("number") == 3
    assert driver.execute_script("return document.querySelectorAll('.picture img').length") == 1
    ends = driver.execute_script("return [...document.querySelectorAll('.number .ends')].map(e => e.innerText)")
    assert ends and all(text.startswith("[") and text.endswith("]") for text in ends)


def check_picture(driver, index: Path) -> None:
    """Open the first page and assert that its picture can be read: no letter is too small, and nothing is scrolled."""
    browser.open_file(driver, index)
    scale, scrolls = driver.execute_script(
        "const image = document.querySelector('.picture img'), card = image.closest('.card');"
        "const box = image.getBoundingClientRect();"
        "return [Math.min(box.width / image.naturalWidth, box.height / image.naturalHeight),"
        " card.scrollWidth > card.clientWidth]"
    )
    assert scale >= LEAST_SCALE and not scrolls, scale


def check_print(driver, page: Path) -> None:
    """Open a page as it is printed, everything unfolded, and assert that no table or figure is cut off."""
    browser.open_file(driver, page)
    metrics = {"width": UPRIGHT, "height": TURNED, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    cut_off = driver.execute_script(
        "const [upright, turned] = arguments, box = e => e.getBoundingClientRect();"
        "document.querySelectorAll('details').forEach(d => d.open = true);"
        "return [...document.body.querySelectorAll('*')]"
        ".filter(e => box(e).right > (e.closest('.wide') ? turned : upright) + 1"
        " || (e.tagName == 'FIGURE' && box(e).height > turned))"
        ".map(e => e.tagName + ' ' + e.textContent.trim().slice(0, 60))",
        UPRIGHT,
        TURNED,
    )
    assert cut_off == [], (page.name, cut_off[:5])


def check_article(folder: Path, profile: Path) -> None:
    """Assert of every page of an article: nothing is broken, fetched or out of reach, and it keeps to its budget."""
    for width in browser.WIDTHS:
        with browser.browser(profile / str(width), width=width, height=FIRST_SCREEN[1]) as driver:
            for page in sorted(folder.glob("*.html")):
                browser.check(driver, page)
                check_words_and_bytes(driver, page)
            check_picture(driver, folder / "index.html")
            if width == FIRST_SCREEN[0]:
                check_first_screen(driver, folder / "index.html")
                for page in sorted(folder.glob("*.html")):
                    check_print(driver, page)
