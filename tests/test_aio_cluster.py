"""Three masters and their replicas: redis-py's asyncio client, whose nodes have connections of respool's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import redis
import redis.asyncio.cluster
from redis.cluster import LoadBalancingStrategy, key_slot
from redis.exceptions import ClusterError, MaxConnectionsError, MovedError, RedisClusterException

import respool.asyncio
from deployments import (
    TASKS,
    Cluster,
    ask,
    awaited_values_of_its_own,
    cluster,
    is_master,
    load,
    migrate,
    replicates,
)
from loops import on_each_loop
from servers import RedisServer
from sessions import asked, assert_as_new
from tasks import task_of, together, until
from versions import needs_careful_clusters

pytestmark = [
    on_each_loop,
    pytest.mark.usefixtures("installed"),
    # What redis-py's own client for clusters hands to its own connections, before 8.0.
    pytest.mark.filterwarnings("ignore:.*deprecated usage of input argument/s 'lib_:DeprecationWarning"),
]

NAME = "tested"
KEYS = [f"key-{number}" for number in range(50)]

needs_pubsub = pytest.mark.skipif(
    not hasattr(redis.asyncio.cluster.RedisCluster, "pubsub"), reason="this redis-py has no subscribers in clusters"
)


@pytest.fixture(scope="module")
def setup() -> Iterator[Cluster]:
    """Tests may move slots, and leave each to some master."""
    with cluster() as running:
        yield running


@asynccontextmanager
async def client_of(setup: Cluster, **options: Any) -> AsyncIterator[Any]:
    """A client of redis-py's as it was imported before `install()`; redis-py names no class of its connections."""
    options = {"client_name": NAME, "max_connections": TASKS, **options}
    async with redis.asyncio.cluster.RedisCluster(**setup.servers[0].address, **options) as client:
        yield client


def sessions(setup: Cluster) -> list[set[str]]:
    """The client's connections as the servers know them."""
    return [{entry["id"] for entry in server.connections_named(NAME)} for server in setup.servers]


def assert_all_stay(before: list[set[str]], after: list[set[str]]) -> None:
    """None was closed; it may be that more were needed at once."""
    assert all(earlier <= later for earlier, later in zip(before, after, strict=True)), (before, after)


async def assert_all_are_free(client: Any, gone: RedisServer | None = None) -> None:
    """All connections of all nodes are ours, idle, and give each its own replies, unless their server has gone."""
    for node in client.get_nodes():
        assert {type(connection) for connection in node._connections} <= {respool.asyncio.Connection}
        assert set(node._free) == set(node._connections)
        if gone is None or node.port != gone.port:
            for connection in node._connections:
                await connection.connect()
                assert_as_new(connection, await asked(connection, "CLIENT", "INFO"))
                await connection.send_command("ECHO", id(connection))
            for connection in node._connections:
                assert await connection.read_response() == b"%d" % id(connection)


async def set_and_get(client: Any) -> None:
    for key in KEYS:
        assert await client.set(key, key) is True
        assert await client.get(key) == key.encode()


# --- connections that stay ---------------------------------------------------------------------------------------

async def test_each_node_has_our_connections_which_stay(setup: Cluster, either_protocol: int) -> None:
    async with client_of(setup, protocol=either_protocol) as client:
        await together(TASKS, lambda number: set_and_get(client))
        before = sessions(setup)

        async def work(number: int) -> None:
            key = f"{{{number}}}"
            pipeline = client.pipeline()
            for turn in range(20):
                pipeline.set(f"{number}-{turn}", turn).get(f"{number}-{turn}")
            assert await pipeline.execute() == [reply for turn in range(20) for reply in (True, b"%d" % turn)]
            assert await client.mset_nonatomic({f"{number}-{turn}": number for turn in range(20)})
            assert await client.mget_nonatomic([f"{number}-{turn}" for turn in range(20)]) == [b"%d" % number] * 20
            assert await client.eval("return ARGV[1]", 1, key, number) == b"%d" % number
            with pytest.raises(redis.ResponseError):
                await client.execute_command("LPUSH", "key-1", number)

        await together(TASKS, work)
        assert_all_stay(before, sessions(setup))
        assert [len(found) > 0 for found in before] == [True] * 3 + [False] * 3
        assert all(len(found) <= TASKS + 1 for found in before)
        await assert_all_are_free(client)
    await until(lambda: not any(sessions(setup)))


