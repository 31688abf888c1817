"""The RESP reader by itself: the same as redis-py's and hiredis', and unharmed by whatever comes."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import hiredis
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from redis._parsers import Encoder, _RESP2Parser, _RESP3Parser
from redis.exceptions import BusyLoadingError, InvalidResponse, NoScriptError, ResponseError

import respool
from fuzz_resp import (
    ENCODINGS,
    FRAGMENTS,
    MISSING,
    SIZES,
    fuzz,
    mutated,
    outcome,
    outcomes,
    pieces,
    reader_of,
    shape,
    values,
)
from respool._resp import MAX_DEPTH, MAX_ELEMENTS, MAX_LINE, MAX_STRING

MIB = 2**20
NOT_UTF8 = b"\xff\xfe"
ERRORS = [
    "ERR unknown command", "ERR", "", "ERR max number of clients reached", "LOADING Redis is loading", "NOSCRIPT none",
    "MOVED 3999 127.0.0.1:6381", "WRONGPASS invalid", "EXECABORT discarded", "nothing in capitals", "ERR Größe",
]


@pytest.fixture(autouse=True)
def nothing_left() -> None:
    """In place of the fixture of all tests, whose collection takes longer than a test: here nothing starts threads."""


# --- replies ---------------------------------------------------------------------------------------------------

Tree = tuple[str, Any]      # the type byte, and the bytes of a line, the string, or the elements, of a map keys between


def wire(tree: Tree, source: random.Random | None = None) -> bytes:
    """A reply as a server sends it. With a source of chance, strings and aggregates are streamed here and there."""
    kind: str = tree[0]
    content: Any = tree[1]
    header = kind.encode()
    if kind == "null":
        return bytes(content)
    if kind in "+-:(,_#":
        return b"%s%s\r\n" % (header, content)
    if isinstance(content, bytes):
        if kind == "$" and source is not None and source.random() < 0.5:
            chunks = list(pieces(content, [source.randrange(1, 9) for _ in range(3)]))
            return b"$?\r\n" + b"".join(b";%d\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b";0\r\n"
        return b"%s%d\r\n%s\r\n" % (header, len(content), content)
    body = b"".join(attribute(source) + wire(element, source) for element in content)
    if source is not None and kind != ">" and source.random() < 0.5:
        return header + b"?\r\n" + body + b".\r\n"
    return b"%s%d\r\n%s" % (header, len(content) // (2 if kind == "%" else 1), body)


def attribute(source: random.Random | None) -> bytes:
    if source is None or source.random() < 0.8:
        return b""
    return source.choice([
        b"|0\r\n", b"|1\r\n+ttl\r\n:3600\r\n", b"|2\r\n+a\r\n*2\r\n:1\r\n%0\r\n$3\r\nkey\r\n~?\r\n.\r\n",
        b"|1\r\n|1\r\n+in\r\n+key\r\n+a\r\n|1\r\n+in\r\n+value\r\n+b\r\n",
    ])


lines = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=20).map(str.encode)
strings = st.one_of(
    st.binary(max_size=30), st.text(max_size=15).map(str.encode), st.sampled_from([b"", b"\r\n", b"$3\r\n", b"x" * 300])
)
integers = st.integers(-(2**63), 2**63 - 1).map(lambda number: (":", b"%d" % number))
nulls = st.just(("_", b""))
doubles = st.one_of(
    st.floats().map(lambda number: (",", repr(number).encode())),
    st.sampled_from([b"10", b"-0", b"inf", b"-inf", b"nan", b"1.5e-7", b"1e308"]).map(lambda text: (",", text)),
)
plain = st.one_of(
    lines.map(lambda line: ("+", line)),
    integers,
    doubles,
    st.sampled_from([("#", b"t"), ("#", b"f")]),
    strings.map(lambda string: ("$", string)),
    strings.map(lambda string: ("=", b"txt:" + string)),
)
errors = st.sampled_from(ERRORS).map(str.encode) | lines
big_numbers = st.integers(-(10**40), 10**40).map(lambda number: ("(", b"%d" % number))
scalars = st.one_of(
    plain,
    nulls,
    big_numbers,
    st.just((",", b"1E400")),
    errors.map(lambda text: ("-", text)),
    errors.map(lambda text: ("!", text)),
    st.binary(max_size=10).map(lambda text: ("!", text)),
)


def aggregates(elements: st.SearchStrategy[Tree], keys: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    pairs = st.lists(st.tuples(keys, elements), max_size=4).map(lambda found: list(itertools.chain(*found)))
    return st.one_of(
        st.lists(elements, max_size=5).map(lambda found: ("*", found)),
        st.lists(elements, max_size=5).map(lambda found: ("~", found)),
        pairs.map(lambda found: ("%", found)),
    )


trees = st.recursive(scalars, lambda inner: aggregates(inner, st.one_of(scalars, scalars, inner)), max_leaves=12)
kinds = st.sampled_from(["message", "pmessage", "subscribe"]).map(lambda kind: ("$", kind.encode()))
pushes = st.tuples(kinds, st.lists(trees, max_size=3)).map(lambda parts: (">", [parts[0], *parts[1]]))
replies = st.lists(trees | pushes, min_size=1, max_size=4)
# What hiredis knows, and has right: it cannot read big numbers, blob errors and doubles beyond the range of a float,
# and miscounts equal keys of a map.
simple = st.one_of(plain, nulls, errors.map(lambda text: ("-", text)))
hiredis_trees = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5).map(lambda found: ("*", found)),
        st.lists(inner, max_size=5).map(lambda found: ("~", found)),
        st.lists(inner, max_size=4).map(
            lambda found: ("%", list(itertools.chain(*((("$", b"%d" % key), one) for key, one in enumerate(found)))))
        ),
    ),
    max_leaves=10,
).filter(lambda tree: len(wire(tree)) < 4000)
hiredis_pushes = st.lists(hiredis_trees, max_size=3).map(lambda found: (">", [("$", b"message"), *found]))
scalars2 = st.one_of(
    lines.map(lambda line: ("+", line)),
    errors.map(lambda text: ("-", text)),
    integers,
    strings.map(lambda string: ("$", string)),
    st.sampled_from([("null", b"$-1\r\n"), ("null", b"*-1\r\n")]),
)
trees2 = st.recursive(
    scalars2, lambda inner: st.lists(inner, max_size=6).map(lambda found: ("*", found)), max_leaves=15)
splits = st.sampled_from(SIZES) | st.lists(st.integers(1, 60), min_size=1, max_size=8)
encodings = st.sampled_from(ENCODINGS)


# --- those that read them --------------------------------------------------------------------------------------

class Chunks:
    """A socket on which these pieces arrive."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = list(chunks)

    def recv(self, size: int) -> bytes:
        assert self.chunks, "more was asked for than there is"
        chunk = self.chunks.pop(0)
        if len(chunk) > size:
            self.chunks.insert(0, chunk[size:])
        return chunk[:size]

    def gettimeout(self) -> None:
        return None

    def settimeout(self, timeout: float | None) -> None:
        assert timeout is None


