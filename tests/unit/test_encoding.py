"""Text is UTF-8 whatever the machine's locale: files are opened with their encoding named."""

import ast

import pytest

from tests.unit.config_files import write_dataset
from tests.unit.helpers import ROOT, run_python

OPENED = {"open", "fdopen", "TextIOWrapper", "NamedTemporaryFile"}
BINARY_FIRST = {"TextIOWrapper"}  # its first argument is a file, the mode is that of the text


def _mode(call):
    """Return the mode that a call of `open` names, or None."""
    given = [word.value for word in call.keywords if word.arg == "mode"] + call.args[:2]
    texts = [node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return next((text for text in texts if set(text) <= set("rwabxt+")), None)


def without_encoding(source):
    """Return the lines on which text is read or written in the encoding of the locale."""
    lines = []
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or any(word.arg == "encoding" for word in call.keywords):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        owner = getattr(getattr(call.func, "value", None), "id", "")
        if name in ("read_text", "write_text"):
            lines.append(call.lineno)
        elif name == "open" and owner not in ("os", "webbrowser", "zipfile") and isinstance(call.func, ast.Name):
            if "b" not in (_mode(call) or ""):
                lines.append(call.lineno)
        elif name == "open" and (_mode(call) or "").find("t") >= 0 or name == "TextIOWrapper":
            lines.append(call.lineno)
    return lines


@pytest.mark.parametrize("folder", ["rankstudy", "workflow", "tools", "benchmarks"])
def test_every_file_is_opened_with_its_encoding(folder):
    found = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        if lines := without_encoding(path.read_text(encoding="utf-8")):
            found[str(path.relative_to(ROOT))] = lines
    assert found == {}


def test_what_the_search_finds():
    bad = [
        "open(p)",
        "open(p, 'w')",
        "Path(p).read_text()",
        "x.write_text(t)",
        "gzip.open(p, 'rt')",
        "io.TextIOWrapper(f)",
    ]
    good = [
        "open(p, 'rb')",
        "open(p, encoding='utf-8')",
        "x.read_text(encoding='utf-8')",
        "zip.open(p)",
        "os.open(p, 1)",
    ]
    assert [without_encoding(text) for text in bad] == [[1]] * len(bad)
    assert [without_encoding(text) for text in good] == [[]] * len(good)


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "en_US.ISO-8859-1"}])
def test_a_study_with_other_letters_loads_in_any_locale(tmp_path, locale):
    (tmp_path / "toy.h5ad").write_bytes(b"")
    write_dataset(tmp_path, "toy", "title: Zellen aus Bäumen\nsource: { local_file: toy.h5ad }\ncell_type: Zelltyp_ä\n")
    code = (
        "from rankstudy.config import load_study\n"
        f"plan = load_study({{'datasets': ['toy']}}, [], {str(tmp_path)!r})\n"
        "model = plan.datasets['toy'].model\n"
        "assert (model.title, model.cell_type.column) == ('Zellen aus B\\u00e4umen', 'Zelltyp_\\u00e4')\n"
        "from rankstudy.core.files import write_json\n"
        "write_json({'a': model.title}, 'out.json')\n"
        "from rankstudy.core.cell_types import TypeCount, read_type_counts\n"
        "open('types.tsv', 'wb').write('cell_type\\tslug\\tn_cells\\n\\u00e4\\tx\\t3\\n'.encode())\n"
        "assert read_type_counts('types.tsv') == [TypeCount('\\u00e4', 'x', 3)]\n"
    )
    done = run_python(code, cwd=tmp_path, **locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0, done.stderr
