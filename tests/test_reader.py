"""The RESP reader by itself: its memory, its failures, its methods."""

from __future__ import annotations

import array
import codecs
import gc
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import hiredis
import pytest
from redis.exceptions import InvalidResponse

import respool
from conftest import traced
from fuzz_resp import MISSING, outcome, outcomes, pieces, reader_of, shape, values
from respool._resp import MAX_DEPTH

MIB = 2**20
NOT_UTF8 = b"\xff\xfe"


@pytest.fixture(autouse=True)
def nothing_left() -> None:
    """In place of the fixture of all tests, whose collection takes longer than a test: here nothing starts threads."""


# --- memory ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("maxbuf", [None, 0, 2**31], ids=["as it is", "none", "much"])
@pytest.mark.parametrize("data", [
    b"$1000000000\r\nabc",
    b"=1000000000\r\nabc",
    b"$?\r\n;1000000000\r\nabc",
    b"*4000000000\r\n",
    b"%4000000000\r\n",
    b">4000000000\r\n:1\r\n",
    b"*4000000000\r\n" * MAX_DEPTH,
    b"*4000000000\r\n" * 30 + b":1\r\n" * 5000,
    b"*100\r\n" * 100 + b":1\r\n" * 9000,
], ids=lambda data: repr(data[:16]))
def test_declared_sizes_take_no_memory(data: bytes, maxbuf: int | None) -> None:
    reader = reader_of(None, None, maxbuf)
    with traced() as peak:
        reader.feed(data[:-1])
        assert reader.gets() is MISSING
        reader.feed(data[-1:])
        assert reader.gets() is MISSING
        assert peak() < MIB


@pytest.mark.parametrize(("size", "pieces_of"), [
    (32766, 1), (32768, 4096), (32768, 32767), (40000, 7), (65536, 65536), (MIB - 1, 4096), (MIB, 32767),
    (3 * MIB + 5, 65536), (5 * MIB, 2**30),
])
def test_a_value_larger_than_the_buffer_is_received_whole(size: int, pieces_of: int) -> None:
    body = random.Random(size).randbytes(size)  # noqa: S311
    assert values(b"$%d\r\n%s\r\n:1\r\n" % (size, body), [pieces_of]) == [body, 1]
    nested = b"*3\r\n=%d\r\ntxt:%s\r\n$?\r\n;%d\r\n%s\r\n;1\r\nx\r\n;0\r\n!%d\r\nERR %s\r\n" % (
        size + 4, body, size, body, size + 4, body)
    value = values(nested, [pieces_of], encoding="latin-1")[0]
    assert value[:2] == [body.decode("latin-1"), body.decode("latin-1") + "x"]
    assert str(value[2]) == "ERR " + body.decode("utf-8", "replace")


