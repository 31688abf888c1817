"""What a task leaves unread or undone on a connection, the next one never notices; nor do two at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
import redis
import redis.asyncio
from redis._parsers import _AsyncHiredisParser, _AsyncRESP2Parser, _AsyncRESP3Parser

import respool
import respool.asyncio as aio
from conftest import assert_sound
from loops import on_each_loop
from scripted import ScriptedServer, willing
from servers import RedisServer
from sessions import Token, lasting_of
from stubs import AsyncDummy
from tasks import NO_RETRY, answer, ask, assert_usable, slots
from test_ledger import ENDED, NOT_ENDED
from test_sessions import CHANGES
from versions import needs_asyncio_maintenance

pytestmark = on_each_loop


# --- what a connection must not bring back ---------------------------------------------------------------------

Use = Callable[[Any], Awaitable[Any]]


async def is_kept(pool: Any, use: Use) -> bool:
    """Whether the next caller finds the same session after this use; that he finds it as new is asserted."""

    async def state(connection: Any) -> tuple[int, dict[str, str]]:
        return await ask(connection, "CLIENT ID"), lasting_of(await ask(connection, "CLIENT INFO"))

    connection = await pool.get_connection()
    before, before_state = await state(connection)
    await use(connection)
    await pool.release(connection)
    assert await pool.get_connection() is connection
    after, after_state = await state(connection)
    assert after_state == before_state
    for number in range(3):
        assert await ask(connection, "ECHO", f"{after} {number}") == f"{after} {number}".encode()
    await pool.release(connection)
    assert_sound(pool, created=1, idle=1)
    return before == after


def one_by_one(*commands: tuple[Any, ...]) -> Use:
    async def use(connection: Any) -> None:
        for command in commands:
            await connection.send_command(*command)
            await answer(connection)

    return use


def at_a_time(*commands: tuple[Any, ...]) -> Use:
    async def use(connection: Any) -> None:
        await connection.send_packed_command(connection.pack_commands(commands))
        for _ in commands:
            await answer(connection)

    return use


def unread(*commands: tuple[Any, ...], reading: int = 0) -> Use:
    """Send these, and read only so many of their replies."""

    async def use(connection: Any) -> None:
        await connection.send_packed_command(connection.pack_commands(commands))
        for _ in range(reading):
            await answer(connection)

    return use


@pytest.fixture(params=["respool", "redis-py", "hiredis"])
def reads(request: pytest.FixtureRequest, either_protocol: int) -> dict[str, Any]:
    """Options of connections whose replies are parsed by respool, or by one of redis-py's parsers from a stream."""
    options: dict[str, Any] = {"protocol": either_protocol}
    if request.param == "hiredis":
        options["parser_class"] = _AsyncHiredisParser
    elif request.param == "redis-py":
        options["parser_class"] = _AsyncRESP2Parser if either_protocol == 2 else _AsyncRESP3Parser
    return options


@pytest.mark.parametrize("how", [one_by_one, at_a_time])
async def test_what_has_ended_costs_no_connection(
    server: RedisServer, reads: dict[str, Any], how: Callable[..., Use]
) -> None:
    async with slots(server, **reads) as pool:
        await one_by_one(("SET", "text", "text"))(connection := await pool.get_connection())
        await pool.release(connection)
        for commands in ENDED:
            assert await is_kept(pool, how(*commands)), commands


@pytest.mark.parametrize("how", [one_by_one, at_a_time])
async def test_an_open_transaction_or_watch_is_not_inherited(
    server: RedisServer, reads: dict[str, Any], how: Callable[..., Use]
) -> None:
    async with slots(server, **reads) as pool:
        for commands in NOT_ENDED:
            assert not await is_kept(pool, how(*commands)), commands


async def test_a_change_of_the_session_is_not_inherited(server: RedisServer, reads: dict[str, Any]) -> None:
    async with slots(server, **reads) as pool:
        for change in CHANGES:
            assert not await is_kept(pool, unread(change)), change


