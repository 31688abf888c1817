"""How a pool for threads grows, by one dial at a time, is resized, and comes to its end."""

from __future__ import annotations

import functools
import os
import signal
import time
from typing import Any

import pytest
import redis
from redis.exceptions import MaxConnectionsError

from conftest import Threads, assert_sound, lasting, until
from respool import BlockingConnectionPool, ConnectionPool, ConnectionPoolClosedError
from servers import RedisServer, frozen, redis_server
from stubs import Dummy
from survivors import (
    ONCE,
    Caller,
    Dials,
    Draining,
    Foreign,
    created,
    each_kind,
    each_order,
    each_pool,
    each_real_kind,
    housekeepers,
    in_line,
    known,
    pool_of,
    refuses,
    tended,
)
from survivors import dials as dials

# --- max_connecting ----------------------------------------------------------------------------------------------

@each_kind
@each_order
def test_a_spike_is_served_by_few_connections_in_order_of_arrival(
    server: RedisServer, threads: Threads, kind: Any, order: str
) -> None:
    """Fifty callers at once, of which each needs little time, while a dial takes long."""
    dials = Dials()
    options = {"connection_class": dials.of(kind), "max_connections": 50, "max_connecting": 1, "order": order}
    dials.stop()
    served: dict[int, list[int]] = {}
    with pool_of(server, BlockingConnectionPool, timeout=30, **options) as pool:

        def use(number: int) -> None:
            connection = pool.get_connection()
            served.setdefault(id(connection), []).append(number)
            time.sleep(0.002)
            pool.release(connection)

        for number in range(50):
            threads.start(use, number)
            until(lambda: pool.waiting == number + 1)  # noqa: B023
        assert_sound(pool, created=1, connecting=1, waiting=50)
        dials.seconds = 0.15
        dials.go_on()
        threads.join()
        until(lambda: dials.under_way == 0 and pool.connecting == 0)
        assert dials.count <= 7 and dials.most == 1
        assert sum(map(len, served.values())) == 50
        assert list(served.values()) == [sorted(numbers) for numbers in served.values()]
        assert_sound(pool, created=dials.count, idle=dials.count)


@each_kind
def test_as_many_dials_are_under_way_as_allowed(server: RedisServer, threads: Threads, dials: Dials, kind: Any) -> None:
    dials.stop()
    with pool_of(server, connection_class=dials.of(kind), max_connecting=2, timeout=30) as pool:
        callers = [in_line(threads, pool) for _ in range(4)]
        until(lambda: dials.under_way == 2)
        assert_sound(pool, created=2, connecting=2, waiting=4)
        dials.go_on()
        assert len({id(caller.served()) for caller in callers}) == 4
        assert dials.most == 2 and dials.count == 4
        for caller in callers:
            caller.give_back()


@each_kind
def test_who_waits_takes_what_comes_back_and_the_dialled_one_goes_to_the_next(
    server: RedisServer, threads: Threads, dials: Dials, kind: Any
) -> None:
    with pool_of(server, connection_class=dials.of(kind), max_connecting=1, timeout=30) as pool:
        used = pool.get_connection()
        dials.stop()
        first, second = in_line(threads, pool), in_line(threads, pool)
        until(lambda: dials.under_way == 1)
        pool.release(used)
        assert first.served() is used and dials.under_way == 1
        assert_sound(pool, created=2, in_use=1, connecting=1, waiting=1)
        dials.go_on()
        assert second.served() is not used
        assert dials.count == 2
        first.give_back()
        second.give_back()
        assert_sound(pool, created=2, idle=2)


def test_a_dialled_connection_that_nobody_needs_any_more_is_idle(
    server: RedisServer, threads: Threads, dials: Dials
) -> None:
    with pool_of(server, connection_class=dials.of(), max_connecting=1, timeout=30) as pool:
        used = pool.get_connection()
        dials.stop()
        waiter = in_line(threads, pool)
        until(lambda: dials.under_way == 1)
        pool.release(used)
        assert waiter.served() is used
        waiter.give_back()
        assert_sound(pool, created=2, idle=1, connecting=1)
        dials.go_on()
        until(lambda: pool.idle == 2)
        assert dials.count == 2
        assert redis.Redis(connection_pool=pool).echo("a") == b"a"


