# `make` lists the targets. Needs a POSIX shell and Python >= 3.11; everything else is installed below this folder.
.DEFAULT_GOAL := help
.PHONY: help setup ready plan export demo judge verify envs test test-kernels test-slurm test-mutants lint locks schemas bench-pairs bench-evaluation bench-readers bench-encodings bench-settings bench-lattice bench-causes bench-judge bench-graph bench-geneformer measure-costs clean-envs
.DELETE_ON_ERROR:

# What an outer environment could force on the ones made here.
unexport PYTHONPATH PYTHONHOME PYTHONSAFEPATH PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV UV_PYTHON UV_TARGET
export PIP_USER := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The recipes run with .venv active. Python and conda are looked for outside it.
OUTER_PATH := $(shell printf ':%s:' "$$PATH" | sed -e 's|:[^:]*/\.venv/bin:|:|g' -e 's|^:||' -e 's|:$$||')
export PATH := $(CURDIR)/.venv/bin:$(OUTER_PATH)
# uv does not read pip's settings, by which the small CPU build of torch is found (docs/models.md)
TORCH_FROM := $(addprefix --find-links ,$(PIP_FIND_LINKS))
ifneq ($(PIP_EXTRA_INDEX_URL),)
TORCH_FROM += $(addprefix --index ,$(PIP_EXTRA_INDEX_URL)) --index-strategy unsafe-best-match
endif
CORES ?= all
ARGS ?=

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1	/p' Makefile | while IFS='	' read -r name what; do printf 'make %-16s %s\n' "$$name" "$$what"; done
	@echo 'CORES=2 limits the cores; ARGS="..." goes on to what a target runs: snakemake, pytest, ...'

setup: ready ## install Snakemake into .venv; the rules' environments follow when they are first needed
	@if [ -e .venv/bin/conda ]; then \
	  echo "No conda on PATH: uv will build the rules' environments (tools/uv-conda/README.md)."; fi
	@echo 'Ready. Next:  make demo    or:  . .venv/bin/activate && snakemake --cores all'

plan: ready ## print what a study will take: download, disk, jobs, memory, time (ARGS="--configfile my_study.yaml")
	@.venv/bin/python -m rankstudy.run.plan $(ARGS)

export: ready ## write cells with counts, tokens and encodings for models that run elsewhere (ARGS="baron_pancreas --seed 1")
	@.venv/bin/python -m rankstudy.run.export --cores $(CORES) $(ARGS)

demo: ready ## run the default study
	.venv/bin/snakemake --cores $(CORES) $(ARGS)

judge: ready ## judge embeddings that you bring (ARGS="cells.h5ad --cell-type COLUMN --batch COLUMN --obsm X_mine"; docs/judging.md)
	@.venv/bin/python -m rankstudy.run.judge --cores $(CORES) $(ARGS)

verify: ready .venv-test/.ready ## compare the key numbers of `make demo` with the locked ones (ARGS=--write: lock these)
	PYTHONPATH=. .venv-test/bin/python -m tools.verify $(ARGS)

envs: ready ## build the rules' environments, run nothing
	.venv/bin/snakemake --cores $(CORES) --conda-create-envs-only $(ARGS)

test: ready .venv-test/.ready ## run the tests
	.venv-test/bin/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadscope --no-loadscope-reorder $(ARGS)

test-kernels: .venv-test/.ready ## run the tests of pairs, evaluation and neighbours under each OpenBLAS kernel of this processor
	PYTHONPATH=. .venv-test/bin/python -m tests.kernels $(ARGS)

test-slurm: ready .venv-test/.ready ## run a study through a real SLURM of one node (as root on a throwaway Debian)
	@tests/slurm/single_node.sh install
	@set -e; node=$$(mktemp -d); \
	trap 'tests/slurm/single_node.sh stop "$$node"; rm -rf "$$node"' EXIT; trap 'exit 130' INT TERM HUP; \
	tests/slurm/single_node.sh start "$$node"; \
	SLURM_TEST_NODE="$$node" .venv-test/bin/python -m pytest tests/slurm $(ARGS)

test-mutants: .venv-test/.ready ## plant 200 small faults one by one and see whether the tests notice (half an hour; ARGS="--only gates")
	PYTHONPATH=. .venv-test/bin/python -m tools.mutants $(ARGS)

lint: ready .venv-test/.ready ## check format, style and locks; changes nothing
	.venv/bin/snakemake --lint
	.venv-test/bin/snakefmt --check Snakefile workflow
	.venv-test/bin/ruff check .
	.venv-test/bin/ruff format --check .
	.venv/bin/python tools/lock.py --check

locks: ready ## write envs/*.yaml and envs/*.txt from envs/*.in (ARGS=--upgrade: newest versions)
	.venv/bin/python tools/lock.py $(ARGS)

