"""Each lock in envs/ belongs to its .in file, is complete, and names no place of anyone's."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def load_lock():
    """Import tools/lock.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("lock", ROOT / "tools" / "lock.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["lock"] = module
    spec.loader.exec_module(module)
    return module


lock = load_lock()


@pytest.fixture
def envs(tmp_path):
    return Path(shutil.copytree(ROOT / "envs", tmp_path / "envs"))


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_locks_belong_to_their_sources():
    result = subprocess.run([sys.executable, ROOT / "tools" / "lock.py", "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_each_lock_is_known():
    of_locks = {name for entry in lock.LOCKS for name in (entry.target, f"{entry.name}.in")}
    assert {p.name for p in (ROOT / "envs").iterdir()} - {"README.md"} == of_locks | {"scib.in", "torch.in"}


def test_what_models_need_is_in_their_environments_only_and_leaves_the_build_of_torch_open():
    packages = {entry.target: set(lock.locked((ROOT / "envs" / entry.target).read_text())) for entry in lock.LOCKS}
    of_models = set(lock.read_source(ROOT / "envs" / "torch.in")[2])
    assert of_models == {"torch", "transformers", "safetensors"}
    for target, names in packages.items():
        assert of_models & names == (of_models if "models" in target else set()), target
        assert not {name for name in names if lock.CUDA.fullmatch(name)}, target


def test_scib_metrics_and_jax_are_in_the_environment_of_the_metrics_only_and_in_that_of_the_tests():
    packages = {entry.target: set(lock.locked((ROOT / "envs" / entry.target).read_text())) for entry in lock.LOCKS}
    brought = {"jax", "jaxlib", "scib-metrics"}
    having = {target for target, names in packages.items() if brought & names}
    assert having == {"metrics.yaml", "test.txt", "test-models.txt"}


@pytest.mark.parametrize("path", sorted((ROOT / "envs").iterdir()), ids=lambda path: path.name)
def test_no_address_and_no_local_path(path):
    text = path.read_text()
    assert not re.search(r"https?:|://", text)
    assert not re.search(r"(?:^|\s|=)/\w", text)


@pytest.mark.parametrize("entry", [e for e in lock.LOCKS if e.target.endswith(".yaml")], ids=lambda entry: entry.name)
def test_rule_environments_need_only_python_and_pip_of_conda(entry):
    content = yaml.safe_load((ROOT / "envs" / entry.target).read_text())
    assert set(content) == {"channels", "dependencies"}
    python, pip, section = content["dependencies"]
    assert re.fullmatch(r"python=3\.\d+", python) and re.fullmatch(r"pip=[\d.]+", pip) and set(section) == {"pip"}
    requirements = [line for line in section["pip"] if not line.startswith("--")]
    for line in requirements:
        hashes = r"( --hash=sha256:[0-9a-f]{64})+" if entry.hashes else ""
        assert re.fullmatch(r"[\w.-]+==[\w.+!]+( ; [^#]+?)?" + hashes, line)
    assert ("--require-hashes" in section["pip"]) == entry.hashes


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("core.in", "numpy==2.4.6", "numpy==2.4.5", "core.in asks for numpy==2.4.5, core.yaml has 2.4.6"),
        ("core.in", "tqdm==", "tqdm>=", "is not an exact pin"),
        ("core.in", "# arrays", "# all arrays", "test.txt was not written from this test.in"),
        ("core.yaml", "scanpy==1.11.5", "scanpy==1.11.4", "core.yaml has 1.11.4"),
        (
            "core.yaml",
            "scipy==1.17.1\n        --hash",
            "scipy==1.17.1\n      - --hash",
            "no hash for - scipy==1.17.1",
        ),
        ("driver.txt", "--only-binary", "--find-links x --only-binary", "driver.txt names an address"),
        ("test.txt", "zarr==", "zarr==0", "test.txt and core.yaml differ in zarr"),
        ("torch.in", "torch==", "torch==0", "models.in asks for torch==0"),
        ("torch.in", "# runs", "# really runs", "models.yaml was not written from this models.in (or a file that it"),
        ("models.yaml", "scipy==1.17.1", "scipy==1.17.0", "models.yaml and core.yaml differ in scipy"),
        ("metrics.yaml", "scipy==1.17.1", "scipy==1.17.0", "metrics.yaml and core.yaml differ in scipy"),
        ("scib.in", "jax==", "jax==0", "metrics.in asks for jax==0"),
        ("test-models.txt", "pytest==", "pytest==0", "test-models.txt and test.txt differ in pytest"),
    ],
)
def test_check_sees(envs, file, old, new, message):
    edit(envs / file, old, new)
    assert message in "\n".join(lock.check(envs))


def test_check_sees_missing_and_unknown_files(envs):
    (envs / "core.yaml").rename(envs / "gone")
    (envs / "more.in").write_text("numpy==2.4.6\n")
    found = lock.check(envs)
    assert "core.yaml is missing" in found
    assert "more.in: no entry in LOCKS of tools/lock.py, and no other .in file includes it" in found
