"""Asyncio programs as they are deployed: kinds of servers, credentials that change, forks, and more than one loop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest
import redis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff, NoBackoff
from redis.credentials import CredentialProvider, StreamingCredentialProvider
from redis.utils import str_if_bytes

import respool
from conftest import Threads, assert_sound
from deployments import TASKS, ask, awaited_values_of_its_own, load
from loops import Run, on_each_loop
from respool.asyncio import BlockingConnectionPool, ConnectionPool, SSLConnection, UnixDomainSocketConnection
from servers import Certificates, RedisServer, frozen, redis_server, tls_server
from sessions import Token, asked, assert_all_can_be_had
from tasks import task_of, together, until
from test_fork import start_child

pytestmark = on_each_loop

NAME = "tested"
CONNECTIONS = 4
NEVER = Retry(NoBackoff(), 0)
LOST = (redis.ConnectionError, redis.TimeoutError)


@pytest.fixture(scope="module")
def strict_server(certificates: Certificates) -> Any:
    """A server that talks TLS with those who show a certificate."""
    with tls_server(certificates, "--tls-auth-clients", "yes") as running:
        yield running


@pytest.fixture(params=["tcp", "unix", "tls", "tls with a certificate"])
def way(
    request: pytest.FixtureRequest, secure_server: RedisServer, strict_server: RedisServer, certificates: Certificates
) -> tuple[RedisServer, dict[str, Any]]:
    """A server, and how to connect to it."""
    server = strict_server if request.param == "tls with a certificate" else secure_server
    secure = {"connection_class": SSLConnection, "host": "localhost", "port": server.tls_port,
              "ssl_ca_certs": certificates.root}
    shown = {"ssl_certfile": certificates.client, "ssl_keyfile": certificates.client_key}
    options: dict[str, dict[str, Any]] = {
        "tcp": server.address,
        "unix": {"connection_class": UnixDomainSocketConnection, "path": server.unix_socket},
        "tls": secure,
        "tls with a certificate": {**secure, **shown},
    }
    return server, options[request.param]


@asynccontextmanager
async def client_of(server: RedisServer, **options: Any) -> AsyncIterator[Any]:
    """A client with a small pool, which is as good as new in the end, and then gone."""
    options = {"max_connections": CONNECTIONS, "timeout": 20, "client_name": NAME, **options}
    async with BlockingConnectionPool(**options) as pool:
        yield Redis(connection_pool=pool)
        await assert_all_can_be_had(pool)
    await until(lambda: not server.connections_named(NAME))


# --- kinds of servers --------------------------------------------------------------------------------------------

async def test_many_tasks_get_their_own_values_by_every_way(
    way: tuple[RedisServer, dict[str, Any]], either_protocol: int
) -> None:
    server, options = way
    async with client_of(server, **options, protocol=either_protocol, db=3) as client:
        async with load(awaited_values_of_its_own(client)):
            pass
        info = await client.client_info()
        assert (info["name"], info["db"], info["resp"], info["user"]) == (NAME, 3, str(either_protocol), "default")
        large = os.urandom(1 << 20)
        await together(CONNECTIONS, lambda number: client.set(f"large-{number}", large))
        assert await together(CONNECTIONS, lambda number: client.get(f"large-{number}")) == [large] * CONNECTIONS
        assert await client.delete(*(f"large-{number}" for number in range(CONNECTIONS))) == CONNECTIONS


async def test_connections_that_the_server_has_killed_are_replaced_before_their_next_command(
    way: tuple[RedisServer, dict[str, Any]], either_protocol: int
) -> None:
    server, options = way
    async with client_of(server, **options, protocol=either_protocol, retry=NEVER) as client:
        for turn in range(3):
            ids = {await asked(connection, "CLIENT", "ID")
                   for connection in await assert_all_can_be_had(client.connection_pool)}
            for killed in ids:
                ask(server.port, "CLIENT", "KILL", "ID", killed)
            echoes = await together(TASKS, lambda number, turn=turn: client.echo(f"{turn}-{number}"))
            assert echoes == [f"{turn}-{number}".encode() for number in range(TASKS)]
            assert await client.client_id() not in ids


async def test_a_late_reply_is_nobodys(way: tuple[RedisServer, dict[str, Any]], either_protocol: int) -> None:
    server, options = way
    async with client_of(server, **options, protocol=either_protocol, retry=NEVER) as client:
        pool = client.connection_pool
        await assert_all_can_be_had(pool)
        for connection in pool._available_connections:
            connection.socket_timeout = 0.2
        with frozen(server):
            outcomes = await asyncio.gather(
                *(client.echo(f"old-{number}") for number in range(CONNECTIONS)), return_exceptions=True)
            assert {type(outcome) for outcome in outcomes} == {redis.TimeoutError}
        for connection in pool._available_connections:
            connection.socket_timeout = 20
        echoes = await together(TASKS, lambda number: client.echo(f"new-{number}"))
        assert echoes == [f"new-{number}".encode() for number in range(TASKS)]


async def test_cancelled_commands_leave_their_replies_to_nobody(
    way: tuple[RedisServer, dict[str, Any]], either_protocol: int
) -> None:
    server, options = way
    async with client_of(server, **options, protocol=either_protocol) as client:

        async def work(number: int, turn: int) -> None:
            async with task_of(client.echo(f"cancelled {number}-{turn}")):
                for _ in range((number + turn) % 7):
                    await asyncio.sleep(0)
            assert await client.echo(f"{number}-{turn}") == f"{number}-{turn}".encode()

        async with load(work):
            pass


async def test_a_connection_that_another_task_closes_is_an_error_at_once(
    way: tuple[RedisServer, dict[str, Any]], either_protocol: int
) -> None:
    """Before its reply is waited for, as cluster clients do with all they have when slots have moved, and meanwhile."""
    server, options = way
    async with client_of(server, **options, protocol=either_protocol) as client:
        connection = await client.connection_pool.get_connection()
        for waiting in (False, True, False):
            await connection.send_command("BLPOP", "queue", "0")
            reading: Any = connection.read_response()
            if waiting:
                reading = asyncio.ensure_future(reading)
                await until(lambda: ask(server.port, "INFO", "clients")["blocked_clients"] == 1)
            await connection.disconnect()
            with pytest.raises(redis.ConnectionError):
                await asyncio.wait_for(reading, 10)
            assert await asked(connection, "ECHO", "anew") == b"anew"
        await client.connection_pool.release(connection)


@pytest.mark.parametrize("shown", ["no certificate", "that of an unknown root"])
async def test_who_is_not_let_in_takes_no_place(
    strict_server: RedisServer, certificates: Certificates, shown: str
) -> None:
    options: dict[str, Any] = {"ssl_ca_certs": certificates.root} if shown == "no certificate" else {
        "ssl_ca_certs": certificates.other_root, "ssl_certfile": certificates.client,
        "ssl_keyfile": certificates.client_key}
    async with ConnectionPool(connection_class=SSLConnection, host="localhost", port=strict_server.tls_port,
                              max_connections=2, timeout=20, retry=NEVER, **options) as pool:
        client = Redis(connection_pool=pool)
        outcomes = await asyncio.gather(*(client.ping() for _ in range(8)), return_exceptions=True)
        assert all(isinstance(outcome, redis.ConnectionError) for outcome in outcomes), outcomes
        assert not any(isinstance(outcome, redis.exceptions.MaxConnectionsError) for outcome in outcomes)
        assert_sound(pool, in_use=0, connecting=0, waiting=0)


async def test_urls_lead_to_connections_of_ours(strict_server: RedisServer, certificates: Certificates) -> None:
    shown = f"ssl_certfile={certificates.client}&ssl_keyfile={certificates.client_key}&ssl_ca_certs={certificates.root}"
    for url, kind in (
        (f"{strict_server.url[:-1]}2?timeout=5", respool.asyncio.Connection),
        (f"unix://{strict_server.unix_socket}?db=2&timeout=5", UnixDomainSocketConnection),
        (f"rediss://localhost:{strict_server.tls_port}/2?timeout=5&{shown}", SSLConnection),
    ):
        async with BlockingConnectionPool.from_url(url, max_connections=2, client_name=NAME) as pool:
            assert pool.timeout == 5
            assert (await Redis(connection_pool=pool).client_info())["db"] == 2
            assert {type(connection) for connection in await assert_all_can_be_had(pool)} == {kind}


async def test_a_server_that_starts_again_is_found_again_under_load(either_protocol: int) -> None:
    with redis_server() as first:
        port = first.port
        options = {**first.address, "retry": Retry(ConstantBackoff(0.02), 400), "protocol": either_protocol}
        async with BlockingConnectionPool(max_connections=CONNECTIONS, **options) as pool:
            client = Redis(connection_pool=pool)
            with ExitStack() as stack:
                async with load(awaited_values_of_its_own(client, failover=True)) as running:
                    first.process.kill()
                    first.process.wait()
                    stack.enter_context(redis_server(port=port))
                    await running.goes_on()
                await assert_all_can_be_had(pool)


# --- credentials -------------------------------------------------------------------------------------------------

class Rotation(CredentialProvider):
    """Credentials that are replaced from time to time, and given when they may be."""

    def __init__(self) -> None:
        self.token = Token("", "")
        self.giving = asyncio.Event()
        self.giving.set()
        self.asked = 0
        self.failure: Exception | None = None

    def get_credentials(self) -> tuple[str, str]:
        raise AssertionError("the loop would have to wait for these")

    async def get_credentials_async(self) -> tuple[str, str]:
        self.asked += 1
        await self.giving.wait()
        if self.failure is not None:
            raise self.failure
        return self.token.user, self.token.password

    async def rotate(self, token: Token) -> None:
        self.token = token


class StreamingRotation(Rotation, StreamingCredentialProvider):
    """The same, of which clients are told."""

    def __init__(self) -> None:
        super().__init__()
        self.callbacks: list[Callable[[Any], Coroutine[Any, Any, None]]] = []

    def on_next(self, callback: Callable[[Any], Any]) -> None:
        self.callbacks.append(callback)

    def on_error(self, callback: Callable[[Exception], Any]) -> None:
        pass

    def is_streaming(self) -> bool:
        return True

    async def rotate(self, token: Token) -> None:
        await super().rotate(token)
        for callback in self.callbacks:
            await callback(token)


class Users:
    """Users of a server, one after the other."""

    def __init__(self, server: RedisServer, provider: Rotation) -> None:
        self.server = server
        self.provider = provider
        self.number = 0

    def connected(self) -> set[str]:
        return {entry["user"] for entry in self.server.connections_named(NAME)}

    async def begin(self) -> None:
        """Make a user, and let the provider name him."""
        self.number += 1
        password = f"secret-{self.number}"
        ask(self.server.port, "ACL", "SETUSER", f"user-{self.number}", "on", f">{password}", "~*", "&*", "+@all")
        await self.provider.rotate(Token(f"user-{self.number}", password))

    def end(self, number: int) -> None:
        """Delete a user, and with him each connection that still is his."""
        ask(self.server.port, "ACL", "DELUSER", f"user-{number}")


@asynccontextmanager
async def users_of(server: RedisServer, provider: Rotation) -> AsyncIterator[Users]:
    users = Users(server, provider)
    await users.begin()
    try:
        yield users
    finally:
        users.end(users.number)


async def test_streamed_credentials_change_under_load_and_nobody_notices(
    server: RedisServer, either_protocol: int
) -> None:
    provider = StreamingRotation()
    async with users_of(server, provider) as users:
        async with client_of(
            server, **server.address, protocol=either_protocol, credential_provider=provider
        ) as client:
            watched = Redis(connection_pool=client.connection_pool, credential_provider=provider)
            async with load(awaited_values_of_its_own(watched)) as running:
                before = {entry["id"] for entry in server.connections_named(NAME)}
                for number in range(1, 5):
                    await users.begin()
                    await until(lambda number=number: users.connected() == {f"user-{number + 1}"})
                    users.end(number)
                    await running.goes_on()
                after = {entry["id"] for entry in server.connections_named(NAME)}
            assert before >= after, "a connection had to be replaced"


async def test_idle_connections_authenticate_anew_while_others_are_used(server: RedisServer, protocol: int) -> None:
    provider = StreamingRotation()
    async with users_of(server, provider) as users:
        async with client_of(server, **server.address, protocol=protocol, credential_provider=provider) as client:
            pool = client.connection_pool
            watched = Redis(connection_pool=pool, credential_provider=provider)
            await assert_all_can_be_had(pool)
            used = await pool.get_connection()
            await users.begin()
            assert await asked(used, "ACL", "WHOAMI") == b"user-1"
            assert set(map(str_if_bytes, await together(3, lambda number: watched.acl_whoami()))) == {"user-2"}
            await pool.release(used)
            assert users.connected() == {"user-2"}
            users.end(1)
            assert len(server.connections_named(NAME)) == CONNECTIONS


async def test_new_connections_take_the_credentials_of_now(server: RedisServer, either_protocol: int) -> None:
    """Of a provider that tells nobody: who loses his connection with his user connects as the next one."""
    provider = Rotation()
    async with users_of(server, provider) as users:
        async with client_of(
            server, **server.address, protocol=either_protocol, credential_provider=provider, retry=NEVER
        ) as client:
            async with load(awaited_values_of_its_own(client), *LOST) as running:
                for number in range(1, 4):
                    await users.begin()
                    users.end(number)
                    await running.goes_on()
                    await until(lambda number=number: users.connected() == {f"user-{number + 1}"})
            assert len(running.errors) <= 3 * CONNECTIONS
            assert provider.asked <= 4 * CONNECTIONS


async def test_a_provider_that_takes_its_time_keeps_nobody_from_an_idle_connection(
    server: RedisServer, either_protocol: int
) -> None:
    provider = Rotation()
    async with users_of(server, provider):
        async with client_of(
            server, **server.address, protocol=either_protocol, credential_provider=provider
        ) as client:
            pool = client.connection_pool
            assert await client.ping()
            provider.giving.clear()
            held = await pool.get_connection()
            before = provider.asked
            async with (
                task_of(client.echo("cancelled")),
                task_of(client.echo("slow")) as slow,
                task_of(client.echo("slow too")) as slow_too,
            ):
                await until(lambda: provider.asked == before + 3)
                await pool.release(held)
                assert await together(TASKS, lambda number: client.echo(str(number))) == [
                    b"%d" % number for number in range(TASKS)]
                pool.timeout = 0.1
                held = await pool.get_connection()
                with pytest.raises(respool.ConnectionPoolTimeoutError):
                    await client.ping()
                await pool.release(held)
                pool.timeout = 20
                assert not slow.done() and not slow_too.done()
                provider.giving.set()
                assert [await slow, await slow_too] == [b"slow", b"slow too"]


async def test_a_provider_that_fails_costs_no_place(server: RedisServer, either_protocol: int) -> None:
    provider = Rotation()
    async with users_of(server, provider):
        async with client_of(
            server, **server.address, protocol=either_protocol, credential_provider=provider, retry=NEVER
        ) as client:
            for failure in (redis.AuthenticationError("no token"), redis.TimeoutError("late"), ValueError("bug")):
                provider.failure = failure
                outcomes = await asyncio.gather(*(client.ping() for _ in range(TASKS)), return_exceptions=True)
                assert {type(outcome) for outcome in outcomes} == {type(failure)}
                assert_sound(client.connection_pool, in_use=0, connecting=0, waiting=0)
            provider.failure = None
            provider.token, right = Token("nobody", "wrong"), provider.token
            with pytest.raises(redis.AuthenticationError):
                await client.ping()
            provider.token = right


# --- forks -------------------------------------------------------------------------------------------------------

@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
async def test_children_forked_in_the_middle_have_loops_and_connections_of_their_own(
    server: RedisServer, run: Run, either_protocol: int
) -> None:
    """What a child lets go of, and closes, is polled by the parent's loop, with whom it shares the means to."""
    async with client_of(server, **server.address, protocol=either_protocol) as client:
        pool = client.connection_pool

        def child() -> None:
            """With the parent's pool, and its loop in the middle of it."""
            signal.alarm(60)
            assert_sound(pool, created=0, waiting=0)
            gc.collect()
            run(work_of_child)

        async def work_of_child() -> None:
            async with load(awaited_values_of_its_own(client)):
                pass
            await assert_all_can_be_had(pool)
            await client.sadd("children", *[await client.client_id() for _ in range(CONNECTIONS)])
            await pool.aclose()

        await client.delete("children")
        await assert_all_can_be_had(pool)
        before = {entry["id"] for entry in server.connections_named(NAME)}
        # So few tasks that connections of both kinds are inherited, those in use and idle ones.
        async with load(awaited_values_of_its_own(client), tasks=CONNECTIONS - 2) as running:
            for _ in range(2):
                assert_sound(pool, created=CONNECTIONS)
                assert pool.idle >= 2
                pid = start_child(child)
                await running.goes_on()
                assert os.waitstatus_to_exitcode((await asyncio.to_thread(os.waitpid, pid, 0))[1]) == 0
            await running.goes_on()
        await assert_all_can_be_had(pool)
        assert {entry["id"] for entry in server.connections_named(NAME)} == before
        theirs = {connection.decode() for connection in await client.smembers("children")}
        assert len(theirs) == 2 * CONNECTIONS and not theirs & before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_pool_used_before_the_fork_serves_workers_as_a_preforking_server_has_them(
    server: RedisServer, run: Run
) -> None:
    """The parent has used it on a loop that is over, as a program that warms up does."""
    pool = BlockingConnectionPool(**server.address, max_connections=CONNECTIONS, client_name=NAME)
    client: Any = Redis(connection_pool=pool)
    parents = run(client.client_id, abandons=True)

    async def serve() -> None:
        assert parents not in await together(TASKS, lambda number: client.client_id())
        await pool.aclose()

    def child() -> None:
        signal.alarm(60)
        run(serve)

    for pid in [start_child(child) for _ in range(2)]:
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    run(serve)


