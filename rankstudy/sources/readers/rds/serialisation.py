"""R's serialisation (XDR, versions 2 and 3): from a stream of bytes to the structure of the object.

One pass, forwards. Structure is kept; vectors are kept while they are short and there is room (`Kept`), and are
otherwise noted as places in the stream. Numbers of elements are believed one element at a time, nesting and the number
of objects have limits, and a reference can only point back to what has been read, so no file makes a loop.

The format is the one of R's own `serialize.c` ("R Internals", section 1.8).
"""

from __future__ import annotations

import math
import re
import struct
from array import array

from rankstudy.core.errors import advise
from rankstudy.sources.readers.rds.altrep import altrep
from rankstudy.sources.readers.rds.bytestream import ByteStream
from rankstudy.sources.readers.rds.errors import Damaged, Unsupported
from rankstudy.sources.readers.rds.objects import S4, List, Opaque, PairList, Strings, Symbol, Text, Vector

MOST_OBJECTS = 2_000_000
DEEPEST = 150
LONGEST_STRING = 1 << 24
_KEPT_BYTES = 128 << 20
_KEPT_VECTOR = 32 << 20
_TINY_VECTOR = 1 << 12
_TINY_BYTES = 32 << 20

_WIDTHS = {10: ("logical", 4), 13: ("integer", 4), 14: ("numeric", 8), 15: ("complex", 16), 24: ("raw", 1)}
_SYMBOL, _PAIRLIST, _CLOSURE, _ENVIRONMENT, _PROMISE, _CODE = 1, 2, 3, 4, 5, 6
_SPECIAL, _BUILTIN, _STRING, _DOTS, _TEXT, _LIST, _EXPRESSION = 7, 8, 9, 17, 16, 19, 20
_BYTECODE, _POINTER, _WEAK, _S4 = 21, 22, 23, 25
_PAIRED = {_PAIRLIST: "pairlist", _CLOSURE: "function", _PROMISE: "promise", _CODE: "code", _DOTS: "dots"}
_ALTREP, _ATTRIBUTED_PAIRLIST, _ATTRIBUTED_CODE, _CODE_REFERENCE, _CODE_DEFINITION = 238, 239, 240, 243, 244
_PERSISTENT, _PACKAGE, _NAMESPACE, _REFERENCE = 247, 248, 249, 255
_SINGLE = {
    241: Opaque("environment"), 242: Opaque("environment"), 250: Opaque("environment"), 253: Opaque("environment"),
    251: Opaque("missing argument"), 252: Opaque("unbound value"), 254: None,
}  # fmt: skip
_HAS_ATTRIBUTES, _HAS_TAG = 1 << 9, 1 << 10

# the encodings that R notes for a string, in bits 12 and up of its flags
_MARKS = {0: Strings.NATIVE, 2: Strings.BYTES, 4: Strings.LATIN1, 8: Strings.UTF8, 64: Strings.ASCII}

_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "latin1": "latin-1",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso-8859-15",
}


def parse(stream: ByteStream) -> tuple[object, str]:
    """Return the object of a stream, read to its end, and the encoding of strings for which none is noted.

    Raises
    ------
    Damaged, Unsupported
        If it is not what R writes, or not in XDR form.
    """
    form = stream.take(2)
    if form in (b"A\n", b"B\n"):
        problem = "is an RDS file in R's text or native form"
        raise Unsupported(advise(problem, "save it again in R: saveRDS(object, file)"))
    if form != b"X\n":
        raise Unsupported("is not an RDS file: saveRDS of R writes other first bytes")
    parser = Parser(stream, "utf-8")
    native = parser.header()
    try:
        found = parser.item()
    except RecursionError as error:
        raise Damaged("objects are nested too deeply") from error
    stream.finish()
    return found, native


def load_strings(stream: ByteStream, length: int, native: str) -> Strings:
    """Return strings that were not kept, from a stream that stands where they begin."""
    return Parser(stream, native).strings(length, keep=True)


class Kept:
    """Room for vectors; what equals something kept, such as the names of cells in each matrix, takes no more.

    Tiny ones, such as the class of an object, have room of their own: without them nothing would be found.
    """

    def __init__(self) -> None:
        self._room, self._tiny_room = _KEPT_BYTES, _TINY_BYTES
        self._known: dict[bytes | Strings, bytes | Strings] = {}

    @property
    def largest(self) -> int:
        """Bytes that a vector may have to be kept."""
        return max(min(_KEPT_VECTOR, self._room), _TINY_VECTOR if self._tiny_room > 0 else 0)

    def keep(self, payload: bytes | Strings) -> bytes | Strings:
        """Return the payload, or an equal one that is already kept."""
        if (known := self._known.get(payload)) is None:
            self._known[payload] = known = payload
            size = payload.nbytes if isinstance(payload, Strings) else len(payload)
            if size <= _TINY_VECTOR and self._tiny_room > 0:
                self._tiny_room -= size
            else:
                self._room -= size
        return known