def connected(parser: Any, data: bytes, sizes: list[int], encoding: str | None, errors: str | None) -> Any:
    """The parser, on a connection on which data arrives in pieces."""
    encoder = Encoder(encoding or "utf-8", errors or "strict", encoding is not None)
    parser.on_connect(SimpleNamespace(_sock=Chunks(pieces(data, sizes)), encoder=encoder, socket_timeout=None))
    return parser


class Resp3(_RESP3Parser):
    """redis-py's, with the public reader's error replies."""

    parse_error = staticmethod(ResponseError)


class Resp2(_RESP2Parser):
    parse_error = staticmethod(ResponseError)


def with_redis(
    kind: Any, data: list[bytes], encoding: str | None, errors: str | None, decode: bool = True
) -> list[Any]:
    """What redis-py's parser makes of replies, each with a new one: an error leaves it in the middle."""
    options: dict[str, Any] = {"push_request": True} if issubclass(kind, _RESP3Parser) else {}
    return [
        outcome(lambda parser: parser.read_response(disable_decoding=not decode, **options), connected(
            kind(65536), reply, [2**30], encoding, errors))
        for reply in data
    ]


def without_pushes(found: list[Any]) -> list[Any]:
    """Outcomes in which a push is a list, as in redis-py."""
    return [("value", ("list", one[1][1])) if one[0] == "value" and one[1][0] == "push" else one for one in found]


