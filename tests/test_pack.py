"""Commands become the bytes that redis-py and hiredis make of them."""

from __future__ import annotations

import array
import enum
import gc
import sys
from typing import Any, ClassVar

import hiredis
import pytest
import redis.connection
from hypothesis import given
from hypothesis import strategies as st
from redis._parsers import Encoder
from redis.connection import PythonRespSerializer
from redis.exceptions import DataError, RedisError

import respool
from conftest import traced
from fuzz_resp import outcome, values

MIB = 2**20


@pytest.fixture(autouse=True)
def nothing_left() -> None:
    """In place of the fixture of all tests, whose collection takes longer than a test: here nothing starts threads."""


# --- packing ---------------------------------------------------------------------------------------------------

class Color(enum.IntEnum):
    RED = 1


class Name(str, enum.Enum):
    KEY = "key"


class Text(str):
    __slots__ = ()


class Data(bytes):
    pass


class Count(int):
    pass


class Ratio(float):
    pass


texts = st.text(max_size=20) | st.sampled_from(["", " ", "a b", "\ud800", "ö" * 9000, "a" * 17000])
numbers = st.one_of(st.integers(), st.integers(-(2**70), 2**70), st.sampled_from(
    [0, 9, 10, -1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**4000, Color.RED, Count(5), Count(-(2**65))]))
arguments = st.one_of(
    texts,
    texts.map(Text),
    st.just(Name.KEY),
    st.binary(max_size=20),
    st.binary(max_size=20).map(Data),
    st.binary(max_size=20).map(bytearray),
    st.binary(max_size=20).map(lambda data: memoryview(data)),
    st.sampled_from([b"x" * 16384, b"x" * 16385, bytearray(20000), memoryview(bytes(50000)), b"\r\n"]),
    numbers,
    st.floats(),
    st.floats().map(Ratio),
)
names = st.sampled_from([
    "GET", "CONFIG GET", " CONFIG  GET\t\n", "größe", "a\x1cb", Text("A B"), Name.KEY,
    b"GET", b"CONFIG GET", b" A  B ", b"A\tB", Data(b"A B"),
])
codings = st.sampled_from([
    (encoding, errors)
    for encoding in ("utf-8", "UTF8", "latin-1", "ascii", "utf-16", "utf-16-le", "cp500")
    for errors in ("strict", "ignore", "replace", "backslashreplace", "surrogatepass")
    if errors != "surrogatepass" or encoding.lower().startswith("utf")
])


def connection(encoding: str = "utf-8", errors: str = "strict") -> respool.Connection:
    return respool.Connection(encoding=encoding, encoding_errors=errors)


def joined(chunks: list[Any]) -> bytes:
    return b"".join(chunks)


def packed_by_redis(*args: Any, encoding: str = "utf-8", errors: str = "strict") -> bytes:
    packer = PythonRespSerializer(6000, Encoder(encoding, errors, False).encode)
    # Before 8.0 redis-py refuses a bytearray.
    return joined(packer.pack(*(bytes(arg) if isinstance(arg, bytearray) else arg for arg in args)))


@given(names, st.lists(arguments, max_size=4), codings)
def test_commands_are_packed_as_redis_py_packs_them(name: Any, args: list[Any], coding: tuple[str, str]) -> None:
    packed = outcome(lambda: joined(connection(*coding).pack_command(name, *args)))
    assert packed == outcome(lambda: packed_by_redis(name, *args, encoding=coding[0], errors=coding[1]))


@given(st.lists(arguments.filter(
    lambda value: not isinstance(value, bytearray) and (not isinstance(value, int) or type(value) is int)), min_size=1))
def test_commands_are_packed_as_hiredis_packs_them(args: list[Any]) -> None:
    assert outcome(respool.pack_command, tuple(args)) == outcome(hiredis.pack_command, tuple(args))