@pytest.mark.parametrize("use", [
    unread(("ECHO", "unread")),
    unread(("ECHO", "read"), ("ECHO", "unread"), reading=1),
    unread(("LPUSH", "text", "error")),
    unread(("DEBUG", "SLEEP", "0.02")),
    unread(("BLPOP", "nothing", "0.02")),
    unread(("ECHO", b"x" * 300_000)),
    unread(("EVAL", "return string.rep('x', 8 * 1024 * 1024)", 0)),
    lambda connection: connection.send_packed_command(b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n"),
    lambda connection: connection.send_packed_command(b"*2\r\n$4\r\nECHO\r\n$9\r\nhalf"),
    lambda connection: connection.send_packed_command([b"PING\r\n"]),
], ids=["unread", "rest of a pipeline", "error", "late", "blocked", "large", "huge", "packed", "half", "inline"])
async def test_a_reply_under_way_never_reaches_the_next_caller(
    server: RedisServer, reads: dict[str, Any], use: Use
) -> None:
    async with slots(server, **reads) as pool:
        await one_by_one(("SET", "text", "text"))(connection := await pool.get_connection())
        await pool.release(connection)
        assert not await is_kept(pool, use)


async def test_a_reply_that_has_arrived_unread_never_reaches_the_next_caller(
    server: RedisServer, reads: dict[str, Any]
) -> None:
    async with slots(server, **reads) as pool:
        async with redis.asyncio.Redis(**server.address) as other:

            async def use(connection: Any) -> None:
                await connection.send_command("ECHO", "unread")
                await other.ping()  # so that the loop has received it
                await other.ping()

            assert not await is_kept(pool, use)


async def test_a_read_that_timed_out_leaves_its_reply_to_nobody(server: RedisServer, reads: dict[str, Any]) -> None:
    async def use(connection: Any) -> None:
        await connection.send_command("BLPOP", "nothing", "0.05")
        assert await connection.read_response(timeout=0.001) is None

    async with slots(server, **reads) as pool:
        assert not await is_kept(pool, use)


async def test_nobody_reads_a_reply_after_giving_the_connection_back(server: RedisServer) -> None:
    async with slots(server) as pool:
        connection = await pool.get_connection()
        await connection.send_command("ECHO", "unread")
        await pool.release(connection)
        with pytest.raises(redis.ConnectionError):
            await connection.read_response()
        await assert_usable(pool)


async def test_a_pubsub_client_leaves_a_slot_as_good_as_new(server: RedisServer, reads: dict[str, Any]) -> None:
    async with slots(server, **reads) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        for _ in range(3):
            async with client.pubsub() as subscriber:
                await subscriber.subscribe("news")
                assert (await subscriber.get_message(timeout=20))["type"] == "subscribe"
            assert await client.echo("mine") == b"mine"
        assert_sound(pool, created=1, idle=1)


async def test_authenticating_anew_costs_no_connection(server: RedisServer, reads: dict[str, Any]) -> None:
    async with slots(server, **reads) as pool:

        async def use(connection: Any) -> None:
            connection.set_re_auth_token(Token("default", "any"))
            await connection.re_auth()

        assert await is_kept(pool, use)


async def test_connections_of_a_class_of_ones_own_are_looked_at_too(server: RedisServer, reads: dict[str, Any]) -> None:
    class Own(aio.Connection):
        async def connect(self) -> None:
            await super().connect()

    async with slots(server, connection_class=Own, **reads) as pool:
        assert await is_kept(pool, one_by_one(("ECHO", "read")))
        assert not await is_kept(pool, unread(("ECHO", "unread")))


@pytest.mark.parametrize("turns", [0, 5], ids=["in the socket", "in the reader"])
async def test_a_stray_reply_is_nobodys_and_a_push_costs_no_connection(turns: int) -> None:
    push = b">2\r\n+message\r\n+news\r\n"
    with ScriptedServer() as scripted:
        async with aio.ConnectionPool(**scripted.address, max_connections=1, protocol=3, **NO_RETRY) as pool:
            client = redis.asyncio.Redis(connection_pool=pool)
            for sent, sessions in [(push, 1), (push + push, 1), (b"+STRAY\r\n", 2), (push, 2), (b"$5\r\nSTR", 3)]:
                assert await client.echo("before") == b"before"
                scripted.push(sent)
                for _ in range(turns):
                    await asyncio.sleep(0)
                assert await client.echo("mine") == b"mine"
                assert len(scripted.batches) == sessions, sent


@needs_asyncio_maintenance
@pytest.mark.parametrize(
    ("unread", "kept"), [(bytearray(b">1"), True), (bytearray(b"+1"), False), (bytearray(), True), (object(), True)],
    ids=["push", "reply", "nothing yet", "what cannot be seen"])
async def test_anothers_connection_may_have_received_a_push(unread: object, kept: bool) -> None:
    """Where servers tell of their maintenance. redis-py takes any byte for the first of a push then."""
    from redis.maint_notifications import MaintNotificationsConfig

    class Another(AsyncDummy):
        _reader = SimpleNamespace(_buffer=unread)

        async def can_read(self) -> bool:
            return "disconnect" not in self.calls

    connection = Another()
    pool = aio.ConnectionPool(
        host="localhost", protocol=3, maint_notifications_config=MaintNotificationsConfig(enabled=True))
    await pool.ensure_connection(connection)
    assert ("disconnect" not in connection.calls) == kept


@pytest.mark.parametrize("stray", [b"+STRAY\r\n", b"+STR"])
async def test_a_stray_reply_that_comes_with_the_last_one_is_nobodys(stray: bytes) -> None:
    def answer_twice(command: list[bytes]) -> bytes:
        return b"+%b\r\n" % command[1] + stray if command[0] == b"ECHO" else willing(command)

    with ScriptedServer(answer_twice) as scripted:
        async with aio.ConnectionPool(**scripted.address, max_connections=1, **NO_RETRY) as pool:
            client = redis.asyncio.Redis(connection_pool=pool)
            for number in range(3):
                assert await client.echo(f"mine {number}") == f"mine {number}".encode()


# --- two tasks on one connection -------------------------------------------------------------------------------

async def test_a_second_task_is_refused_while_the_first_waits_and_disturbs_nothing(server: RedisServer) -> None:
    async with slots(server) as pool, redis.asyncio.Redis(**server.address) as other:
        connection = await pool.get_connection()
        first = asyncio.create_task(ask(connection, "BLPOP", "mine", 0))
        while (await other.info("clients"))["blocked_clients"] == 0:
            pass
        for _ in range(3):
            with pytest.raises(respool.ConnectionSharedError):
                await connection.send_command("ECHO", "yours")
            with pytest.raises(respool.ConnectionSharedError):
                await connection.read_response()
        await other.rpush("mine", "value")
        assert await first == [b"mine", b"value"]
        assert await ask(connection, "ECHO", "next") == b"next"
        await pool.release(connection)
        await assert_usable(pool)


async def test_tasks_that_share_a_connection_never_get_each_others_replies(server: RedisServer) -> None:
    async with slots(server) as pool:
        connection = await pool.get_connection()
        outcomes: Counter[str] = Counter()

        async def use(number: int) -> None:
            for turn in range(50):
                try:
                    reply = await ask(connection, "ECHO", f"{number}-{turn}")
                except respool.ConnectionSharedError:
                    outcomes["refused"] += 1
                else:
                    outcomes["right" if reply == f"{number}-{turn}".encode() else "wrong"] += 1
                await asyncio.sleep(0)

        await asyncio.gather(*(use(number) for number in range(10)))
        assert outcomes["right"] and outcomes["refused"] and not outcomes["wrong"], outcomes
        await pool.release(connection)
        await assert_usable(pool)


async def test_one_task_may_subscribe_while_another_listens(server: RedisServer, either_protocol: int) -> None:
    async with slots(server, 2, protocol=either_protocol) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        pubsub = client.pubsub()
        await pubsub.subscribe("channel")
        got: list[Any] = []

        async def listen() -> None:
            async for message in pubsub.listen():
                got.append(message["data"])
                if message["data"] == b"end":
                    return

        listener = asyncio.create_task(listen())
        for number in range(30):
            await pubsub.subscribe(f"channel-{number}")
            while not await client.publish(f"channel-{number}", str(number)):
                pass
        await client.publish("channel", "end")
        await listener
        assert [data for data in got if isinstance(data, bytes)] == [b"%d" % number for number in range(30)] + [b"end"]
        await pubsub.aclose()
        assert_sound(pool, in_use=0)
