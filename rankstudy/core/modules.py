"""Modules by name: those of this package, and files outside of it that the configuration names (`plugins`).

A file is executed under a name of its own, which goes by its content: one that was changed is another module. What it
declares is read without the packages that compute, so it imports those inside its functions.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from rankstudy.core.errors import StudyError, advise


def is_file(module: str) -> bool:
    """Tell whether a module is named by the path of its file."""
    return module.endswith(".py")


def load(module: str) -> ModuleType:
    """Return a module by its name (`rankstudy.spaces.fits`) or by the path of its file (`my_space.py`).

    Raises
    ------
    StudyError
        If the file cannot be executed.
    """
    if not is_file(module):
        return import_module(module)
    path = Path(module)
    content = path.read_bytes()
    name = f"{path.stem}_{hashlib.sha256(content).hexdigest()[:16]}"
    if name not in sys.modules:
        sys.modules[name] = _executed(name, path)
    return sys.modules[name]


def resolve(function: str) -> Callable[..., Any]:
    """Return a function by `module:name`."""
    module, name = function.rsplit(":", 1)
    return getattr(load(module), name)


def _executed(name: str, path: Path) -> ModuleType:
    module = module_from_spec(spec_from_file_location(name, path))
    # classes and dataclasses look their module up while it is executed
    sys.modules[name] = module
    try:
        module.__spec__.loader.exec_module(module)
    except ModuleNotFoundError as error:
        problem = f"{path}: there is no module {error.name!r} here, where its declarations are read"
        raise StudyError(advise(problem, "import it inside the functions that need it")) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's file does is told
        problem = f"{path}: cannot be executed: {type(error).__name__}: {error}{_line(error, path.resolve())}"
        raise StudyError(advise(problem, "correct the file")) from None
    finally:
        del sys.modules[name]
    return module


def _line(error: BaseException, path: Path) -> str:
    """Return where in the file an error arose, if it did so there."""
    at, trace = None, error.__traceback__
    while trace is not None:
        at = trace.tb_lineno if Path(trace.tb_frame.f_code.co_filename).resolve() == path else at
        trace = trace.tb_next
    return "" if at is None else f" (line {at})"
