"""Parsing and packing alone, beside hiredis.

    pytest bench/bench_resp.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hiredis
import pytest

import respool
from results import Race

TEN = b"$10\r\n0123456789\r\n"
REPLIES = {
    "status": (b"+OK\r\n", 20_000),
    "integer": (b":1234\r\n", 20_000),
    "10 bytes": (TEN, 20_000),
    "array of 1000": (b"*1000\r\n" + TEN * 1000, 100),
    "map of 1000": (b"%1000\r\n" + b"".join(b"+%04d\r\n" % number + TEN for number in range(1000)), 50),
    "1 MiB": (b"$1048576\r\n" + b"x" * 2**20 + b"\r\n", 50),
}
COMMANDS: dict[str, tuple[tuple[Any, ...], int]] = {
    "GET": (("GET", "key:12345"), 20_000),
    "SET 64 bytes": (("SET", "key:12345", b"x" * 64), 20_000),
    "MSET 1000": (("MSET", *[value for number in range(1000) for value in (f"key:{number}", number)]), 50),
    "SET 1 MiB": (("SET", "key:12345", b"x" * 2**20), 50),
}


def parse(reader: Any, data: bytes) -> Callable[[int], None]:
    def run(loops: int) -> None:
        feed, gets = reader.feed, reader.gets
        for _ in range(loops):
            feed(data)
            gets()

    return run


@pytest.mark.parametrize("reply", REPLIES)
def test_parse(race: Race, one_processor: None, reply: str) -> None:
    data, loops = REPLIES[reply]
    race({"hiredis": parse(hiredis.Reader(), data), "respool": parse(respool.Reader(), data)}, loops=loops)


def pack(function: Any, command: tuple[Any, ...]) -> Callable[[int], None]:
    def run(loops: int) -> None:
        for _ in range(loops):
            function(command)

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_pack(race: Race, one_processor: None, command: str) -> None:
    arguments, loops = COMMANDS[command]
    packers = {"hiredis": hiredis.pack_command, "respool": respool.pack_command}
    race({name: pack(function, arguments) for name, function in packers.items()}, loops=loops)
