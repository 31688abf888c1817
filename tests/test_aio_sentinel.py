"""A master, its replicas and three sentinels: respool's asyncio pools follow the master, whatever its tasks do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ConstantBackoff, NoBackoff
from redis.exceptions import MaxConnectionsError, ReadOnlyError

import respool
import respool.asyncio
from conftest import assert_sound
from deployments import (
    MASTER,
    TASKS,
    Load,
    SentinelSetup,
    ask,
    awaited_values_of_its_own,
    is_master,
    load,
    sentinel_setup,
)
from loops import on_each_loop
from respool.asyncio import SentinelConnectionPool
from servers import Certificates, RedisServer, redis_server
from sessions import asked, assert_all_can_be_had
from tasks import task_of, together, until

pytestmark = on_each_loop

NEVER, PATIENTLY = Retry(NoBackoff(), 0), Retry(ConstantBackoff(0.05), 400)
PASSING = (redis.ConnectionError, redis.TimeoutError, ReadOnlyError)
NAME = "tested"


@pytest.fixture(scope="module")
def setup() -> Iterator[SentinelSetup]:
    """Tests may have its master change, and leave it settled."""
    with sentinel_setup() as running:
        yield running


@asynccontextmanager
async def manager_of(setup: SentinelSetup) -> AsyncIterator[Sentinel]:
    manager = Sentinel([("127.0.0.1", port) for port in setup.sentinels], socket_timeout=5)
    sentinels = list(manager.sentinels)  # tasks that change their order at once may drop one of them
    try:
        yield manager
    finally:
        for sentinel in sentinels:
            await sentinel.aclose()


@asynccontextmanager
async def client_of(setup: SentinelSetup, replicas: bool = False, **options: Any) -> AsyncIterator[Any]:
    """A client of the master, or of the replicas, with a pool of respool's."""
    async with manager_of(setup) as manager:
        make = manager.slave_for if replicas else manager.master_for
        async with make(MASTER, connection_pool_class=SentinelConnectionPool, client_name=NAME, **options) as client:
            yield client


async def assert_all_lead_to(pool: Any, *servers: RedisServer) -> None:
    connections = await assert_all_can_be_had(pool)
    assert {connection.port for connection in connections} == {server.port for server in servers}


# --- who is asked ------------------------------------------------------------------------------------------------

async def test_all_tasks_ask_the_master_on_connections_that_stay(setup: SentinelSetup, protocol: int) -> None:
    async with client_of(setup, protocol=protocol, max_connections=3, timeout=20) as client:
        pool = client.connection_pool

        async def work(number: int) -> set[int]:
            assert await client.set(f"key-{number}", number) is True
            assert await client.get(f"key-{number}") == b"%d" % number
            return {await client.client_id() for _ in range(5)}

        used = set().union(*await together(TASKS, work))
        assert len(used) == 3
        assert (await client.info("server"))["tcp_port"] == setup.master.port
        assert {entry["id"] for entry in setup.master.connections_named(NAME)} == set(map(str, used))
        assert {type(connection) for connection in await assert_all_can_be_had(pool)} == {
            respool.asyncio.SentinelManagedConnection}
        await assert_all_lead_to(pool, setup.master)
    await until(lambda: not any(server.connections_named(NAME) for server in setup.servers))


async def test_replicas_take_turns_and_refuse_to_write(setup: SentinelSetup, protocol: int) -> None:
    async with client_of(setup) as master:
        await master.set("key", protocol)
        assert await master.wait(2, 10_000) == 2
    async with client_of(setup, replicas=True, protocol=protocol, max_connections=4, timeout=20) as client:
        pool = client.connection_pool
        connections = [await pool.get_connection() for _ in range(4)]
        first, second = connections[0].port, connections[1].port
        assert [connection.port for connection in connections] == [first, second] * 2
        assert {first, second} == {server.port for server in setup.replicas}
        for connection in connections:
            await pool.release(connection)
        with pytest.raises(ReadOnlyError):
            await client.set("key", "other")

        async def read(number: int) -> None:
            assert await client.get("key") == b"%d" % protocol
            assert await client.echo(str(number)) == b"%d" % number

        await together(TASKS, read)
        await assert_all_lead_to(pool, *setup.replicas)
        assert sorted(len(server.connections_named(NAME)) for server in setup.servers) == [0, 2, 2]


async def test_the_pools_own_arguments_hold(setup: SentinelSetup) -> None:
    async with client_of(setup, max_connections=1, timeout=0.1, max_waiting=1) as client:
        pool = client.connection_pool
        used = await pool.get_connection()
        with pytest.raises(respool.ConnectionPoolTimeoutError):
            await client.ping()
        pool.timeout = None
        async with task_of(client.set("key", "waited")) as waiting:
            await until(lambda: pool.waiting == 1)
            with pytest.raises(respool.ConnectionPoolOverloadError):
                await client.ping()
            await pool.release(used)
            assert await waiting is True
        assert await client.get("key") == b"waited"
        await assert_all_lead_to(pool, setup.master)


