"""The protocol of callers and places, in every interleaving: the model in `model/pool.pml`, checked by spin."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).parent / "model" / "pool.pml"
SETS = [(3, 1, 1), (3, 2, 1), (2, 1, 2)]  # callers, limit, turns of each


def checked(directory: Path, callers: int, limit: int, turns: int, broken: int = 0) -> str:
    """What spin says of the model with these numbers, and with one of its rules broken."""
    settings = [f"-DCALLERS={callers}", f"-DLIMIT={limit}", f"-DTURNS={turns}", f"-DBREAK={broken}"]
    for command in (
        ["spin", "-a", *settings, str(MODEL)],
        ["gcc", "-w", "-O1", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c"],
        ["./pan", "-m1000000"],
    ):
        ended = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=100)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Search not completed" not in ended.stdout or broken, ended.stdout
    return ended.stdout


@pytest.mark.parametrize(("callers", "limit", "turns"), SETS)
def test_no_place_and_no_wake_up_is_lost_in_any_interleaving(
    tmp_path: Path, callers: int, limit: int, turns: int
) -> None:
    assert "errors: 0" in checked(tmp_path, callers, limit, turns)


@pytest.mark.parametrize(("broken", "noticed"), [
    (1, "invalid end state"),
    (2, "invalid end state"),
    (3, "assertion violated"),
    (4, "assertion violated"),
    (5, "assertion violated"),
], ids=["a free place is offered to nobody", "the line is overlooked", "leaving is not under the lock",
        "what was delivered is forgotten", "newcomers are refused too"])
def test_a_broken_rule_is_noticed(tmp_path: Path, broken: int, noticed: str) -> None:
    assert noticed in checked(tmp_path, 2, 1, 2, broken)
