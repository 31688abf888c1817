"""Three masters and their replicas: redis-py's cluster client with pools of respool's for its nodes."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import redis
from redis.cluster import LoadBalancingStrategy, RedisCluster, key_slot
from redis.exceptions import ClusterError, MaxConnectionsError, MovedError, RedisClusterException

import respool
from conftest import Threads, assert_sound, until
from deployments import Cluster, ask, cluster, is_master, migrate, replicates, traffic, values_of_its_own
from servers import RedisServer, frozen
from versions import needs_moving_subscribers

NAME = "tested"
KEYS = [f"key-{number}" for number in range(200)]


@pytest.fixture(scope="module")
def setup() -> Iterator[Cluster]:
    """Tests may move slots, and leave each to some master."""
    with cluster() as running:
        yield running


@contextmanager
def client_of(setup: Cluster, **options: Any) -> Iterator[Any]:
    """A client whose nodes have pools of respool's. Given a host and no URL, redis-py would ignore the class."""
    options.setdefault("connection_pool_class", respool.ConnectionPool)
    client = RedisCluster.from_url(setup.servers[0].url, client_name=NAME, **options)
    try:
        yield client
    finally:
        client.disconnect_connection_pools()
        client.close()


def pools_of(client: Any) -> list[respool.ConnectionPool]:
    return [node.redis_connection.connection_pool for node in client.get_nodes()]


def sessions(setup: Cluster) -> list[set[str]]:
    """The client's connections as the servers know them."""
    return [{entry["id"] for entry in server.connections_named(NAME)} for server in setup.servers]


def assert_all_can_be_had(client: Any, gone: RedisServer | None = None) -> None:
    """Nothing is in use, and each pool has as many connections as it promises, unless its server has gone."""
    for pool in pools_of(client):
        assert_sound(pool, in_use=0, connecting=0, waiting=0)
        if gone is not None and pool.connection_kwargs["port"] == gone.port:
            continue
        connections = [pool.get_connection() for _ in range(pool.max_connections)]
        for number, connection in enumerate(connections):
            connection.send_command("ECHO", number)
        for number, connection in enumerate(connections):
            assert connection.read_response() == b"%d" % number
            pool.release(connection)
        assert_sound(pool, created=pool.max_connections, idle=pool.max_connections)


# --- connections that stay ---------------------------------------------------------------------------------------

def test_commands_on_all_slots_share_one_connection_for_each_node(setup: Cluster, protocol: int) -> None:
    with client_of(setup, protocol=protocol) as client:
        assert {type(pool) for pool in pools_of(client)} == {respool.ConnectionPool}
        assert all(client.mset_nonatomic({key: key for key in KEYS}))
        before = sessions(setup)
        assert [len(found) for found in before] == [1, 1, 1, 0, 0, 0]
        for key in KEYS:
            assert client.get(key) == key.encode()
        assert client.mget_nonatomic(KEYS) == [key.encode() for key in KEYS]
        pipeline = client.pipeline()
        for key in KEYS:
            pipeline.append(key, "!").get(key)
        assert pipeline.execute() == [reply for key in KEYS for reply in (len(key) + 1, f"{key}!".encode())]
        with client.pipeline(transaction=True) as transaction:
            transaction.watch("counter")
            transaction.multi()
            transaction.set("counter", 1).incr("counter")
            assert [bool(reply) for reply in transaction.execute()] == [True, True]
        assert client.delete(*KEYS) == len(KEYS)
        assert sessions(setup) == before
        for pool in pools_of(client):
            assert_sound(pool, in_use=0)


@pytest.mark.usefixtures("installed")
def test_after_install_each_node_has_our_pool(setup: Cluster, protocol: int) -> None:
    """Given a host and no URL, redis-py makes pools of the class that it has always known."""
    client = RedisCluster(**setup.servers[0].address, protocol=protocol)
    for key in KEYS:
        assert client.set(key, key) is True and client.get(key) == key.encode()
    assert {type(pool) for pool in pools_of(client)} == {respool.ConnectionPool}
    client.close()


