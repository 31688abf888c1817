"""A master, its replicas and three sentinels: respool's pools follow the master, and lose nothing when it changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
import redis.sentinel
from redis.backoff import ConstantBackoff, NoBackoff
from redis.exceptions import MaxConnectionsError, ReadOnlyError
from redis.retry import Retry

import respool
from conftest import Threads, assert_sound, until
from deployments import MASTER, SentinelSetup, ask, is_master, sentinel_setup, traffic, values_of_its_own
from respool import SentinelConnectionPool
from servers import Certificates, RedisServer, redis_server
from sessions import assert_the_killed_are_replaced

NEVER, PATIENTLY = Retry(NoBackoff(), 0), Retry(ConstantBackoff(0.05), 400)
PASSING = (redis.ConnectionError, redis.TimeoutError, ReadOnlyError)
NAME = "tested"


@pytest.fixture(scope="module")
def setup() -> Iterator[SentinelSetup]:
    """Tests may have its master change, and leave it settled."""
    with sentinel_setup() as running:
        yield running


@contextmanager
def client_of(setup: SentinelSetup, replicas: bool = False, **options: Any) -> Iterator[redis.Redis]:
    """A client of the master, or of the replicas, with a pool of respool's."""
    with setup.manager() as manager:
        make = manager.slave_for if replicas else manager.master_for
        with make(MASTER, connection_pool_class=SentinelConnectionPool, client_name=NAME, **options) as client:
            yield client


def assert_all_can_be_had(pool: Any, *servers: RedisServer) -> None:
    """Nothing is in use, as many connections as promised can be, and they lead to these servers."""
    assert_sound(pool, in_use=0, connecting=0, waiting=0)
    connections = [pool.get_connection() for _ in range(pool.max_connections)]
    assert {connection.port for connection in connections} == {server.port for server in servers}
    for number, connection in enumerate(connections):
        connection.send_command("ECHO", number)
    assert [connection.read_response() for connection in connections] == [
        b"%d" % number for number in range(len(connections))]
    for connection in connections:
        pool.release(connection)
    assert_sound(pool, created=pool.max_connections, idle=pool.max_connections)


# --- who is asked ------------------------------------------------------------------------------------------------

def test_the_master_is_asked_on_connections_that_stay(setup: SentinelSetup, protocol: int) -> None:
    with client_of(setup, protocol=protocol, max_connections=2) as client:
        assert client.set("key", protocol) is True
        before = client.client_id()
        for number in range(50):
            assert client.incrby("counter", 1) and client.echo(str(number)) == b"%d" % number
        assert client.client_id() == before
        assert client.info("server")["tcp_port"] == setup.master.port
        assert len(setup.master.connections_named(NAME)) == 1
        assert_all_can_be_had(client.connection_pool, setup.master)
    until(lambda: not any(server.connections_named(NAME) for server in setup.servers))


def test_replicas_take_turns_and_refuse_to_write(setup: SentinelSetup, protocol: int) -> None:
    with client_of(setup) as master:
        master.set("key", protocol)
        assert master.wait(2, 10_000) == 2
    with client_of(setup, replicas=True, protocol=protocol, max_connections=4) as client:
        pool = client.connection_pool
        connections = [pool.get_connection() for _ in range(4)]
        first, second = connections[0].port, connections[1].port
        assert [connection.port for connection in connections] == [first, second] * 2
        assert {first, second} == {server.port for server in setup.replicas}
        for connection in connections:
            pool.release(connection)
        assert [client.info("server")["tcp_port"] for _ in range(4)] == [first, second] * 2
        with pytest.raises(ReadOnlyError):
            client.set("key", "other")
        for _ in range(8):
            assert client.get("key") == b"%d" % protocol
        assert_all_can_be_had(pool, *setup.replicas)
        assert sorted(len(server.connections_named(NAME)) for server in setup.servers) == [0, 2, 2]


def test_the_pools_own_arguments_hold(setup: SentinelSetup, threads: Threads) -> None:
    with client_of(setup, max_connections=1, timeout=0.1, max_waiting=1) as client:
        pool = client.connection_pool
        used = pool.get_connection()
        with pytest.raises(respool.ConnectionPoolTimeoutError):
            client.ping()
        pool.timeout = None
        threads.start(lambda: client.set("key", "waited"))
        until(lambda: pool.waiting == 1)
        with pytest.raises(respool.ConnectionPoolOverloadError):
            client.ping()
        pool.release(used)
        threads.join()
        assert client.get("key") == b"waited"
        assert_all_can_be_had(pool, setup.master)


class Manager:
    """Names one server."""

    def __init__(self, port: int) -> None:
        self.port = port

    def discover_master(self, service_name: str) -> tuple[str, int]:
        return "127.0.0.1", self.port


def test_a_master_that_talks_tls_is_found_again_when_it_has_closed(
    secure_server: RedisServer, certificates: Certificates
) -> None:
    options = {"ssl": True, "ssl_ca_certs": certificates.root, "max_connections": 1, "retry": PATIENTLY}
    with SentinelConnectionPool(MASTER, Manager(secure_server.tls_port), **options) as pool:
        connection = pool.get_connection()
        assert type(connection) is respool.SentinelManagedSSLConnection
        pool.release(connection)
        assert_the_killed_are_replaced(secure_server, redis.Redis(connection_pool=pool))


# --- the master changes ------------------------------------------------------------------------------------------

def watched(errors: list[Exception]) -> list[Exception]:
    """The errors that callers got, of which none may be for want of connections."""
    assert not any(isinstance(error, MaxConnectionsError) for error in errors)
    return errors


