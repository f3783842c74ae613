"""Small faults that can be planted in a module: each replaces one piece of its text.

Left alone is what no test of a result could see: annotations, docstrings, decorators, the texts of errors and of the
log, declarations of tables, and keywords that only guard or hasten (SAME_WITHOUT).
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}  # fmt: skip
_ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div, ast.Pow: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
_EXCHANGED = (
    ("min", "max"), ("argmin", "argmax"), ("minimum", "maximum"), ("any", "all"), ("sum", "mean"), ("floor", "ceil"),
    ("ones", "zeros"), ("startswith", "endswith"), ("lower", "upper"), ("rstrip", "strip"), ("keys", "values"),
    ("removeprefix", "removesuffix"), ("intersection", "union"), ("sorted", "list"), ("sort", "copy"),
    ("row", "column"), ("cumsum", "array"),
)  # fmt: skip
_NAMES = {a: b for one, other in _EXCHANGED for a, b in ((one, other), (other, one))} | {
    "mean": "sum",
    "median": "mean",
}
SAME_WITHOUT = frozenset({"strict", "copy", "out", "encoding", "usedforsecurity", "stacklevel", "observed", "format"})
_DEFINITIONS = (ast.FunctionDef, ast.ClassDef)
_TEXTS = ("log", "logging", "listing", "did_you_mean", "StudyError", "Damaged", "Unsupported")


@dataclass(frozen=True)
class Mutant:
    """A fault.

    Attributes
    ----------
    path, line, within
        Where: file, line, and the function or class.
    kind
        What kind of fault it is.
    begin, end
        The piece of the file that it replaces, in bytes.
    before, after
        That piece, and what takes its place.
    id
        Made from all but the numbers of line and bytes, so that changes elsewhere in the file leave it as it is.
    """

    path: str
    line: int
    within: str
    kind: str
    begin: int
    end: int
    before: str
    after: str
    id: str = ""

    def planted(self, source: bytes) -> bytes:
        """Return the file with the fault in it."""
        return source[: self.begin] + self.after.encode() + source[self.end :]


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Return all faults that can be planted in a module, in the order of the text."""
    tree = ast.parse(source)
    starts = [0]
    for text in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(text.encode()))
    data, found, seen = source.encode(), [], Counter()
    for within, node, kind, after in _faults(tree):
        begin, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        before = data[begin:end].decode()
        if before == after:
            continue
        statement = source.splitlines()[node.lineno - 1].strip()
        said = (path, within, statement, kind, before, after)
        seen[said] += 1
        name = hashlib.sha256(repr((*said, seen[said])).encode()).hexdigest()[:10]
        found.append(Mutant(path, node.lineno, within, kind, begin, end, before, after, name))
    return sorted(found, key=lambda mutant: (mutant.begin, mutant.end, mutant.after))


def sample(mutants: Iterable[Mutant], number: int, seed: int) -> list[Mutant]:
    """Return so many of the faults; which ones changes little when the code does, since each has a place by its id."""
    drawn = sorted(mutants, key=lambda mutant: hashlib.sha256(f"{seed}:{mutant.id}".encode()).digest())
    return drawn[:number]


def _faults(tree: ast.Module) -> Iterator[tuple[str, ast.AST, str, str]]:
    """Yield within what, which piece, what kind of fault, and the new text."""
    for statement in tree.body:
        if isinstance(statement, _DEFINITIONS):
            yield from _in_definition(statement, "")
        elif isinstance(statement, ast.Assign) and not any(isinstance(node, ast.Call) for node in ast.walk(statement)):
            yield from (("", *fault) for node in _visible(statement.value) for fault in _of_node(node))


def _in_definition(definition: ast.FunctionDef | ast.ClassDef, outer: str) -> Iterator[tuple[str, ast.AST, str, str]]:
    name = f"{outer}.{definition.name}".strip(".")
    for statement in definition.body:
        if isinstance(statement, _DEFINITIONS):
            yield from _in_definition(statement, name)
        elif isinstance(definition, ast.FunctionDef):
            yield from ((name, *fault) for node in _visible(statement) for fault in _of_node(node))


