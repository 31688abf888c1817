"""Subinterpreters: one interpreter of a process may have respool; another is told so, and nothing ends in a crash."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

REFUSED = "respool can be imported by one interpreter of a process only, and by none that has a GIL of its own"
# Interpreters that share a GIL are what mod_wsgi and uWSGI make; they are there in every version of Python.
PROGRAM = f"""
import sys

try:
    import _interpreters  # from 3.13 on
except ImportError:
    import _xxsubinterpreters

    def create(own_gil):
        return _xxsubinterpreters.create(isolated=own_gil)

    def run(interpreter, code):
        return _xxsubinterpreters.run_string(interpreter, code)
else:
    def create(own_gil):
        return _interpreters.create("isolated" if own_gil else "legacy")

    def run(interpreter, code):
        failed = _interpreters.exec(interpreter, code)
        assert failed is None, failed.formatted

ALLOWED = f"import sys; sys.path[:] = {{sys.path}}; import respool"
FORBIDDEN = f'''import sys; sys.path[:] = {{sys.path}}
try:
    import respool
except ImportError as error:
    assert {REFUSED!r} in str(error), error
else:
    raise AssertionError("it was imported")
'''
"""


def check(program: str) -> None:
    subprocess.run([sys.executable, "-c", PROGRAM + program], check=True, timeout=60,
                   env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))})


def test_the_first_that_shares_the_gil_has_it_and_the_next_are_refused() -> None:
    check("run(create(False), ALLOWED); run(create(False), FORBIDDEN); exec(FORBIDDEN)")


def test_beside_the_main_interpreter_it_is_refused() -> None:
    check("exec(ALLOWED); run(create(False), FORBIDDEN)")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="a GIL of one's own is new in Python 3.12")
def test_with_a_gil_of_its_own_it_is_refused_and_the_main_interpreter_may_have_it() -> None:
    check("run(create(True), FORBIDDEN); exec(ALLOWED); run(create(True), FORBIDDEN)")