@pytest.mark.parametrize("strategy", [LoadBalancingStrategy.ROUND_ROBIN, LoadBalancingStrategy.RANDOM_REPLICA], ids=str)
async def test_connections_that_read_from_replicas_stay(
    setup: Cluster, either_protocol: int, strategy: LoadBalancingStrategy
) -> None:
    """Their READONLY is part of the handshake."""
    async with client_of(setup, protocol=either_protocol, load_balancing_strategy=strategy) as client:
        for key in KEYS:
            assert await client.set(key, key) is True

        async def arrived(key: str) -> bool:
            return bool(await client.get(key) == key.encode())

        async def read(number: int) -> None:
            for key in KEYS:
                await until(lambda key=key: arrived(key))

        await together(4, read)
        before = sessions(setup)
        assert all(before)
        await together(4, read)
        assert_all_stay(before, sessions(setup))
        for server in setup.servers:
            assert {entry["flags"] for entry in server.connections_named(NAME)} == {"r"}


@needs_careful_clusters
async def test_cancelled_commands_leave_their_replies_to_nobody(setup: Cluster, either_protocol: int) -> None:
    """A node's connection is taken again at once, by whoever is next."""
    dice = random.Random(either_protocol)  # noqa: S311
    async with client_of(setup, protocol=either_protocol) as client:
        await set_and_get(client)

        async def work(number: int, turn: int) -> None:
            sent = f"{number}-{turn}"
            async with task_of(client.eval("return ARGV[1]", 1, dice.choice(KEYS), f"cancelled {sent}")):
                for _ in range(dice.randrange(6)):
                    await asyncio.sleep(0)
            key = dice.choice(KEYS)
            assert await client.eval("return ARGV[1]", 1, key, sent) == sent.encode()

        async with load(work) as running:
            await running.goes_on(7)
        await assert_all_are_free(client)


# --- slots that move ---------------------------------------------------------------------------------------------

async def test_a_slot_on_its_way_is_asked_for_on_connections_that_stay(setup: Cluster, protocol: int) -> None:
    """ASK, TRYAGAIN and MOVED."""
    keys = [f"{{slot}}{number}" for number in range(10)]
    async with client_of(setup, protocol=protocol) as client:
        client.RedisClusterRequestTTL = 100_000
        await client.mset({key: key for key in keys})
        await client.delete("{slot}new")
        await set_and_get(client)
        before = sessions(setup)
        with setup.migrating(key_slot(b"slot")) as (source, target):
            migrate(source, target, *keys[:5])
            for number in range(20):
                assert [await client.get(key) for key in keys] == [key.encode() for key in keys]
                assert await client.set("{slot}new", number) is True
                replies = await client.pipeline().get(keys[0]).get(keys[9]).execute()
                assert replies == [keys[0].encode(), keys[9].encode()]
            assert ask(source.port, "CLUSTER COUNTKEYSINSLOT", key_slot(b"slot")) == 5
            assert sessions(setup) == before

            ask(source.port, "CONFIG RESETSTAT")
            async with task_of(client.mget(keys)) as waiting:
                await until(lambda: "errorstat_TRYAGAIN" in ask(source.port, "INFO", "errorstats"))
                assert not waiting.done()
                migrate(source, target, *keys[5:])
                assert await waiting == [key.encode() for key in keys]
        for key in keys:
            assert await client.get(key) == key.encode()
        await assert_all_are_free(client)


async def test_slots_that_move_under_load_cost_nobody_an_error(setup: Cluster, either_protocol: int) -> None:
    # A redis-py client asks for leave on one connection, and may use another; it tries again so many times.
    async with client_of(setup, protocol=either_protocol, reinitialize_steps=0) as client:
        client.RedisClusterRequestTTL = 100_000
        for server in setup.servers[:3]:
            ask(server.port, "FLUSHALL")
            ask(server.port, "CONFIG RESETSTAT")
        async with load(awaited_values_of_its_own(client), tasks=6) as running:
            key = ask(setup.servers[0].port, "KEYS", "*")[0]
            slot = key_slot(key.encode())
            with setup.migrating(slot) as (source, target):
                migrate(source, target, key)
                await running.goes_on(21)
            await running.goes_on(21)
            await asyncio.to_thread(setup.move, slot)
        told = [ask(server.port, "INFO", "errorstats") for server in setup.servers]
        assert any("errorstat_ASK" in found for found in told) and any("errorstat_MOVED" in found for found in told)
        await assert_all_are_free(client)


