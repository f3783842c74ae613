"""Several calls of Snakemake from one process, which imports it once: asked on its input, in JSON, and answers so."""

import json
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from snakemake.cli import main


@contextmanager
def changed(files):
    """Write files, by path, and put back what they held."""
    before = {path: Path(path).read_text() for path in files}
    try:
        for path, text in files.items():
            Path(path).write_text(text)
        yield
    finally:
        for path, text in before.items():
            Path(path).write_text(text)


def call(line, cwd):
    """Return the exit code and the output of a call, made in a process of its own."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.chdir(cwd)
            for stream in (sys.stdout, sys.stderr):
                os.dup2(said.fileno(), stream.fileno())
            try:
                main(line)
            except SystemExit as end:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(end.code or 0)
            os._exit(1)  # it always ends with a code
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        return code, said.read().decode()


if __name__ == "__main__":
    asked, answers = json.load(sys.stdin), []
    for line, files in zip(asked["calls"], asked["files"], strict=True):
        with changed(files):
            answers.append(call(line, asked["cwd"]))
    print(json.dumps(answers))