def functions_of(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield all functions of a module with their names, as `Mutant.within` has them."""
    found = [(statement.name, statement) for statement in tree.body if isinstance(statement, _DEFINITIONS)]
    for name, definition in found:
        found += [(f"{name}.{inner.name}", inner) for inner in definition.body if isinstance(inner, _DEFINITIONS)]
        if isinstance(definition, ast.FunctionDef):
            yield name, definition


def _visible(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all below it, but for what is left alone."""
    if isinstance(node, ast.JoinedStr | ast.Raise | ast.Import | ast.ImportFrom) or _is_text(node):
        return
    yield node
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "ctx") or (field == "arg" and isinstance(value, str)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not (isinstance(child, ast.keyword) and child.arg in SAME_WITHOUT):
                yield from _visible(child)


def _is_text(node: ast.AST) -> bool:
    """Return whether this is a docstring, a line of the log or part of a message."""
    if isinstance(node, ast.Expr):
        node = node.value
        if isinstance(node, ast.Constant):
            return True
    if not isinstance(node, ast.Call):
        return False
    function = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return isinstance(function, ast.Name) and function.id in _TEXTS


def _of_node(node: ast.AST) -> Iterator[tuple[ast.AST, str, str]]:
    """Yield the faults of one node: the piece, its kind, and its new text."""
    match node:
        case ast.If():
            refuses = any(isinstance(statement, ast.Raise) for statement in node.body)
            yield node.test, *(("check dropped", "False") if refuses else ("branch", _not(node.test)))
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            yield node, "statement dropped", "pass"
        case ast.Break() | ast.Continue():
            yield node, "loop", "continue" if isinstance(node, ast.Break) else "break"
        case ast.Subscript(slice=ast.Slice() as piece):
            for end in ("lower", "upper"):
                if (bound := getattr(piece, end)) is not None and not isinstance(bound, ast.Constant):
                    yield bound, "end of a slice", f"{ast.unparse(bound)} + 1"
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            for i, generator in enumerate(node.generators):
                if generator.ifs:
                    generators = copy.deepcopy(node.generators)
                    generators[i].ifs = []
                    yield node, "filter dropped", _text(node, generators=generators)
        case ast.expr():
            yield from ((node, *fault) for fault in _of_expression(node))


def _of_expression(node: ast.expr) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Compare(ops=[operator]):
            for other in _COMPARISONS[type(operator)]:
                yield "comparison", _text(node, ops=[other()])
        case ast.BinOp() if type(node.op) in _ARITHMETIC and not _joins_text(node):
            yield "arithmetic", _text(node, op=_ARITHMETIC[type(node.op)]())
        case ast.BoolOp():
            yield "and/or", _text(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
            for i in range(len(node.values)):
                rest = node.values[:i] + node.values[i + 1 :]
                yield "condition dropped", _text(node, values=rest) if len(rest) > 1 else f"({ast.unparse(rest[0])})"
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub()):
            yield "sign", f"({ast.unparse(node.operand)})"
        case ast.IfExp():
            yield "branch", f"({_text(node, test=ast.UnaryOp(ast.Not(), node.test))})"
        case ast.Constant(value=bool()):
            yield "truth", str(not node.value)
        case ast.Constant(value=int()):
            yield from (("number", str(number)) for number in {node.value + 1, abs(node.value - 1)})
        case ast.Constant(value=float()):
            yield "number", repr(node.value * 2 if node.value else 1.0)
        case ast.Call():
            yield from _of_call(node)


def _of_call(node: ast.Call) -> Iterator[tuple[str, str]]:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in _NAMES:
        other = copy.deepcopy(function)
        setattr(other, "attr" if isinstance(function, ast.Attribute) else "id", _NAMES[name])
        yield "function", _text(node, func=other)
    for i, keyword in enumerate(node.keywords):
        if keyword.arg is not None and keyword.arg not in SAME_WITHOUT:
            yield "argument dropped", _text(node, keywords=node.keywords[:i] + node.keywords[i + 1 :])


def _not(node: ast.expr) -> str:
    return ast.unparse(ast.UnaryOp(ast.Not(), node))


def _joins_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.JoinedStr) or isinstance(getattr(side, "value", None), str)
        for side in (node.left, node.right)
    )


def _text(node: ast.AST, **changes: object) -> str:
    """Return the text of a node with some of its fields changed."""
    changed = copy.copy(node)
    for field, value in changes.items():
        setattr(changed, field, value)
    return ast.unparse(changed)