@each_kind
def test_a_dial_that_fails_is_told_to_the_first_in_line_if_others_hold_connections(
    server: RedisServer, threads: Threads, dials: Dials, kind: Any
) -> None:
    with pool_of(server, connection_class=dials.of(kind), max_connecting=1, timeout=30) as pool:
        used = pool.get_connection()
        dials.stop()
        waiters = [in_line(threads, pool) for _ in range(3)]
        dials.error, dials.failures = redis.ConnectionError("no"), 1
        until(lambda: dials.under_way == 1)
        dials.go_on()
        assert "no" in str(waiters[0].failed()) and isinstance(waiters[0].failed(), redis.ConnectionError)
        assert waiters[1].served() is not waiters[2].served()
        assert_sound(pool, created=3, in_use=3)
        for waiter in waiters[1:]:
            waiter.give_back()
        pool.release(used)
        assert_sound(pool, created=3, idle=3)


@each_kind
def test_a_dial_that_fails_is_told_to_all_if_nobody_holds_a_connection_each_an_error_of_his_own(
    server: RedisServer, threads: Threads, dials: Dials, kind: Any
) -> None:
    dials.stop()
    dials.error = redis.ConnectionError("no")
    with pool_of(server, connection_class=dials.of(kind), max_connecting=1, timeout=30) as pool:
        waiters = [in_line(threads, pool) for _ in range(5)]
        until(lambda: dials.under_way == 1)
        dials.go_on()
        errors = [waiter.failed() for waiter in waiters]
        assert len({id(error) for error in errors}) == 5
        assert {type(error) for error in errors} == {redis.ConnectionError}
        assert all("no" in str(error) for error in errors)
        assert dials.count == 1
        until(lambda: created(pool) == 0)
        assert_sound(pool, waiting=0)
        dials.error = None
        pool.release(pool.get_connection())


def test_errors_with_arguments_of_their_own_are_told_as_well(threads: Threads, dials: Dials) -> None:
    class Odd(redis.ConnectionError):
        def __init__(self, *, reason: str) -> None:
            super().__init__(reason)

    class Uncopied(redis.ConnectionError):
        def __copy__(self) -> Any:
            raise RuntimeError("there is only one of me")

    pool = ConnectionPool(connection_class=dials.of(Foreign), max_connecting=1, timeout=30)
    for error in (Odd(reason="odd"), Uncopied("only one")):
        dials.stop()
        dials.error = error
        waiters = [in_line(threads, pool) for _ in range(2)]
        until(lambda: dials.under_way == 1)
        dials.go_on()
        assert [str(waiter.failed()) for waiter in waiters] == [str(error)] * 2
        assert {type(waiter.failed()) for waiter in waiters} == {type(error)}
        threads.join()
    assert_sound(pool, created=0, waiting=0)


def test_who_waits_for_a_dial_that_hangs_waits_no_longer_than_he_wants(
    server: RedisServer, threads: Threads, dials: Dials
) -> None:
    dials.stop()
    with pool_of(server, connection_class=dials.of(), max_connecting=1, timeout=0.2) as pool:
        with lasting(0.2, 20), pytest.raises(redis.exceptions.ConnectionPoolTimeoutError) as caught:
            pool.get_connection()
        assert "1 connecting" in str(caught.value)
        assert_sound(pool, created=1, connecting=1, waiting=0)
        dials.go_on()
        until(lambda: pool.connecting == 0)
        assert_sound(pool, waiting=0, in_use=0)
        assert redis.Redis(connection_pool=pool).ping()


def test_a_dial_into_the_void_ends_with_the_pools_timeout(threads: Threads) -> None:
    with redis_server() as server, frozen(server):
        pool = ConnectionPool(**server.address, max_connecting=1, timeout=0.2, socket_timeout=60, **ONCE)
        errors = [in_line(threads, pool).failed() for _ in range(2)]
        assert all(isinstance(error, redis.TimeoutError) for error in errors)
        until(lambda: created(pool) == 0)
        assert_sound(pool, waiting=0)
        pool.close()


