"""What a pool for threads does about time and outages: its connections are ready, alive, not too old, and right."""

from __future__ import annotations

import functools
import gc
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import redis
from redis._parsers import _HiredisParser, _RESP2Parser
from redis.cache import CacheConfig
from redis.connection import CacheProxyConnection
from redis.exceptions import MaxConnectionsError, ReadOnlyError

import respool
from conftest import Threads, assert_sound, lasting, until
from deployments import MASTER, ask, cluster
from respool import BlockingConnectionPool, ConnectionPool, ConnectionPoolClosedError, SentinelConnectionPool
from servers import RedisServer, free_port, frozen, redis_server
from stubs import Dummy
from survivors import (
    ONCE,
    POOLS,
    WRONG,
    Dials,
    Draining,
    Foreign,
    assert_quiet,
    created,
    each_kind,
    each_order,
    each_pool,
    each_real_kind,
    housekeepers,
    id_of,
    ids,
    in_line,
    known,
    neglected,
    new_name,
    pool_of,
    refuses,
    run_script,
    tended,
)
from survivors import dials as dials
from test_fork import in_child

# --- min_idle ----------------------------------------------------------------------------------------------------

@each_pool
@each_kind
def test_connections_are_ready_before_anybody_asks_for_one(
    server: RedisServer, dials: Dials, pool_class: Any, kind: Any
) -> None:
    with pool_of(server, pool_class, connection_class=dials.of(kind), min_idle=3, max_connections=3) as pool:
        until(lambda: pool.idle == 3)
        assert_sound(pool, created=3, idle=3)
        if kind is not Foreign:
            assert len(known(server, pool)) == 3
        pool.release(pool.get_connection())
        assert dials.count == 3 and threading.get_ident() not in dials.threads


@each_order
def test_what_is_taken_is_replaced_as_long_as_there_is_room(server: RedisServer, order: str) -> None:
    with pool_of(server, min_idle=2, order=order) as pool:
        pool.wait_ready()
        taken = [pool.get_connection(), pool.get_connection()]
        until(lambda: pool.idle == 2)
        assert_sound(pool, created=4, in_use=2, idle=2)
        taken += [pool.get_connection(), pool.get_connection()]
        tended(pool)
        assert_sound(pool, created=4, in_use=4, idle=0)
        assert len(known(server, pool)) == 4
        with pytest.raises(MaxConnectionsError):
            pool.get_connection()
        for connection in taken:
            pool.release(connection)
        assert_sound(pool, created=4, idle=4)


def test_there_are_never_more_connections_than_allowed_whoever_makes_them(
    server: RedisServer, threads: Threads, dials: Dials
) -> None:
    """The housekeeper refills all the time while callers take, return and give up connections."""
    with pool_of(server, BlockingConnectionPool, connection_class=dials.of(), max_connections=3, min_idle=3) as pool:

        def use(number: int) -> None:
            for turn in range(40):
                connection = pool.get_connection()
                assert_sound(pool)
                if (turn + number) % 3 == 0:
                    pool._in_use_connections.remove(connection)  # which gives up its place
                    connection.disconnect()
                else:
                    pool.release(connection)

        threads.together(6, use)
        until(lambda: pool.idle == 3)
        assert_sound(pool, created=3, idle=3)


def test_who_waits_until_the_pool_is_ready_goes_on_when_it_is(
    server: RedisServer, threads: Threads, dials: Dials
) -> None:
    dials.stop()
    with pool_of(server, connection_class=dials.of(), min_idle=2) as pool:
        ready = threading.Event()

        def wait() -> None:
            pool.wait_ready(30)
            assert_sound(pool, idle=2)
            ready.set()

        threads.start(wait)
        until(lambda: dials.under_way == 1)
        assert not ready.is_set()
        dials.go_on()
        threads.join()
        assert ready.is_set()
        pool.wait_ready(0)


def test_a_pool_without_a_minimum_is_ready_at_once(dials: Dials) -> None:
    pool = ConnectionPool(host="127.0.0.1", port=free_port(), connection_class=dials.of())
    pool.wait_ready(0)
    assert dials.count == 0 and housekeepers() == []


def test_a_pool_whose_connections_are_all_in_use_is_ready(server: RedisServer) -> None:
    with pool_of(server, min_idle=2, max_connections=2) as pool:
        pool.wait_ready()
        used = [pool.get_connection(), pool.get_connection()]
        pool.wait_ready(0)
        for connection in used:
            pool.release(connection)