@pytest.mark.parametrize(("value", "sent"), [
    ("", b""), ("key", b"key"), ("ö", b"\xc3\xb6"), ("日本", "日本".encode()), (b"", b""), (b"\x00\xff", b"\x00\xff"),
    (Text("a"), b"a"), (Name.KEY, b"key"), (Data(b"a"), b"a"), (bytearray(b"a"), b"a"), (memoryview(b"a"), b"a"),
    (memoryview(b"abcd")[::2], b"ac"), (memoryview(b"abcd")[::-1], b"dcba"), (memoryview(b"abcd").cast("H"), b"abcd"),
    (memoryview(b"abcd").cast("B", (2, 2)), b"abcd"),
    (memoryview(array.array("d", [1.0])), array.array("d", [1.0]).tobytes()),
    (memoryview(array.array("i")), b""),
    (memoryview(array.array("i", [1, 2, 3]))[::2], array.array("i", [1, 3]).tobytes()),
    (0, b"0"), (-7, b"-7"), (10, b"10"), (2**63 - 1, b"9223372036854775807"), (-(2**63), b"-9223372036854775808"),
    (2**63, b"9223372036854775808"), (-(10**30), b"-1" + b"0" * 30), (Count(5), b"5"), (Color.RED, b"<Color.RED: 1>"),
    (1.5, b"1.5"), (-0.0, b"-0.0"), (1e100, b"1e+100"), (float("inf"), b"inf"), (float("-inf"), b"-inf"),
    (float("nan"), b"nan"), (Ratio(2.5), b"2.5"), (0.1 + 0.2, b"0.30000000000000004"),
])
def test_each_type_is_sent_as_its_bytes(value: Any, sent: bytes) -> None:
    expected = b"*2\r\n$3\r\nSET\r\n$%d\r\n%s\r\n" % (len(sent), sent)
    assert joined(connection().pack_command("SET", value)) == expected
    assert respool.pack_command(("SET", value)) == expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp500"])
@pytest.mark.parametrize(("command", "packed"), [
    (("GET",), b"*1\r\n$3\r\nGET\r\n"),
    (("CONFIG GET",), b"*2\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n"),
    (("SET", 5, 1.5, 2**70), b"*4\r\n$3\r\nSET\r\n$1\r\n5\r\n$3\r\n1.5\r\n$22\r\n1180591620717411303424\r\n"),
])
def test_names_and_numbers_are_ascii_in_any_encoding(encoding: str, command: tuple[Any, ...], packed: bytes) -> None:
    assert joined(connection(encoding).pack_command(*command)) == packed


@pytest.mark.parametrize(("encoding", "errors", "sent"), [
    ("utf-8", "ignore", b"ab"), ("utf-8", "replace", b"a?b"), ("utf-8", "surrogatepass", b"a\xed\xa0\x80b"),
    ("latin-1", "backslashreplace", b"a\\ud800b"), ("ascii", "xmlcharrefreplace", b"a&#55296;b"),
])
def test_what_cannot_be_encoded_is_left_to_the_error_handler(encoding: str, errors: str, sent: bytes) -> None:
    assert joined(connection(encoding, errors).pack_command("SET", "a\ud800b"))[-len(sent) - 2:] == sent + b"\r\n"


def test_a_lone_surrogate_is_an_encode_error() -> None:
    mine = connection()
    for call in (lambda: mine.pack_command("SET", "\ud800"), lambda: mine.pack_command("\ud800"),
                 lambda: respool.pack_command(("SET", "\ud800"))):
        with pytest.raises(UnicodeEncodeError):
            call()
    assert joined(mine.pack_command("GET", "a")) == b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n"


class Secret:
    def __repr__(self) -> str:
        return "hunter2"

    __str__ = __repr__