def test_dead_idle_connections_are_replaced_by_single_dials(threads: Threads, dials: Dials) -> None:
    with redis_server() as server:
        port = server.port
        pool = BlockingConnectionPool(**server.address, connection_class=dials.of(), max_connections=50,
                                      max_connecting=1, timeout=30, **ONCE)
        used = [pool.get_connection() for _ in range(50)]
        for connection in used:
            pool.release(connection)
        assert_sound(pool, created=50, idle=50)
    with redis_server(port=port):
        dials.count, dials.seconds = 0, 0.02
        client = redis.Redis(connection_pool=pool)

        def use(number: int) -> None:
            assert client.echo(str(number)) == b"%d" % number

        threads.together(50, use)
        until(lambda: pool.connecting == 0)
        assert dials.most == 1
        assert dials.count < 25
        assert_sound(pool, in_use=0, waiting=0)
        pool.close()


@each_kind
def test_who_may_not_wait_dials_himself(server: RedisServer, threads: Threads, dials: Dials, kind: Any) -> None:
    dials.stop()
    with pool_of(server, connection_class=dials.of(kind), max_connecting=1, timeout=0, max_connections=2) as pool:
        callers = [Caller(threads, pool), Caller(threads, pool)]
        until(lambda: dials.under_way == 2)
        with pytest.raises(MaxConnectionsError):
            pool.get_connection()
        dials.go_on()
        assert callers[0].served() is not callers[1].served()
        assert dials.threads == {caller._thread.ident for caller in callers}
        for caller in callers:
            caller.give_back()
        assert_sound(pool, created=2, idle=2)


@each_kind
@pytest.mark.parametrize("end", ["close", "disconnect"])
def test_a_pool_that_is_closed_during_a_dial_keeps_nothing_of_it(
    server: RedisServer, threads: Threads, dials: Dials, kind: Any, end: str
) -> None:
    dials.stop()
    with pool_of(server, connection_class=dials.of(kind), max_connecting=1, timeout=30) as pool:
        waiter = in_line(threads, pool)
        until(lambda: dials.under_way == 1)
        if end == "disconnect":
            threads.start(pool.disconnect)
            dials.go_on()
            waiter.served()
            waiter.give_back()
            until(lambda: pool.idle == 1)
            return
        pool.close()
        assert isinstance(waiter.failed(), ConnectionPoolClosedError)
        assert_sound(pool, connecting=1, waiting=0)
        dials.go_on()
        until(lambda: created(pool) == 0)
        assert known(server, pool) == set()
        pool.release(pool.get_connection())
        assert_sound(pool, created=1, idle=1)


@each_real_kind
def test_who_waits_for_a_dial_when_the_pool_is_reset_gets_another(
    server: RedisServer, threads: Threads, dials: Dials, kind: Any
) -> None:
    dials.stop()
    with pool_of(server, connection_class=dials.of(kind), max_connecting=1, timeout=30) as pool:
        waiter = in_line(threads, pool)
        until(lambda: dials.under_way == 1)
        pool.reset()
        until(lambda: dials.under_way == 2)
        assert_sound(pool, created=1, connecting=1, waiting=1)
        dials.go_on()
        waiter.served()
        until(lambda: dials.under_way == 0)
        assert_sound(pool, created=1, in_use=1)
        waiter.give_back()
        until(lambda: len(known(server, pool)) == 1)
        assert_sound(pool, created=1, idle=1)


@each_pool
def test_a_constructor_that_raises_is_told_to_those_in_line(threads: Threads, pool_class: Any) -> None:
    class Unborn(Dummy):
        def __init__(self, **kwargs: Any) -> None:
            raise RuntimeError("no")

    pool = pool_class(connection_class=Unborn, max_connecting=1, max_connections=1, timeout=30)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="no"):
            pool.get_connection()
        until(lambda: created(pool) == 0)
    assert_sound(pool, waiting=0)