@each_pool
def test_who_waits_for_a_server_that_is_down_is_told_why(pool_class: Any) -> None:
    pool = pool_class(host="127.0.0.1", port=free_port(), min_idle=2, max_connections=4, name="mine", **ONCE)
    with lasting(0.3, 20), pytest.raises(redis.exceptions.ConnectionPoolTimeoutError) as caught:
        pool.wait_ready(0.3)
    assert isinstance(caught.value.__cause__, redis.ConnectionError)
    assert "refused" in str(caught.value.__cause__)
    assert "2 connections of its min_idle of 2" in str(caught.value) and "'mine'" in str(caught.value)
    assert_sound(pool, in_use=0)
    pool.close()
    assert_sound(pool, created=0)


def test_who_waits_for_a_pool_that_is_closed_is_told_so(server: RedisServer, threads: Threads, dials: Dials) -> None:
    dials.stop()
    with pool_of(server, connection_class=dials.of(), min_idle=1) as pool:

        def wait() -> None:
            with pytest.raises(ConnectionPoolClosedError, match="closed"):
                pool.wait_ready(None)

        thread = threads.start(wait)
        until(lambda: dials.under_way == 1 and bool(pool._housekeeper._watchers))
        pool.close()
        dials.go_on()
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.parametrize("timeout", [-1, "soon", float("nan")])
def test_a_time_that_cannot_be_waited_is_an_error(timeout: Any) -> None:
    pool = ConnectionPool(connection_class=Dummy)
    for use in (pool.wait_ready, pool.drain):
        with pytest.raises((ValueError, TypeError), match=f'"timeout".*{timeout}'):
            use(timeout)
    pool.release(pool.get_connection())


@each_pool
def test_more_ready_than_allowed_is_an_error_and_no_thread(pool_class: Any) -> None:
    with pytest.raises(ValueError, match='"min_idle" must be at most max_connections, 4, got 5'):
        pool_class(min_idle=5, max_connections=4)
    assert housekeepers() == []


@each_order
def test_after_a_burst_a_pool_shrinks_to_its_minimum_and_not_below(server: RedisServer, order: str) -> None:
    with pool_of(server, min_idle=2, max_idle_time=0.15, max_connections=6, order=order, timeout=20) as pool:
        used = [pool.get_connection() for _ in range(6)]
        for connection in used:
            pool.release(connection)
        until(lambda: created(pool) == 2)
        left = known(server, pool)
        time.sleep(0.3)  # twice the time after which others go
        tended(pool)
        assert_sound(pool, created=2, idle=2)
        assert known(server, pool) == left and len(left) == 2


def test_connections_that_go_are_replaced(server: RedisServer) -> None:
    """By their callers, who lose them, and by age."""
    with pool_of(server, min_idle=2, max_lifetime=0.3) as pool:
        pool.wait_ready()
        before = known(server, pool)
        lost = pool.get_connection()
        del lost
        until(lambda: pool.idle == 2)
        until(lambda: len(known(server, pool) - before) == 2 and pool.idle == 2)
        assert_sound(pool, created=2, idle=2)


def test_a_server_that_is_down_is_not_asked_all_the_time_and_found_when_it_is_back(dials: Dials) -> None:
    with redis_server() as server:
        port = server.port
    pool = ConnectionPool(host="127.0.0.1", port=port, connection_class=dials.of(), min_idle=2, max_connections=2,
                          client_name=new_name(), **ONCE)
    started = time.monotonic()
    until(lambda: dials.count >= 3)
    assert dials.count <= 3 + 2 * (time.monotonic() - started) / 0.1
    pool._refills._pauses = redis.backoff.NoBackoff()  # type: ignore
    with redis_server(port=port):
        until(lambda: pool.idle == 2)
        assert dials.most == 1
        pool.close()
    assert_sound(pool, created=0)


@each_real_kind
def test_a_pool_that_is_lost_goes_and_its_thread_and_its_connections_too(server: RedisServer, kind: Any) -> None:
    name = new_name()
    pool = ConnectionPool(**server.address, client_name=name, connection_class=kind, min_idle=2, max_lifetime=60,
                          max_connections=2)
    pool.wait_ready()
    assert len(ids(server, name)) == 2
    housekeeper = pool._housekeeper._thread
    gone = weakref.ref(pool)
    del pool
    gc.collect()
    assert gone() is None
    housekeeper.join(10)
    assert not housekeeper.is_alive()
    until(lambda: not ids(server, name))


@each_pool
def test_a_closed_pool_is_left_alone_and_looked_after_again_from_its_next_use(
    server: RedisServer, dials: Dials, pool_class: Any
) -> None:
    with pool_of(server, pool_class, connection_class=dials.of(), min_idle=2, max_lifetime=60) as pool:
        pool.wait_ready()
        used, lost = pool.get_connection(), pool.get_connection()
        until(lambda: pool.idle == 2)
        housekeeper = pool._housekeeper._thread
        pool.close()
        pool.release(used)
        del lost, used
        housekeeper.join(10)
        assert not housekeeper.is_alive() and housekeepers() == []
        assert_sound(pool, created=0)
        assert known(server, pool) == set() and dials.count == 4

        pool.release(pool.get_connection())
        until(lambda: pool.idle >= 2)
        assert len(known(server, pool)) >= 2 and len(housekeepers()) == 1
    assert housekeepers() == []


