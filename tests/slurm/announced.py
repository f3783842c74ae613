"""What the driver says about its submissions: which jobs went into each, and what each of them asked for."""

import re
from dataclasses import dataclass
from pathlib import Path

_GROUP = re.compile(r"Group job (\S+) \(jobs in lexicogr\. order\):")
_RULE = re.compile(r"^( *)(?:rule|checkpoint) (\w+):$")
_KEY = re.compile(r"^ +(jobid|threads|resources): (.*)$")
_SUBMITTED = re.compile(r"Job (\S+) has been submitted with SLURM jobid (\d+) \(log: (.*)\)\.")


@dataclass(frozen=True)
class Asked:
    """One job of a rule, as its rule asks for it."""

    rule: str
    memory_mb: int
    minutes: int
    threads: int


@dataclass(frozen=True)
class Submission:
    """What went to SLURM under one number: a job, or a group of jobs that do not need each other."""

    slurm_id: int
    group: str | None
    jobs: tuple[Asked, ...]
    log: Path

    @property
    def needed(self):
        """Memory (MB), time (minutes) and threads that hold its jobs, which run one after the other."""
        memory = max(job.memory_mb for job in self.jobs)
        return memory, sum(job.minutes for job in self.jobs), max(job.threads for job in self.jobs)


def submissions(transcript):
    """Return the submissions of a run of Snakemake, in the order in which SLURM numbered them."""
    found, singles, groups = [], {}, {}
    group, rule, keys = None, None, {}
    for line in transcript.splitlines():
        if match := _GROUP.search(line):
            group = match[1]
            groups[group] = []
        elif match := _RULE.match(line):
            indent, rule = match.groups()
            group, keys = group if indent else None, {}
        elif rule and (match := _KEY.match(line)):
            keys[match[1]] = match[2]
            if match[1] == "resources":  # the last of them
                if group:
                    groups[group].append(_asked(rule, keys))
                else:
                    singles[keys["jobid"]] = (_asked(rule, keys),)
                rule = None
        elif match := _SUBMITTED.search(line):
            job, number, log = match.groups()
            name = next((name for name in groups if f"/group_{name}_" in log), None)
            jobs = tuple(groups[name]) if name else singles[job]
            found.append(Submission(int(number), name, jobs, Path(log)))
    return sorted(found, key=lambda submission: submission.slurm_id)


def _asked(rule, keys):
    """Return what a job asks for; a value that Snakemake did not know is an error."""
    resources = dict(re.findall(r"(\w+)=([^,]*)", keys["resources"]))
    if "mem_mb" not in resources:  # a target, which asks for nothing and is not submitted
        return Asked(rule, 0, 0, 0)
    return Asked(rule, int(resources["mem_mb"]), int(resources["runtime"]), int(keys.get("threads", 1)))