def test_the_pools_own_arguments_hold(setup: Cluster) -> None:
    """redis-py passes some of them on; for the others it takes whatever makes a pool."""
    make = functools.partial(respool.ConnectionPool, timeout=0.1, max_waiting=7, order="lifo")
    with client_of(setup, max_connections=3, connection_pool_class=make) as client:
        for pool in pools_of(client):
            assert (pool.max_connections, pool.timeout, pool.max_waiting, pool.order) == (3, 0.1, 7, "lifo")
        assert_all_can_be_had(client)
        pool = client.get_node_from_key("key").redis_connection.connection_pool
        connections = [pool.get_connection() for _ in range(3)]
        with pytest.raises(respool.ConnectionPoolTimeoutError):
            client.get("key")
        for connection in connections:
            pool.release(connection)
        assert client.set("key", "value") is True


@pytest.mark.parametrize("strategy", [LoadBalancingStrategy.ROUND_ROBIN, LoadBalancingStrategy.RANDOM_REPLICA])
def test_connections_that_read_from_replicas_stay(
    setup: Cluster, protocol: int, strategy: LoadBalancingStrategy
) -> None:
    """Their READONLY is part of the handshake, and no reason to close them."""
    with client_of(setup, protocol=protocol, load_balancing_strategy=strategy) as client:
        for key in KEYS:
            assert client.set(key, key) is True
        for key in KEYS * 2:
            until(lambda key=key: client.get(key) == key.encode())
        before = sessions(setup)
        assert [len(found) for found in before] == [1, 1, 1, 1, 1, 1]
        for key in KEYS * 2:
            assert client.get(key) == key.encode()
        assert sessions(setup) == before
        for server in setup.servers:
            assert [entry["flags"] for entry in server.connections_named(NAME)] == ["r"]


# --- slots that move ---------------------------------------------------------------------------------------------

def test_a_slot_on_its_way_is_asked_for_on_connections_that_stay(
    setup: Cluster, threads: Threads, protocol: int
) -> None:
    """ASK, TRYAGAIN and MOVED."""
    keys = [f"{{slot}}{number}" for number in range(10)]
    with client_of(setup, protocol=protocol) as client:
        client.RedisClusterRequestTTL = 100_000
        client.mset({key: key for key in keys})
        client.delete("{slot}new")
        for key in KEYS:
            client.get(key)
        before = sessions(setup)
        with setup.migrating(key_slot(b"slot")) as (source, target):
            migrate(source, target, *keys[:5])
            for number in range(20):
                assert [client.get(key) for key in keys] == [key.encode() for key in keys]
                assert client.set("{slot}new", number) is True
                assert client.pipeline().get(keys[0]).get(keys[9]).execute() == [keys[0].encode(), keys[9].encode()]
            assert ask(source.port, "CLUSTER COUNTKEYSINSLOT", key_slot(b"slot")) == 5
            assert sessions(setup) == before

            replies: list[bytes] = []
            ask(source.port, "CONFIG RESETSTAT")
            threads.start(lambda: replies.extend(client.mget(keys)))
            until(lambda: "errorstat_TRYAGAIN" in ask(source.port, "INFO", "errorstats"))
            assert replies == []
            migrate(source, target, *keys[5:])
            threads.join()
            assert replies == [key.encode() for key in keys]
        for key in keys:
            assert client.get(key) == key.encode()
        assert [len(found) for found in sessions(setup)[:3]] == [1, 1, 1]
        for pool in pools_of(client):
            assert_sound(pool, in_use=0)


def test_slots_that_move_under_load_cost_nobody_an_error(setup: Cluster, threads: Threads, protocol: int) -> None:
    with client_of(setup, protocol=protocol, max_connections=6, timeout=20) as client:
        for server in setup.servers[:3]:
            ask(server.port, "FLUSHALL")
            ask(server.port, "CONFIG RESETSTAT")
        with traffic(threads, values_of_its_own(client)) as load:
            for key in ask(setup.servers[0].port, "KEYS", "*")[:4]:
                slot = key_slot(key.encode())
                with setup.migrating(slot) as (source, target):
                    migrate(source, target, key)
                    load.goes_on(25)
                load.goes_on(25)
                setup.move(slot)
        told = [ask(server.port, "INFO", "errorstats") for server in setup.servers]
        assert any("errorstat_ASK" in found for found in told) and any("errorstat_MOVED" in found for found in told)
        assert_all_can_be_had(client)