def all_of(data: bytes, sizes: list[int], encoding: str | None = None, errors: str | None = None) -> list[Any]:
    """What the public reader makes of whole replies, in pieces."""
    found = outcomes(reader_of(encoding, errors), data, sizes)
    assert found.pop() is False, "a reply is not complete"
    return found


# --- the same as the others ------------------------------------------------------------------------------------

@given(replies, splits, encodings, st.booleans())
@example([("%", [("*", []), ("+", b"a")]), ("+", b"next")], [1], (None, None), True)
@example([("*", [("$", NOT_UTF8), ("$", b"\xc3")]), ("+", b"next")], [1], ("utf-8", "strict"), True)
def test_resp3_is_read_as_redis_py_reads_it(
    found: list[Tree], sizes: list[int], coding: tuple[str | None, str | None], decode: bool
) -> None:
    data = [wire(tree) for tree in found]
    reader = reader_of(*coding)
    ours = outcomes(reader, b"".join(data), sizes, decode)
    assert without_pushes(ours[:-1]) == with_redis(Resp3, data, *coding, decode)
    assert ours[-1] is False


@given(st.lists(trees2, min_size=1, max_size=4), splits, encodings, st.booleans())
def test_resp2_is_read_as_redis_py_reads_it(
    found: list[Tree], sizes: list[int], coding: tuple[str | None, str | None], decode: bool
) -> None:
    data = [wire(tree) for tree in found]
    ours = outcomes(reader_of(*coding), b"".join(data), sizes, decode)
    assert ours == [*with_redis(Resp2, data, *coding, decode), False]


@given(st.lists(hiredis_trees | hiredis_pushes, min_size=1, max_size=4), splits, encodings, st.booleans())
def test_replies_are_read_as_hiredis_reads_them(
    found: list[Tree], sizes: list[int], coding: tuple[str | None, str | None], decode: bool
) -> None:
    data = b"".join(map(wire, found))
    options = {} if coding[0] is None else {"encoding": coding[0], "errors": coding[1]}
    theirs = hiredis.Reader(InvalidResponse, ResponseError, notEnoughData=MISSING, **options)
    theirs.feed(data)
    expected = [outcome(theirs.gets, decode) for _ in found]
    assert outcomes(reader_of(*coding), data, sizes, decode) == [*expected, False]


@given(replies, splits, encodings, st.booleans())
@example([("*", [("-", b"LOADING a"), ("-", b"MASTERDOWN b")])], [1], (None, None), True)
@example([("%", [("%", []), ("-", b"LOADING a")])], [1], (None, None), True)
def test_the_parser_makes_of_each_reply_and_error_what_redis_py_makes_of_it(
    found: list[Tree], sizes: list[int], coding: tuple[str | None, str | None], decode: bool
) -> None:
    data = [wire(tree) for tree in found]
    parser = connected(respool.Parser(4096), b"".join(data), sizes, *coding)
    ours = [outcome(lambda: parser.read_response(disable_decoding=not decode, push_request=True)) for _ in data]
    assert ours == with_redis(_RESP3Parser, data, *coding, decode)


