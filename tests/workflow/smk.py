"""The rules as text: blocks, directives and their items, as snakefmt lays them out; and which code each rule uses."""

import re
from dataclasses import dataclass
from importlib import import_module

from rankstudy.report import figure
from rankstudy.run.digest import modules_used
from rankstudy.spaces.catalogue import BUILT_IN
from rankstudy.spaces.models.registry import GENEFORMER_TOKENS, MODELS
from rankstudy.spaces.texts.registry import TRANSFORMER
from tests.workflow.harness import ROOT

# the spaces that a wildcard stands for
OF_KIND = {
    "encoding": lambda space: space.is_encoding,
    "fitted": lambda space: space.is_fitted,
    "control": lambda space: space.is_of_cells,
}
# of the models and vocabularies of the package: the environment of their jobs, and the module that these bring
OF_MODELS = {
    "environment_of_model": MODELS["geneformer"].environment,
    "environment_of_text_model": "models.yaml",
    "environment_of_tokens": "core.yaml",
    "environment_of_metric": "core.yaml",
}
MODULE_OF = {
    "model.module": MODELS["geneformer"].module,
    "tokenizer": GENEFORMER_TOKENS,
    "GENEFORMER_TOKENS": GENEFORMER_TOKENS,
    "module_of_texts": TRANSFORMER,
}
RULE_FILES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
SNAKEFILE = ROOT / "Snakefile"


@dataclass(frozen=True)
class Rule:
    """A rule: its file, name, docstring, and the lines below each directive."""

    file: str
    name: str
    docstring: str
    directives: dict[str, str]

    def items(self, directive):
        """Return the top-level items of a directive, one per line at its indentation."""
        lines = self.directives.get(directive, "").splitlines()
        return [line.strip() for line in lines if re.match(r" {8}[^ )\]}#]", line)]

    @property
    def environment(self):
        """Name of its environment file in envs/."""
        stated = self.directives["conda"].strip()
        return OF_MODELS.get(stated) or stated.strip('"').removeprefix("../../envs/")

    @property
    def modules(self):
        """Every module of the package that its results depend on, by its `code` param."""
        kind = self._kind_of_space
        spaces = [name for name, space in BUILT_IN.spaces.items() if kind and OF_KIND[kind](space)]
        curves = [name for name, space in BUILT_IN.spaces.items() if space.has_curve]
        figures = figure.modules().values() if "{figure}" in self.directives["output"] else []
        return modules_used(
            *self.named({}, curves), *(module for name in spaces for module in BUILT_IN.spaces[name].modules), *figures
        )

    def named(self, wildcards, encodings=()):
        """Return the modules that the `code` param of a job names: without wildcards, those of no space or figure.

        A job that works on several encodings has them among its params.
        """
        named = set(re.findall(r'"(rankstudy\.[\w.]+)"', self._code))
        named |= {module for words, module in MODULE_OF.items() if re.search(rf"\b{re.escape(words)}\b", self._code)}
        named |= {
            module
            for kind, name in wildcards.items()
            if kind == self._kind_of_space
            for module in BUILT_IN.spaces[name].modules
        }
        if "modules_of(" in self._code:
            named |= {module for name in encodings for module in BUILT_IN.spaces[name].modules}
        return named | {
            figure.modules()[name.partition("-")[0]] for kind, name in wildcards.items() if kind == "figure"
        }

    @property
    def _code(self):
        return self.directives["params"].split("code=", 1)[1]

    @property
    def _kind_of_space(self):
        """The wildcard whose space brings its module, or None."""
        found = re.search(r"SPACES\[wildcards\.(\w+)\]", self._code)
        return found and found[1]


def rules_of(path):
    """Return the rules of a file."""
    found = []
    blocks = re.split(r"^(?:rule|checkpoint) (\w+):\n", path.read_text(), flags=re.MULTILINE)[1:]
    for name, text in zip(blocks[::2], blocks[1::2], strict=True):
        body = re.match(r"(?:(?: {4}.*)?\n)*", text).group(0)
        docstring = re.match(r'\s*"""(.*?)"""', body, re.DOTALL)
        rest = body[docstring.end() :] if docstring else body
        parts = re.split(r"^ {4}(\w+):(.*\n)", rest, flags=re.MULTILINE)[1:]
        directives = {key: first + more for key, first, more in zip(parts[::3], parts[1::3], parts[2::3], strict=True)}
        found.append(Rule(path.name, name, docstring.group(1).strip() if docstring else "", directives))
    return found


RULES = {rule.name: rule for path in RULE_FILES for rule in rules_of(path)}
DOWNLOADS = {rule.name for rule in RULES.values() if rule.file == "download.smk"}
# what a study without models does not need
METRIC_RULES = {rule.name for rule in RULES.values() if rule.file == "metrics.smk"}
MODEL_RULES = {rule.name for rule in RULES.values() if rule.file in ("tokens.smk", "models.smk")}
# what a study without texts does not need
TEXT_RULES = {rule.name for rule in RULES.values() if rule.file == "texts.smk"}
# what a study whose data sets name no terms does not need
ONTOLOGY_RULES = {"convert_ontology"}
# what is declared for each data set; of a figure of which there are several, the first
_DECLARED = {name: import_module(module).FIGURE for name, module in figure.modules().items()}
# what needs genes of a vocabulary, of which generated cells have none, or texts (tests/workflow/test_texts.py)
_OF_OTHERS = {"order_origin", "text_models"}
FIGURES = [
    f"{name}{'-1' if of.each else ''}"
    for name, of in _DECLARED.items()
    if of.level == "dataset" and name not in _OF_OTHERS
]
TARGETS = {rule.name: rule for rule in rules_of(SNAKEFILE)}
