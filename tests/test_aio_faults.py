"""Servers that fail, for asyncio: cut replies, servers that freeze, die, refuse, do not read, or send too much."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.exceptions import InvalidResponse

import respool.asyncio as aio
from conftest import assert_sound, lasting, traced
from loops import on_each_loop
from scripted import HELLO, ScriptedServer, willing
from servers import Certificates, RedisServer, free_port, frozen, redis_server
from staged import Peer, Script, Stage, bulk, echo, only, then_echo
from tasks import NO_RETRY, AsyncStage, ask, assert_usable, until
from test_faults import GARBAGE, REPLIES, replies

pytestmark = on_each_loop


@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    """A server that the test may do anything to."""
    with redis_server() as running:
        yield running


@pytest.fixture
def astage(stage: Stage) -> AsyncStage:
    return AsyncStage(stage)


async def has_come(connection: Any) -> None:
    """Wait until there is something to read."""
    while not await connection.can_read():
        await asyncio.sleep(0)


async def assert_recovers(connection: Any) -> None:
    """The session is over, the connection is not."""
    assert not connection.is_connected
    assert await ask(connection, "ECHO", "new") == b"new"


# --- replies in pieces -----------------------------------------------------------------------------------------

@only("tcp", "unix", "tls")
async def test_a_reply_may_be_cut_at_every_byte_and_goes_on_after_a_time_out(astage: AsyncStage) -> None:
    cuts = [(data, value, cut) for data, value in REPLIES for cut in range(1, len(data))]
    rest = threading.Semaphore(0)

    def script(peer: Peer) -> None:
        for data, _, cut in cuts:
            peer.command()
            peer.send(data[:cut])
            assert rest.acquire(timeout=20)
            peer.send(data[cut:])
        echo(peer)

    async with astage.connection(script) as connection:
        for data, value, cut in cuts:
            await connection.send_command("GET", "key")
            await has_come(connection)
            assert await connection.read_response(timeout=0) is None
            rest.release()
            assert await connection.read_response() == value, data[:cut]
        assert await ask(connection, "ECHO", "next") == b"next"


@pytest.mark.parametrize("cut", [3, 9, 40_000, 65_536 + 9, 300_010])
async def test_a_long_reply_goes_on_after_a_time_out(astage: AsyncStage, cut: int) -> None:
    value = os.urandom(300_000)
    data = bulk(value)
    rest = threading.Event()

    def script(peer: Peer) -> None:
        peer.command()
        peer.send(data[:cut])
        assert rest.wait(20)
        peer.send(data[cut:])
        echo(peer)

    async with astage.connection(script) as connection:
        await connection.send_command("GET", "key")
        assert await connection.read_response(timeout=0.02) is None
        rest.set()
        assert await connection.read_response() == value
        assert await ask(connection, "ECHO", "next") == b"next"


async def test_a_server_that_leaves_in_the_middle_of_a_reply_is_an_error(astage: AsyncStage) -> None:
    data = b"*2\r\n$1\r\na\r\n:1\r\n"
    for cut in range(len(data)):
        async with astage.connection(replies(data[:cut])) as connection:
            await connection.send_command("GET", "key")
            with pytest.raises(redis.ConnectionError):
                await connection.read_response()
            await assert_recovers(connection)


async def test_a_server_that_leaves_in_the_middle_of_a_long_string_is_an_error(astage: AsyncStage) -> None:
    for cut in (9, 65_545, 200_000, 300_009):
        async with astage.connection(replies(bulk(b"x" * 300_000)[:cut])) as connection:
            await connection.send_command("GET", "key")
            with pytest.raises(redis.ConnectionError, match="closed by server"):
                await connection.read_response()
            await assert_recovers(connection)


@only("tcp")
async def test_what_is_no_reply_is_an_error_and_ends_the_session(astage: AsyncStage) -> None:
    for garbage in GARBAGE:
        async with astage.connection(replies(garbage, b"+stranger\r\n" * 10)) as connection:
            await connection.send_command("GET", "key")
            with pytest.raises(InvalidResponse):
                await connection.read_response()
            await assert_recovers(connection)


@only("tcp")
async def test_what_is_no_reply_stays_an_error_for_who_goes_on(astage: AsyncStage) -> None:
    async with astage.connection(replies(b"?\r\n+stranger\r\n")) as connection:
        await connection.send_command("GET", "key")
        for _ in range(3):
            with pytest.raises(InvalidResponse):
                await connection.read_response(disconnect_on_error=False)


@only("tcp")
async def test_a_pool_gives_its_next_caller_another_session_after_any_of_them(astage: AsyncStage) -> None:
    for data in [b"", b"$5\r\nhel", *(garbage + b"+stranger\r\n" * 10 for garbage in GARBAGE)]:
        async with astage.pool(replies(data)) as pool:
            client = redis.asyncio.Redis(connection_pool=pool)
            with pytest.raises((redis.ConnectionError, InvalidResponse)):
                await client.get("key")
            await assert_usable(pool)


@only("tcp")
async def test_declared_sizes_take_no_memory(astage: AsyncStage) -> None:
    for size in (b"$500000000\r\n", b"*300000000\r\n", b"*1\r\n%100000000\r\n", b"*4000000\r\n" * 30):
        async with astage.connection(replies(size)) as connection:
            with traced() as most:
                await connection.send_command("GET", "key")
                with pytest.raises((redis.ConnectionError, InvalidResponse)):
                    await connection.read_response()
                assert most() < 1 << 20, size


@only("tcp")
async def test_a_reset_by_the_server_is_an_error(astage: AsyncStage) -> None:
    @then_echo
    def script(peer: Peer) -> None:
        peer.command()
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with astage.connection(script) as connection:
        await connection.send_command("GET", "key")
        with pytest.raises(redis.ConnectionError):
            await connection.read_response()
        await assert_recovers(connection)


@only("tcp")
async def test_a_reset_while_nobody_reads_is_an_error_for_who_sends_or_reads_next(astage: AsyncStage) -> None:
    @then_echo
    def script(peer: Peer) -> None:
        peer.send(bulk(peer.command()[-1]))
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with astage.connection(script) as connection:
        assert await ask(connection, "ECHO", "a") == b"a"
        await has_come(connection)  # the end
        with pytest.raises(redis.ConnectionError):
            await ask(connection, "ECHO", "b")
        await assert_recovers(connection)


async def test_a_server_that_ends_its_half_is_replaced_at_checkout_and_an_error_in_between(stage: Stage) -> None:
    ended = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(bulk(peer.command()[-1]))
        if peer.number == 0:
            socket.socket.shutdown(peer.sock, socket.SHUT_WR)
            ended.set()
            peer.rest()
        echo(peer)

    for turns in (0, 5):  # whether the loop has noticed
        ended.clear()
        async with AsyncStage(stage).pool(script) as pool:
            client = redis.asyncio.Redis(connection_pool=pool)
            assert await client.echo("first") == b"first"
            assert ended.wait(20)
            for _ in range(turns):
                await asyncio.sleep(0)
            assert await client.echo("second") == b"second"
            await assert_usable(pool)


# --- servers that are slow, freeze and die ---------------------------------------------------------------------

async def test_a_socket_timeout_ends_a_wait_and_its_late_reply_is_nobodys(
    server: RedisServer, either_protocol: int
) -> None:
    options = {"protocol": either_protocol, "socket_timeout": 0.3, "max_connections": 1, **NO_RETRY}
    async with aio.ConnectionPool(**server.address, **options) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        assert await client.echo("a") == b"a"
        with frozen(server):
            with lasting(0.25, 5), pytest.raises(redis.TimeoutError):
                await client.echo("old")
            with lasting(0.25, 5), pytest.raises(redis.TimeoutError):
                await client.echo("older")  # the kernel accepts the connection, and nobody answers the handshake
            assert_sound(pool, in_use=0, connecting=0)
        await assert_usable(pool)


@only("tcp")
async def test_a_server_that_trickles_does_not_stretch_the_socket_timeout(astage: AsyncStage) -> None:
    @then_echo
    def script(peer: Peer) -> None:
        peer.command()
        peer.trickle(bulk(b"x" * 200), 1, 0.02)

    async with astage.connection(script, socket_timeout=0.3) as connection:
        await connection.send_command("GET", "key")
        with lasting(0.25, 2), pytest.raises(redis.TimeoutError):
            await connection.read_response()
        await assert_recovers(connection)


@only("tcp")
async def test_the_pools_timeout_bounds_a_handshake_that_is_trickled(astage: AsyncStage) -> None:
    def script(peer: Peer) -> None:
        peer.command()
        peer.trickle(HELLO, 1, 0.02)

    async with astage.pool(script, protocol=3, timeout=0.3) as pool:
        with lasting(0.25, 2), pytest.raises(redis.TimeoutError):
            await pool.get_connection()
        assert_sound(pool, in_use=0, connecting=0)


async def test_a_timeout_in_the_middle_of_connecting_is_redis_pys(server: RedisServer) -> None:
    """However coarse the clock of the loop is."""
    chance = random.Random(7)  # noqa: S311
    with frozen(server):
        for _ in range(60):
            timeout = chance.uniform(0.0005, 0.008)
            async with aio.ConnectionPool(**server.address, max_connections=1, timeout=timeout, **NO_RETRY) as pool:
                with pytest.raises(redis.TimeoutError):
                    await pool.get_connection()
                assert_sound(pool, in_use=0, connecting=0)


async def test_one_deadline_covers_the_wait_and_the_connect(server: RedisServer) -> None:
    async with aio.ConnectionPool(**server.address, max_connections=1, timeout=0.6, **NO_RETRY) as pool:
        connection = await pool.get_connection()
        with frozen(server):
            with lasting(0.55, 1.0):
                task = asyncio.create_task(pool.get_connection())
                await asyncio.sleep(0.3)
                await connection.disconnect()
                await pool.release(connection)
                with pytest.raises(redis.TimeoutError):
                    await task
        assert_sound(pool, in_use=0, connecting=0, waiting=0)


async def test_a_server_that_dies_while_nobody_asks_is_replaced_by_the_next(own_server: RedisServer) -> None:
    async with aio.ConnectionPool(**own_server.address, max_connections=1, **NO_RETRY) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        assert await client.echo("a") == b"a"
        own_server.process.kill()
        own_server.process.wait(10)
        for _ in range(3):
            with pytest.raises(redis.ConnectionError, match="refused|Connect call failed"):
                await client.echo("b")
            assert_sound(pool, in_use=0, connecting=0)
        with redis_server(port=own_server.port):
            assert await client.echo("c") == b"c"


async def test_a_server_that_dies_in_the_middle_of_a_reply_is_an_error(own_server: RedisServer) -> None:
    connection: Any = aio.Connection(**own_server.address, socket_timeout=20)
    assert await ask(connection, "SET", "large", b"x" * (32 << 20)) == b"OK"
    await connection.send_command("GET", "large")
    await has_come(connection)  # as much as the buffers take is under way, and not more
    own_server.process.kill()
    own_server.process.wait(10)
    with pytest.raises(redis.ConnectionError, match="Error while reading|closed by server"):
        await connection.read_response()
    assert not connection.is_connected
    with redis_server(port=own_server.port):
        assert await ask(connection, "ECHO", "new") == b"new"
        await connection.disconnect()


async def test_a_server_that_dies_ends_the_commands_of_all_who_wait_for_it(own_server: RedisServer) -> None:
    async with aio.ConnectionPool(**own_server.address, max_connections=4, timeout=None, **NO_RETRY) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        tasks = [asyncio.ensure_future(client.blpop(["nothing"], timeout=0)) for _ in range(8)]
        await until(lambda: pool.in_use == 4 and pool.waiting == 4)
        own_server.process.kill()
        own_server.process.wait(10)
        with lasting(0, 10):
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(outcome, redis.ConnectionError) for outcome in outcomes), outcomes
        assert_sound(pool, in_use=0, connecting=0, waiting=0)


# --- servers that end a connection -----------------------------------------------------------------------------

@pytest.mark.parametrize("turns", [0, 5], ids=["unnoticed", "noticed"])
async def test_an_idle_connection_that_the_server_has_ended_is_replaced(
    server: RedisServer, protocol: int, turns: int
) -> None:
    options = {"protocol": protocol, "max_connections": 1, **NO_RETRY}
    async with aio.ConnectionPool(**server.address, **options) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        with redis.Redis(port=server.port) as observer:
            for number in range(3):
                killed = await client.client_id()
                assert observer.client_kill_filter(_id=killed) == 1
                for _ in range(turns):
                    await asyncio.sleep(0)
                assert await client.echo(str(number)) == b"%d" % number
                assert await client.client_id() != killed
        assert_sound(pool, created=1, idle=1)


@pytest.mark.parametrize("turns", [0, 20], ids=["unnoticed", "noticed"])
async def test_an_idle_connection_over_tls_that_the_server_has_ended_is_replaced(
    secure_server: RedisServer, certificates: Certificates, turns: int
) -> None:
    options: dict[str, Any] = {"connection_class": aio.SSLConnection, "host": "localhost", "max_connections": 1}
    options |= {"port": secure_server.tls_port, "ssl_ca_certs": certificates.root, **NO_RETRY}
    async with aio.ConnectionPool(**options) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        with redis.Redis(port=secure_server.port) as observer:
            for number in range(3):
                assert observer.client_kill_filter(_id=await client.client_id()) == 1
                for _ in range(turns):
                    await asyncio.sleep(0.0005)
                assert await client.echo(str(number)) == b"%d" % number
        assert_sound(pool, created=1, idle=1)


async def test_all_idle_connections_that_the_server_has_ended_are_replaced(own_server: RedisServer) -> None:
    async with aio.ConnectionPool(**own_server.address, max_connections=5, client_name="idle", **NO_RETRY) as pool:
        await assert_usable(pool)
        with redis.Redis(port=own_server.port) as admin:
            for entry in own_server.connections_named("idle"):
                admin.client_kill_filter(_id=entry["id"])
        await assert_usable(pool)
        assert_sound(pool, created=5, idle=5)


async def test_a_blocking_command_that_the_server_kills_ends_at_once(server: RedisServer) -> None:
    async with aio.ConnectionPool(**server.address, max_connections=1, client_name="blocked", **NO_RETRY) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        with redis.Redis(port=server.port) as observer:
            for _ in range(2):
                task = asyncio.ensure_future(client.blpop(["nothing"], timeout=0))
                await until(lambda: [entry for entry in server.connections_named("blocked") if entry["cmd"] == "blpop"])
                [entry] = server.connections_named("blocked")
                assert observer.client_kill_filter(_id=entry["id"]) == 1
                with lasting(0, 10), pytest.raises(redis.ConnectionError):
                    await task
                assert await client.echo("a") == b"a"


async def test_a_server_that_refuses_more_clients_says_so(own_server: RedisServer) -> None:
    with redis.Redis(port=own_server.port) as admin:
        admin.config_set("maxclients", 2)
        async with aio.ConnectionPool(**own_server.address, max_connections=5, **NO_RETRY) as pool:
            first = await pool.get_connection()
            for _ in range(3):
                with pytest.raises(redis.ConnectionError):
                    await pool.get_connection()
                assert_sound(pool, in_use=1, connecting=0)
            assert await ask(first, "ECHO", "a") == b"a"
            await pool.release(first)


async def test_what_arrives_unasked_at_an_idle_connection_is_never_handed_out(astage: AsyncStage) -> None:
    idle, sent = threading.Event(), threading.Event()

    @then_echo
    def script(peer: Peer) -> None:
        peer.send(bulk(peer.command()[-1]))
        assert idle.wait(20)
        peer.send(b"+stranger\r\n")
        sent.set()
        echo(peer)

    async with astage.pool(script) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        assert await client.echo("a") == b"a"
        idle.set()
        assert sent.wait(20)
        assert await client.echo("b") == b"b"
        await assert_usable(pool)


# --- connecting ------------------------------------------------------------------------------------------------

async def test_a_port_where_nobody_answers_costs_no_slot() -> None:
    async with aio.ConnectionPool(host="127.0.0.1", port=free_port(), max_connections=1, timeout=5, **NO_RETRY) as pool:
        for _ in range(3):
            with pytest.raises(redis.ConnectionError):
                await redis.asyncio.Redis(connection_pool=pool).ping()
            assert_sound(pool, in_use=0, connecting=0)


async def test_a_path_where_nobody_listens_costs_no_slot() -> None:
    kind = aio.UnixDomainSocketConnection
    async with aio.ConnectionPool(connection_class=kind, path="/nowhere", max_connections=1, **NO_RETRY) as pool:
        for _ in range(3):
            with pytest.raises(redis.ConnectionError):
                await pool.get_connection()
            assert_sound(pool, in_use=0, connecting=0)


async def test_a_wrong_database_is_an_error_and_costs_no_slot(server: RedisServer, protocol: int) -> None:
    async with aio.ConnectionPool(**server.address, db=9999, protocol=protocol, max_connections=1) as pool:
        for _ in range(3):
            with pytest.raises(redis.ResponseError):
                await pool.get_connection()
            assert_sound(pool, in_use=0, connecting=0)


FAULTS = {"error": b"-ERR no\r\n", "garbage": b"?\r\n", "half": b"$5\r\nhel", "end": None}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_handshake_that_fails_at_any_step_costs_no_slot_and_leaves_no_reply(
    either_protocol: int, fault: str
) -> None:
    """What is not essential to the session may fail with an error reply."""
    left = [0]  # commands until the fault

    def answer(command: list[bytes]) -> bytes | None:
        left[0] -= 1
        return willing(command) if left[0] else FAULTS[fault]

    options: dict[str, Any] = {"client_name": "name", "db": 1, "username": "user", "password": "secret", **NO_RETRY}
    with ScriptedServer(answer) as server:
        options |= {**server.address, "protocol": either_protocol, "max_connections": 1, "timeout": 0.1}
        async with aio.ConnectionPool(**options) as pool:
            await pool.release(await pool.get_connection())
        steps = -left[0]
        assert steps > 2
        for step in range(1, steps + 1):
            left[0] = step
            async with aio.ConnectionPool(**options) as pool:
                try:
                    await pool.release(await pool.get_connection())
                except redis.RedisError:
                    assert_sound(pool, in_use=0, connecting=0)
                else:
                    assert fault == "error"
                left[0], pool.timeout = 0, 20
                await assert_usable(pool)


@pytest.mark.parametrize("error", [redis.ConnectionError, ValueError, MemoryError])
async def test_a_connect_function_that_fails_costs_no_slot_and_leaves_no_reply(
    server: RedisServer, error: type[BaseException]
) -> None:
    healthy = False

    async def connect(connection: Any) -> None:
        await connection.on_connect()
        await connection.send_command("ECHO", "stranger")
        if not healthy:
            raise error("no")
        await connection.read_response()

    async with aio.ConnectionPool(
        **server.address, max_connections=1, redis_connect_func=connect, **NO_RETRY
    ) as pool:
        for _ in range(3):
            with pytest.raises(error):
                await pool.get_connection()
            assert_sound(pool, in_use=0, connecting=0)
        healthy = True
        await assert_usable(pool)
    healthy = False
    connection: Any = aio.Connection(**server.address, redis_connect_func=connect, **NO_RETRY)
    with pytest.raises(error):
        await connection.connect()
    assert not connection.is_connected


async def test_connecting_needs_no_second_attempt(astage: AsyncStage) -> None:
    """With TLS, what the server has to say after the handshake is no reply that somebody has left unread."""
    sessions: list[int] = []

    def script(peer: Peer) -> None:
        sessions.append(peer.number)
        echo(peer)

    async with astage.pool(script) as pool:
        for _ in range(60):
            await pool.release(await pool.get_connection())
            await pool.disconnect()
    assert len(sessions) <= 60


# --- a server that does not read, and one that sends too much --------------------------------------------------

LARGE = 32 << 20


def reading_when(allowed: threading.Event) -> Script:
    """Read nothing at first; then one command, and answer it with its length."""

    def script(peer: Peer) -> None:
        assert allowed.wait(20)
        peer.send(b":%d\r\n" % len(peer.command()[-1]))
        echo(peer)

    return then_echo(script)


async def test_a_server_that_does_not_read_makes_who_sends_wait_and_nobody_else(astage: AsyncStage) -> None:
    allowed = threading.Event()
    async with astage.pool(reading_when(allowed), max_connections=2) as pool:
        slow = await pool.get_connection()
        task = asyncio.create_task(ask(slow, "SET", "key", b"x" * LARGE))
        await asyncio.sleep(0)
        other = await pool.get_connection()
        for number in range(20):
            assert await ask(other, "ECHO", str(number)) == b"%d" % number
        assert not task.done()
        allowed.set()
        assert await task == LARGE
        for connection in (slow, other):
            await pool.release(connection)
        await assert_usable(pool)


def deaf(peer: Peer) -> None:
    peer.rest()


async def test_a_server_that_does_not_read_is_a_time_out_and_not_a_matter_of_memory(astage: AsyncStage) -> None:
    value = b"x" * (1 << 20)
    async with astage.connection(then_echo(deaf), socket_timeout=0.3) as connection:
        with traced() as most:
            with lasting(0.25, 5), pytest.raises(redis.TimeoutError, match="writing"):
                for _ in range(64):
                    await connection.send_command("SET", "key", value)
            assert most() < 16 << 20
        await assert_recovers(connection)


@only("tcp")  # TLS takes one command whole
async def test_a_large_command_that_a_server_does_not_read_is_a_time_out(astage: AsyncStage) -> None:
    async with astage.connection(then_echo(deaf), socket_timeout=0.3) as connection:
        with lasting(0.25, 5), pytest.raises(redis.TimeoutError, match="writing"):
            await connection.send_command("SET", "key", b"x" * LARGE)
        await assert_recovers(connection)


@only("tcp", "unix")  # TLS takes one command whole
async def test_of_two_who_send_only_the_cancelled_one_is_cancelled(astage: AsyncStage) -> None:
    async with astage.connection(then_echo(deaf)) as connection:
        await connection.send_command("SUBSCRIBE", "news")  # from here on two tasks may send
        first, second = [
            asyncio.create_task(connection.send_command("PUBLISH", "news", b"x" * LARGE)) for _ in range(2)
        ]
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(redis.ConnectionError):
            await second
        assert first.cancelled()


async def test_a_server_that_leaves_while_it_is_sent_to_is_an_error(astage: AsyncStage) -> None:
    gone = threading.Event()

    @then_echo
    def script(peer: Peer) -> None:
        assert gone.wait(20)

    async with astage.connection(script) as connection:
        task = asyncio.create_task(ask(connection, "SET", "key", b"x" * LARGE))
        await asyncio.sleep(0.02)
        assert not task.done()
        gone.set()
        with pytest.raises(redis.ConnectionError):
            await task
        await assert_recovers(connection)


async def test_a_server_that_answers_before_it_reads_on_does_not_bring_a_pipeline_to_a_halt(
    astage: AsyncStage
) -> None:
    """Neither side reads while it sends, unless somebody sees to it."""
    values = [b"%06d" % number + b"x" * 200_000 for number in range(60)]
    async with astage.connection() as connection:
        await connection.send_packed_command(connection.pack_commands([("ECHO", value) for value in values]))
        for value in values:
            assert await connection.read_response() == value


FLOOD = 24 << 20


def flood(amounts: list[int], piece: bytes) -> Script:
    """Send without end what nobody asks for, after the first command; `amounts` holds how much has been sent."""

    def script(peer: Peer) -> None:
        if hasattr(socket, "SO_SNDBUF"):
            peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        peer.send(bulk(peer.command()[-1]))
        pieces = piece * (100_000 // len(piece))
        while amounts[0] < FLOOD:
            peer.send(pieces)
            amounts[0] += len(pieces)

    return script


async def until_it_stops(amounts: list[int]) -> None:
    """Wait until the flood has not gone on for a while."""
    before, still = -1, 0
    while still < 10:
        await asyncio.sleep(0.01)
        before, still = amounts[0], still + 1 if amounts[0] == before else 0


PUSH = b">3\r\n+message\r\n+news\r\n$1000\r\n" + b"x" * 1000 + b"\r\n"


@pytest.mark.parametrize("piece", [PUSH, b"+stranger\r\n"], ids=["pushes", "replies"])
async def test_a_flood_that_nobody_reads_makes_the_server_wait(astage: AsyncStage, piece: bytes) -> None:
    amounts = [0]
    async with astage.connection(flood(amounts, piece)) as connection:
        assert await ask(connection, "ECHO", "a") == b"a"
        with traced() as most:
            await until_it_stops(amounts)
            assert amounts[0] < FLOOD
            assert most() < 4 << 20


@only("tcp")
@pytest.mark.parametrize("piece", [PUSH, b"+stranger\r\n" * 100], ids=["pushes", "replies"])
async def test_a_flood_at_an_idle_connection_makes_the_server_wait_and_is_nobodys(
    astage: AsyncStage, piece: bytes
) -> None:
    amounts = [0]

    def script(peer: Peer) -> None:
        (echo if peer.number else flood(amounts, piece))(peer)

    async with astage.pool(script) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        assert await client.echo("a") == b"a"
        await until_it_stops(amounts)
        assert amounts[0] < FLOOD
        assert await client.echo("mine") == b"mine"
        await assert_usable(pool)


@only("tcp")
async def test_a_flood_goes_on_when_somebody_reads(astage: AsyncStage) -> None:
    amounts = [0]
    async with astage.connection(flood(amounts, PUSH)) as connection:
        assert await ask(connection, "ECHO", "a") == b"a"
        await until_it_stops(amounts)
        for _ in range(FLOOD // len(PUSH)):
            assert len(await connection.read_response(push_request=True)) == 3
        await until(lambda: amounts[0] >= FLOOD)


@only("tcp")
async def test_who_sends_lets_a_flood_in_that_was_held_back(astage: AsyncStage) -> None:
    """Or else the server would not read either."""
    amounts = [0]

    def script(peer: Peer) -> None:
        flood(amounts, PUSH)(peer)
        peer.send(b":%d\r\n" % len(peer.command()[-1]))
        echo(peer)

    async with astage.connection(script) as connection:
        assert await ask(connection, "ECHO", "a") == b"a"
        await until_it_stops(amounts)
        assert amounts[0] < FLOOD
        assert await ask(connection, "SET", "key", b"x" * LARGE) == LARGE
        assert await ask(connection, "ECHO", "next") == b"next"


@only("tcp")
async def test_a_reply_larger_than_what_is_held_of_a_flood_arrives(astage: AsyncStage) -> None:
    value = os.urandom(1 << 20) * 8
    asked = threading.Event()

    def script(peer: Peer) -> None:
        peer.command()
        asked.set()
        peer.send(bulk(value))
        echo(peer)

    async with astage.connection(script) as connection:
        await connection.send_command("GET", "key")
        await asyncio.to_thread(asked.wait, 20)
        await asyncio.sleep(0.05)  # more than is held comes before somebody reads
        assert await connection.read_response() == value
        assert await ask(connection, "ECHO", "next") == b"next"