def test_a_thread_that_cannot_be_started_is_told_to_whom_nothing_else_can_serve(
    server: RedisServer, threads: Threads
) -> None:
    with pool_of(server, max_connecting=1, timeout=30) as pool:
        begin = pool._begin_dial

        def fail(slot: Any) -> None:
            raise RuntimeError("can't start new thread")

        pool._begin_dial = fail
        with pytest.raises(RuntimeError, match="can't start new thread"):
            pool.get_connection()
        assert_sound(pool, created=0, waiting=0)
        pool._begin_dial = begin
        used = pool.get_connection()
        pool._begin_dial = fail
        waiter = in_line(threads, pool)
        assert waiter.waits  # there is one that can serve him
        assert_sound(pool, created=1, in_use=1, waiting=1)
        pool.release(used)
        assert waiter.served() is used
        waiter.give_back()


def test_ctrl_c_ends_the_wait_for_a_dial_and_loses_nothing(
    server: RedisServer, threads: Threads, dials: Dials
) -> None:
    dials.stop()
    with pool_of(server, connection_class=dials.of(), max_connecting=1, timeout=None, max_connections=1) as pool:

        def interrupt() -> None:
            until(lambda: dials.under_way == 1 and pool.waiting == 1)
            os.kill(os.getpid(), signal.SIGINT)

        threads.start(interrupt)
        with pytest.raises(KeyboardInterrupt):
            pool.get_connection()
        assert_sound(pool, created=1, connecting=1, waiting=0)
        dials.go_on()
        until(lambda: pool.idle == 1)
        pool.release(pool.get_connection())
        assert dials.count == 1
        assert_sound(pool, created=1, idle=1)


def test_dials_of_the_pool_and_of_the_housekeeper_together_are_no_more_than_there_may_be(
    server: RedisServer, threads: Threads, dials: Dials
) -> None:
    options = {"connection_class": dials.of(), "min_idle": 3, "max_connecting": 1, "max_connections": 5}
    with pool_of(server, BlockingConnectionPool, timeout=30, max_lifetime=0.2, **options) as pool:
        client = redis.Redis(connection_pool=pool)

        def use(number: int) -> None:
            for turn in range(100):
                assert client.echo(f"{number}-{turn}") == f"{number}-{turn}".encode()
                assert_sound(pool)

        threads.together(8, use)
        until(lambda: pool.idle >= 3 and pool.connecting == 0)
        assert_sound(pool, in_use=0, waiting=0)


# --- resize ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("options", [{}, {"max_connecting": 1}], ids=["alone", "by the pool"])
def test_when_a_pool_grows_those_in_line_are_served(
    server: RedisServer, threads: Threads, options: dict[str, Any]
) -> None:
    with pool_of(server, max_connections=1, timeout=30, **options) as pool:
        used = pool.get_connection()
        waiters = [in_line(threads, pool) for _ in range(3)]
        pool.resize(3)
        assert [waiter.served() is not used for waiter in waiters[:2]] == [True, True]
        assert waiters[2].waits
        assert_sound(pool, created=3, in_use=3, waiting=1)
        assert pool.max_connections == 3
        pool.release(used)
        assert waiters[2].served() is used
        for waiter in waiters:
            waiter.give_back()


@each_kind
def test_when_a_pool_shrinks_what_is_too_many_goes_as_it_comes_back(server: RedisServer, kind: Any) -> None:
    with pool_of(server, connection_class=kind, max_connections=5) as pool:
        used = [pool.get_connection() for _ in range(5)]
        for connection in used[3:]:
            pool.release(connection)
        pool.resize(2)
        assert_in_use = functools.partial(assert_sound_above, pool)
        assert_in_use(created=3, in_use=3)
        pool.release(used[0])
        assert_sound(pool, created=2, in_use=2)
        with pytest.raises(MaxConnectionsError):
            pool.get_connection()
        pool.release(used[1])
        pool.release(used[2])
        assert_sound(pool, created=2, idle=2)
        if kind is not Foreign:
            until(lambda: len(known(server, pool)) == 2)


def assert_sound_above(pool: Any, created: int, in_use: int) -> None:
    """The counts of a pool that has more connections than it may have, all of them in use."""
    assert pool.counts() == (created, 0, in_use, 0, 0)


