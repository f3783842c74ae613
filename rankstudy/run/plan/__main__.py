"""`make plan`: print what a study will take; with `--check`, the forecast beside what a finished run took."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from rankstudy.config import load_study
from rankstudy.core.errors import StudyError, advise
from rankstudy.core.files import find_file
from rankstudy.run.plan.check import WITHIN, compare, ratio
from rankstudy.run.plan.costs import Costs
from rankstudy.run.plan.forecast import forecast
from rankstudy.run.plan.report import check_text, forecast_text, rules_text
from rankstudy.run.workflow import FOLDER


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one configuration over another as Snakemake does: sections are merged, all else is replaced."""
    result = dict(below)
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result


def configuration(files: Sequence[str], settings: Sequence[str]) -> dict[str, Any]:
    """Return the merged configuration of files and of `key=value` settings.

    Raises
    ------
    StudyError
        If a file cannot be read, or a setting is not `key=value`.
    """
    config: dict[str, Any] = {}
    for file in files:
        try:
            content = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
            raise StudyError(f"{file}: cannot be read: {error}") from error
        if not isinstance(content, dict):
            raise StudyError(f"{file}: must be a mapping of keys to values, found {type(content).__name__}")
        config = merged(config, content)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise StudyError(advise(f"--config: {setting!r} is no setting", "write key=value"))
        config = merged(config, {key: yaml.safe_load(value)})
    return config


def arguments(line: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; the options for the configuration are Snakemake's."""
    parser = argparse.ArgumentParser(
        prog="make plan", description="Print what a study will take. Downloads and computes nothing."
    )
    parser.add_argument("--configfile", "--configfiles", nargs="+", default=[], help="laid over config/config.yaml")
    parser.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE", help="laid over the files")
    parser.add_argument("--directory", "-d", help="working directory of the run")
    parser.add_argument(
        "--cores", "-c", type=int, default=os.cpu_count() or 1, help="cores of one machine (default: this one's)"
    )
    parser.add_argument("--rules", action="store_true", help="a row per kind of job as well")
    parser.add_argument(
        "--check", action="store_true", help="compare with what the jobs of a run took (results/benchmarks)"
    )
    options = parser.parse_args(line)
    if options.cores < 1:
        parser.error("--cores must be at least 1")
    return options


def run(options: argparse.Namespace) -> int:
    """Print the tables and return the exit code: 1 if a check finds the forecast wrong."""
    own = [os.path.abspath(file) for file in options.configfile]
    os.chdir(options.directory or ".")
    files = [find_file("config/config.yaml", FOLDER), *own]
    config = configuration(files, options.config)
    study = load_study(config, files, FOLDER, demand_terms=False, demand_files=not options.check)
    arguments = [*(["--configfile", *own] if own else []), *(["--config", *options.config] if options.config else [])]
    found = forecast(study, Costs.read(), arguments)
    if options.check:
        compared = compare(found)
        print(check_text(compared, len(found.plan.jobs)))
        return 0 if 1 / WITHIN <= ratio(compared) <= WITHIN else 1
    print(forecast_text(found, options.cores))
    if options.rules:
        print("\n" + rules_text(found))
    return 0


def main(line: Sequence[str] | None = None) -> int:
    """Run the command; wrong input is one message, without a traceback."""
    try:
        return run(arguments(line))
    except (StudyError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
