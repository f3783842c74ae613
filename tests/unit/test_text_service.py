"""The service of the page on texts, against a server on loopback: batches, retries, its key, its cost."""

import json
import re

import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.spaces.texts.vectors import TextReader
from tests.unit.config_files import load
from tests.unit.helpers import ROOT

KEY = "a-secret-key-of-somebody"
TEXTS = [f"text number {k}" for k in range(40)]


def vector(text):
    return [float(len(text)), float(text[-1]), 1.0]


def answered(handler):
    """Answer a request as the service does, its rows in another order than asked."""
    body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
    rows = [{"index": k, "embedding": vector(text)} for k, text in enumerate(body["input"])]
    content = json.dumps({"data": rows[::-1]}).encode()
    handler.send_response(200 if handler.headers["Authorization"] == f"Bearer {KEY}" else 401)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def failing(code):
    def answer(handler):
        handler.rfile.read(int(handler.headers["Content-Length"]))
        handler.send_response(code)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.fixture
def plugin(tmp_path):
    page = (ROOT / "docs/texts.md").read_text()
    path = tmp_path / "my_service.py"
    path.write_text(re.search(r"```python\n# my_service.py\n(.*?)```", page, re.DOTALL)[1])
    return path


@pytest.fixture
def service(tmp_path, plugin, server, monkeypatch):
    monkeypatch.setenv("MY_SERVICE_KEY", KEY)

    def reader(*behaviours, price=0.0, accepted=0.0):
        how = {"address": server.on("/v1/embeddings", *behaviours), "model": "small", "at_once": 16, "retries": 2}
        made = {"title": "My service", "price": price, "accepted": accepted, "folder": str(tmp_path / "kept")}
        return TextReader({}, {}, module=str(plugin), how={**how, "wait": 0.01}, **made)

    return reader


def test_the_plug_in_is_declared(tmp_path, plugin):
    text = {"model": "my-service", "lists": {"list": {}}, "accepted_cost": 0.5}
    plan = load(tmp_path, config={"plugins": [str(plugin)], "spaces": ["list"], "text": text})
    model = plan.text_models["my-service"]
    assert (model.model.price, model.model.module, model.files) == (0.02, str(plugin), {})
    assert plan.catalogue.spaces["list"].title == "My service, list of genes"


def test_every_text_has_its_vector_and_is_asked_for_once(service, server):
    found = service(answered).vectors([*TEXTS, *TEXTS])
    np.testing.assert_array_equal(found, [vector(text) for text in TEXTS] * 2)
    assert len(server.asked) == 3, "batches of 32 that are kept, in requests of 16"
    service(answered).vectors(TEXTS)
    assert len(server.asked) == 3, "another job asks for none"


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_service_that_is_busy_is_asked_again(service, server, code):
    found = service(failing(code), failing(code), answered).vectors(TEXTS[:3])
    np.testing.assert_array_equal(found, [vector(text) for text in TEXTS[:3]])
    assert len(server.asked) == 3


@pytest.mark.parametrize(("code", "times"), [(401, 1), (400, 1), (503, 3)])
def test_one_that_refuses_is_asked_once_and_one_that_stays_busy_not_for_ever(service, server, code, times):
    with pytest.raises(Exception, match=str(code)):
        service(failing(code)).vectors(TEXTS[:3])
    assert len(server.asked) == times


def test_what_was_answered_before_it_failed_is_not_asked_again(service, server):
    with pytest.raises(Exception, match="400"):
        service(answered, answered, failing(400)).vectors(TEXTS)
    before = len(server.asked)
    service(answered).vectors(TEXTS)
    assert len(server.asked) - before == 1, "40 texts: 32 were kept"


def test_a_cost_that_nobody_accepted_is_not_run_up(service, server):
    with pytest.raises(StudyError, match="would cost about .* none was sent"):
        service(answered, price=1000.0, accepted=0.1).vectors(TEXTS)
    assert not server.asked
    service(answered, price=1000.0, accepted=1.0).vectors(TEXTS)
    # what is kept costs nothing
    service(answered, price=1000.0, accepted=0.0).vectors(TEXTS)


def test_the_key_is_in_no_file_and_no_log(service, tmp_path, caplog):
    caplog.set_level(0)
    service(answered).vectors(TEXTS)
    with pytest.raises(Exception, match="503") as error:
        service(failing(503)).vectors(["another text 1"])
    assert KEY not in caplog.text and KEY not in str(error.value)
    assert all(KEY.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_without_a_key_nothing_is_sent(service, server, monkeypatch):
    monkeypatch.delenv("MY_SERVICE_KEY")
    with pytest.raises(SystemExit, match="set the environment variable MY_SERVICE_KEY"):
        service(answered).vectors(TEXTS)
    assert not server.asked