def test_a_pool_may_be_told_later_how_many_are_to_be_ready(server: RedisServer) -> None:
    with pool_of(server, max_connections=2) as pool:
        assert housekeepers() == []
        pool.resize(6, min_idle=4)
        until(lambda: pool.idle == 4)
        pool.resize(6, 5)
        pool.wait_ready()
        assert_sound(pool, created=5, idle=5)
        pool.resize(6)  # as many as before
        used = pool.get_connection()
        until(lambda: pool.idle == 5)
        pool.resize(6, min_idle=0)
        taken = [pool.get_connection() for _ in range(3)]
        tended(pool)
        assert_sound(pool, created=6, in_use=4, idle=2)
        for connection in [used, *taken]:
            pool.release(connection)


@pytest.mark.parametrize(("arguments", "message"), [
    ((0,), '"max_connections" must be a positive integer, got 0'),
    ((-1,), '"max_connections" must be a positive integer, got -1'),
    (("x",), "\"max_connections\" must be a positive integer, got 'x'"),
    (("x", 1), "\"max_connections\" must be a positive integer, got 'x'"),
    ((None, 1), '"max_connections" must be a positive integer, got None'),
    ((0, 0), '"max_connections" must be a positive integer, got 0'),
    ((3, 4), '"min_idle" must be at most max_connections, 3, got 4'),
    ((3, -1), '"min_idle" must be an integer of at least 0, got -1'),
    ((3, True), '"min_idle" must be an integer of at least 0, got True'),
    ((3, "many"), "\"min_idle\" must be an integer of at least 0, got 'many'"),
])
def test_a_size_that_cannot_be_meant_is_an_error_and_changes_nothing(arguments: Any, message: str) -> None:
    with ConnectionPool(connection_class=Foreign, max_connections=4, min_idle=2) as pool:
        pool.wait_ready()
        with pytest.raises(ValueError) as caught:
            pool.resize(*arguments)
        assert str(caught.value) == message
        assert pool.max_connections == 4
        used = pool.get_connection()
        until(lambda: pool.idle == 2)
        assert pool._survival.min_idle == 2
        pool.release(used)


# --- drain -------------------------------------------------------------------------------------------------------

@each_pool
@each_kind
def test_a_drained_pool_serves_those_in_line_and_nobody_else(
    server: RedisServer, threads: Threads, pool_class: Any, kind: Any
) -> None:
    with pool_of(server, pool_class, connection_class=kind, max_connections=2, timeout=30) as pool:
        used = [pool.get_connection(), pool.get_connection()]
        waiters = [in_line(threads, pool), in_line(threads, pool)]
        drain = Draining(threads, pool)
        pool.timeout = 30
        with pytest.raises(ConnectionPoolClosedError, match="closed"):
            pool.get_connection()
        assert_sound(pool, in_use=2, waiting=2)
        pool.release(used[0])
        assert waiters[0].served() is used[0]
        pool.release(used[1])
        assert waiters[1].served() is used[1]
        with pytest.raises(ConnectionPoolClosedError):
            pool.get_connection()
        waiters[0].give_back()
        assert_sound(pool, created=1, in_use=1)  # nobody needs it any more
        assert drain.result is None
        waiters[1].give_back()
        assert drain.ended() is True
        assert_sound(pool, created=0, waiting=0)
        assert known(server, pool) == set()

        connection = pool.get_connection()
        assert connection not in used
        pool.release(connection)
        assert_sound(pool, created=1, idle=1)


def test_what_is_idle_goes_when_a_drain_begins(server: RedisServer, threads: Threads) -> None:
    with pool_of(server) as pool:
        used = [pool.get_connection() for _ in range(3)]
        for connection in used[1:]:
            pool.release(connection)
        drain = Draining(threads, pool)
        until(lambda: created(pool) == 1)
        assert_sound(pool, in_use=1)
        until(lambda: len(known(server, pool)) == 1)
        used[0].send_command("ECHO", "still")
        assert used[0].read_response() == b"still"
        pool.release(used[0])
        assert drain.ended() is True