@pytest.mark.parametrize(("reply", "kind", "text"), [
    (b"-NOSCRIPT none\r\n", NoScriptError, "none"),
    (b"-ERR wrong\r\n", ResponseError, "wrong"),
    (b"!8\r\nwhatever\r\n", ResponseError, "whatever"),
    (b"-\xff\r\n", ResponseError, "\ufffd"),
])
def test_an_error_reply_is_a_value_of_the_parser(reply: bytes, kind: type[Exception], text: str) -> None:
    value = connected(respool.Parser(4096), reply, [1], None, None).read_response()
    assert type(value) is kind and str(value) == text


def test_an_error_that_ends_a_connection_is_raised_after_the_whole_reply() -> None:
    parser = connected(respool.Parser(4096), b"*2\r\n-LOADING a\r\n+b\r\n+next\r\n", [3], None, None)
    with pytest.raises(BusyLoadingError, match="a"):
        parser.read_response()
    assert parser.read_response() == b"next"


@pytest.mark.parametrize(("data", "value"), [
    (b"+OK\r\n", b"OK"),
    (b"+a\nb\rc\r\n", b"a\nb\rc"),
    (b"+\r\r\n", b"\r"),
    (b"$-1\r\n", None),
    (b"*-1\r\n", None),
    (b"_\r\n", None),
    (b"$0\r\n\r\n", b""),
    (b"$2\r\n\r\n\r\n", b"\r\n"),
    (b":-0\r\n", 0),
    (b":+7\r\n", 7),
    (b":007\r\n", 7),
    (b":999999999999999999\r\n", 10**18 - 1),
    (b":-999999999999999999\r\n", 1 - 10**18),
    (b":1000000000000000000\r\n", 10**18),
    (b":-9223372036854775808\r\n", -(2**63)),
    (b":9999999999999999999\r\n", 10**19 - 1),
    (b":-9999999999999999999\r\n", 1 - 10**19),
    (b":99999999999999999999\r\n", 10**20 - 1),
    (b"(-3492890328409238509324850943850943825024385\r\n", -3492890328409238509324850943850943825024385),
    (b"#t\r\n", True),
    (b"#f\r\n", False),
    (b",-0\r\n", -0.0),
    (b",inf\r\n", float("inf")),
    (b",-inf\r\n", float("-inf")),
    (b",nan\r\n", float("nan")),
    (b",1e3\r\n", 1000.0),
    (b",1E400\r\n", float("inf")),
    (b"=4\r\ntxt:\r\n", b""),
    (b"=8\r\nmkd:# \r\n\r\n", b"# \r\n"),
    (b"*0\r\n", []),
    (b"%0\r\n", {}),
    (b"~0\r\n", []),
    (b"~2\r\n%0\r\n%0\r\n", [{}, {}]),
    (b"%2\r\n:1\r\n+a\r\n#t\r\n+b\r\n", {1: b"b"}),
    (b"%1\r\n_\r\n*-1\r\n", {None: None}),
    (b">1\r\n+a\r\n", respool.PushNotification([b"a"])),
])
@pytest.mark.parametrize("sizes", [[1], [2**30]])
def test_each_type_has_its_value(data: bytes, value: Any, sizes: list[int]) -> None:
    assert all_of(data * 3, sizes) == [("value", shape(value))] * 3


@given(trees | trees2, st.randoms(use_true_random=False))
@example(("$", b"a"), random.Random(1))  # noqa: S311
@example(("$", b"a" * 40000), random.Random(1))  # noqa: S311
def test_no_reply_is_complete_before_its_last_byte(tree: Tree, source: random.Random) -> None:
    data = wire(tree, source)
    reader = reader_of(None, None)
    reader.feed(data)
    first = outcome(reader.gets)
    for missing in range(min(len(data), 5), 0, -1):
        # What is left of the one before must not be taken for what is missing.
        reader.feed(data[:-missing])
        assert outcome(reader.gets) == "missing"
        reader.feed(data[-missing:])
        assert outcome(reader.gets) == first
        assert not reader.has_data()


