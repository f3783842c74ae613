"""tools/uv-conda builds what an environment file says, or refuses; no network, packages made on the spot."""

import base64
import hashlib
import json
import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONDA = ROOT / "tools" / "uv-conda" / "bin" / "conda"
ACTIVATE = CONDA.with_name("activate")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def make_wheel(folder, name, version, requires=(), main="print('ran')"):
    """Write a pure-Python wheel with one module; return its SHA-256."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{name}/__init__.py": f"__version__ = {version!r}\n",
        f"{name}/__main__.py": f"{main}\n",
        f"{info}/METADATA": metadata + "".join(f"Requires-Dist: {r}\n" for r in requires),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        checksum = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        record += f"{path},sha256={checksum},{len(text)}\n"
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


@pytest.fixture
def place(tmp_path):
    """Return a folder, with a space in its path, that holds a folder of wheels."""
    place = tmp_path / "a place"
    (place / "wheels").mkdir(parents=True)
    return place


def conda(place, *args, python=(sys.executable,), **env):
    """Call the stand-in as Snakemake does, with the wheels at hand and no package index."""
    links = os.path.relpath(place / "wheels", place)
    settings = {
        "PIP_FIND_LINKS": links,
        "PIP_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "UV_CACHE_DIR": str(place / "cache"),
    }
    command = [*python, str(CONDA), *map(str, args)]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **settings, **env}
    return subprocess.run(command, cwd=place, env=env, capture_output=True, text=True)


def create(place, dependencies, env=None, **more):
    """Write an environment file and build it; return the result and the prefix."""
    file, prefix = place / "env.yaml", place / "env"
    file.write_text(json.dumps({"channels": ["conda-forge"], "dependencies": dependencies, **more}))  # JSON is YAML
    return conda(
        place, "env", "create", "--quiet", "--no-default-packages", "--file", file, "--prefix", prefix, **(env or {})
    ), prefix


def run(prefix, *args):
    """Run the Python of an environment; return what it printed."""
    return subprocess.run([prefix / "bin" / "python", *args], check=True, capture_output=True, text=True).stdout.strip()


def test_answers_what_snakemake_asks(place):
    version = conda(place, "--version").stdout
    assert version.startswith("conda 24.7.1 ") and "stand-in" in version
    info = json.loads(conda(place, "info", "--json").stdout)
    assert shlex.split(info["conda_prefix"]) == [str(CONDA.parents[1])]
    assert info["platform"].startswith(("linux-", "osx-"))
    priority = json.loads(conda(place, "config", "--get", "channel_priority", "--json").stdout)
    assert priority == {"get": {"channel_priority": "strict"}}
    assert conda(place, "clean", "-y", "--tarballs").returncode == 0


@pytest.mark.parametrize(
    "call", [[], ["install", "numpy"], ["create", "--file", "x.pin.txt"], ["env", "export", "--name", "x"]]
)
def test_refuses_other_calls(place, call):
    result = conda(place, *call)
    assert result.returncode != 0
    assert "not conda" in result.stderr and not result.stdout


def test_finds_the_driver_when_its_python_has_no_yaml(place):
    assert conda(place, "--version", python=(sys.executable, "-I", "-S")).stdout.startswith("conda ")


@pytest.mark.parametrize(
    ("dependencies", "more", "message"),
    [
        ([f"python={PYTHON}", "numpy=2"], {}, "'numpy=2' is not supported"),
        ([f"python={PYTHON}", "conda-forge::pip"], {}, "is not supported"),
        ([f"python>={PYTHON}"], {}, "is not supported"),
        (["python=3"], {}, "no python=X.Y"),
        (["pip"], {}, "no python=X.Y"),
        ([f"python={PYTHON}"], {"variables": {"A": "1"}}, "'variables' is not supported"),
    ],
)
def test_refuses_what_it_cannot_build(place, dependencies, more, message):
    result, prefix = create(place, dependencies, **more)
    assert result.returncode != 0 and message in result.stderr
    assert not prefix.exists()


def test_builds_from_hashed_wheels_and_compiles_them(place):
    checksum = make_wheel(place / "wheels", "tiny", "1.2")
    pip = ["--require-hashes", "--only-binary :all:", f"tiny==1.2 --hash=sha256:{checksum}"]
    result, prefix = create(place, [f"python={PYTHON}", {"pip": pip}])
    assert result.returncode == 0, result.stderr
    assert run(prefix, "-c", "import sys, tiny; print(sys.prefix, tiny.__version__)") == f"{prefix} 1.2"
    assert list(prefix.glob("lib/python*/site-packages/tiny/__pycache__/__init__.*.pyc"))
    assert (prefix / "conda-meta" / "history").exists()
    assert sorted(p.name for p in place.iterdir()) == ["cache", "env", "env.yaml", "wheels"]
    again, _ = create(place, [f"python={PYTHON}"])
    assert again.returncode != 0 and "exists already" in again.stderr
    assert run(prefix, "-m", "tiny") == "ran"


@pytest.mark.parametrize("problem", ["wrong hash", "missing hash", "missing dependency", "missing package"])
def test_a_failed_build_leaves_nothing(place, problem):
    requires = ["absent==1.0"] if problem == "missing dependency" else []
    checksum = make_wheel(place / "wheels", "tiny", "1.2", requires)
    if problem == "wrong hash":
        checksum = "0" * 64
    line = "tiny==1.2" if problem == "missing hash" else f"tiny==1.2 --hash=sha256:{checksum}"
    if problem == "missing package":
        line = line.replace("1.2", "1.3")
    result, prefix = create(place, [f"python={PYTHON}", {"pip": ["--require-hashes", line]}])
    assert result.returncode != 0
    assert not prefix.exists()
    assert "tiny" in result.stderr


def test_resolves_when_there_are_no_hashes(place):
    make_wheel(place / "wheels", "tiny", "1.2", ["helper>=2"])
    make_wheel(place / "wheels", "helper", "2.1")
    result, prefix = create(place, [f"python={PYTHON}", {"pip": ["tiny==1.2"]}])
    assert result.returncode == 0, result.stderr
    assert run(prefix, "-c", "import helper; print(helper.__version__)") == "2.1"


def write_index(place, name, **wheels):
    """Write a package index as a folder, from wheels of the folder `wheels`; return its address."""
    for package, version in wheels.items():
        folder = place / name / package
        folder.mkdir(parents=True)
        wheel = f"{package}-{version}-py3-none-any.whl"
        (place / "wheels" / wheel).rename(folder / wheel)
        (folder / "index.html").write_text(f'<!DOCTYPE html><html><body><a href="{wheel}">{wheel}</a></body></html>')
    return (place / name).as_uri()


def test_an_extra_index_that_lacks_a_version_does_not_hide_the_one_that_has_it(place):
    # as the index of torch's builds does with older versions of what torch requires
    for name, version in (("tiny", "1.2"), ("helper", "2.1"), ("helper", "1.0"), ("tiny", "1.2+cpu")):
        make_wheel(place / "wheels", name, version)
    extra = write_index(place, "extra", helper="1.0", tiny="1.2+cpu")
    main = write_index(place, "main", tiny="1.2", helper="2.1")
    settings = {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": main, "PIP_EXTRA_INDEX_URL": extra}
    result, prefix = create(place, [f"python={PYTHON}", {"pip": ["tiny==1.2", "helper==2.1"]}], env=settings)
    assert result.returncode == 0, result.stderr
    shown = run(prefix, "-c", "import helper, tiny; print(helper.__version__, tiny.__version__)")
    assert shown == "2.1 1.2+cpu"


@pytest.mark.parametrize(("asked", "version"), [("pip=99.0", "99.0"), ("pip", "99.1")])
def test_installs_the_pip_that_is_asked_for(place, asked, version):
    for known in ("99.0", "99.1"):
        make_wheel(place / "wheels", "pip", known, main="from pip import __version__; print('pip', __version__)")
    checksum = make_wheel(place / "wheels", "tiny", "1.2")
    pip = {"pip": ["--require-hashes", f"tiny==1.2 --hash=sha256:{checksum}"]}
    result, prefix = create(place, [f"python={PYTHON}", asked, pip])
    assert result.returncode == 0, result.stderr
    assert run(prefix, "-m", "pip", "--version") == f"pip {version}"
    assert run(prefix, "-m", "tiny") == "ran"


def test_says_what_to_do_without_the_python(place):
    result, prefix = create(place, ["python=3.1"])
    assert result.returncode != 0 and "Install it so that python3.1 is on PATH" in result.stderr
    assert not prefix.exists()


def test_activate_puts_the_environment_first_and_stops_without_it(place):
    result, prefix = create(place, [f"python={PYTHON}"])
    assert result.returncode == 0, result.stderr

    def job(env):
        line = f"source {shlex.quote(str(ACTIVATE))} '{env}'; set -euo pipefail; command -v python"
        return subprocess.run(["bash", "-c", line], capture_output=True, text=True)

    assert job(prefix).stdout.strip() == str(prefix / "bin" / "python")
    missing = job(place / "missing")
    assert missing.returncode != 0 and not missing.stdout and "not an environment" in missing.stderr
