"""Fuzzes the RESP reader and the packer: damaged streams, cut anywhere. `python tests/fuzz_resp.py --help`

An input is made from the seed and its number alone, so that `--only` runs one again.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.exceptions import DataError, InvalidResponse

import respool
from respool._pack import Packer

MISSING = object()
HUGE = 1 << 30
ENCODINGS: list[tuple[str | None, str | None]] = [
    (None, None),
    ("utf-8", "strict"),
    ("utf-8", "replace"),
    ("utf-8", "surrogateescape"),
    ("latin-1", "strict"),
    ("ascii", "ignore"),
    ("utf-16-le", "replace"),
]
SIZES = [[HUGE], [1], [2, 3], [1, 40], [7], [64, 1, 1], [4096]]
FRAGMENTS = [
    b"\r", b"\n", b"\r\n", b"?", b"-", b"-1", b"0", b"1", b"2", b"9" * 18, b"9" * 19, b"\x00", b"\xff", b" ", b"_",
    b".\r\n", b"*", b"$", b"%", b"~", b">", b"|", b"=", b"!", b":", b"+", b"#", b",", b"(", b";", b"$?\r\n", b"*?\r\n",
    b"%?\r\n", b"~?\r\n", b";0\r\n", b";1\r\na\r\n", b"|1\r\n+a\r\n+b\r\n", b"*4000000000\r\n", b"$1000000000\r\n",
    b"*-1\r\n", b"$-1\r\n", b"_\r\n", b"#t\r\n", b",inf\r\n", b",nan\r\n", b">1\r\n+a\r\n", b"*1\r\n" * 600,
]


# --- what is right ---------------------------------------------------------------------------------------------

def shape(value: Any) -> Any:
    """A value that can be compared, type by type: no two that differ in anything have the same."""
    if isinstance(value, dict):
        return "dict", [(shape(key), shape(element)) for key, element in value.items()]
    if isinstance(value, list):
        return "push" if type(value).__name__ == "PushNotification" else "list", [shape(element) for element in value]
    if isinstance(value, BaseException):
        return type(value), value.args
    return type(value), repr(value)


def outcome(call: Callable[..., Any], *args: Any) -> Any:
    """What came of a call, comparable: nothing yet, a value, or an error."""
    try:
        value = call(*args)
    except InvalidResponse:
        return "malformed"
    except TypeError:
        return "raised", TypeError  # its text names the type of the key, and differs between peers
    except Exception as error:
        return "raised", type(error), error.args
    return "missing" if value is MISSING else ("value", shape(value))


def values(data: bytes, sizes: list[int] | None = None, **options: Any) -> list[Any]:
    reader = respool.Reader(notEnoughData=MISSING, **options)
    found: list[Any] = []
    for piece in pieces(data, sizes or [2**30]):
        reader.feed(piece)
        found += iter(reader.gets, MISSING)
    return found


def pieces(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    """The data in pieces of these sizes, over and over."""
    start = number = 0
    while start < len(data):
        size = sizes[number % len(sizes)]
        yield data[start:start + size]
        start += size
        number += 1


def outcomes(reader: respool.Reader, data: bytes, sizes: list[int], decode: bool = True) -> list[Any]:
    """All that comes of data in pieces, the last being what is left in the end."""
    result: list[Any] = []
    for piece in pieces(data, sizes):
        reader.feed(piece)
        while (last := outcome(reader.gets, decode)) != "missing":
            result.append(last)
            if last == "malformed":
                assert outcome(reader.gets, decode) == "malformed", "a protocol error has been forgotten"
                assert outcome(reader.gets, not decode) == "malformed", "a protocol error has been forgotten"
                return result
        assert 0 <= reader.len() <= len(data)
        assert reader.has_data() or reader.len() == 0
    assert outcome(reader.gets, decode) == "missing"
    return [*result, reader.has_data()]


def reader_of(encoding: str | None, errors: str | None, maxbuf: int | None = None) -> respool.Reader:
    reader = respool.Reader(encoding=encoding, errors=errors, notEnoughData=MISSING)
    reader.setmaxbuf(maxbuf)
    return reader


# --- inputs ----------------------------------------------------------------------------------------------------

def text(source: random.Random) -> bytes:
    kind = source.randrange(12)
    if kind == 0:
        return b""
    if kind == 1:
        return source.randbytes(source.randrange(200))
    if kind == 2:
        return b"x" * source.choice([4093, 4094, 4095, 4096, 32758, 32766, 32768, 70000])
    return source.choice(["OK", "key", "Größe", "日本", "a" * 30]).encode()


def line(source: random.Random) -> bytes:
    return text(source).replace(b"\r\n", b"..")


def value(source: random.Random, depth: int = 0) -> bytes:
    """One valid value of any type, streamed or not, maybe with an attribute before it."""
    attribute = b"|1\r\n+ttl\r\n" + value(source, depth + 1) if source.random() < 0.03 and depth < 6 else b""
    kind = source.choice(b"$$$$:::+-_#,(!=") if depth > 5 or source.random() < 0.6 else source.choice(b"*%~S")
    if kind == ord("S"):
        chunks = [text(source) or b"x" for _ in range(source.randrange(4))]
        body = b"$?\r\n" + b"".join(b";%d\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b";0\r\n"
    elif kind in b"*%~":
        count = source.choice([0, 1, 1, 2, 2, 3, 5])
        elements = [value(source, depth + 1) for _ in range(count * (1 + (kind == ord("%"))))]
        if kind == ord("%"):
            for index in range(0, len(elements), 2):
                if source.random() < 0.8:
                    elements[index] = b":%d\r\n" % source.randrange(4)
        streamed = source.random() < 0.2
        body = b"%c%s\r\n%s%s" % (
            kind, b"?" if streamed else b"%d" % count, b"".join(elements), b".\r\n" if streamed else b"")
    elif kind in b"$!":
        string = text(source)
        body = b"%c%d\r\n%s\r\n" % (kind, len(string), string)
        if source.random() < 0.05:
            body = b"$-1\r\n"
    elif kind == ord("="):
        string = b"txt:" + text(source)
        body = b"=%d\r\n%s\r\n" % (len(string), string)
    elif kind in b"+-":
        body = b"%c%s\r\n" % (kind, line(source))
    elif kind in b":(":
        number = source.choice([b"0", b"-1", b"7", b"%d" % 10**17, b"%d" % -(10**18), b"%d" % 2**63, b"1" * 5000])
        body = b"%c%s\r\n" % (kind, number)
    else:
        body = {ord("_"): b"_\r\n", ord("#"): source.choice([b"#t\r\n", b"#f\r\n"]),
                ord(","): source.choice([b",1.5\r\n", b",inf\r\n", b",-inf\r\n", b",nan\r\n", b",1e300\r\n"])}[kind]
    return attribute + body


def stream(source: random.Random) -> bytes:
    """Some replies and pushes, valid."""
    replies = []
    for _ in range(source.randrange(1, 5)):
        if source.random() < 0.1:
            replies.append(b">2\r\n+message\r\n" + value(source, 1))
        replies.append(value(source))
    return b"".join(replies)


def mutated(source: random.Random, data: bytes) -> bytes:
    """The data with some damage done to it."""
    damaged = bytearray(data)
    for _ in range(source.choice([1, 1, 1, 2, 3, 8])):
        # Most of it near the beginning, where the headers are.
        where = source.randrange(min(len(damaged), source.choice([40, 400, HUGE])) + 1)
        length = source.choice([1, 1, 1, 2, 5, 50])
        kind = source.randrange(7)
        if kind == 0:
            del damaged[where:where + length]
        elif kind == 1:
            damaged[where:where] = source.choice(FRAGMENTS)
        elif kind == 2:
            damaged[where:where + length] = source.choice(FRAGMENTS)
        elif kind == 3:
            damaged[where:where + 1] = source.randbytes(1)
        elif kind == 4:
            damaged[where:where + 1] = source.choice(b"0123456789").to_bytes(1, "big")
        elif kind == 5:
            other = source.randrange(len(damaged) + 1)
            damaged[where:where] = damaged[other:other + source.choice([4, 20, 200])]
        else:
            del damaged[where + length:]
    return bytes(damaged)


def argument(source: random.Random) -> Any:
    """A value of a command, or now and then one that is none."""
    data = text(source)
    return source.choice([
        data, data, bytearray(data), memoryview(data), memoryview(data)[::2],
        data.decode("latin-1"), data.decode("utf-8", "ignore"),
        source.randrange(-(2**70), 2**70), source.randrange(1000), source.random() * 1e6, float("inf"), -0.0,
        source.choice([True, None, [], "\ud800"]),
    ])


# --- running ---------------------------------------------------------------------------------------------------

@dataclass
class Counts:
    inputs: int = 0
    replies: int = 0
    raised: int = 0         # values that could not be made; the next reply was read
    malformed: int = 0
    unfinished: int = 0
    commands: int = 0
    refused: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{count} {name}" for name, count in vars(self).items())


def read_one(source: random.Random, counts: Counts) -> None:
    """Have one stream read in several ways, of which all must come to the same."""
    data = stream(source)
    if source.random() < 0.85:
        data = mutated(source, data)
    encoding, errors = source.choice(ENCODINGS)
    decode = source.random() < 0.9
    bytewise = [1] if len(data) < 3000 else [1] * 300 + [997]
    expected = outcomes(reader_of(encoding, errors), data, bytewise, decode)
    for sizes in (source.choice(SIZES[2:]), [source.randrange(1, 100) for _ in range(5)], [HUGE]):
        maxbuf = source.choice([None, 0, 10, 5000, 100_000])
        result = outcomes(reader_of(encoding, errors, maxbuf), data, sizes, decode)
        assert result == expected, f"{data[:2000]!r} in pieces of {sizes}: {result}, by bytes: {expected}"
    counts.replies += sum(one[0] == "value" for one in expected[:-1])
    counts.raised += sum(one[0] == "raised" for one in expected[:-1])
    counts.malformed += expected[-1:] == ["malformed"]
    counts.unfinished += expected[-1] is True


def pack_one(source: random.Random, counts: Counts) -> None:
    """Pack a command and read it back."""
    args = [argument(source) for _ in range(source.randrange(1, 6))]
    encoding, errors = source.choice(ENCODINGS[1:])
    assert encoding is not None and errors is not None
    try:
        packed = b"".join(map(bytes, Packer(DataError, encoding, errors).pack_all([["SET", *args]] * 2)))
    except (DataError, UnicodeEncodeError):
        counts.refused += 1
        return
    reader = respool.Reader(notEnoughData=MISSING)
    for piece in pieces(packed, [source.randrange(1, 5000)]):
        reader.feed(piece)
    for _ in range(2):
        values = reader.gets()[1:]
        assert len(values) == len(args)
        for arg, sent in zip(args, values, strict=True):
            if isinstance(arg, (bytes, bytearray, memoryview)):
                assert sent == bytes(arg), args
            elif isinstance(arg, str):
                assert sent == arg.encode(encoding, errors), args
            else:
                assert sent == repr(arg).encode(), args
    assert reader.gets() is MISSING and not reader.has_data()
    counts.commands += 1


def run_one(seed: int, number: int, counts: Counts) -> None:
    source = random.Random(f"{seed}-{number}")  # noqa: S311 - not for secrets
    try:
        (pack_one if number % 8 == 7 else read_one)(source, counts)
    except Exception as error:
        raise AssertionError(f"input {number} of seed {seed}: {error}") from error
    counts.inputs += 1


def fuzz(seconds: float, seed: int, note: Path | None = None) -> Counts:
    """Run inputs for so long. With a note, that file holds the number of the input that runs, should it crash."""
    counts = Counts()
    end = time.monotonic() + seconds
    descriptor = None if note is None else os.open(note, os.O_CREAT | os.O_WRONLY, 0o644)
    try:
        while time.monotonic() < end:
            if descriptor is not None:
                os.pwrite(descriptor, b"%d\n" % counts.inputs, 0)
            run_one(seed, counts.inputs, counts)
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--note", type=Path, help="file for the number of the input that runs, should it crash")
    parser.add_argument("--only", type=int, help="run the input of this number alone")
    arguments = parser.parse_args()
    if arguments.only is not None:
        counts = Counts()
        run_one(arguments.seed, arguments.only, counts)
    else:
        counts = fuzz(arguments.seconds, arguments.seed, arguments.note)
    print(counts)  # noqa: T201


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