def test_an_integer_that_python_does_not_convert_is_an_error_and_the_next_reply_is_read() -> None:
    assert [one[:2] for one in all_of(b"(" + b"1" * 5000 + b"\r\n:7\r\n", [1000])] == [
        ("raised", ValueError), ("value", shape(7))]


# --- what redis-py does not know -------------------------------------------------------------------------------

@given(replies, st.randoms(use_true_random=False), splits, encodings)
def test_streamed_replies_and_those_with_attributes_are_like_the_plain_ones(
    found: list[Tree], source: random.Random, sizes: list[int], coding: tuple[str | None, str | None]
) -> None:
    streamed = b"".join(attribute(source) + wire(tree, source) for tree in found)
    assert all_of(streamed, sizes, *coding) == all_of(b"".join(map(wire, found)), [2**30], *coding)


@pytest.mark.parametrize(("data", "value"), [
    (b"$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;1\r\nd\r\n;0\r\n", "Hello word"),
    (b"$?\r\n;0\r\n", ""),
    (b"$?\r\n;1\r\n\xc3\r\n;1\r\n\xb6\r\n;0\r\n", "ö"),
    (b"*?\r\n:1\r\n:2\r\n.\r\n", [1, 2]),
    (b"*?\r\n.\r\n", []),
    (b"%?\r\n+a\r\n:1\r\n.\r\n", {"a": 1}),
    (b"%?\r\n.\r\n", {}),
    (b"~?\r\n+a\r\n+a\r\n.\r\n", ["a", "a"]),
    (b"*2\r\n*?\r\n*?\r\n.\r\n.\r\n$?\r\n;1\r\na\r\n;0\r\n", [[[]], "a"]),
    (b"%?\r\n$?\r\n;1\r\nk\r\n;0\r\n*?\r\n.\r\n.\r\n", {"k": []}),
    (b">2\r\n+message\r\n*?\r\n.\r\n", respool.PushNotification(["message", []])),
    (b"|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n|0\r\n:2\r\n", [1, 2]),
    (b"|1\r\n+a\r\n+b\r\n>1\r\n+push\r\n", respool.PushNotification(["push"])),
    (b"%1\r\n|1\r\n+a\r\n+b\r\n+k\r\n|1\r\n+a\r\n+b\r\n+v\r\n", {"k": "v"}),
    (b"*?\r\n|1\r\n+a\r\n+b\r\n:1\r\n.\r\n", [1]),
])
@pytest.mark.parametrize("sizes", [[1], [2], [2**30]])
def test_streams_and_attributes_have_their_values(data: bytes, value: Any, sizes: list[int]) -> None:
    assert all_of(data * 2, sizes, "utf-8") == [("value", shape(value))] * 2


@pytest.mark.parametrize("content", [b"+\xff\r\n+a\r\n", b"*0\r\n+a\r\n", b"+a\r\n-ERR\r\n"])
def test_what_cannot_be_made_of_an_attribute_does_not_harm_the_reply(content: bytes) -> None:
    def refuse(text: str) -> None:
        raise RuntimeError(text)

    assert values(b"|1\r\n" + content + b"+OK\r\n", encoding="utf-8", replyError=refuse) == ["OK"]


# --- what is no RESP -------------------------------------------------------------------------------------------

