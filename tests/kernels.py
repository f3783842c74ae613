"""`make test-kernels`: the unit tests of pairs, evaluation and neighbours under each OpenBLAS kernel of this processor.

What is multiplied in which order, and so the last bits of every likeness, depends on the kernel that OpenBLAS chooses
for the processor. Each of its x86-64 kernels that this one has the instructions for is forced in a child process before
numpy is loaded.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = (
    *("pairs", "pairs_joint", "merge", "measures", "sparse_route", "space_files", "batch_pairs"),
    *("shared_vectors", "ranges"),
    *("evaluation", "outliers", "neighbourhoods", "label_transfer"),
)
THREADS = (1, 2)
AVX512 = frozenset({"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"})
# OpenBLAS does not ask whether the processor can: names of its table `corename` (driver/others/dynamic.c) and the flags
# of /proc/cpuinfo without which their kernels stop with an illegal instruction
NEEDS = {
    "Prescott": {"pni"},
    "Core2": {"ssse3"},
    "Penryn": {"sse4_1"},
    "Dunnington": {"sse4_1"},
    "Nehalem": {"sse4_2"},
    "Atom": {"ssse3"},
    "Nano": {"ssse3"},
    "Opteron": {"3dnow"},
    "Opteron_SSE3": {"3dnow", "pni"},
    "Barcelona": {"sse4a"},
    "Bobcat": {"sse4a", "ssse3"},
    "Sandybridge": {"avx"},
    "Bulldozer": {"avx", "fma4"},
    "Piledriver": {"avx", "fma4", "fma"},
    "Steamroller": {"avx", "fma4", "fma"},
    "Excavator": {"avx2", "fma4", "fma"},
    "Haswell": {"avx2", "fma"},
    "Zen": {"avx2", "fma"},
    "SkylakeX": {"avx2", "fma"} | AVX512,
    "Cooperlake": {"avx2", "fma", "avx512_bf16"} | AVX512,
    "SapphireRapids": {"avx2", "fma", "avx512_bf16", "amx_bf16"} | AVX512,
}
WHICH = (
    "import numpy, scipy.linalg, threadpoolctl; "
    "print(*(pool['architecture'] for pool in threadpoolctl.threadpool_info() if pool['internal_api'] == 'openblas'))"
)


def main(arguments):
    """Run the tests under each kernel and number of threads; return 0 if they pass under all."""
    kernels = kernels_of(processor_flags())
    results = {(name, threads): run_tests(name, threads, arguments) for name in kernels for threads in THREADS}
    print("\nkernel, threads: result")
    for (name, threads), passed in results.items():
        print(f"{name}, {threads}: {'passed' if passed else 'FAILED'}")
    return 0 if results and all(results.values()) else 1


def processor_flags():
    """Return the instruction sets of the processor, as Linux names them."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("flags"):
            return set(line.split(":", 1)[1].split())
    raise SystemExit("make test-kernels needs Linux on x86-64: /proc/cpuinfo names no flags of the processor")


def kernels_of(flags):
    """Return names of the kernels that run here, one of each: for one that a build leaves out, another answers."""
    first_of = {}
    for name, needed in NEEDS.items():
        if needed <= flags:
            first_of.setdefault(running(name), name)
    return list(first_of.values())


def running(name):
    """Return the kernels of numpy's and scipy's OpenBLAS that run when one is asked for by name."""
    line = [sys.executable, "-c", WHICH]
    done = subprocess.run(line, env=environment(name), check=True, stdout=subprocess.PIPE, text=True)
    found = " and ".join(dict.fromkeys(done.stdout.split()))
    if not found:
        raise SystemExit("make test-kernels: numpy and scipy of this environment do not use OpenBLAS")
    return found


def environment(name, threads=1):
    """Return the variables of a child process."""
    others = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
    numbers = {"OPENBLAS_NUM_THREADS": str(threads), "NUMBA_NUM_THREADS": str(threads)}
    # threads that have nothing to do sleep: on a busy machine, those that spin take the cores from the ones that work
    return {**others, **numbers, "OPENBLAS_CORETYPE": name, "OPENBLAS_THREAD_TIMEOUT": "4"}


def run_tests(name, threads, arguments):
    """Run the tests under one kernel; return whether they pass."""
    print(f"\nOPENBLAS_CORETYPE={name} OPENBLAS_NUM_THREADS={threads}", flush=True)
    files = [str(ROOT / "tests" / "unit" / f"test_{test}.py") for test in TESTS]
    line = [sys.executable, "-m", "pytest", "--quiet", "--numprocesses=0", *files, *arguments]
    return subprocess.run(line, cwd=ROOT, env=environment(name, threads)).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