@each_kind
def test_what_is_made_ready_while_the_pool_is_closed_is_closed_too(
    server: RedisServer, dials: Dials, kind: Any
) -> None:
    dials.stop()
    with pool_of(server, connection_class=dials.of(kind), min_idle=2) as pool:
        until(lambda: dials.under_way == 1)
        housekeeper = pool._housekeeper._thread
        pool.close()
        dials.go_on()
        housekeeper.join(10)
        assert_sound(pool, created=0)
        assert dials.count == 1 and known(server, pool) == set()


def test_many_pools_that_begin_and_end_at_once_leave_no_thread(server: RedisServer, threads: Threads) -> None:
    def live(number: int) -> None:
        for turn in range(10):
            pool = ConnectionPool(**server.address, min_idle=1 + turn % 2, max_connections=2)
            if number % 2:
                pool.wait_ready()
            else:
                pool.release(pool.get_connection())
            pool.close()

    threads.together(4, live)
    until(lambda: housekeepers() == [])


@each_kind
def test_nobody_looks_after_a_pool_that_has_nothing_to_be_looked_after(server: RedisServer, kind: Any) -> None:
    before = threading.enumerate()
    with pool_of(
        server, connection_class=kind, probe_interval=0.5, lease_sampling=1,
        retire_on_failover=kind is not Foreign, timeout=1,
    ) as pool:
        pool.release(pool.get_connection())
        assert threading.enumerate() == before
    assert threading.enumerate() == before


