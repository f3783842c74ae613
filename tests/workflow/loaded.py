"""Which modules of the package the jobs of a run load, however they are named, beside what their rules state."""

import json
from dataclasses import dataclass
from pathlib import Path

from rankstudy.run.digest import code_digest, modules_used
from tests.workflow.smk import RULES

# Snakemake takes PYTHONPATH from what runs in an environment of conda; its shells read this file first
SHELL = 'python() {{ PYTHONPATH="{folder}" command python "$@"; }}\n'
# every import asks the finders, also that of a module whose name is a string
FINDER = """
import json, sys

class Writer:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("rankstudy."):
            job = sys.modules["__main__"].snakemake
            of = [dict(job.wildcards.items()), list(job.params.get("encodings", ()))]
            line = [job.rule, *of, job.params.code, name]
            with open({written!r}, "a") as file:
                file.write(json.dumps(line) + "\\n")

sys.meta_path.insert(0, Writer())
"""


@dataclass(frozen=True)
class Loaded:
    """Where the jobs of a run write what they load. The variables of the run must be `variables`.

    A process that a job starts to try a reader loads what the job does next, and is not seen.
    """

    folder: Path

    @property
    def variables(self):
        (self.folder / "sitecustomize.py").write_text(FINDER.format(written=str(self.folder / "written")))
        (self.folder / "shell").write_text(SHELL.format(folder=self.folder))
        return {"BASH_ENV": str(self.folder / "shell")}

    def jobs(self):
        """Return, of each job, its rule, wildcards, encodings and digest, and the modules that it loaded."""
        jobs = {}
        for line in (self.folder / "written").read_text().splitlines():
            rule, wildcards, encodings, code, module = json.loads(line)
            jobs.setdefault((rule, tuple(wildcards.items()), tuple(encodings), code), set()).add(module)
        return jobs

    @property
    def rules(self):
        """The rules of the jobs."""
        return {rule for rule, *_ in self.jobs()}

    def not_in_digests(self):
        """Return what jobs loaded and their digests do not cover, by the rule."""
        missing = {}
        for (rule, wildcards, encodings, code), modules in self.jobs().items():
            named = RULES[rule].named(dict(wildcards), encodings)
            assert code == code_digest(*named), f"{rule} states other modules than {named}"
            # the `__init__` of a package that does nothing is in no digest
            if found := {name for name in modules - modules_used(*named) if name in modules_used(name)}:
                missing.setdefault(rule, set()).update(found)
        return missing