MALFORMED = [
    b"x", b"\x00", b"\xff", b" ", b"\r\n", b"\n", b"OK\r\n", b"0\r\n", b"+OK\r\n\r\n",
    b"$\r\n", b"$a\r\n", b"$-2\r\n", b"$-0\r\n", b"$+1\r\n", b"$ 1\r\n", b"$1 \r\n", b"$1a\r\n", b"$-1x\r\n",
    b"$--1\r\n",
    b"$3\r\nabcd\r\n", b"$3\r\nabc\n\n", b"$3\r\nabc\r\r", b"$3\r\nabcx\n", b"$0\r\nab", b"$1\r\n\r\n\r\n",
    b"$?1\r\n", b"$99999999999999999999\r\n", b"$1\n\r\n",
    b"*\r\n", b"*a\r\n", b"*-2\r\n", b"*1.5\r\n", b"*+1\r\n", b"*?1\r\n", b"*-1?\r\n", b"*99999999999999999999\r\n",
    b"%-1\r\n", b"~-1\r\n", b">-1\r\n", b"|-1\r\n", b"!-1\r\n", b"=-1\r\n", b">0\r\n", b">?\r\n", b"|?\r\n", b"=?\r\n",
    b"!?\r\n", b"*1\r\n>1\r\n", b"%1\r\n>1\r\n", b"|1\r\n>1\r\n", b">1\r\n>1\r\n",
    b"=3\r\nabc\r\n", b"=0\r\n\r\n", b"=5\r\nabcde\r\n", b"=4\r\ntx:a\r\n",
    b"_x\r\n", b"#\r\n", b"#x\r\n", b"#tt\r\n", b"#T\r\n",
    b",\r\n", b",abc\r\n", b", 1\r\n", b",1 \r\n", b",1_0\r\n", b",1,5\r\n", b",0x1\r\n", b",1\x00\r\n",
    b",\xd9\xa1\r\n",
    b"(\r\n", b"(-\r\n", b"(+\r\n", b"(1.5\r\n", b"(1_0\r\n", b"(0x1\r\n", b"( 1\r\n", b"(1 \r\n",
    b"(" + b"1" * 30 + b"a\r\n",
    b":\r\n", b":-\r\n", b":+-1\r\n", b": 1\r\n", b":1 \r\n", b":1a\r\n", b":1.0\r\n", b":\xd9\xa1\r\n", b":1\n\r\n",
    b":" + b"1" * 20 + b"x\r\n",
    b".\r\n", b"*1\r\n.\r\n", b"*?\r\n.x\r\n", b"%?\r\n+a\r\n.\r\n", b"*?\r\n*1\r\n.\r\n",
    b";1\r\na\r\n", b";0\r\n", b"*1\r\n;0\r\n", b"*?\r\n;0\r\n",
    b"$?\r\n+a\r\n", b"$?\r\n$1\r\na\r\n", b"$?\r\n:1\r\n", b"$?\r\n.\r\n", b"$?\r\n|0\r\n", b"$?\r\n;-1\r\n",
    b"$?\r\n;?\r\n",
    b"$?\r\n;1\r\nab\r\n", b"$?\r\n;\r\n", b"$40000\r\n" + b"x" * 40000 + b"\n\r",
    b"$40000\r\n" + b"x" * 40001 + b"\r\n",
    b"=40000\r\n" + b"x" * 40000 + b"\r\n", b"$?\r\n;40000\r\n" + b"x" * 40000 + b"\r\r",
]


@pytest.mark.parametrize("sizes", [[1], [2**30]], ids=["bytewise", "whole"])
@pytest.mark.parametrize("before", [b"", b":1\r\n", b"*2\r\n:1\r\n"], ids=["first", "later", "within"])
@pytest.mark.parametrize("data", MALFORMED, ids=lambda data: repr(data[:24]))
def test_what_is_no_resp_is_a_protocol_error_that_stays(data: bytes, before: bytes, sizes: list[int]) -> None:
    reader = respool.Reader(notEnoughData=MISSING)
    messages: list[str] = []
    for piece in [*pieces(before + data, sizes), b"+OK\r\n", b"+OK\r\n"]:
        reader.feed(piece)
        try:
            while reader.gets() is not MISSING:
                assert not messages
        except InvalidResponse as error:
            messages.append(str(error))
    assert len(messages) >= 3
    assert set(messages) == {messages[0]} and messages[0].startswith("Protocol Error: ")