schemas: .venv-test/.ready ## write the configuration's schemas and tables from rankstudy/
	.venv-test/bin/python -m rankstudy.report.docs

bench-pairs: .venv-test/.ready ## compare all pairs with their floor and their peers (about 10 minutes, quiet machine)
	PYTHONPATH=. .venv-test/bin/python -m benchmarks.pairs $(ARGS)

bench-evaluation: .venv-test/.ready ## compare the evaluation of all pairs with all pairs, at the size of the original study (about 15 minutes, quiet machine)
	PYTHONPATH=. .venv-test/bin/python -m benchmarks.evaluation $(ARGS)

bench-readers: .venv-test/.ready ## compare the readers of large files with their peers (quiet machine)
	PYTHONPATH=. .venv-test/bin/python -m benchmarks.readers $(ARGS)

bench-encodings: .venv-test/.ready ## compare published encodings with plain numpy, cell by cell (five minutes, quiet machine)
	PYTHONPATH=. .venv-test/bin/python -m benchmarks.encodings

bench-settings: ready .venv-test/.ready ## measure the jobs of specification curves, of the default study and of 5,000 cells (half an hour, quiet machine)
	PYTHONPATH=. .venv-test/bin/python -m benchmarks.settings

bench-lattice: ready .venv-test/.ready ## measure corners of the lattice of 44,500 cells, and its jobs in the default study (half an hour, quiet machine; ARGS=corners or jobs: one of them)
	PYTHONPATH=. .venv-test/bin/python -m benchmarks.lattice $(ARGS)

bench-causes: ready .venv-test/.ready ## measure the jobs on causes, of the default study and of 5,000 cells (half an hour, quiet machine; ARGS=default or many: one of them)
	PYTHONPATH=. .venv-test/bin/python -m benchmarks.causes $(ARGS)

bench-judge: .venv-test/.ready ## measure a second opinion on 100,000 cells x 512 dimensions (quiet machine; ARGS=--all: without drawing cells)
	PYTHONPATH=. .venv-test/bin/python -m benchmarks.judge $(ARGS)

bench-graph: ready .venv-test/.ready ## measure how long Snakemake takes to plan the full study
	PYTHONPATH=. .venv-test/bin/python -m benchmarks.graph

bench-geneformer: ready .venv-test/.ready ## compare tokens, embedding and training with the authors' way (about 10 minutes, quiet machine)
	.venv/bin/snakemake --cores $(CORES) results/models/training_tokens/baron_pancreas/0.parquet results/models/training_tokens/li_cell_lines/0.parquet results/baron_pancreas/0/tokens/v1_dictionaries.parquet
	PYTHONPATH=. .venv-test/bin/python benchmarks/geneformer.py $(ARGS)

measure-costs: ready .venv-test/.ready ## measure what `make plan` rests on, in two real runs (half an hour, quiet machine)
	PYTHONPATH=. .venv-test/bin/python -m benchmarks.costs $(ARGS)

clean-envs: ## remove .venv, .venv-test and the rules' environments
	rm -rf .venv .venv-test .snakemake/conda

# Snakemake looks for `conda` on PATH: in .venv/bin it finds uv-conda, unless there is a conda of the machine's own.
ready: .venv/.ready
	@if (PATH="$(OUTER_PATH)"; command -v conda) >/dev/null; then rm -f .venv/bin/conda; \
	elif [ ! -e .venv/bin/conda ]; then ln -sf ../../tools/uv-conda/bin/conda .venv/bin/conda; fi

.venv/.ready: envs/driver.txt
	@set -e; PATH="$(OUTER_PATH)"; \
	for python in $${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3}; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break || python=; \
	done; \
	[ -n "$$python" ] || { echo 'No Python >= 3.11 found. Install one, or name it: make setup PYTHON=/path/to/python3' >&2; exit 1; }; \
	"$$python" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$$python cannot make virtual environments: its venv or ensurepip module is missing (Debian, Ubuntu: python3-venv)." >&2; exit 1; }; \
	echo "Installing Snakemake into .venv with $$("$$python" --version) ..."; \
	"$$python" -m venv --clear .venv; \
	.venv/bin/python -m pip install --quiet --require-hashes --requirement envs/driver.txt; \
	touch $@

.venv-test/.ready: envs/test.txt envs/test-models.txt .venv/.ready
	@echo 'Installing the test environment into .venv-test ...'
	@.venv/bin/uv venv --quiet --clear --no-project --python 3.11 .venv-test
	@.venv/bin/uv pip sync --quiet --require-hashes --compile-bytecode --python .venv-test/bin/python envs/test.txt
	@.venv/bin/uv pip install --quiet --compile-bytecode $(TORCH_FROM) --python .venv-test/bin/python --requirement envs/test-models.txt
	@touch $@