@pytest.mark.parametrize("value", [
    True, None, ["hunter2"], {"hunter2": 1}, ("hunter2",), {"hunter2"}, Secret(), 1j, range(3)
])
def test_another_type_is_a_data_error_that_names_the_type_but_not_the_value(value: Any) -> None:
    mine = connection()
    for call in (lambda: mine.pack_command("AUTH", value), lambda: mine.pack_commands([("GET", "a"), ("AUTH", value)]),
                 lambda: respool.pack_command(("AUTH", value)), lambda: mine.pack_command(value)):
        with pytest.raises(DataError, match=f"'{type(value).__name__}'") as caught:
            call()
        assert "hunter2" not in str(caught.value)
    assert joined(mine.pack_command("GET", "a")) == b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n"


@pytest.mark.parametrize("name", ["", " ", "\t\r\n", b"", b"  ", 5, 1.5, None, bytearray(b"GET"), memoryview(b"GET")])
def test_a_name_without_a_word_or_of_another_type_is_a_data_error(name: Any) -> None:
    with pytest.raises(DataError, match="name of a command"):
        connection().pack_command(name, "a")


def test_a_command_without_a_name_is_a_data_error() -> None:
    for call in (connection().pack_command, lambda: connection().pack_commands([()]), lambda: respool.pack_command(())):
        with pytest.raises(DataError, match="name"):
            call()


def test_a_released_view_is_a_value_error() -> None:
    view = memoryview(b"abc")
    view.release()
    with pytest.raises(ValueError):
        respool.pack_command(("SET", view))


@given(st.lists(st.lists(arguments.filter(lambda value: value != "\ud800"), max_size=3), max_size=5))
def test_packed_commands_are_the_commands_one_after_another(commands: list[list[Any]]) -> None:
    mine = connection("utf-8", "replace")
    named = [["SET", *args] for args in commands]
    assert joined(mine.pack_commands(named)) == b"".join(joined(mine.pack_command(*command)) for command in named)
    assert joined(mine.pack_commands(tuple(command) for command in named)) == joined(mine.pack_commands(named))


@pytest.mark.parametrize("value", [
    b"a" * 16385, Data(b"a" * 20000), bytearray(b"a" * 20000), memoryview(b"a" * 20000),
    memoryview(array.array("i", range(9000))), "a" * 20000, "ö" * 20000, Text("a" * 20000),
], ids=lambda value: type(value).__name__)
def test_a_long_value_is_a_chunk_of_its_own(value: Any) -> None:
    mine = connection()
    chunks = mine.pack_command("SET", "key", value, 1)
    assert len(chunks) == 3
    assert all(isinstance(chunk, (bytes, bytearray, memoryview)) for chunk in chunks)
    sent = value.encode() if isinstance(value, str) else bytes(value)
    assert bytes(chunks[1]) == sent
    assert joined(chunks) == respool.pack_command(("SET", "key", value, 1)) == (
        b"*4\r\n$3\r\nSET\r\n$3\r\nkey\r\n$%d\r\n%s\r\n$1\r\n1\r\n" % (len(sent), sent))
    assert joined(mine.pack_commands([("SET", "key", value, 1)] * 2)) == joined(chunks) * 2


def test_a_long_value_is_not_copied() -> None:
    value = b"a" * MIB
    assert connection().pack_command("SET", "key", value)[1] is value
    writable = bytearray(MIB)
    for given_value in (writable, memoryview(writable), memoryview(writable).cast("H")):
        chunk = connection().pack_command("SET", "key", given_value)[1]
        writable[0] ^= 1
        assert memoryview(chunk).cast("B")[0] == writable[0]
    mine = connection()
    mine.pack_command("SET", "key", value)
    with traced() as peak:
        for given_value in (value, writable, memoryview(value)):
            mine.pack_command("SET", given_value, given_value)
        assert peak() < 100_000


def test_a_short_value_is_copied_and_free_again() -> None:
    mine = connection()
    value = bytearray(b"abc")
    chunks = mine.pack_command("SET", value, memoryview(value))
    value.clear()
    assert joined(chunks) == b"*3\r\n$3\r\nSET\r\n$3\r\nabc\r\n$3\r\nabc\r\n"
    assert [len(mine.pack_command("SET", bytes(size))) for size in (16384, 16385)] == [1, 3]


