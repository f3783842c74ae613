"""Opening a page in headless Chromium, and what every page of this study must fulfil there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

WIDTHS = (1280, 390)
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


def require_chromium() -> tuple[str, str]:
    """Return the paths of the browser and of its driver; skip the test, with the reason, where one is missing."""
    pytest.importorskip("selenium")
    found = [shutil.which(name) for name in ("chromium", "chromedriver")]
    missing = [name for name, path in zip(("chromium", "chromedriver"), found, strict=True) if path is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not on PATH (Debian: apt-get install chromium chromium-driver)")
    return found[0], found[1]


@contextmanager
def browser(profile: Path, *, width: int = 1280, height: int = 900) -> Iterator:
    """Yield a driver of Chromium whose page is `width` CSS pixels wide, with a fresh profile in an empty folder.

    The width is set as a telephone's would be (device metrics): a window has a least width of its own.
    """
    chromium, chromedriver = require_chromium()
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (*_ARGUMENTS, f"--user-data-dir={profile}", f"--window-size={max(width, 600)},{height}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    try:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        yield driver
    finally:
        driver.quit()


def open_file(driver, page: Path) -> None:
    """Open a page of this machine and wait until its images have loaded or failed."""
    driver.get_log("browser")
    driver.get_log("performance")
    driver.set_page_load_timeout(60)
    driver.set_script_timeout(60)
    driver.get(page.resolve().as_uri())
    driver.execute_async_script(
        "const done = arguments[0];"
        "Promise.all([...document.images].map(i => i.decode().catch(() => null))).then(() => done());"
    )


def console_errors(driver) -> list[str]:
    """Return the errors and warnings that the page wrote to the console since it was opened."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def requests(driver) -> list[str]:
    """Return the addresses that were asked for since the page was opened.

    Those inside the page (`data:`) are left out, and what the browser's own first tab still loads (`chrome:`,
    `chrome-untrusted:`).
    """
    import json

    entries = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    sent = [e["params"]["request"]["url"] for e in entries if e["method"] == "Network.requestWillBeSent"]
    return [url for url in sent if not url.startswith(("data:", "chrome"))]


def broken_images(driver) -> list[str]:
    """Return the alternative texts (or addresses) of images that did not load."""
    return driver.execute_script(
        "return [...document.images].filter(i => !(i.complete && i.naturalWidth > 0))"
        ".map(i => i.alt || i.src.slice(0, 80))"
    )


def overflowing(driver) -> list[str]:
    """Return what makes the page scroll sideways: what reaches over its right edge, outside boxes that scroll."""
    return driver.execute_script(
        """
        const page = document.scrollingElement, width = page.clientWidth;
        if (page.scrollWidth <= width) return [];
        const boxed = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
            if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(p).overflowX)) return true; return false; };
        return ['page: ' + page.scrollWidth + ' > ' + width].concat(
            [...document.body.querySelectorAll('*')]
                .filter(e => e.getBoundingClientRect().right > width + 0.5 && !boxed(e))
                .slice(0, 5).map(e => e.tagName + '.' + e.className + ' ' + (e.textContent || '').trim().slice(0, 60)));
        """
    )


def check(driver, page: Path) -> None:
    """Open a page and assert: no console error, no request but for itself, every image loads, no sideways scroll."""
    open_file(driver, page)
    assert console_errors(driver) == []
    assert requests(driver) == [page.resolve().as_uri()]
    assert broken_images(driver) == []
    assert overflowing(driver) == []


def screenshot(driver, path: Path, *, top: int = 0, height: int = 1600) -> None:
    """Write a picture (PNG) of a strip of the page, from `top` on, in CSS pixels."""
    import base64

    width = driver.execute_script("return document.scrollingElement.clientWidth")
    clip = {"x": 0, "y": top, "width": width, "height": height, "scale": 1}
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
    path.write_bytes(base64.b64decode(shot["data"]))
