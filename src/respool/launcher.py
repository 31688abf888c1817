"""`respool run`: a program that cannot be edited, with `respool.install()` before its first line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

USAGE = """usage: respool run PROGRAM [ARGUMENT ...]

Run a Python program in which every pool and connection of redis-py is respool's, and in the Python processes that it
starts. PROGRAM is whatever may follow `python` (app.py, -m module, -c code), or a Python program on PATH:

    respool run app.py --port 8000
    respool run -m celery -A project worker
    respool run gunicorn project.wsgi
"""
IGNORE_ENVIRONMENT = frozenset("IES")


def run(arguments: list[str]) -> NoReturn:
    """Become the program; ends with its exit code. Raises SystemExit if there is no such program."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE, end="")  # noqa: T201
        raise SystemExit(0 if arguments else 2)
    command = command_for(arguments)
    startup = str(Path(__file__).with_name("startup"))
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = startup if not inherited else startup + os.pathsep + inherited
    if os.name == "nt":  # where exec would come back to the shell at once
        raise SystemExit(subprocess.call(command))  # noqa: S603
    os.execv(command[0], command)  # noqa: S606


def command_for(arguments: list[str]) -> list[str]:
    first = arguments[0]
    option = first.startswith("-")
    if option and not first.startswith("--") and IGNORE_ENVIRONMENT & set(first.partition("m")[0].partition("c")[0]):
        raise SystemExit(f"respool run: Python's option {first} would keep respool out")
    if option or Path(first).exists():
        return [sys.executable, *arguments]
    found = shutil.which(first)
    if found is None:
        raise SystemExit(f"respool run: there is no file and no program on PATH named {first!r}")
    return [found, *arguments[1:]]