def test_a_packer_keeps_nothing_of_what_it_packed() -> None:
    value, kept = bytearray(20000), Data(b"x" * 20000)
    mine = connection()
    references = sys.getrefcount(kept)
    for _ in range(3):
        mine.pack_command("SET", value, kept)
        with pytest.raises(DataError):
            mine.pack_commands([("SET", value, kept), ("SET", value, kept, None)])
    value.clear()
    assert sys.getrefcount(kept) == references


def test_packing_leaves_nothing_behind() -> None:
    mine = connection()
    values_packed: list[Any] = [
        "key", "größe", b"a", bytearray(b"a"), memoryview(b"abcd")[::2], 5, -(2**70), 1.5, "x" * 17000, Text("a")]

    def work(times: int) -> None:
        for _ in range(times):
            mine.pack_command("CONFIG SET", *values_packed)
            respool.pack_command(tuple(values_packed))
            with pytest.raises(DataError):
                mine.pack_command("SET", "a" * 17000, None)

    work(100)
    references = [sys.getrefcount(value) for value in values_packed]
    gc.collect()
    blocks = sys.getallocatedblocks()
    work(20_000)
    gc.collect()
    assert sys.getallocatedblocks() - blocks < 1000
    # Some are shared with the rest of the process.
    assert all(sys.getrefcount(value) - before < 1000 for value, before in zip(values_packed, references, strict=True))


def test_a_packer_that_is_called_from_within_itself_packs_both() -> None:
    mine = connection()
    found = []

    class Nested(float):
        def __repr__(self) -> str:
            found.append(joined(mine.pack_command("GET", "inner" * 5000)))
            found.append(respool.pack_command(("GET", "inner")))
            return "1.5"

    outer = b"*4\r\n$3\r\nSET\r\n$3\r\nkey\r\n$3\r\n1.5\r\n$1\r\nx\r\n"
    assert joined(mine.pack_command("SET", "key", Nested(), "x")) == outer
    assert respool.pack_command(("SET", "key", Nested(), "x")) == outer
    assert found == [respool.pack_command(("GET", "inner" * 5000)), b"*2\r\n$3\r\nGET\r\n$5\r\ninner\r\n"] * 2


def test_an_encoder_of_the_users_own_encodes_every_value(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loud(Encoder):
        seen: ClassVar[list[Any]] = []

        def encode(self, value: Any) -> Any:
            self.seen.append(value)
            return super().encode(value.upper() if isinstance(value, (str, bytes)) else value)

    monkeypatch.setattr(redis.connection, "Encoder", Loud)
    mine = connection()
    command = ("config get", "a", b"b", memoryview(b"c"), 5, 1.5)
    assert joined(mine.pack_command(*command)) == joined(PythonRespSerializer(6000, mine.encoder.encode).pack(*command))
    with pytest.raises(DataError):
        mine.pack_command("GET", None)
    assert Loud.seen.count(b"b") == 2


@given(names.filter(lambda name: not isinstance(name, bytes)), st.lists(arguments, max_size=6))
def test_what_is_packed_can_be_read_back(name: str, args: list[Any]) -> None:
    try:
        packed = joined(connection().pack_command(name, *args))
    except UnicodeEncodeError:
        return
    reader = respool.Reader()
    reader.feed(packed)
    found = reader.gets()
    assert found[:-len(args) or None] == name.encode().split()
    for arg, sent in zip(reversed(args), reversed(found), strict=False):
        if isinstance(arg, str):
            assert sent == str.encode(arg)
        else:
            assert sent == (bytes(arg) if isinstance(arg, (bytes, bytearray, memoryview)) else repr(arg).encode())
    assert not reader.has_data()


def test_every_error_of_the_reader_is_one_of_redis_py() -> None:
    with pytest.raises(RedisError):
        values(b"x")
    assert isinstance(values(b"-ERR\r\n")[0], RedisError)