@pytest.mark.parametrize("around", range(-6, 7))
def test_no_size_near_that_of_the_buffer_is_special(around: int) -> None:
    for edge in (4096, 32768):
        body = b"0123456789" * (edge // 10 + 2)
        body = body[:edge + around]
        for first in (1, 5, 4096, edge - 1, edge, edge + 1):
            data = b"$%d\r\n%s\r\n" % (len(body), body)
            assert values(data * 2, [first, 3, 2**30]) == [body] * 2


def test_a_long_string_is_received_without_a_second_copy() -> None:
    size = 16 * MIB
    data = memoryview(b"$%d\r\n%s\r\n" % (size, bytes(size)))
    reader = reader_of(None, None)
    with traced() as peak:
        for start in range(0, len(data), 65536):
            reader.feed(data[start:start + 65536])
            value = reader.gets()
        assert len(value) == size
        assert peak() <= size + 1.2 * MIB


def test_the_buffer_of_a_long_line_is_given_back() -> None:
    reader = reader_of(None, None)
    with traced() as peak:
        for _ in range(3):
            reader.feed(b"+" + b"a" * 900_000 + b"\r\n+b\r\n")
            assert len(reader.gets()) == 900_000
            assert reader.gets() == b"b" and reader.gets() is MISSING
        assert tracemalloc.get_traced_memory()[0] < 100_000
        assert peak() > 900_000


def test_neither_values_nor_errors_leave_anything_behind() -> None:
    kept = object()
    whole = (
        b"*9\r\n$3\r\nabc\r\n%1\r\n+k\r\n~1\r\n,1.5\r\n(123456789012345678901234567890\r\n-ERR\r\n!3\r\nERR\r\n"
        b"$?\r\n;1\r\na\r\n;0\r\n=5\r\ntxt:a\r\n|1\r\n+a\r\n*1\r\n+b\r\n*?\r\n.\r\n#t\r\n"
        b">1\r\n+push\r\n%1\r\n*0\r\n+a\r\n$2\r\n\xff\xff\r\n"
    )
    malformed = [b"*2\r\n$1\r\nab\r\n", b"%?\r\n*1\r\n+a\r\n.\r\n", b"*1\r\n=3\r\nabc\r\n",
    b"%1\r\n+key\r\n*1\r\n,x\r\n"]

    def refuse(text: str) -> None:
        raise RuntimeError(text)

    def work(times: int) -> None:
        for number in range(times):
            reader = respool.Reader(replyError=lambda text: kept, encoding="utf-8", notEnoughData=MISSING)
            reader.feed(whole)
            assert [outcome(reader.gets)[0] for _ in range(4)] == ["value", "value", "raised", "raised"]
            reader.feed(whole[:1 + number % (len(whole) - 60)])
            reader.gets()  # and left in the middle
            reader = respool.Reader(replyError=refuse, notEnoughData=MISSING)
            reader.feed(b"*2\r\n+a\r\n-ERR\r\n" + malformed[number % 4])
            assert [outcome(reader.gets) for _ in range(2)] == [("raised", RuntimeError, ("ERR",)), "malformed"]

    work(500)
    references = sys.getrefcount(kept)
    gc.collect()
    tracemalloc.start()
    try:
        work(100)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        work(2000)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 20_000
    finally:
        tracemalloc.stop()
    assert sys.getrefcount(kept) == references
    blocks = sys.getallocatedblocks()
    work(18_000)
    gc.collect()
    assert sys.getallocatedblocks() - blocks < 1000


# --- what goes wrong in a value --------------------------------------------------------------------------------

def raising(error: BaseException) -> Callable[..., Any]:
    """Raises this the first time, and says later what it was given."""
    errors = [error]

    def work(text: Any) -> Any:
        if errors:
            raise errors.pop()
        return ("?", text.end) if isinstance(text, UnicodeError) else text

    return work


@pytest.mark.parametrize("sizes", [[1], [7], [2**30]])
@pytest.mark.parametrize(("data", "error"), [
    (b"+\xff\r\n", UnicodeDecodeError),
    (b"$1\r\n\xff\r\n", UnicodeDecodeError),
    (b"=5\r\ntxt:\xff\r\n", UnicodeDecodeError),
    (b"$?\r\n;1\r\n\xff\r\n;0\r\n", UnicodeDecodeError),
    (b"$40001\r\n" + b"a" * 40000 + b"\xff\r\n", UnicodeDecodeError),
    (b"*3\r\n+a\r\n*1\r\n+\xff\r\n+b\r\n", UnicodeDecodeError),
    (b">2\r\n+push\r\n+\xff\r\n", UnicodeDecodeError),
    (b"%1\r\n*0\r\n+a\r\n", TypeError),
    (b"%2\r\n%0\r\n~1\r\n+a\r\n:1\r\n+b\r\n", TypeError),
    (b"*2\r\n%?\r\n*?\r\n.\r\n*0\r\n.\r\n+a\r\n", TypeError),
    (b"-ERR\r\n", ZeroDivisionError),
    (b"!3\r\nERR\r\n", ZeroDivisionError),
    (b"!40000\r\n" + b"E" * 40000 + b"\r\n", ZeroDivisionError),
    (b"*2\r\n*1\r\n-ERR\r\n+a\r\n", ZeroDivisionError),
    (b"*2\r\n-ERR\r\n+\xff\r\n", ZeroDivisionError),
    (b"*2\r\n+\xff\r\n-ERR\r\n", UnicodeDecodeError),
], ids=lambda part: repr(part[:20]) if isinstance(part, bytes) else None)
def test_what_cannot_be_made_is_raised_after_its_reply_and_the_next_is_read(
    data: bytes, error: type[Exception], sizes: list[int]
) -> None:
    reader = respool.Reader(replyError=raising(ZeroDivisionError()), encoding="utf-8", notEnoughData=MISSING)
    found = outcomes(reader, data + b"+next\r\n", sizes)
    assert [found[0][:2], *found[1:]] == [("raised", error), ("value", shape("next")), False]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("length", [10, 40000], ids=["short", "long"])
@pytest.mark.parametrize("reply", [
    b"!%d\r\n%s\r\n", b"$%d\r\n%s\r\n", b"$?\r\n;%d\r\n%s\r\n;0\r\n", b"*1\r\n$?\r\n;%d\r\n%s\r\n;0\r\n",
    b"%%1\r\n$%d\r\n%s\r\n+v\r\n", b"*1\r\n%%1\r\n+k\r\n!%d\r\n%s\r\n",
], ids=repr)
def test_an_interruption_never_makes_a_reply_a_part_of_another(
    reply: bytes, length: int, error: type[BaseException]
) -> None:
    codecs.register_error("respool-test", raising(error()))
    reader = respool.Reader(replyError=raising(error()), encoding="utf-8", errors="respool-test", notEnoughData=MISSING)
    data = b"*2\r\n" + reply % (length, b"\xff" + b"x" * (length - 1)) + b"+first\r\n"
    rest: list[Any] = []
    interruptions = 0
    try:
        for piece in [*pieces(data, [20000]), b"+second\r\n+third\r\n"]:
            reader.feed(piece)
            try:
                rest += iter(reader.gets, MISSING)
            except error:
                interruptions += 1
        rest += iter(reader.gets, MISSING)
    except InvalidResponse:
        return
    assert rest[-2:] == ["second", "third"]
    assert [one[1:] for one in rest[:-2]] in ([], [["first"]])
    assert interruptions == 1


def test_a_protocol_error_is_what_the_caller_makes_of_it() -> None:
    for data in (b"x", b"*2\r\n:1\r\n$1\r\nab\r\n"):
        reader = respool.Reader(protocolError=lambda text: LookupError("from", text[:14]))
        reader.feed(data)
        for _ in range(2):
            with pytest.raises(LookupError) as caught:
                reader.gets()
            assert caught.value.args == ("from", "Protocol Error")


@pytest.mark.parametrize("call", [
    "reader.feed(more)", "reader.gets()", "reader.set_encoding('latin-1')", "reader.setmaxbuf(0)"
])
def test_a_reader_that_is_called_from_within_itself_goes_on_or_refuses(call: str) -> None:
    script = f"""
import codecs, contextlib, respool
more = b'+more\\r\\n' * 100_000
def again():
    with contextlib.suppress(RuntimeError):
        {call}
def replace(error):
    again()
    return '?', error.end
codecs.register_error('again', replace)
reader = respool.Reader(replyError=lambda text: again(), encoding='utf-8', errors='again')
for filling in (1000, 30_000):
    reader.feed(b'+%s\\r\\n*4\\r\\n-ERR\\r\\n$2\\r\\n\\xff\\xff\\r\\n+a\\r\\n$40000\\r\\n' % (b'x' * filling))
    assert reader.gets() == 'x' * filling
    reader.gets()
    reader.feed(b'\\xff' + b'a' * 39_999 + b'\\r\\n')
    assert reader.gets() == [None, '??', 'a', '?' + 'a' * 39_999]
    assert set(iter(reader.gets, False)) <= {{'more'}}
    reader.set_encoding('utf-8', 'again')
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# --- the reader's methods --------------------------------------------------------------------------------------

@pytest.mark.parametrize("data", [
    b":1\r\n", bytearray(b":1\r\n"), memoryview(b":1\r\n"), array.array("b", b":1\r\n"), memoryview(b"x:1\r\nx")[1:5],
    memoryview(b":1\r\n").cast("B", (2, 2)), array.array("H", b":1\r\n"),
])
def test_anything_contiguous_can_be_fed(data: Any) -> None:
    reader = respool.Reader()
    reader.feed(data)
    assert reader.gets() == 1


@pytest.mark.parametrize(("data", "error"), [
    ("+OK\r\n", TypeError), (None, TypeError), (5, TypeError), ([1], TypeError),
    (memoryview(b"+OK\r\n")[::2], BufferError),
])
def test_nothing_else_can_be_fed(data: Any, error: type[Exception]) -> None:
    reader = respool.Reader()
    with pytest.raises(error):
        reader.feed(data)
    assert not reader.has_data()


def test_a_part_can_be_fed() -> None:
    reader = respool.Reader()
    data = b"xx+OK\r\nxx"
    reader.feed(data, 2, 5)
    assert reader.gets() == b"OK"
    reader.feed(data[:7], 2)
    assert reader.gets() == b"OK"
    for offset, length in ((len(data), 0), (len(data), -1), (0, 0)):
        reader.feed(data, offset, length)
    assert not reader.has_data()


@pytest.mark.parametrize(("offset", "length"), [
    (-1, 1), (10, 0), (10, -1), (0, 10), (5, 5), (9, 1), (0, -2), (2**62, 2**62)
])
def test_a_part_that_there_is_not_is_a_value_error(offset: int, length: int) -> None:
    reader = respool.Reader()
    with pytest.raises(ValueError):
        reader.feed(b"xx+OK\r\nxx", offset, length)
    assert not reader.has_data()


def test_a_buffer_that_was_fed_is_free_again() -> None:
    data = bytearray(b"$100000\r\nabc")
    reader = respool.Reader()
    reader.feed(data)
    reader.gets()
    with pytest.raises(ValueError):
        reader.feed(data, 100)
    data += b"d"
    data.clear()


@pytest.mark.parametrize("options", [
    {"encoding": "no-such"}, {"errors": "no-such"}, {"encoding": "utf-8", "errors": "no-such"}
])
def test_an_encoding_that_there_is_not_is_a_lookup_error(options: dict[str, str]) -> None:
    with pytest.raises(LookupError):
        respool.Reader(**options)  # type: ignore[arg-type]
    reader = respool.Reader(encoding="utf-8")
    with pytest.raises(LookupError):
        reader.set_encoding(**options)
    reader.feed("+ö\r\n".encode())
    assert reader.gets() == "ö"


@pytest.mark.parametrize("options", [{"protocolError": "ERR"}, {"replyError": 5}, {"encoding": 5}, {"errors": 5}])
def test_a_parameter_of_another_type_is_a_type_error(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        respool.Reader(**options)


def test_the_encoding_can_be_set_for_the_next_reply() -> None:
    reader = respool.Reader()
    data = b"$2\r\n\xc3\xb6\r\n"
    for options, value in (
        ((), b"\xc3\xb6"), (("utf-8",), "ö"), (("latin-1",), "Ã¶"), (("ascii", "replace"), "\ufffd\ufffd"),
        ((None,), b"\xc3\xb6"), (("utf-8", "ignore"), "ö"),
    ):
        reader.set_encoding(*options)
        reader.feed(data)
        assert reader.gets() == value


@pytest.mark.parametrize(("before", "after"), [
    ("utf-8", None), ("utf-8", "latin-1"), (None, "utf-8"), ("latin-1", "utf-8")
])
def test_the_reply_under_way_keeps_its_encoding(before: str | None, after: str | None) -> None:
    text = "ö".encode(before or "utf-8")
    reader = respool.Reader(encoding=before)
    reader.feed(b"*3\r\n+%s\r\n" % text)
    assert reader.gets() is False
    reader.set_encoding(after)
    reader.feed(b"+%s\r\n$?\r\n;1\r\n%s\r\n" % (text, text[:1]))
    assert reader.gets() is False
    reader.feed(b"%s;0\r\n" % (b";1\r\n%s\r\n" % text[1:] if text[1:] else b""))
    assert reader.gets() == ([text] * 3 if before is None else ["ö"] * 3)
    reader.feed(b"+a\r\n")
    assert reader.gets() == (b"a" if after is None else "a")


def test_one_reply_can_be_left_undecoded() -> None:
    reader = respool.Reader(encoding="utf-8")
    data = b"*2\r\n+a\r\n%1\r\n$1\r\nb\r\n=5\r\ntxt:c\r\n"
    reader.feed(data * 3 + b"*2\r\n+a\r\n")
    assert reader.gets(False) == [b"a", {b"b": b"c"}]
    assert reader.gets() == ["a", {"b": "c"}]
    assert reader.gets(decode=False) == [b"a", {b"b": b"c"}]
    assert reader.gets(False) is False
    reader.feed(b"+b\r\n")
    assert reader.gets(True) == [b"a", b"b"]


def test_what_stands_for_not_enough_data_is_the_callers() -> None:
    for nothing in (MISSING, None, "nothing"):
        reader = respool.Reader(notEnoughData=nothing)
        assert reader.gets() is nothing and reader.not_enough_data is nothing
        reader.feed(b"+OK\r")
        assert reader.gets() is nothing
        reader.feed(b"\n")
        assert reader.gets() == b"OK"
    assert respool.Reader().gets() is False


def test_a_reader_knows_what_it_holds() -> None:
    reader = respool.Reader(notEnoughData=MISSING)
    assert not reader.has_data() and reader.len() == 0
    reader.feed(b"+OK\r\n*1\r\n")
    assert reader.has_data() and reader.len() == 9
    reader.gets()
    assert reader.has_data() and reader.len() == 4
    assert reader.gets() is MISSING and reader.has_data()
    reader.feed(b"$50000\r\n" + b"a" * 1000)
    assert reader.gets() is MISSING and reader.has_data() and reader.len() == 1000
    reader.feed(b"a" * 49000)
    assert reader.len() == 50000
    reader.feed(b"\r\n:1")
    assert reader.len() == 50004
    assert reader.gets() == [b"a" * 50000] and reader.has_data() and reader.len() == 2


def test_the_size_of_the_kept_buffer_can_be_set() -> None:
    reader = respool.Reader()
    default = reader.getmaxbuf()
    for size in (0, 1, 100, 10**6):
        reader.setmaxbuf(size)
        assert reader.getmaxbuf() == size
        reader.feed(b"$0\r\n\r\n$1\r\na\r\n$40000\r\n%s\r\n" % (b"b" * 40000))
        assert [reader.gets() for _ in range(4)] == [b"", b"a", b"b" * 40000, False]
    reader.setmaxbuf(None)
    assert reader.getmaxbuf() == default
    with pytest.raises(ValueError):
        reader.setmaxbuf(-1)
    with pytest.raises(TypeError):
        reader.setmaxbuf("a")  # type: ignore[arg-type]


def test_a_push_is_told_from_a_reply() -> None:
    push, reply = values(b">1\r\n+a\r\n*1\r\n+a\r\n")
    assert type(push) is respool.PushNotification and isinstance(push, list) and type(reply) is list
    assert push == reply == [b"a"]


@pytest.mark.parametrize("base", [hiredis.Reader, respool.Reader])
def test_a_reader_can_be_subclassed_as_that_of_hiredis_can(base: Any) -> None:
    class Utf8Reader(base):
        def __init__(self) -> None:
            super().__init__(encoding="utf-8")

    reader = Utf8Reader()
    reader.feed(b"+a\r\n")
    assert reader.gets() == "a"
