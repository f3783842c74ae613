"""What runs in the core environment imports without torch: a model is needed by the rules of models alone."""

import subprocess
import sys

from tests.workflow.harness import ROOT
from tests.workflow.smk import RULES

BLOCKED = ("torch", "transformers", "safetensors", "jax", "scib_metrics")
IMPORT_WITHOUT = """
import importlib, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ImportError(f"{{name}} is not in the core environment")

sys.meta_path.insert(0, Blocked())
for name in {modules}:
    importlib.import_module(name)
"""


def import_without_torch(modules):
    code = IMPORT_WITHOUT.format(blocked=BLOCKED, modules=sorted(modules))
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)


def test_every_module_that_a_rule_of_the_core_environment_uses_imports_without_torch():
    modules = {name for rule in RULES.values() if rule.environment == "core.yaml" for name in rule.modules}
    assert {
        "rankstudy.report.article.build",
        "rankstudy.spaces.tokens.geneformer.order",
        "rankstudy.spaces.models.geneformer.training_cells",
    } <= modules
    done = import_without_torch(modules)
    assert done.returncode == 0, done.stderr


def test_a_module_that_needs_torch_would_be_seen():
    done = import_without_torch(["rankstudy.spaces.models.geneformer.embedding"])
    assert done.returncode != 0 and "torch is not in the core environment" in done.stderr