class Manager:
    """Names one server, as soon as it may."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answering = asyncio.Event()
        self.answering.set()
        self.asked = 0

    async def discover_master(self, service_name: str) -> tuple[str, int]:
        self.asked += 1
        await self.answering.wait()
        return "127.0.0.1", self.port


async def test_a_master_that_talks_tls_is_found_again_when_it_has_closed(
    secure_server: RedisServer, certificates: Certificates
) -> None:
    manager = Manager(secure_server.tls_port)
    options = {"ssl": True, "ssl_ca_certs": certificates.root, "max_connections": 1, "retry": PATIENTLY}
    async with SentinelConnectionPool(MASTER, manager, client_name=NAME, **options) as pool:
        client = Redis(connection_pool=pool)
        for number in range(3):
            before = await client.client_id()
            ask(secure_server.port, "CLIENT", "KILL", "ID", before)
            assert await client.echo(str(number)) == b"%d" % number
            assert await client.client_id() != before
        [connection] = await assert_all_can_be_had(pool)
        assert type(connection) is respool.asyncio.SentinelManagedSSLConnection


async def test_whoever_is_cancelled_while_a_sentinel_is_asked_leaves_his_slot(server: RedisServer) -> None:
    manager = Manager(server.port)
    manager.answering.clear()
    async with SentinelConnectionPool(MASTER, manager, max_connections=2, timeout=None) as pool:
        client = Redis(connection_pool=pool)
        for _ in range(3):
            asked = manager.asked
            async with task_of(client.ping()), task_of(client.ping()), task_of(client.ping()):
                await until(lambda asked=asked: manager.asked == asked + 2 and pool.waiting == 1)
            assert_sound(pool, in_use=0, connecting=0, waiting=0)
        async with task_of(client.echo("first")) as first, task_of(client.echo("second")) as second:
            async with task_of(client.echo("cancelled")):
                await until(lambda: pool.waiting == 1)
            manager.answering.set()
            assert [await first, await second] == [b"first", b"second"]
        await assert_all_lead_to(pool, server)


async def test_a_connection_to_the_master_of_before_is_not_kept_when_it_comes_back(protocol: int) -> None:
    with redis_server() as old, redis_server() as new:
        manager = Manager(old.port)
        options = {"max_connections": 3, "client_name": NAME, "protocol": protocol}
        async with SentinelConnectionPool(MASTER, manager, **options) as pool:
            first, second, idle = [await pool.get_connection() for _ in range(3)]
            await pool.release(idle)
            manager.port = new.port
            await first.disconnect()
            await first.connect()
            assert first.port == new.port
            await until(lambda: len(old.connections_named(NAME)) == 1)
            assert await asked(second, "ECHO", "still in use") == b"still in use"
            await pool.release(second)
            await pool.release(first)
            await until(lambda: old.connections_named(NAME) == [])
            assert len(new.connections_named(NAME)) == 1
            await assert_all_lead_to(pool, new)


# --- the master changes ------------------------------------------------------------------------------------------

def watched(running: Load) -> list[Exception]:
    """The errors that callers got, of which none may be for want of connections."""
    assert not any(isinstance(error, MaxConnectionsError) for error in running.errors)
    return running.errors


@pytest.fixture
def persistence(kind_of_loop: str) -> tuple[int, Retry]:
    """RESP2 and no second try on one kind of loop, RESP3 and many on the other."""
    return (2, NEVER) if kind_of_loop == "asyncio" else (3, PATIENTLY)


async def test_a_killed_master_is_replaced_under_load_and_not_asked_when_it_comes_back(
    persistence: tuple[int, Retry]
) -> None:
    protocol, retry = persistence
    with sentinel_setup(down_after=1000) as setup:
        old = setup.master
        async with client_of(setup, protocol=protocol, max_connections=5, timeout=20, retry=retry) as client:
            pool = client.connection_pool
            async with load(awaited_values_of_its_own(client, failover=True), *PASSING) as running:
                old.process.kill()
                await until(lambda: asyncio.to_thread(lambda: setup.master is not old))
                await running.goes_on()
                with redis_server(port=old.port) as setup.servers[setup.servers.index(old)]:
                    await asyncio.to_thread(setup.settle)
                    await running.goes_on()
                    assert_sound(pool)
                    assert not is_master(setup.servers[0])
                    assert "cmdstat_get" not in ask(old.port, "INFO", "commandstats")
            await assert_all_lead_to(pool, setup.master)
            assert bool(watched(running)) == (retry is NEVER)


async def test_a_master_that_became_a_replica_and_says_so_is_left_under_load(
    setup: SentinelSetup, protocol: int
) -> None:
    """It keeps its clients, and answers READONLY: nobody but the reply tells them."""
    old, new, other = setup.master, *setup.replicas

    def replace_unnoticed() -> None:
        for port in setup.sentinels:
            ask(port, "SENTINEL REMOVE", MASTER)
        ask(new.port, "REPLICAOF", "NO", "ONE")
        for replica in (old, other):
            ask(replica.port, "REPLICAOF", "127.0.0.1", new.port)
        for port in setup.sentinels:
            ask(port, "SENTINEL MONITOR", MASTER, "127.0.0.1", new.port, 2)
        setup.settle()

    # So many, in this order, that the load leaves some of them idle.
    async with client_of(setup, protocol=protocol, max_connections=10, order="lifo", retry=NEVER) as client:
        pool = client.connection_pool
        await assert_all_lead_to(pool, old)
        held = await pool.get_connection()
        async with load(awaited_values_of_its_own(client, failover=True), *PASSING, tasks=6) as running:
            await asyncio.to_thread(replace_unnoticed)
            await running.goes_on()
            await until(lambda: len(old.connections_named(NAME)) == 1)
            await pool.release(held)
            await until(lambda: old.connections_named(NAME) == [])
        assert any("previous master is now a slave" in str(error) for error in watched(running))
        await assert_all_lead_to(pool, new)


async def test_a_command_that_is_tried_again_asks_for_the_master_of_now() -> None:
    with redis_server() as old, redis_server() as new:
        manager = Manager(old.port)
        options = {"max_connections": 1, "retry": PATIENTLY, "socket_timeout": None}
        async with SentinelConnectionPool(MASTER, manager, **options) as pool:
            client = Redis(connection_pool=pool)
            async with task_of(client.blpop(["queue"], timeout=0)) as waiting:
                await until(lambda: ask(old.port, "INFO", "clients")["blocked_clients"] == 1)
                manager.port = new.port
                old.process.kill()
                await until(lambda: ask(new.port, "INFO", "clients")["blocked_clients"] == 1)
                ask(new.port, "RPUSH", "queue", "element")
                assert list(await waiting) == [b"queue", b"element"]
            await assert_all_lead_to(pool, new)


async def test_a_failover_by_command_is_followed_under_load_and_by_subscribers(
    setup: SentinelSetup, persistence: tuple[int, Retry]
) -> None:
    protocol, retry = persistence
    old, followers = setup.master, 3
    options: dict[str, Any] = {"protocol": protocol, "timeout": 20}
    async with (
        client_of(setup, max_connections=5, retry=retry, **options) as client,
        client_of(setup, max_connections=followers, retry=PATIENTLY, **options) as listening,
    ):
        subscribed = asyncio.Semaphore(0)

        async def follow(number: int) -> None:
            async with listening.pubsub() as subscriber:
                await subscriber.subscribe(f"news-{number}")
                async for message in subscriber.listen():
                    subscribed.release()
                    if message["type"] == "message":
                        assert message["channel"] == b"news-%d" % number and message["data"] == b"%d" % number
                        return

        async with task_of(together(followers, follow)) as following:
            for _ in range(followers):
                await subscribed.acquire()
            async with load(awaited_values_of_its_own(client, failover=True), *PASSING) as running:
                await asyncio.to_thread(setup.replace_master)
                await asyncio.to_thread(setup.settle)
                await running.goes_on()

            async def heard() -> bool:
                for number in range(followers):
                    await client.publish(f"news-{number}", number)
                return following.done()

            await until(heard)
            await following
        watched(running)
        await assert_all_lead_to(client.connection_pool, setup.master)
        await assert_all_lead_to(listening.connection_pool, setup.master)
        await until(lambda: old.connections_named(NAME) == [])


async def test_a_killed_replica_is_passed_over_under_load(persistence: tuple[int, Retry]) -> None:
    protocol, retry = persistence
    with sentinel_setup(down_after=1000) as setup:
        async with client_of(setup) as master:
            await master.set("key", "value")
            assert await master.wait(2, 10_000) == 2
        gone, left = setup.replicas
        async with client_of(
            setup, replicas=True, max_connections=5, timeout=20, retry=retry, protocol=protocol
        ) as client:

            async def read(number: int, turn: int) -> None:
                assert await client.get("key") == b"value"
                assert await client.echo(f"{number}-{turn}") == f"{number}-{turn}".encode()

            async with load(read, *PASSING) as running:
                gone.process.kill()
                await running.goes_on()
                assert_sound(client.connection_pool)
            watched(running)
            # redis-py's turns are shared, so that a task may miss the replica that is left, and take the master.
            ports = {connection.port for connection in await assert_all_can_be_had(client.connection_pool)}
            assert left.port in ports and gone.port not in ports