@pytest.mark.parametrize(("data", "limit"), [
    (b"*1\r\n" * (MAX_DEPTH + 1), "MAX_DEPTH"),
    (b"*?\r\n" * (MAX_DEPTH + 1), "MAX_DEPTH"),
    (b"%1\r\n+a\r\n" * (MAX_DEPTH + 1), "MAX_DEPTH"),
    (b"|1\r\n" * (MAX_DEPTH + 1), "MAX_DEPTH"),
    (b"*1\r\n" * MAX_DEPTH + b"*0\r\n", "MAX_DEPTH"),
    (b"*1\r\n" * MAX_DEPTH + b"$?\r\n", "MAX_DEPTH"),
    (b"+" + b"a" * (MAX_LINE + 1), "MAX_LINE"),
    (b"+" + b"a" * (MAX_LINE + 1) + b"\r\n", "MAX_LINE"),
    (b"-" + b"\r" * (MAX_LINE + 1), "MAX_LINE"),
    (b"(" + b"1" * (MAX_LINE + 1), "MAX_LINE"),
    (b"$" + b"1" * (MAX_LINE + 1), "MAX_LINE"),
    (b"$%d\r\n" % (MAX_STRING + 1), "MAX_STRING"),
    (b"!%d\r\n" % (MAX_STRING + 1), "MAX_STRING"),
    (b"=%d\r\n" % (MAX_STRING + 1), "MAX_STRING"),
    (b"$?\r\n;%d\r\n" % (MAX_STRING + 1), "MAX_STRING"),
    (b"*%d\r\n" % (MAX_ELEMENTS + 1), "MAX_ELEMENTS"),
    (b"~%d\r\n" % (MAX_ELEMENTS + 1), "MAX_ELEMENTS"),
    (b"%%%d\r\n" % (MAX_ELEMENTS + 1), "MAX_ELEMENTS"),
    (b">%d\r\n" % (MAX_ELEMENTS + 1), "MAX_ELEMENTS"),
    (b"|%d\r\n" % (MAX_ELEMENTS + 1), "MAX_ELEMENTS"),
], ids=lambda part: repr(part[:16]))
@pytest.mark.parametrize("sizes", [[4000], [2**30]], ids=["pieces", "whole"])
def test_what_is_beyond_a_limit_is_a_protocol_error_that_names_it(data: bytes, limit: str, sizes: list[int]) -> None:
    with pytest.raises(InvalidResponse, match=limit):
        values(data, sizes)


def test_what_is_within_the_limits_is_read() -> None:
    [nested] = values(b"*1\r\n" * (MAX_DEPTH - 1) + b"*?\r\n:1\r\n.\r\n")
    for _ in range(MAX_DEPTH):
        [nested] = nested
    assert nested == 1
    line = b"a" * (MAX_LINE - 1)
    assert values(b"+" + line + b"\r\n", [5000]) == [line]
    for header in (b"$%d\r\n" % MAX_STRING, b"*%d\r\n" % MAX_ELEMENTS, b"%%%d\r\n" % MAX_ELEMENTS):
        assert outcomes(reader_of(None, None), header, [1]) == [True]


tokens = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=3), max_size=30).map(b"".join)


@settings(max_examples=250)
@given(st.binary(max_size=40) | tokens, splits, encodings)
def test_any_bytes_come_to_the_same_however_they_are_cut(
    data: bytes, sizes: list[int], coding: tuple[str | None, str | None]
) -> None:
    assert outcomes(reader_of(*coding), data, sizes) == outcomes(reader_of(*coding), data, [1])


@settings(max_examples=200)
@given(replies, st.randoms(use_true_random=False), splits, encodings)
def test_damaged_replies_come_to_the_same_however_they_are_cut(
    found: list[Tree], source: random.Random, sizes: list[int], coding: tuple[str | None, str | None]
) -> None:
    data = mutated(source, b"".join(wire(tree, source) for tree in found))
    assert outcomes(reader_of(*coding), data, sizes) == outcomes(reader_of(*coding), data, [1])


def test_the_fuzzer_finds_nothing() -> None:
    counts = fuzz(3, seed=1)
    assert min(vars(counts).values()) > 0