@needs_careful_clusters
async def test_a_master_that_hands_over_under_load_costs_nobody_an_error(setup: Cluster, either_protocol: int) -> None:
    # Another one each time: the others do not vote for a successor of the same master again so soon.
    old, new = setup.servers[either_protocol - 2], setup.servers[either_protocol + 1]
    async with client_of(setup, protocol=either_protocol) as client:
        async with load(awaited_values_of_its_own(client), tasks=8) as running:
            ask(new.port, "CLUSTER FAILOVER")
            await until(lambda: is_master(new) and replicates(old))
            await running.goes_on()
        await assert_all_are_free(client)
    ask(old.port, "CLUSTER FAILOVER", "TAKEOVER")
    await until(lambda: is_master(old) and replicates(new))


# --- subscribers -------------------------------------------------------------------------------------------------

def message(kind: str, channel: str, data: Any) -> dict[str, Any]:
    return {"type": kind, "pattern": None, "channel": channel.encode(), "data": data}


@needs_pubsub
async def test_subscribers_get_their_messages_and_leave_nothing_behind(setup: Cluster, protocol: int) -> None:
    async with client_of(setup, protocol=protocol) as client:

        async def follow(number: int) -> None:
            channel = f"news-{number}"
            async with client.pubsub() as subscriber:
                await subscriber.subscribe(channel)
                assert await subscriber.get_message(timeout=20) == message("subscribe", channel, 1)
                for turn in range(20):
                    await client.publish(channel, turn)
                    assert await subscriber.get_message(timeout=20) == message("message", channel, b"%d" % turn)

        await together(8, follow)
        await assert_all_are_free(client)
        await set_and_get(client)


@needs_pubsub
async def test_subscribers_of_shards_follow_a_slot_that_moves(setup: Cluster, protocol: int) -> None:
    async with client_of(setup, protocol=protocol) as client:
        async with client.pubsub() as subscriber:
            await subscriber.ssubscribe("news")

            async def gets(expected: dict[str, Any]) -> bool:
                # redis-py takes leave of the slot's old node, which may reply that it has moved.
                with suppress(MovedError):
                    return bool(await subscriber.get_sharded_message(timeout=0.1) == expected)
                return False

            await until(lambda: gets(message("ssubscribe", "news", 1)))
            await client.spublish("news", "before")
            await until(lambda: gets(message("smessage", "news", b"before")))
            await asyncio.to_thread(setup.move, key_slot(b"news"))

            async def arrives() -> bool:
                await client.spublish("news", "after")
                return await gets(message("smessage", "news", b"after"))

            await until(arrives)
        await set_and_get(client)
        await assert_all_are_free(client)


# --- masters that fail -------------------------------------------------------------------------------------------

@needs_careful_clusters
async def test_a_killed_master_is_replaced_under_load(either_protocol: int) -> None:
    failing = (redis.ConnectionError, redis.TimeoutError, ClusterError, RedisClusterException)
    with cluster(node_timeout=1000) as setup:
        gone, successor = setup.servers[0], setup.servers[3]
        async with client_of(setup, protocol=either_protocol, max_connections=2 * TASKS) as client:
            async with load(awaited_values_of_its_own(client, failover=True), *failing) as running:
                gone.process.kill()
                await until(lambda: asyncio.to_thread(is_master, successor))
                await until(lambda: ask(successor.port, "CLUSTER INFO")["cluster_state"] == "ok")
                await running.goes_on()
            assert not any(isinstance(error, MaxConnectionsError) for error in running.errors)
            await set_and_get(client)
            assert gone.port not in [node.port for node in client.get_primaries()]
            await assert_all_are_free(client, gone)
