"""RDS files made byte by byte: what R never writes, and what takes R too long."""

import struct

NULL = struct.pack(">I", 254)
HEADER = b"X\n" + struct.pack(">3I", 3, 0x040202, 0x030500) + struct.pack(">I", 5) + b"UTF-8"
HAS_ATTRIBUTES, HAS_TAG = 1 << 9, 1 << 10


def flags(kind, attributes=None):
    return struct.pack(">I", kind | (HAS_ATTRIBUTES if attributes else 0))


def string(text, encoding=64):
    if text is None:
        return struct.pack(">Ii", 9, -1)
    letters = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">Ii", 9 | encoding << 12, len(letters)) + letters


def pairs(values):
    """Return a pairlist; values are serialised objects by their tags."""
    found = b"".join(struct.pack(">II", 2 | HAS_TAG, 1) + string(tag) + value for tag, value in values.items())
    return found + NULL


def with_attributes(body, attributes):
    return body + (pairs(attributes) if attributes else b"")


def integers(values, *, length=None, kind=13, **attributes):
    body = flags(kind, attributes) + struct.pack(">i", len(values) if length is None else length)
    return with_attributes(body + struct.pack(f">{len(values)}i", *values), attributes)


def numbers(values, *, length=None, **attributes):
    body = flags(14, attributes) + struct.pack(">i", len(values) if length is None else length)
    return with_attributes(body + struct.pack(f">{len(values)}d", *values), attributes)


def text(values, *, length=None, encoding=64, **attributes):
    body = flags(16, attributes) + struct.pack(">i", len(values) if length is None else length)
    return with_attributes(body + b"".join(string(v, encoding) for v in values), attributes)


def listed(items, *, length=None, **attributes):
    body = flags(19, attributes) + struct.pack(">i", len(items) if length is None else length)
    return with_attributes(body + b"".join(items), attributes)


def s4(name, **slots):
    return with_attributes(flags(25, True), {**slots, "class": text([name])})


def altrep(name, state, **attributes):
    info = struct.pack(">III", 2, 1, 0)[:4] + struct.pack(">I", 1) + string(name) + NULL
    return struct.pack(">I", 238) + info + state + (pairs(attributes) if attributes else NULL)


def matrix(**changes):
    """Return a dgCMatrix of 3 genes x 2 cells, (1, 2, 0) and (0, 0, 3), with slots changed (None: left out)."""
    slots = {
        "i": integers([0, 1, 2]),
        "p": integers([0, 2, 3]),
        "Dim": integers([3, 2]),
        "Dimnames": listed([text(["g1", "g2", "g3"]), text(["c1", "c2"])]),
        "x": numbers([1, 2, 3]),
        **changes,
    }
    return s4("dgCMatrix", **{name: value for name, value in slots.items() if value is not None})


def seurat(*, counts=None, meta=None, assay=None, assays=None, active="RNA"):
    """Return a Seurat object of one matrix."""
    assay = s4("Assay", counts=counts or matrix()) if assay is None else assay
    table = {"kind": integers([1, 2], levels=text(["x", "y"]), **{"class": text(["factor"])}), **(meta or {})}
    columns = listed(
        list(table.values()),
        names=text(list(table)),
        **{"class": text(["data.frame"]), "row.names": text(["c1", "c2"])},
    )
    assays = listed([assay], names=text(["RNA"])) if assays is None else assays
    return s4("Seurat", assays=assays, **{"meta.data": columns, "active.assay": text([active])})


def write(path, body, header=HEADER):
    """Write a plain RDS file and return its path as text."""
    path.write_bytes(header + body)
    return str(path)