def test_a_housekeeper_that_fails_says_so_and_comes_again(
    server: RedisServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(respool._housekeeper, "PAUSE_AFTER_ERROR", 0.01)
    with pool_of(server, max_idle_time=0.05, name="mine") as pool:
        monkeypatch.setattr(pool, "_tell_leaks", lambda: 1 / 0)
        pool.release(pool.get_connection())
        until(lambda: len(caplog.records) >= 2)
        monkeypatch.undo()
        until(lambda: created(pool) == 0)
    record = caplog.records[0]
    assert record.name == "respool" and "Pool 'mine': its housekeeper has failed" in record.getMessage()
    assert record.exc_info is not None and record.exc_info[0] is ZeroDivisionError


# --- ages --------------------------------------------------------------------------------------------------------

@each_pool
@each_kind
def test_a_connection_that_nobody_uses_is_closed_when_its_time_is_over(
    server: RedisServer, dials: Dials, pool_class: Any, kind: Any
) -> None:
    with pool_of(server, pool_class, connection_class=dials.of(kind), max_idle_time=0.1) as pool:
        used = [pool.get_connection(), pool.get_connection()]
        pool.release(used[0])
        until(lambda: created(pool) == 1)
        assert_sound(pool, in_use=1)  # it is not idle, however long it takes
        pool.release(used[1])
        until(lambda: created(pool) == 0)
        assert known(server, pool) == set() and dials.count == 2


@each_kind
@each_order
@pytest.mark.parametrize("option", ["max_idle_time", "max_lifetime"])
def test_what_is_too_old_is_not_handed_out_also_if_nobody_has_come_to_close_it(
    server: RedisServer, dials: Dials, kind: Any, order: str, option: str
) -> None:
    with pool_of(server, connection_class=dials.of(kind), order=order, **{option: 0.4}) as pool:
        neglected(pool)
        pool.release(pool.get_connection())
        assert dials.count == 1
        pool.release(pool.get_connection())
        assert dials.count == 1
        time.sleep(0.41)
        assert_sound(pool, created=1, idle=1)
        connection = pool.get_connection()
        assert dials.count == 2
        pool.release(connection)
        pool.release(pool.get_connection())  # its time has begun anew
        assert dials.count == 2
        assert_sound(pool, created=1, idle=1)


@each_kind
def test_a_connection_that_has_lived_its_time_is_replaced_when_it_comes_back(
    server: RedisServer, dials: Dials, kind: Any
) -> None:
    with pool_of(server, connection_class=dials.of(kind), max_lifetime=0.15) as pool:
        old = pool.get_connection()
        pool.release(pool.get_connection())
        until(lambda: created(pool) == 1)  # the idle one has gone by itself
        assert_sound(pool, in_use=1, idle=0)
        time.sleep(0.1)
        pool.release(old)
        assert_sound(pool, created=0)
        new = pool.get_connection()
        assert new is not old and dials.count == 3
        pool.release(new)


@each_kind
def test_a_waiter_never_gets_a_connection_that_is_too_old(
    server: RedisServer, threads: Threads, dials: Dials, kind: Any
) -> None:
    with pool_of(
        server, BlockingConnectionPool, connection_class=dials.of(kind), max_connections=1, max_lifetime=0.1
    ) as pool:
        old = pool.get_connection()
        waiter = in_line(threads, pool)
        time.sleep(0.1)
        pool.release(old)
        assert waiter.served() is not old
        assert_sound(pool, created=1, in_use=1)
        assert dials.count == 2
        waiter.give_back()


def test_connections_that_were_made_together_do_not_go_together() -> None:
    """Lives are up to a tenth shorter than what was asked for, and never longer."""
    least, most, pools = [], [], []
    for _ in range(30):
        pool = ConnectionPool(connection_class=Dummy, max_lifetime=2)
        before = time.monotonic()
        pool.release(pool.get_connection())
        pools.append((pool, before, time.monotonic()))
    time.sleep(0.21)  # until then a connection that is still to be made could be the first to go
    for pool, before, after in pools:
        asked = time.monotonic()
        left = pool._until_due()
        assert left is not None
        least.append(asked + left - after)
        most.append(time.monotonic() + left - before)
        pool.close()
    assert min(most) >= 1.8 and max(least) <= 2
    assert max(least) - min(most) > 0.06


def test_a_connection_that_is_kept_alive_survives_a_server_that_closes_idle_ones() -> None:
    """And of one that is not, and was closed, the next caller notices nothing."""
    with redis_server("--timeout", "1") as server:
        with pool_of(server, keepalive_interval=0.1) as kept, pool_of(server, max_lifetime=600) as left:
            survivor = redis.Redis(connection_pool=kept).client_id()
            client = redis.Redis(connection_pool=left)
            closed = client.client_id()
            until(lambda: not known(server, left))
            assert redis.Redis(connection_pool=kept).client_id() == survivor
            assert_sound(left, created=1, idle=1)
            assert client.client_id() != closed
            assert_sound(kept, created=1, idle=1)


@each_real_kind
@pytest.mark.parametrize("protocol", [2, 3])
def test_one_that_does_not_answer_is_closed(server: RedisServer, kind: Any, protocol: int) -> None:
    options = {"connection_class": kind, "socket_timeout": 0.1, "protocol": protocol}
    with pool_of(server, keepalive_interval=0.1, **options) as pool:
        used = pool.get_connection()
        pool.release(pool.get_connection())
        with frozen(server):
            until(lambda: created(pool) == 1)
            assert_sound(pool, in_use=1)
        pool.release(used)


@each_kind
def test_a_connection_is_asked_only_while_it_is_idle_and_only_for_a_ping(
    server: RedisServer, dials: Dials, kind: Any
) -> None:
    with pool_of(server, connection_class=dials.of(kind), keepalive_interval=0.05, protocol=2) as pool:
        used = pool.get_connection()
        idle = pool.get_connection()
        pool.release(idle)

        def pings() -> int:
            if kind is Foreign:
                return int(idle.calls.count("PING"))
            name = pool.connection_kwargs["client_name"]
            return sum(entry["cmd"] == "ping" for entry in server.connections_named(name))

        until(lambda: pings() >= 1)
        time.sleep(0.1)
        if kind is Foreign:
            assert "PING" not in used.calls
        else:
            assert pings() == 1
        pool.release(used)
        tended(pool)
        assert_sound(pool, created=2, idle=2)
        assert dials.count == 2


def test_one_that_is_known_to_be_alive_is_handed_out_however_long_it_was_idle(server: RedisServer) -> None:
    with pool_of(server, max_idle_time=0.2, keepalive_interval=0.05, min_idle=1) as pool:
        client = redis.Redis(connection_pool=pool)
        pool.wait_ready()
        [before] = known(server, pool)
        time.sleep(0.4)
        assert str(client.client_id()) == before


def test_who_comes_while_a_connection_is_looked_at_gets_it_after_that(
    server: RedisServer, threads: Threads
) -> None:
    with pool_of(server, BlockingConnectionPool, max_connections=1, keepalive_interval=0.1) as pool:
        connection = pool.get_connection()
        before = id_of(connection)
        pool.release(connection)
        with frozen(server):
            until(lambda: pool.in_use == 1)
            waiter = in_line(threads, pool)
            assert waiter.waits
        assert id_of(waiter.served()) == before
        waiter.give_back()


def test_dead_idle_connections_are_found_and_replaced_by_nobodys_asking(server: RedisServer) -> None:
    with pool_of(server, min_idle=2, keepalive_interval=0.1) as pool:
        pool.wait_ready()
        before = known(server, pool)
        with redis.Redis(**server.address) as observer:
            for each in before:
                observer.client_kill_filter(_id=each)
        until(lambda: len(known(server, pool)) == 2)
        assert not known(server, pool) & before
        until(lambda: pool.idle == 2)


# --- failover ----------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def master() -> Iterator[RedisServer]:
    """A server that tests may demote, and promote again."""
    with redis_server() as running:
        yield running


@contextmanager
def demoted(master: RedisServer) -> Iterator[None]:
    ask(master.port, "REPLICAOF", "127.0.0.1", free_port())
    try:
        yield
    finally:
        ask(master.port, "REPLICAOF", "NO", "ONE")


WIRES: list[Any] = [
    pytest.param({}, id="respool-RESP3"),
    pytest.param({"protocol": 2}, id="respool-RESP2"),
    pytest.param({"connection_class": redis.Connection, "parser_class": _RESP2Parser, "protocol": 2}, id="redis"),
    pytest.param({"connection_class": redis.Connection, "parser_class": _HiredisParser}, id="redis-hiredis"),
    pytest.param({"parser_class": _HiredisParser}, id="respool-hiredis"),
]


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("client_class", [redis.Redis, respool.Redis])
def test_a_demoted_masters_connections_are_replaced_as_they_come_back(
    master: RedisServer, client_class: Any, wire: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with pool_of(master, retire_on_failover=True, name="mine", **wire) as pool:
        client = client_class(connection_pool=pool)
        used = [pool.get_connection() for _ in range(4)]
        for connection in used[:3]:
            pool.release(connection)
        before = known(master, pool)
        assert len(before) == 4
        with demoted(master), pytest.raises(ReadOnlyError):
            client.set("key", "value")
        assert [record.getMessage().partition("(")[0] for record in caplog.records] == [
            "Pool 'mine': its server has failed over "]
        pool.release(used[3])
        assert_sound(pool, created=2, idle=2)
        again = [pool.get_connection() for _ in range(4)]
        assert not {id_of(connection) for connection in again} & before
        for connection in again:
            pool.release(connection)
        assert client.set("key", "value") is True
        assert not known(master, pool) & before


def test_pipelines_and_scripts_tell_of_a_failover_too(master: RedisServer) -> None:
    for client_class in (redis.Redis, respool.Redis):
        for use in (
            lambda client: client.pipeline(transaction=False).set("key", 1).get("key").execute(),
            lambda client: client.pipeline(transaction=True).set("key", 1).execute(),
            lambda client: client.eval("return redis.call('SET', KEYS[1], 1)", 1, "key"),
        ):
            with pool_of(master, retire_on_failover=True) as pool:
                client = client_class(connection_pool=pool)
                client.ping()
                before = known(master, pool)
                with demoted(master), pytest.raises(redis.ResponseError):
                    use(client)
                assert client.ping() and not known(master, pool) & before


def test_one_failover_a_second_is_believed(master: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    """Behind an address that stays a replica's, not each command gets a connection of its own."""
    with pool_of(master, retire_on_failover=True) as pool, demoted(master):
        client = redis.Redis(connection_pool=pool)
        started = time.monotonic()
        used = set()
        for _ in range(100):
            with pytest.raises(ReadOnlyError):
                client.set("key", "value")
            used.add(client.client_id())
        assert len(caplog.records) == len(used) <= 1 + (time.monotonic() - started)

        def another() -> bool:
            with pytest.raises(ReadOnlyError):
                client.set("key", "value")
            return len(caplog.records) > len(used)

        until(another)
        assert time.monotonic() - started >= len(used)
        assert client.client_id() not in used


def test_without_the_option_connections_stay(master: RedisServer) -> None:
    with pool_of(master, max_lifetime=60) as pool:
        client = redis.Redis(connection_pool=pool)
        before = client.client_id()
        with demoted(master), pytest.raises(ReadOnlyError):
            client.set("key", "value")
        assert client.client_id() == before


def test_a_failover_under_load_leaves_no_old_connection(master: RedisServer, threads: Threads) -> None:
    with pool_of(master, BlockingConnectionPool, retire_on_failover=True, min_idle=1) as pool:
        client = respool.Redis(connection_pool=pool)
        stop = threading.Event()
        refused: list[Exception] = []

        def use(number: int) -> None:
            turn = 0
            while not stop.is_set():
                turn += 1
                try:
                    client.set(f"key-{number}", f"{number}-{turn}")
                except ReadOnlyError as error:
                    refused.append(error)
                else:
                    assert client.get(f"key-{number}") == f"{number}-{turn}".encode()

        for number in range(6):
            threads.start(use, number)
        until(lambda: len(known(master, pool)) == 4)
        before = known(master, pool)
        with demoted(master):
            until(lambda: len(refused) > 20)
        until(lambda: not known(master, pool) & before)
        stop.set()
        threads.join()
        assert_sound(pool, in_use=0, waiting=0)


def test_connections_that_have_no_parser_are_of_no_help_and_no_harm(server: RedisServer) -> None:
    with ConnectionPool(connection_class=Dummy, retire_on_failover=True) as pool:
        pool.release(pool.get_connection())
        assert_sound(pool, created=1, idle=1)


def test_an_error_reply_of_another_kind_is_no_failover(server: RedisServer) -> None:
    with pool_of(server, retire_on_failover=True) as pool:
        client = redis.Redis(connection_pool=pool)
        before = client.client_id()
        with pytest.raises(redis.ResponseError):
            client.execute_command("NOSUCHCOMMAND")
        assert client.client_id() == before


# --- processes ---------------------------------------------------------------------------------------------------

EXIT = """
import contextlib, logging, socket, sys, threading, time
import redis, respool
from redis.backoff import NoBackoff
from redis.retry import Retry

logging.getLogger("respool").setLevel(logging.CRITICAL)  # or it says that a server is unavailable
way, port = sys.argv[1], int(sys.argv[2])
void = socket.create_server(("127.0.0.1", 0))
once = {"retry": Retry(NoBackoff(), 0)}
kept = respool.ConnectionPool(host="127.0.0.1", port=port, min_idle=2, max_idle_time=5, keepalive_interval=0.01,
                              max_lifetime=5, leak_threshold=60, retire_on_failover=True)
kept.wait_ready()
held = kept.get_connection()
hanging = respool.ConnectionPool(host="127.0.0.1", port=void.getsockname()[1], min_idle=1, max_connecting=1,
                                 probe_interval=1, timeout=60, socket_timeout=60, **once)
def wait():
    with contextlib.suppress(redis.ConnectionError):
        hanging.get_connection()

threading.Thread(target=wait, daemon=True).start()
while hanging.waiting == 0 or hanging.connecting == 0:
    time.sleep(0.001)
down = respool.ConnectionPool(host="127.0.0.1", port=1, min_idle=1, probe_interval=0.1, **once)
try:
    down.get_connection()
except redis.ConnectionError:
    pass
print("well", flush=True)
if way == "exit":
    sys.exit(0)
if way == "close":
    held = None
    for pool in (kept, hanging, down):
        pool.close()
if way == "lost":
    del kept, hanging, down, held
"""


@pytest.mark.parametrize("way", ["end", "exit", "close", "lost"])
def test_a_process_ends_at_once_and_without_a_word_whatever_its_pools_do(server: RedisServer, way: str) -> None:
    """A housekeeper at work, a dial into the void with somebody in line, and a server that is known to be down."""
    with lasting(0, 30):
        assert_quiet(run_script(EXIT, way, server.port), "well\n")


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_looks_after_its_own_connections_from_its_first_use_and_the_parent_after_his(
    server: RedisServer
) -> None:
    with pool_of(server, min_idle=2, keepalive_interval=0.05, max_connecting=1, timeout=20) as pool:
        pool.wait_ready()
        mine = known(server, pool)

        def child() -> None:
            assert_sound(pool, created=0)
            assert housekeepers() == []
            pool.release(pool.get_connection())
            until(lambda: pool.idle >= 2)  # three, if it was quicker than the release
            assert len(housekeepers()) == 1
            held = pool.get_connection()
            assert id_of(held) not in mine
            assert len(known(server, pool) - mine) >= 2

        for _ in range(3):
            in_child(child)
        until(lambda: known(server, pool) == mine)
        assert_sound(pool, created=2, idle=2)
        taken = [pool.get_connection(), pool.get_connection()]
        until(lambda: pool.idle == 2)
        for connection in taken:
            pool.release(connection)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_during_a_dial_and_a_drain_leaves_the_child_a_new_pool(
    server: RedisServer, threads: Threads, dials: Dials
) -> None:
    dials.stop()
    with pool_of(server, connection_class=dials.of(), max_connecting=1, min_idle=1, timeout=20) as pool:
        waiter = in_line(threads, pool)
        until(lambda: dials.under_way == 1)
        drain = Draining(threads, pool)

        def child() -> None:
            assert_sound(pool, created=0, waiting=0)
            dials._gate = threading.Event()
            dials._lock = threading.Lock()
            dials.go_on()
            assert not refuses(pool)
            pool.wait_ready(10)
            assert pool.drain(10) is True
            pool.release(pool.get_connection())

        in_child(child)
        dials.go_on()
        waiter.served()
        waiter.give_back()
        assert drain.ended() is True
        assert_sound(pool, created=0)


GEVENT = """
import sys
{imports}
import gevent, redis, respool, time
from gevent import monkey

port = int(sys.argv[1])
pool = respool.ConnectionPool(host="127.0.0.1", port=port, max_connections=8, timeout=20, min_idle=2,
                              keepalive_interval=0.05, max_connecting=1, max_idle_time=5, client_name="greenlets")
waits = [gevent.spawn(pool.wait_ready, 20) for _ in range(3)]
gevent.joinall(waits, raise_error=True)
client = redis.Redis(connection_pool=pool)
first = client.client_id()
gevent.sleep(0.2)

def use(number):
    for turn in range(10):
        assert client.echo(f"{{number}}-{{turn}}") == f"{{number}}-{{turn}}".encode()

gevent.joinall([gevent.spawn(use, number) for number in range(30)], raise_error=True)
assert client.info("commandstats")["cmdstat_ping"]["calls"] > 2
held = pool.get_connection()
drain = gevent.spawn(pool.drain)
gevent.sleep(0.05)
assert not drain.ready()
pool.release(held)
assert drain.get(timeout=20) is True
assert pool.counts() == (0, 0, 0, 0, 0), pool.counts()
print("well")
"""


@pytest.mark.parametrize("imports", ["early", "late"])
def test_greenlets_have_their_pool_looked_after_too(imports: str) -> None:
    patch = "from gevent import monkey; monkey.patch_all()"
    script = GEVENT.format(imports=patch if imports == "early" else f"import respool; {patch}")
    with redis_server() as server:
        ended = run_script(script, server.port)
        assert ended.returncode == 0 and ended.stdout == "well\n", ended.stderr


# --- settings ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("name", "value", "error"), WRONG)
def test_a_setting_that_cannot_be_meant_is_an_error_that_names_it(
    name: str, value: Any, error: type[Exception]
) -> None:
    for pool_class in POOLS:
        with pytest.raises(error) as caught:
            pool_class(**{name: value})
        assert f'"{name}"' in str(caught.value) and str(value) in str(caught.value)
        assert type(caught.value) is error
    assert housekeepers() == []


QUERY = ("min_idle=2&max_idle_time=30&max_lifetime=3600.5&keepalive_interval=10&max_connecting=3&probe_interval=0.5"
         "&leak_threshold=60&max_connections=5")


@each_pool
@pytest.mark.parametrize(("text", "expected"), [
    ("true", True), ("True", True), ("1", True), ("yes", True), ("false", False), ("False", False), ("0", False),
    ("no", False),
])
def test_a_url_may_carry_all_of_them(pool_class: Any, text: str, expected: bool) -> None:
    url = f"redis://localhost:{free_port()}/0?{QUERY}&retire_on_failover={text}&lease_sampling=0.25"
    pool = pool_class.from_url(url)
    pool.close()
    settings = pool._survival
    assert (settings.min_idle, settings.max_idle_time, settings.max_lifetime, settings.keepalive_interval) == (
        2, 30, 3600.5, 10)
    assert (settings.max_connecting, settings.probe_interval, settings.leak_threshold) == (3, 0.5, 60)
    assert (settings.retire_on_failover, settings.lease_sampling) == (expected, 0.25)
    assert not set(pool.connection_kwargs) & {"min_idle", "max_idle_time", "retire_on_failover", "lease_sampling"}


@pytest.mark.parametrize(("query", "name"), [
    ("min_idle=many", "min_idle"), ("max_idle_time=soon", "max_idle_time"), ("retire_on_failover=perhaps",
    "retire_on_failover"), ("lease_sampling=2", "lease_sampling"), ("lease_sampling=half", "lease_sampling"),
    ("max_connecting=0", "max_connecting"), ("probe_interval=0", "probe_interval"),
])
def test_a_url_that_carries_nonsense_is_an_error_that_names_it_and_no_secret(query: str, name: str) -> None:
    with pytest.raises(ValueError, match=f'"{name}"') as caught:
        ConnectionPool.from_url(f"redis://user:s3cret@localhost/0?{query}")
    assert "s3cret" not in str(caught.value)


@each_pool
def test_none_of_them_is_on_by_default(pool_class: Any) -> None:
    settings = pool_class()._survival
    assert not settings.needs_housekeeper
    assert (settings.min_idle, settings.retire_on_failover, settings.lease_sampling) == (0, False, 0)
    assert {getattr(settings, name) for name in ("max_idle_time", "max_lifetime", "keepalive_interval",
            "max_connecting", "probe_interval", "leak_threshold")} == {None}


def test_a_client_hands_them_to_the_pool_of_its_own(server: RedisServer) -> None:
    client = respool.Redis(**server.address, min_idle=2, max_lifetime=60, max_connecting=1, probe_interval=1, timeout=5,
                           retire_on_failover=True, lease_sampling=1)
    pool: Any = client.connection_pool
    until(lambda: pool.idle == 2)
    settings = pool._survival
    assert (settings.max_lifetime, settings.max_connecting, settings.probe_interval) == (60, 1, 1)
    assert client.ping()
    client.close()
    until(lambda: created(pool) == 0)
    with pytest.raises(TypeError, match="min_idle, probe_interval: for a pool that the client makes itself"):
        respool.Redis(connection_pool=pool, min_idle=2, probe_interval=1)
    with respool.Redis.from_url(f"{server.url}?min_idle=1") as client:
        until(lambda: client.connection_pool.idle == 1)


def test_installed_pools_take_them(server: RedisServer, installed: None) -> None:
    for pool_class in (redis.ConnectionPool, redis.BlockingConnectionPool):
        pool: Any = pool_class(**server.address, min_idle=2, max_connections=3, max_idle_time=60)
        until(lambda: pool.idle == 2)  # noqa: B023
        assert redis.Redis(connection_pool=pool).ping()
        pool.close()
        until(lambda: created(pool) == 0)  # noqa: B023


class Manager:
    """Names one server, and remembers how often it was asked."""

    def __init__(self, port: int) -> None:
        self.port, self.asked = port, 0

    def discover_master(self, service_name: str) -> tuple[str, int]:
        self.asked += 1
        return "127.0.0.1", self.port


def test_a_pool_that_asks_sentinel_has_connections_ready(
    server: RedisServer, threads: Threads, caplog: pytest.LogCaptureFixture
) -> None:
    """From the first moment on: nobody looks after half a pool."""
    for _ in range(5):
        pool: Any = SentinelConnectionPool(
            MASTER, Manager(server.port), max_connections=3, min_idle=2, max_idle_time=60, max_connecting=1, timeout=20,
            client_name=new_name(),
        )
        pool.wait_ready(20)
        assert pool._refills.error is None and pool._refills._failures == 0
        assert pool._refills._next == 0.0
        assert len(known(server, pool)) == 2
        client = redis.Redis(connection_pool=pool)
        threads.together(4, lambda number: client.echo(str(number)))  # noqa: B023
        assert_sound(pool, in_use=0)
        assert pool.drain(20) is True
    with pytest.raises(ValueError, match='"min_idle" must be at most max_connections, 1, got 2'):
        SentinelConnectionPool(MASTER, Manager(server.port), max_connections=1, min_idle=2)
    with pytest.raises(ValueError, match='"min_idle" must be an integer of at least 0, got True'):
        SentinelConnectionPool(MASTER, Manager(server.port), min_idle=True)
    assert caplog.records == []


def test_connections_with_a_cache_are_looked_after(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CacheProxyConnection, "MIN_ALLOWED_VERSION", "6.0.0")
    options = {"protocol": 3, "cache_config": CacheConfig(), "retire_on_failover": True, "probe_interval": 1}
    with pool_of(
        server, min_idle=2, keepalive_interval=0.05, max_lifetime=0.4, max_connecting=1, timeout=20, **options
    ) as pool:
        pool.wait_ready()
        before = known(server, pool)
        client = redis.Redis(connection_pool=pool)
        with redis.Redis(**server.address) as writer:
            for value in (b"1", b"2"):
                writer.set("survivor", value)
                until(lambda: client.get("survivor") == value)  # noqa: B023
            until(lambda: not known(server, pool) & before)
            until(lambda: pool.idle == 2)
            writer.set("survivor", b"3")
            until(lambda: client.get("survivor") == b"3")


def test_the_pools_of_a_cluster_are_looked_after() -> None:
    name = new_name()
    options: Any = {"min_idle": 2, "max_idle_time": 60, "max_connecting": 1, "timeout": 20, "retire_on_failover": True}
    with cluster() as setup, ExitStack() as stack:
        client = redis.cluster.RedisCluster.from_url(
            setup.servers[0].url, client_name=name, connection_pool_class=functools.partial(ConnectionPool, **options)
        )
        stack.callback(client.close)
        stack.callback(client.disconnect_connection_pools)
        for number in range(20):
            assert client.set(f"key-{number}", number) and client.get(f"key-{number}") == b"%d" % number
        masters = [node.redis_connection.connection_pool for node in client.get_primaries()]
        assert len(masters) == 3
        for pool in masters:
            pool.wait_ready(20)
            until(lambda: pool.idle >= 2)  # noqa: B023
            assert_sound(pool, in_use=0)
            assert pool.drain(20) is True