# --- more than one loop ------------------------------------------------------------------------------------------

def test_a_pool_of_the_module_serves_one_loop_after_another(
    server: RedisServer, run: Run, either_protocol: int
) -> None:
    """As programs do that call asyncio.run for each job, and close nothing."""
    options: dict[str, Any] = {"max_connections": CONNECTIONS, "client_name": NAME, "protocol": either_protocol}
    pool = BlockingConnectionPool(**server.address, **options)
    client: Any = Redis(connection_pool=pool)
    seen: set[int] = set()

    async def job() -> None:
        assert_sound(pool, in_use=0, connecting=0, waiting=0)
        used = set(await together(TASKS, lambda number: client.client_id()))
        assert len(used) == CONNECTIONS and not used & seen
        seen.update(used)
        await until(lambda: {int(entry["id"]) for entry in server.connections_named(NAME)} == used)
        assert_sound(pool, created=CONNECTIONS, idle=CONNECTIONS)

    for _ in range(4):
        run(job, abandons=True)
    run(pool.aclose)
    assert_sound(pool, created=0)


def test_a_loop_that_was_stopped_in_the_middle_leaves_the_pool_to_the_next(server: RedisServer, run: Run) -> None:
    """With connections in use, a command under way and tasks in line, as after Ctrl-C."""
    pool = BlockingConnectionPool(**server.address, max_connections=2, client_name=NAME, socket_timeout=None)
    client: Any = Redis(connection_pool=pool)
    held: list[Any] = []

    async def stopped_in_the_middle() -> None:
        held.append(await pool.get_connection())
        async with task_of(client.blpop(["queue"], timeout=0)), task_of(client.ping()), task_of(client.ping()):
            await until(lambda: pool.waiting == 2)
            raise KeyboardInterrupt

    async def goes_on() -> None:
        await together(TASKS, lambda number: client.echo(str(number)))
        await pool.release(held.pop())  # of the other loop, which nobody can use any more
        await assert_all_can_be_had(pool)
        await until(lambda: len(server.connections_named(NAME)) == 2)
        await pool.aclose()

    with pytest.raises(KeyboardInterrupt):
        run(stopped_in_the_middle, abandons=True)
    run(goes_on)


def test_a_pool_that_another_running_loop_uses_says_so(
    server: RedisServer, run: Run, threads: Threads, either_protocol: int
) -> None:
    options: dict[str, Any] = {"max_connections": 2, "client_name": NAME, "protocol": either_protocol}
    pool = BlockingConnectionPool(**server.address, **options)
    client: Any = Redis(connection_pool=pool)
    running, refused = threading.Event(), threading.Event()

    async def first() -> None:
        async with load(awaited_values_of_its_own(client)) as going:
            running.set()
            while not refused.is_set():
                await going.goes_on(1)
        await assert_all_can_be_had(pool)

    async def second() -> None:
        for attempt in (client.ping, pool.get_connection, client.pipeline().ping().execute, client.pubsub().connect):
            with pytest.raises(RuntimeError, match="loop"):
                await attempt()

    async def third() -> None:
        assert await client.ping() is True
        await pool.aclose()

    thread = threads.start(lambda: run(first, abandons=True))
    assert running.wait(30)
    try:
        run(second)
    finally:
        refused.set()
    thread.join(30)
    assert not threads.errors
    run(third)
