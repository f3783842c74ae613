"""What the messages of the code advise, found in its source: every call of `rankstudy.core.errors.advise`."""

import ast
import re
from dataclasses import dataclass

from tests.unit.helpers import ROOT

CODE = ROOT / "rankstudy"
# an error's text with one of these in it advises something
ADVICE = re.compile(
    r"(?:; |, | or |: |\. |\) |^)(?:and )?"
    r"(?:add|check|choose|compare|copy|correct|declare|fetch|free|get|give|keep|leave|lower|make|map|mend|"
    r"move|name|omit|put|raise|read|remove|rename|run|save|say|see|set|sort|state|take|tokenise|unpack|"
    r"use|write)\b "
    r"|did_you_mean\(|; (?:the|its) [^{]* are \{|; it (?:has|holds) \{"
)
ERRORS = {"StudyError", "ValueError", "Unsupported", "Damaged"}


@dataclass(frozen=True)
class Way:
    """One way out that a message names: in which module, the message's problem, and the advice.

    `…` stands for what varies.
    """

    module: str
    problem: str
    advice: str

    def __str__(self):
        return f"{self.module}: {self.advice}"

    def said_in(self, message):
        """Return the advice as a message words it, or None if the message is another one."""
        problem, advice = (".*?".join(map(re.escape, text.split("…"))) for text in (self.problem, self.advice))
        found = re.search(f"{problem}; (?:.*?, or )??({advice})(?=, or |\n|$)", message, re.DOTALL)
        return found and found[1]


def template(node, named=None, source=False):
    """Return the text of a literal or f-string; what varies as `…`, or as its source in braces. None for anything else.

    `named` are texts by the name of the variable that holds them.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part, named, source) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        known = template(node.value, named) if isinstance(node.value, ast.Name) else None
        return known or (f"{{{ast.unparse(node.value)}}}" if source else "…")
    if isinstance(node, ast.Name):
        return (named or {}).get(node.id)
    return None


def _within(scope):
    """Yield the nodes of a function, or of a module outside its functions and classes."""
    for statement in scope.body:
        if isinstance(scope, ast.FunctionDef) or not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield from ast.walk(statement)


def _named(scope, before):
    """Return the texts that a function, or a module, gives names to before a line; of several, the last."""
    assigned = [node for node in _within(scope) if isinstance(node, ast.Assign) and node.lineno < before]
    texts = {}
    for node in sorted(assigned, key=lambda node: node.lineno):
        if isinstance(node.targets[0], ast.Name):
            texts[node.targets[0].id] = template(node.value)
    return texts


def _calls(names):
    """Yield each call of these functions: its module, the call, and the texts that are named around it."""
    for path in sorted(CODE.rglob("*.py")):
        module = ".".join(path.relative_to(CODE).with_suffix("").parts)
        for scope in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(scope, ast.Module | ast.FunctionDef):
                for node in _within(scope):
                    if isinstance(node, ast.Call) and ast.unparse(node.func) in names and node.args:
                        yield module, node, _named(scope, node.lineno)


def ways():
    """Return every way that a message of the code names."""
    found = []
    for module, node, named in _calls({"advise"}):
        problem, *advice = [template(argument, named) for argument in node.args]
        assert advice and None not in advice, (
            f"{module}:{node.lineno}: what is advised is to be written where it is said"
        )
        found += [Way(module, problem or "…", each) for each in advice]
    return found


def unstructured():
    """Return the messages that advise something without `advise`, each with its place."""
    texts = [(module, node, template(node.args[0], source=True)) for module, node, _ in _calls(ERRORS)]
    return [f"{module}:{node.lineno}: {text}" for module, node, text in texts if text and ADVICE.search(text)]