def test_a_drain_ends_in_time_and_closes_what_is_still_in_use(server: RedisServer, threads: Threads) -> None:
    with pool_of(server, max_connections=1, timeout=30) as pool:
        used = pool.get_connection()
        waiter = in_line(threads, pool)
        with lasting(0.2, 20):
            assert pool.drain(0.2) is False
        assert isinstance(waiter.failed(), ConnectionPoolClosedError)
        assert used._sock is None
        until(lambda: known(server, pool) == set())
        pool.release(used)
        assert_sound(pool, created=0)
        connection = pool.get_connection()
        assert connection is not used
        pool.release(connection)
        assert pool.drain(0) is True


def test_an_unused_pool_is_drained_at_once(server: RedisServer) -> None:
    with pool_of(server) as pool:
        assert pool.drain() is True
        assert pool.drain(0) is True
        pool.release(pool.get_connection())
        assert pool.drain(0) is True
        assert_sound(pool, created=0)


def test_a_drain_that_ctrl_c_ends_is_over(server: RedisServer, threads: Threads) -> None:
    with pool_of(server, max_connections=2) as pool:
        used = pool.get_connection()

        def interrupt() -> None:
            until(lambda: refuses(pool))
            os.kill(os.getpid(), signal.SIGINT)

        threads.start(interrupt)
        with pytest.raises(KeyboardInterrupt):
            pool.drain()
        assert not refuses(pool)
        assert used._sock is None
        pool.release(used)
        assert_sound(pool, created=1, idle=1)


def test_two_may_drain_a_pool_at_once(server: RedisServer, threads: Threads) -> None:
    with pool_of(server) as pool:
        used = pool.get_connection()
        drains = [Draining(threads, pool), Draining(threads, pool, 30)]
        pool.release(used)
        assert [drain.ended() for drain in drains] == [True, True]
        assert_sound(pool, created=0)
        assert not refuses(pool)


def test_a_short_drain_does_not_end_a_long_one(server: RedisServer, threads: Threads) -> None:
    with pool_of(server) as pool:
        used = pool.get_connection()
        drain = Draining(threads, pool)
        assert pool.drain(0) is False
        assert refuses(pool) and drain.result is None
        pool.release(used)
        assert drain.ended() is True
        assert not refuses(pool)


def test_nothing_is_made_ready_in_a_pool_that_is_drained(server: RedisServer, threads: Threads, dials: Dials) -> None:
    with pool_of(server, connection_class=dials.of(), min_idle=2) as pool:
        pool.wait_ready()
        used = pool.get_connection()
        until(lambda: pool.idle == 2)
        housekeeper = pool._housekeeper._thread
        drain = Draining(threads, pool)
        until(lambda: created(pool) == 1)
        tended(pool)
        assert_sound(pool, created=1, in_use=1)
        pool.release(used)
        assert drain.ended() is True
        housekeeper.join(10)
        assert not housekeeper.is_alive()
        assert dials.count == 3 and known(server, pool) == set()


def test_a_drain_does_not_wait_for_a_connection_that_is_lost(
    server: RedisServer, threads: Threads, collector_at_rest: None
) -> None:
    """Not even for one that only the garbage collector can find."""
    with pool_of(server) as pool:
        used, lost = pool.get_connection(), pool.get_connection()
        drain = Draining(threads, pool)
        del used
        lost.itself = lost
        del lost
        assert drain.ended() is True
        assert_sound(pool, created=0)


def test_a_drain_waits_for_a_dial_that_somebody_in_line_needs(
    server: RedisServer, threads: Threads, dials: Dials
) -> None:
    dials.stop()
    with pool_of(server, connection_class=dials.of(), max_connecting=1, timeout=30) as pool:
        waiter = in_line(threads, pool)
        until(lambda: dials.under_way == 1)
        drain = Draining(threads, pool)
        assert_sound(pool, connecting=1, waiting=1)
        dials.go_on()
        waiter.served()
        assert drain.result is None
        waiter.give_back()
        assert drain.ended() is True
        assert_sound(pool, created=0)
