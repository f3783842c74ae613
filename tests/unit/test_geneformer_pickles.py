"""Dictionaries that arrive as pickles: what they hold is read, what they ask for is not done."""

import builtins
import copyreg
import io
import os
import pickle
import pickletools

import numpy as np
import pytest

from rankstudy.core.errors import StudyError
from rankstudy.core.pickles import read_dictionary


class Reduced:
    """Pickled, it is a call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


class Persistent(pickle.Pickler):
    def persistent_id(self, obj):
        return "elsewhere" if isinstance(obj, set) else None


def read(content):
    return read_dictionary(content, "token dictionary")


PLAIN = {"<pad>": 0, "ENSG1": 7, "ENSG2": 2.5, "name": "ENSG1"}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_are_read(protocol):
    assert read(pickle.dumps(PLAIN, protocol)) == PLAIN


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_numpy_numbers_become_plain_ones(protocol):
    found = read(pickle.dumps({**PLAIN, "ENSG1": np.int16(7), "ENSG2": np.float64(2.5)}, protocol))
    assert found == PLAIN and [type(v) for v in found.values()] == [int, int, float, str]


def test_pickles_of_old_numpy_are_read():
    old = pickle.dumps({"gene": np.int16(3)}, 3).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    assert b"numpy.core.multiarray" in old and read(old) == {"gene": 3}


@pytest.mark.parametrize("protocol", [0, 2, 5])
@pytest.mark.parametrize("attack", ["os.system", "builtins.eval", "builtins.exec", "nested", "key"])
def test_nothing_in_a_pickle_is_run(tmp_path, protocol, attack):
    trace = tmp_path / "trace"
    calls = {
        "os.system": Reduced(os.system, f"touch {trace}"),
        "builtins.eval": Reduced(eval, f"open({str(trace)!r}, 'w')"),
        "builtins.exec": Reduced(exec, f"open({str(trace)!r}, 'w')"),
    }
    eval_call = calls["builtins.eval"]
    hostile = {"nested": {"gene": eval_call}, "key": {eval_call: 1}}.get(attack, calls.get(attack))
    content = pickle.dumps(hostile, protocol)
    with pytest.raises(
        StudyError, match="token dictionary: .* was not opened: it asks for (posix.system|(__builtin__|builtins).e)"
    ):
        read(content)
    assert not trace.exists()
    pickle.loads(content)  # the same pickle does harm where everything is allowed
    assert trace.exists()


@pytest.mark.parametrize("name", ["getattr", "__import__", "bytearray"])
def test_no_name_outside_the_list_is_found(name):
    content = b"c__builtin__\n" + name.encode() + b"\n."
    assert pickle.loads(content) is getattr(builtins, name)
    with pytest.raises(StudyError, match="asks for (builtins|__builtin__)"):
        read(content)


@pytest.mark.parametrize(
    ("module", "name"), [("numpy", "load"), ("numpy", "dtype.type"), ("numpy._core.multiarray", "fromfile")]
)
def test_of_numpy_only_numbers_are_made(module, name):
    content = b"\x80\x04" + pickle.SHORT_BINUNICODE + bytes([len(module)]) + module.encode()
    content += pickle.SHORT_BINUNICODE + bytes([len(name)]) + name.encode() + b"\x93."
    assert pickletools.optimize(content)
    with pytest.raises(StudyError, match="asks for numpy"):
        read(content)


def test_registered_extensions_are_refused():
    code = 240
    copyreg.add_extension("posix", "system", code)
    try:
        with pytest.raises(StudyError, match="asks for posix.system"):
            read(b"\x80\x02" + pickle.EXT1 + bytes([code]) + b".")
    finally:
        copyreg.remove_extension("posix", "system", code)


def test_references_to_objects_outside_are_refused():
    file = io.BytesIO()
    Persistent(file).dump({"gene": {1}})
    with pytest.raises(StudyError, match="refers to objects outside itself"):
        read(file.getvalue())


WHOLE = pickle.dumps({f"ENSG{i}": i for i in range(1000)}, 4)
HUGE_BYTES = b"\x80\x04" + pickle.BINBYTES8 + (1 << 62).to_bytes(8, "little") + b"x."
HUGE_FRAME = b"\x80\x04" + pickle.FRAME + (1 << 62).to_bytes(8, "little") + b"}."


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a pickle",
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:-1],
        WHOLE[200:],
        bytes(range(256)) * 20,
        HUGE_BYTES,
        HUGE_FRAME,
    ],
    ids=["empty", "text", "half", "without its end", "without its begin", "garbage", "huge bytes", "huge frame"],
)
def test_broken_pickles_are_refused(content):
    with pytest.raises(StudyError, match="token dictionary: is not a dictionary of plain values, and was not opened"):
        read(content)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, 2], "holds a list, expected a dictionary that is not empty"),
        ({}, "holds a dict, expected a dictionary that is not empty"),
        ({0: "<pad>", 1: "<mask>"}, "its keys are not text; a dictionary from tokens to genes"),
        ({"gene": [1]}, "holds a value of type list, expected numbers or text"),
        ({"gene": None}, "holds a value of type NoneType"),
        ({"gene": b"7"}, "holds a value of type bytes"),
        ({"gene": np.complex128(1)}, "holds a value of type complex128"),
    ],
)
def test_other_contents_are_refused(value, message):
    with pytest.raises(StudyError, match=f"token dictionary: {message}"):
        read(pickle.dumps(value, 4))