@pytest.mark.parametrize(("protocol", "retry"), [(2, NEVER), (3, PATIENTLY)], ids=["RESP2-once", "RESP3-patiently"])
def test_a_killed_master_is_replaced_under_load_and_not_asked_when_it_comes_back(
    threads: Threads, protocol: int, retry: Retry
) -> None:
    with sentinel_setup(down_after=1000) as setup:
        old = setup.master
        with client_of(setup, protocol=protocol, max_connections=3, timeout=20, retry=retry) as client:
            pool = client.connection_pool
            with traffic(threads, values_of_its_own(client, failover=True), *PASSING) as load:
                old.process.kill()
                until(lambda: setup.master is not old)
                load.goes_on()
                with redis_server(port=old.port) as setup.servers[setup.servers.index(old)]:
                    setup.settle()
                    load.goes_on()
                    assert_sound(pool)
                    assert not is_master(setup.servers[0])
                    assert "cmdstat_get" not in ask(old.port, "INFO", "commandstats")
            assert_all_can_be_had(pool, setup.master)
            assert bool(watched(load.errors)) == (retry is NEVER)


def test_a_failover_by_command_is_followed_under_load(setup: SentinelSetup, threads: Threads, protocol: int) -> None:
    old = setup.master
    with client_of(setup, protocol=protocol, max_connections=3, timeout=20, retry=NEVER) as client:
        with traffic(threads, values_of_its_own(client, failover=True), *PASSING) as load:
            setup.replace_master()
            setup.settle()
            load.goes_on()
            until(lambda: old.connections_named(NAME) == [])
        watched(load.errors)
        assert_all_can_be_had(client.connection_pool, setup.master)


def test_a_master_that_became_a_replica_and_says_so_is_left_under_load(
    setup: SentinelSetup, threads: Threads, protocol: int
) -> None:
    """It keeps its clients, and answers READONLY: nobody but the reply tells them."""
    old, new, other = setup.master, *setup.replicas
    # So many, in this order, that the load leaves some of them idle.
    with client_of(setup, protocol=protocol, max_connections=10, order="lifo", retry=NEVER) as client:
        pool = client.connection_pool
        assert_all_can_be_had(pool, old)
        held = pool.get_connection()
        with traffic(threads, values_of_its_own(client, failover=True), *PASSING) as load:
            for port in setup.sentinels:
                ask(port, "SENTINEL REMOVE", MASTER)
            ask(new.port, "REPLICAOF", "NO", "ONE")
            for replica in (old, other):
                ask(replica.port, "REPLICAOF", "127.0.0.1", new.port)
            for port in setup.sentinels:
                ask(port, "SENTINEL MONITOR", MASTER, "127.0.0.1", new.port, 2)
            setup.settle()
            load.goes_on()
            until(lambda: len(old.connections_named(NAME)) == 1)
            pool.release(held)
            until(lambda: old.connections_named(NAME) == [])
        assert any("previous master is now a slave" in str(error) for error in watched(load.errors))
        assert_all_can_be_had(pool, new)


def test_a_command_that_is_tried_again_asks_for_the_master_of_now(threads: Threads) -> None:
    with redis_server() as old, redis_server() as new:
        manager = Manager(old.port)
        with SentinelConnectionPool(MASTER, manager, max_connections=1, retry=PATIENTLY, socket_timeout=None) as pool:
            client: Any = redis.Redis(connection_pool=pool)
            received: list[bytes] = []
            threads.start(lambda: received.extend(client.blpop(["queue"], timeout=0)))
            until(lambda: ask(old.port, "INFO", "clients")["blocked_clients"] == 1)
            manager.port = new.port
            old.process.kill()
            until(lambda: ask(new.port, "INFO", "clients")["blocked_clients"] == 1)
            ask(new.port, "RPUSH", "queue", "element")
            threads.join()
            assert received == [b"queue", b"element"]
            assert_all_can_be_had(pool, new)


def test_a_subscriber_follows_the_master(setup: SentinelSetup, protocol: int) -> None:
    with (
        client_of(setup, protocol=protocol, max_connections=2, timeout=20, retry=PATIENTLY) as client,
        client.pubsub() as subscriber,
    ):
        subscriber.subscribe("news")
        assert subscriber.get_message(timeout=20)["type"] == "subscribe"
        setup.replace_master()
        setup.settle()
        received: list[Any] = []

        def arrives() -> bool:
            client.publish("news", "new master")
            received.append(subscriber.get_message(timeout=0.1))
            return received[-1] is not None and received[-1]["type"] == "message"

        until(arrives)
        assert received[-1]["data"] == b"new master"
        assert_sound(client.connection_pool, in_use=1)
        subscriber.close()
        assert_all_can_be_had(client.connection_pool, setup.master)


def test_a_killed_replica_is_passed_over_under_load(threads: Threads, protocol: int) -> None:
    with sentinel_setup(down_after=1000) as setup, client_of(setup) as master:
        master.set("key", "value")
        assert master.wait(2, 10_000) == 2
        gone, left = setup.replicas
        with client_of(setup, replicas=True, protocol=protocol, max_connections=3, timeout=20, retry=NEVER) as client:

            def read(number: int, turn: int) -> None:
                assert client.get("key") == b"value"
                assert client.echo(f"{number}-{turn}") == f"{number}-{turn}".encode()

            with traffic(threads, read, *PASSING) as load:
                gone.process.kill()
                load.goes_on()
                assert_sound(client.connection_pool)
            watched(load.errors)
            assert_all_can_be_had(client.connection_pool, left)
