"""Parsing and packing alone, beside hiredis and libvalkey."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from measure import together
from names import PARSERS, RESP
from peers import if_installed, subjects
from results import Compare

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


def parsers() -> dict[str, Any]:
    """The modules, or None for what is not installed."""
    return {name: if_installed(name, name) and import_module(name) for name in PARSERS}


def parse(reader: Any, data: bytes) -> Callable[[int], None]:
    def run(loops: int) -> None:
        feed, gets = reader.feed, reader.gets
        for _ in range(loops):
            feed(data)
            gets()

    return run


@pytest.mark.parametrize("reply", REPLIES)
def test_parse(compare: Compare, one_processor: None, reply: str) -> None:
    data, loops = REPLIES[reply]
    measured = subjects(parsers(), lambda library: together(parse(library.Reader(), data), loops))
    compare(RESP, f"parse: {reply}", measured)


def pack(function: Any, command: tuple[Any, ...]) -> Callable[[int], None]:
    def run(loops: int) -> None:
        for _ in range(loops):
            function(command)

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_pack(compare: Compare, one_processor: None, command: str) -> None:
    arguments, loops = COMMANDS[command]
    measured = subjects(parsers(), lambda library: together(pack(library.pack_command, arguments), loops))
    compare(RESP, f"pack: {command}", measured)