class Parser:
    """What is known while a stream is read: the table of references, the room left, the depth."""

    def __init__(self, stream: ByteStream, native: str):
        self._stream, self._native = stream, native
        self._references: list[object] = []
        self._kept = Kept()
        self._objects = 0
        self._depth = 0

    def header(self) -> str:
        """Read the versions and, in version 3, the encoding of strings for which none is noted; return that."""
        version, _, _ = self._integer(), self._integer(), self._integer()
        if version not in (2, 3):
            raise Unsupported(f"is written in version {version} of R's format; versions 2 and 3 are read")
        if version == 3:
            length = self._integer()
            if not 0 < length < 64:
                raise Damaged("its header is not one that R writes")
            name = self._stream.take(length).decode("latin-1")
            self._native = _codec(name)
        return self._native

    def item(self) -> object:
        """Read one object with all that belongs to it."""
        flags = self._integer()
        return self._item(flags)

    def _item(self, flags: int) -> object:
        self._count()
        self._depth += 1
        if self._depth > DEEPEST:
            raise Damaged(f"objects are nested more than {DEEPEST} deep")
        found = self._by_type(flags & 255, flags)
        self._depth -= 1
        return found

    def _by_type(self, kind: int, flags: int) -> object:
        if kind in _SINGLE:
            return _SINGLE[kind]
        if kind == _REFERENCE:
            return self._referred(flags)
        if kind == _SYMBOL:
            return self._symbol()
        if kind in _PAIRED:
            return self._pairs(kind, flags)
        if kind == _ENVIRONMENT:
            return self._environment()
        if kind in (_PERSISTENT, _PACKAGE, _NAMESPACE):
            return self._named_environment()
        if kind == _ALTREP:
            info, state, attributes = self.item(), self.item(), self.item()
            return altrep(info, state, _attributes(attributes))
        found = self._with_attributes_last(kind)
        if flags & _HAS_ATTRIBUTES:
            attributes = _attributes(self.item())
            if not isinstance(found, Opaque):
                found.attributes = attributes
        return found

    def _with_attributes_last(self, kind: int) -> object:
        if kind in _WIDTHS:
            return self._vector(*_WIDTHS[kind])
        if kind == _TEXT:
            length, offset = self._length(), self._stream.position
            return Text(length, offset, self.strings(length))
        if kind in (_LIST, _EXPRESSION):
            items: list[object] = []
            for _ in range(self._length()):  # one element at a time: the length is not to be trusted
                items.append(self.item())
            return List(items)
        if kind == _S4:
            return S4()
        if kind in (_SPECIAL, _BUILTIN):
            self._stream.take(self._below(LONGEST_STRING))
            return Opaque("function")
        if kind == _BYTECODE:
            self._below(MOST_OBJECTS)
            self._bytecode()
            return Opaque("code")
        if kind in (_POINTER, _WEAK):
            return self._pointer(kind)
        raise Damaged(f"an object of the unknown type {kind}, before byte {self._stream.position:,}")

    def _vector(self, kind: str, width: int) -> Vector:
        length = self._length()
        nbytes, offset = length * width, self._stream.position
        if nbytes <= self._kept.largest:
            return Vector(kind, length, offset, self._kept.keep(self._stream.take(nbytes)))
        self._stream.skip(nbytes)
        return Vector(kind, length, offset, None)

    def strings(self, length: int, keep: bool = False) -> Strings | None:
        """Read strings; return them if `keep`, or if there is room, else None."""
        stream, unpack = self._stream, struct.Struct(">Ii").unpack_from
        letters, ends, marks = bytearray(), array("q"), bytearray()
        wanted, most = True, math.inf if keep else self._kept.largest
        for _ in range(length):
            window, at = stream.window(8)
            flags, size = unpack(window, at)
            mark = _MARKS.get(flags >> 12)
            if flags & 0xFFF != _STRING or mark is None or not -1 <= size <= LONGEST_STRING:
                raise Damaged(f"what should be a string is none, at byte {stream.position:,}")
            begin = at + 8
            if size < 0:
                mark, size = Strings.NA, 0
            if begin + size <= len(window):
                string = window[begin : begin + size]
                stream.advance(begin + size)
            else:
                stream.advance(begin)
                string = stream.take(size)
            if wanted:
                letters += string
                ends.append(len(letters))
                marks.append(mark)
                if len(letters) + 9 * len(marks) > most:
                    wanted = False
                    letters, ends, marks = bytearray(), array("q"), bytearray()
        if not wanted:
            return None
        found = Strings(bytes(letters), ends.tobytes(), bytes(marks), self._native)
        return found if keep else self._kept.keep(found)

    def _string(self) -> str:
        found = self.strings(1, keep=True).decoded()[0]
        if found is None:
            raise Damaged("a name is NA")
        return found

    def _symbol(self) -> Symbol:
        found = Symbol(self._string())
        self._references.append(found)
        return found

    def _referred(self, flags: int) -> object:
        index = flags >> 8 or self._integer()
        if not 0 < index <= len(self._references):
            raise Damaged(f"a reference to object {index} of {len(self._references)}")
        return self._references[index - 1]

    def _pairs(self, kind: int, flags: int) -> object:
        """Read pairs until something that is no pair follows, which is NULL in a proper list."""
        pairs: list[tuple[str | None, object]] = []
        while True:
            if flags & _HAS_ATTRIBUTES:
                self.item()
            tag = self.item() if flags & _HAS_TAG else None
            value = self.item()
            if kind == _PAIRLIST:
                pairs.append((tag.name if isinstance(tag, Symbol) else None, value))
            flags = self._integer()
            if flags & 255 not in _PAIRED:
                tail = self._item(flags)
                return PairList(pairs, tail) if kind == _PAIRLIST else Opaque(_PAIRED[kind])
            self._count()

    def _environment(self) -> Opaque:
        found = Opaque("environment")
        self._references.append(found)
        self._integer()
        for _ in ("enclosure", "frame", "hash table", "attributes"):
            self.item()
        return found

    def _named_environment(self) -> Opaque:
        if self._integer() != 0:
            raise Damaged("a namespace whose name has names")
        self.strings(self._below(64), keep=True)
        found = Opaque("environment")
        self._references.append(found)
        return found

    def _pointer(self, kind: int) -> Opaque:
        found = Opaque("pointer")
        self._references.append(found)
        if kind == _POINTER:
            self.item()
            self.item()
        return found

    def _bytecode(self) -> None:
        self._deeper()
        self.item()
        for _ in range(self._below(MOST_OBJECTS)):
            kind = self._integer()
            if kind == _BYTECODE:
                self._bytecode()
            elif kind in (_CODE, _PAIRLIST, _CODE_DEFINITION, _CODE_REFERENCE, _ATTRIBUTED_CODE, _ATTRIBUTED_PAIRLIST):
                self._code_of_bytecode(kind)
            else:
                self.item()
        self._depth -= 1

    def _code_of_bytecode(self, kind: int) -> None:
        """Read an expression among the constants of byte code, which has a form of its own."""
        self._deeper()
        while kind in (_CODE, _PAIRLIST, _CODE_DEFINITION, _ATTRIBUTED_CODE, _ATTRIBUTED_PAIRLIST):
            if kind == _CODE_DEFINITION:
                self._integer()
                kind = self._integer()
            if kind in (_ATTRIBUTED_CODE, _ATTRIBUTED_PAIRLIST):
                self.item()
            self.item()
            self._code_of_bytecode(self._integer())
            kind = self._integer()
        if kind == _CODE_REFERENCE:
            self._integer()
        else:
            self.item()
        self._depth -= 1

    def _deeper(self) -> None:
        self._count()
        self._depth += 1
        if self._depth > DEEPEST:
            raise Damaged(f"objects are nested more than {DEEPEST} deep")

    def _count(self) -> None:
        self._objects += 1
        if self._objects > MOST_OBJECTS:
            problem = f"holds more than {MOST_OBJECTS:,} R objects"
            raise Unsupported(
                advise(problem, "save counts and labels alone in R, in CreateSeuratObject(counts, meta.data = labels)")
            )

    def _integer(self) -> int:
        window, at = self._stream.window(4)
        self._stream.advance(at + 4)
        return int.from_bytes(window[at : at + 4], "big", signed=True)

    def _below(self, most: int) -> int:
        number = self._integer()
        if not 0 <= number <= most:
            raise Damaged(f"the number {number} where at most {most:,} is possible, at byte {self._stream.position:,}")
        return number

    def _length(self) -> int:
        """Read the number of elements of a vector; long vectors have it in two parts."""
        length = self._integer()
        if length != -1:
            if length < 0:
                raise Damaged(f"a vector of {length} elements, at byte {self._stream.position:,}")
            return length
        high, low = self._below(1 << 16), self._integer() & 0xFFFFFFFF
        return (high << 32) + low


def _attributes(item: object) -> dict[str, object]:
    if item is None:
        return {}
    if not isinstance(item, PairList) or item.tail is not None:
        raise Damaged("attributes that are not a list of names and values")
    found = {name: value for name, value in item.pairs if name is not None}
    if len(found) != len(item.pairs):
        raise Damaged("attributes without a name, or one of them twice")
    return found


def _codec(name: str) -> str:
    """Return Python's name of an encoding that R states, such as `UTF-8`, `CP1252` or `German_Germany.1252`.

    Of an encoding that is not known here, only ASCII is read: anything else is then an error, not another letter.
    """
    if (page := re.search(r"(?:^cp|\.)(125[0-8]|932|936|949|950)$", name, re.IGNORECASE)) is not None:
        return f"cp{page[1]}"
    return _ENCODINGS.get(name.lower(), "ascii")