def test_a_master_that_hands_over_under_load_costs_nobody_an_error(
    setup: Cluster, threads: Threads, protocol: int
) -> None:
    old, new = setup.servers[protocol - 2], setup.servers[protocol + 1]
    with client_of(setup, protocol=protocol, max_connections=6, timeout=20) as client:
        with traffic(threads, values_of_its_own(client)) as load:
            ask(new.port, "CLUSTER FAILOVER")
            until(lambda: is_master(new) and replicates(old))
            load.goes_on()
        assert_all_can_be_had(client)
    ask(old.port, "CLUSTER FAILOVER", "TAKEOVER")
    until(lambda: is_master(old) and replicates(new))


# --- subscribers -------------------------------------------------------------------------------------------------

def test_subscribers_get_their_messages_and_leave_nothing_behind(setup: Cluster, protocol: int) -> None:
    with client_of(setup, protocol=protocol) as client:
        with client.pubsub() as subscriber:
            subscriber.subscribe("news", "sports")
            until(lambda: subscriber.get_message(timeout=0.1) == message("subscribe", "sports", 2))
            for number in range(20):
                client.publish("news", number)
                assert subscriber.get_message(timeout=20) == message("message", "news", b"%d" % number)
        for pool in pools_of(client):
            assert_sound(pool, in_use=0)
        assert client.set("key", "value") is True and client.get("key") == b"value"


@needs_moving_subscribers
def test_subscribers_of_shards_follow_a_slot_that_moves(setup: Cluster, protocol: int) -> None:
    with client_of(setup, protocol=protocol) as client:
        with client.pubsub() as subscriber:
            subscriber.ssubscribe("news")
            until(lambda: subscriber.get_sharded_message(timeout=0.1) == message("ssubscribe", "news", 1))
            client.spublish("news", "before")
            assert subscriber.get_sharded_message(timeout=20) == message("smessage", "news", b"before")
            setup.move(key_slot(b"news"))

            def arrives() -> bool:
                client.spublish("news", "after")
                # redis-py takes leave of the slot's old node, which may reply that it has moved.
                with suppress(MovedError):
                    return bool(subscriber.get_sharded_message(timeout=0.1) == message("smessage", "news", b"after"))
                return False

            until(arrives)
        for pool in pools_of(client):
            assert_sound(pool, in_use=0)
        assert client.set("key", "value") is True and client.get("key") == b"value"


def message(kind: str, channel: str, data: Any) -> dict[str, Any]:
    return {"type": kind, "pattern": None, "channel": channel.encode(), "data": data}


# --- masters that fail -------------------------------------------------------------------------------------------

def test_a_killed_master_is_replaced_under_load(threads: Threads, protocol: int) -> None:
    failing = (redis.ConnectionError, redis.TimeoutError, ClusterError, RedisClusterException)
    with cluster(node_timeout=1000) as setup:
        gone, successor = setup.servers[0], setup.servers[3]
        with client_of(setup, protocol=protocol, max_connections=6, timeout=20) as client:
            with traffic(threads, values_of_its_own(client, failover=True), *failing) as load:
                gone.process.kill()
                until(lambda: is_master(successor))
                until(lambda: ask(successor.port, "CLUSTER INFO")["cluster_state"] == "ok")
                load.goes_on()
            assert not any(isinstance(error, MaxConnectionsError) for error in load.errors)
            for key in KEYS:
                assert client.set(key, key) is True and client.get(key) == key.encode()
            client.nodes_manager.initialize()
            assert gone.port not in [node.port for node in client.get_primaries()]
            assert_all_can_be_had(client, gone)


def test_a_master_that_freezes_is_given_up_by_the_pools_time_out() -> None:
    with cluster(node_timeout=1000) as setup:
        gone, successor = setup.servers[0], setup.servers[3]
        with client_of(setup, timeout=0.5, socket_timeout=60) as client:
            for key in KEYS:
                assert client.set(key, key) is True
            until(lambda: ask(successor.port, "DBSIZE") == ask(gone.port, "DBSIZE"))
            client.disconnect_connection_pools()
            with frozen(gone):
                until(lambda: is_master(successor))
                until(lambda: ask(successor.port, "CLUSTER INFO")["cluster_state"] == "ok")
                for key in KEYS:
                    assert client.get(key) == key.encode()
