"""The SLURM profile fits the rules; that jobs go through a real SLURM is shown by `make test-slurm`."""

import re

import pytest
import yaml

from tests.workflow.harness import DRIVER, ROOT, execute
from tests.workflow.smk import FIGURES, RULES

PROFILE = ROOT / "workflow" / "profiles" / "slurm"
TEXT = (PROFILE / "config.yaml").read_text()
SETTINGS = yaml.safe_load(TEXT)
every_group = pytest.mark.parametrize(("rule", "group"), SETTINGS["groups"].items())


@pytest.fixture(scope="module")
def edited():
    """Return the settings as they are once the lines for the user are no longer comments."""
    text, lines = re.subn(r"^  # (\w+: )", r"  \1", TEXT, flags=re.MULTILINE)
    assert lines == 4
    return yaml.safe_load(text)


def test_it_repeats_the_default_profile():
    default = yaml.safe_load((ROOT / "profiles/default/config.yaml").read_text())
    assert default.items() <= SETTINGS.items()


@every_group
def test_grouped_rule_exists_and_has_the_wildcards_of_its_group(rule, group):
    assert set(re.findall(r"{(\w+)}", group)) <= set(re.findall(r"{(\w+)}", RULES[rule].directives["output"]))


def test_the_figures_of_a_data_set_take_two_submissions_at_most():
    group = SETTINGS["groups"]["draw_figure"]
    assert len(FIGURES) <= 2 * SETTINGS["group-components"][group]


def test_every_group_has_a_size():
    assert SETTINGS["group-components"].keys() == set(SETTINGS["groups"].values())


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rules_leave_repetition_and_groups_to_the_profile(rule):
    # a `retries` of a rule would repeat it within the memory of its first attempt
    assert not {"retries", "group"} & set(rule.directives)
    mem_mb = next(item for item in rule.items("resources") if item.startswith("mem_mb="))
    assert mem_mb.startswith(("mem_mb=memory(", "mem_mb=memory_of_")), "memory that grows with the attempt"


def test_the_lines_to_edit_are_settings_of_rules_that_exist(edited):
    assert edited["default-resources"].keys() == {"slurm_account", "slurm_partition", "in_turn"}
    assert edited["set-resources"].keys() <= set(RULES)
    assert edited["set-resources"]["embed_shards"]["gpu"] == 1


def test_the_default_study_can_be_planned_with_it(tmp_path):
    line = ["-n", "--snakefile", ROOT / "Snakefile", "--directory", tmp_path, "--workflow-profile", PROFILE]
    run = execute([DRIVER / "snakemake", *line], cwd=tmp_path)
    assert run.ok, run.tail
    assert run.counts["index_cells"] == 2 and "Group job select-baron_pancreas " in run.output
