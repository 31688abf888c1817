"""The protocol of callers and places, in every interleaving: the model in `model/pool.pml`, checked by spin."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).parent / "model" / "pool.pml"
SETS = [(3, 1, 1), (3, 2, 1), (2, 1, 2)]  # callers, limit, turns of each

# What else is set where the pool dials. All of it at once is more than a machine can go through.
DIALS = {"DIALS": 1, "CLOSES": 0}
CLOSED = {"DIALS": 1}
CLOSED_IN_CALM = {"DIALS": 1, "CALM": 1}
MAKES_IN_CALM = {"DIALS": 1, "CLOSES": 0, "MAKES": 1, "CALM": 1}


def checked(directory: Path, callers: int, limit: int, turns: int, broken: int = 0, **others: int) -> str:
    """What spin says of the model with these numbers, and with one of its rules broken."""
    numbers = {"CALLERS": callers, "LIMIT": limit, "TURNS": turns, "BREAK": broken, **others}
    settings = [f"-D{name}={number}" for name, number in numbers.items()]
    for command in (
        ["spin", "-a", *settings, str(MODEL)],
        # Where something is wrong, going the other way round comes upon it much sooner.
        ["gcc", "-w", "-O1", "-DSAFETY", "-DCOLLAPSE", *(["-DREVERSE"] if broken else []), "-o", "pan", "pan.c"],
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


@pytest.mark.parametrize(("callers", "limit", "turns", "others"), [
    (2, 1, 1, DIALS), (1, 1, 2, CLOSED), (2, 2, 1, MAKES_IN_CALM),
], ids=["two callers", "the pool is closed", "somebody makes a connection of his own"])
def test_none_is_lost_where_the_pool_dials_either(
    tmp_path: Path, callers: int, limit: int, turns: int, others: dict[str, int]
) -> None:
    assert "errors: 0" in checked(tmp_path, callers, limit, turns, **others)


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


@pytest.mark.parametrize(("broken", "limit", "others", "noticed"), [
    (6, 2, DIALS, "assertion violated"),
    (7, 1, DIALS, "assertion violated"),
    (8, 1, DIALS, "invalid end state"),
    (9, 1, DIALS, "invalid end state"),
    (10, 2, MAKES_IN_CALM, "invalid end state"),
    (11, 1, CLOSED_IN_CALM, "assertion violated"),
], ids=["dials under way are not counted", "an interrupt gives back a place that is dialled for",
        "a free place begins no dial", "a dial overlooks the line", "who makes a connection of his own begins no dial",
        "only the first in line is refused"])
def test_a_broken_rule_of_the_dials_is_noticed(
    tmp_path: Path, broken: int, limit: int, others: dict[str, int], noticed: str
) -> None:
    assert noticed in checked(tmp_path, 2, limit, 1, broken, **others)
