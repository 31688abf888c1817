"""The numbers of a pool are true: compared with what the server, the connections and the callers have counted."""

from __future__ import annotations

import random
import select
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import pytest
import redis

import respool
from conftest import Threads, until
from respool import ConnectionPool, Histogram, Hooks, PoolStats
from respool._stats import CUMULATIVE, CURRENT, Closed, bound
from servers import RedisServer, redis_server
from stubs import Dummy
from test_counts import calls_of
from test_exporters import in_child
from versions import FREE_THREADED


class Counted(Dummy):
    """Counts what is done to all of its kind, and fails on request."""

    made = opened = closed = 0
    refuses = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        type(self).made += 1
        self.is_open = False

    def connect(self) -> None:
        if self.is_open:
            return
        if type(self).refuses:
            raise redis.ConnectionError("refused")
        type(self).opened += 1
        self.is_open = True

    def disconnect(self) -> None:
        if self.is_open:
            type(self).closed += 1
        self.is_open = False


def counted_pool(**options: Any) -> tuple[ConnectionPool, type[Counted]]:
    """A pool and the class of its connections, which nobody else has."""
    kind = type("Kind", (Counted,), {})
    return ConnectionPool(connection_class=kind, **options), kind


def closed_for(stats: PoolStats) -> dict[str, int]:
    """The reasons of closing of which there were any."""
    return {reason: count for reason, count in vars(stats.closed).items() if count}


def use(pool: ConnectionPool, times: int = 1) -> None:
    for _ in range(times):
        pool.release(pool.get_connection())


def assert_consistent(stats: PoolStats) -> None:
    assert stats.pool_size == stats.pool_available + stats.in_use + stats.connecting, stats
    assert 0 <= stats.pool_size <= stats.pool_max, stats
    assert min(stats.pool_available, stats.in_use, stats.connecting, stats.requests_waiting) >= 0, stats
    assert stats.peak_in_use <= stats.pool_max, stats
    assert stats.requests_queued == stats.wait.count, stats
    assert stats.usage.count <= stats.requests_num, stats
    assert sum(stats.wait._counts) == stats.wait.count and sum(stats.usage._counts) == stats.usage.count, stats


@contextmanager
def watched(pool: Any) -> Iterator[list[PoolStats]]:
    """Another thread takes snapshots meanwhile, each of which is consistent, and counts never go down."""
    over = threading.Event()
    taken = [pool.stats()]
    errors: list[BaseException] = []

    def watch() -> None:
        try:
            while not over.is_set():
                taken.append(pool.stats())
                assert_consistent(taken[-1])
                since = taken[-1].since(taken[-2])
                assert min(getattr(since, name) for name in CUMULATIVE) >= 0, since
                assert min(vars(since.closed).values()) >= 0 and since.wait.sum >= 0 <= since.usage.sum, since
                over.wait(0.0005)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield taken
    finally:
        over.set()
        thread.join(30)
    if errors:
        raise errors[0]
    assert len(taken) > 5


# --- Storms ----------------------------------------------------------------------------------------------------------

@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    """A server that nobody else connects to."""
    with redis_server() as running:
        yield running


def received(admin: Any) -> int:
    return int(admin.info("stats")["total_connections_received"])


def test_in_a_storm_the_counts_are_those_of_the_callers_and_of_the_server(
    own_server: RedisServer, threads: Threads
) -> None:
    callers, connections, rounds = 12, 4, 40
    admin = redis.Redis(connection_pool=redis.BlockingConnectionPool(**own_server.address, max_connections=1))
    pool = ConnectionPool(
        **own_server.address, max_connections=connections, timeout=20, max_waiting=5, client_name="storm", name="storm"
    )
    before = received(admin)
    truth: Counter[str] = Counter()
    lock = threading.Lock()

    def note(what: str) -> None:
        with lock:
            truth[what] += 1

    def kill(connection: Any) -> None:
        connection.send_command("CLIENT", "ID")
        admin.execute_command("CLIENT", "KILL", "ID", connection.read_response())
        assert select.select([connection._sock], [], [], 10)[0]  # the end has arrived

    def one(chance: random.Random) -> None:
        try:
            connection = pool.get_connection()
        except respool.ConnectionPoolTimeoutError:
            return note("timeouts")
        except respool.ConnectionPoolOverloadError:
            return note("shed")
        note("served")
        choice = chance.randrange(10)
        if choice == 0:
            connection.send_command("PING")
            note("dirty")
        elif choice == 1:
            kill(connection)
            note("killed")
        elif choice == 2:
            note("lost")
            return None
        else:
            time.sleep(chance.uniform(0, 0.008))
        pool.release(connection)
        return None

    def caller(number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        for _ in range(rounds):
            one(chance)

    with watched(pool):
        threads.together(callers, caller)
        # These find what was killed, and open what was closed.
        held = [pool.get_connection() for _ in range(connections)]
        truth["served"] += len(held)
        pool.timeout = 0.01
        threads.together(callers, lambda number: one(random.Random(number)))  # noqa: S311
        assert len(own_server.connections_named("storm")) == connections
        for connection in held:
            pool.release(connection)
    stats = pool.stats()
    assert min(truth[what] for what in ("timeouts", "shed", "dirty", "killed", "lost")) > 0, truth
    assert stats.requests_num == truth["served"]
    assert (stats.timeouts, stats.shed) == (truth["timeouts"], truth["shed"])
    assert stats.requests_errors == truth["timeouts"] + truth["shed"]
    assert closed_for(stats) == {"dirty": truth["dirty"], "stale": truth["killed"], "error": truth["lost"]}
    assert stats.closed.total == truth["dirty"] + truth["killed"] + truth["lost"]
    assert stats.peak_in_use == connections
    assert 0 < stats.requests_queued <= truth["served"]
    assert stats.connections_num == connections + truth["lost"]
    # The observer of `connections_named` is one; each that was found closed or dirty has been opened again.
    opened = received(admin) - before - 1
    assert opened == stats.connections_num + stats.closed.stale + stats.closed.dirty
    assert (stats.pool_size, stats.pool_available, stats.in_use) == (connections, connections, 0)
    pool.close()
    assert pool.stats().closed.drain == connections
    admin.connection_pool.disconnect()


def test_in_a_storm_of_failures_every_connection_is_accounted_for(threads: Threads) -> None:
    pool, kind = counted_pool(max_connections=3, timeout=0.02, max_idle_time=0.002, max_lifetime=0.01)
    truth: Counter[str] = Counter()
    lock = threading.Lock()

    def caller(number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        for _ in range(150):
            kind.refuses = chance.random() < 0.05
            try:
                connection = pool.get_connection()
            except respool.ConnectionPoolTimeoutError:
                outcome = "timeouts"
            except (redis.ConnectionError, redis.TimeoutError):
                outcome = "errors"
            else:
                outcome = "served"
                time.sleep(chance.choice((0, 0.001, 0.004)))
                pool.release(connection)
            with lock:
                truth[outcome] += 1

    with watched(pool):
        threads.together(8, caller)
    pool.close()
    stats = pool.stats()
    assert truth["errors"] > 0 < truth["served"]
    assert (stats.requests_num, stats.timeouts, stats.connections_errors) == (
        truth["served"], truth["timeouts"], truth["errors"]
    )
    assert stats.connections_num == kind.made
    assert stats.closed.lifetime > 0
    assert kind.opened == kind.closed <= stats.closed.total  # one that was never connected is closed too


# --- Each number -----------------------------------------------------------------------------------------------------

def test_a_new_pool_has_only_its_settings() -> None:
    pool, _ = counted_pool(max_connections=7, name="new")
    stats = pool.stats()
    assert (stats.name, stats.pool_min, stats.pool_max) == ("new", 0, 7)
    assert not any(getattr(stats, name) for name in set(CURRENT + CUMULATIVE) - {"pool_max"})
    assert stats.closed.total == stats.wait.count == stats.usage.count == 0
    assert stats.usage_sample == 16
    pool.resize(9)
    assert pool.stats().pool_max == 9


def test_states_and_peak(threads: Threads) -> None:
    pool, _ = counted_pool(max_connections=4, timeout=None)
    held = [pool.get_connection() for _ in range(4)]
    for _ in range(2):
        threads.start(use, pool)
    until(lambda: pool.stats().requests_waiting == 2)
    stats = pool.stats()
    assert (stats.pool_size, stats.pool_available, stats.in_use, stats.connecting) == (4, 0, 4, 0)
    for connection in held:
        pool.release(connection)
    threads.join()
    stats = pool.stats()
    assert (stats.pool_size, stats.pool_available, stats.in_use, stats.peak_in_use) == (4, 4, 0, 4)
    assert (stats.requests_num, stats.requests_queued, stats.requests_waiting) == (6, 2, 0)


def test_a_connection_that_is_being_made_is_connecting() -> None:
    seen: list[PoolStats] = []

    class Seen(Dummy):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            seen.append(pool.stats())

        def connect(self) -> None:
            seen.append(pool.stats())

    pool = ConnectionPool(connection_class=Seen)
    connection = pool.get_connection()
    assert [(stats.pool_size, stats.connecting, stats.in_use) for stats in seen] == [(1, 1, 0), (1, 1, 0)]
    assert pool.stats().in_use == 1
    pool.release(connection)


def test_who_may_not_wait_is_counted_as_exhausted() -> None:
    pool, _ = counted_pool(max_connections=1)
    held = pool.get_connection()
    for _ in range(3):
        with pytest.raises(redis.exceptions.MaxConnectionsError):
            pool.get_connection()
    stats = pool.stats()
    assert (stats.exhausted, stats.timeouts, stats.requests_errors, stats.requests_num) == (3, 0, 3, 1)
    pool.release(held)


def test_who_is_sent_away_by_the_end_of_a_pool_is_counted_as_turned_away(threads: Threads) -> None:
    pool, _ = counted_pool(max_connections=1, timeout=None)
    held = pool.get_connection()

    def refused() -> None:
        with pytest.raises(respool.ConnectionPoolClosedError):
            pool.get_connection()

    threads.start(refused)
    until(lambda: pool.waiting == 1)
    pool.close()
    threads.join()
    assert pool.stats().turned_away == 1
    draining = threads.start(pool.drain)
    until(lambda: refuses(pool))
    pool.release(held)
    draining.join(30)
    assert pool.stats().turned_away == 2


def refuses(pool: ConnectionPool) -> bool:
    """Whether the pool sends new callers away."""
    pool.timeout = 0
    try:
        pool.get_connection()
    except respool.ConnectionPoolClosedError:
        return True
    except redis.exceptions.MaxConnectionsError:
        return False
    raise AssertionError("there was a connection")


def test_failures_to_make_and_to_connect_are_counted() -> None:
    pool, kind = counted_pool(max_connections=1)
    kind.refuses = True
    for _ in range(2):
        with pytest.raises(redis.ConnectionError):
            pool.get_connection()
    kind.refuses = False
    use(pool)
    stats = pool.stats()
    assert (stats.connections_errors, stats.connections_num, stats.requests_num) == (2, 1, 1)

    def broken(**_: Any) -> Any:
        raise OSError("no")

    pool = ConnectionPool(connection_class=broken)
    with pytest.raises(OSError, match="no"):
        pool.get_connection()
    stats = pool.stats()
    assert (stats.connections_errors, stats.connections_num, stats.pool_size) == (1, 0, 0)


def test_a_dial_of_the_pool_that_fails_is_counted_once() -> None:
    pool, kind = counted_pool(max_connections=2, max_connecting=1, timeout=5)
    kind.refuses = True
    with pytest.raises(redis.ConnectionError):
        pool.get_connection()
    until(lambda: pool.stats().pool_size == 0)
    assert pool.stats().connections_errors == 1
    assert pool.stats().requests_num == 0


def test_what_is_idle_for_too_long_is_counted() -> None:
    pool, kind = counted_pool(max_connections=3, max_idle_time=0.01)
    held = [pool.get_connection() for _ in range(3)]
    for connection in held:
        pool.release(connection)
    until(lambda: pool.stats().pool_size == 0)
    assert closed_for(pool.stats()) == {"idle": 3}
    assert kind.closed == 3
    pool.close()


def test_what_is_too_old_is_counted() -> None:
    pool, kind = counted_pool(max_connections=1, max_lifetime=0.01)
    connection = pool.get_connection()
    time.sleep(0.02)
    pool.release(connection)
    assert closed_for(pool.stats()) == {"lifetime": 1}
    assert kind.closed == 1
    pool.close()
    assert closed_for(pool.stats()) == {"lifetime": 1}


def test_what_is_too_old_on_its_way_out_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, kind = counted_pool(max_connections=1, max_lifetime=0.01)
    monkeypatch.setattr(type(pool), "_begin_housekeeping", lambda self: None)
    use(pool)
    time.sleep(0.02)
    use(pool)
    assert closed_for(pool.stats()) == {"lifetime": 1}
    assert (kind.opened, kind.closed, pool.stats().connections_num) == (2, 1, 1)


def test_what_the_server_has_closed_is_counted(server: RedisServer) -> None:
    with ConnectionPool(**server.address, max_connections=1) as pool:
        connection = pool.get_connection()
        connection.send_command("CLIENT", "ID")
        with redis.Redis(**server.address) as admin:
            admin.execute_command("CLIENT", "KILL", "ID", connection.read_response())
        assert select.select([connection._sock], [], [], 10)[0]
        pool.release(connection)
        assert closed_for(pool.stats()) == {}
        use(pool)
        assert closed_for(pool.stats()) == {"stale": 1}


def test_what_comes_back_in_the_middle_of_something_is_counted(server: RedisServer) -> None:
    with ConnectionPool(**server.address, max_connections=1) as pool:
        connection = pool.get_connection()
        connection.send_command("PING")
        pool.release(connection)
        assert closed_for(pool.stats()) == {"dirty": 1}


def test_what_is_marked_for_reconnection_is_counted(server: RedisServer) -> None:
    with ConnectionPool(**server.address, max_connections=1) as pool:
        connection = pool.get_connection()
        connection.mark_for_reconnect()
        pool.release(connection)
        assert closed_for(pool.stats()) == {"failover": 1}


def test_connections_to_a_demoted_master_are_counted() -> None:
    with redis_server() as master, redis_server("--replicaof", "127.0.0.1", str(master.port)) as replica:
        pool = ConnectionPool(**replica.address, max_connections=3, retire_on_failover=True)
        others = [pool.get_connection() for _ in range(2)]
        with redis.Redis(connection_pool=pool) as client:
            with pytest.raises(redis.ReadOnlyError):
                client.set("key", "value")
        for connection in others:
            pool.release(connection)
        assert closed_for(pool.stats()) == {"failover": 3}
        pool.close()


def test_what_is_interrupted_or_lost_is_counted() -> None:
    pool, kind = counted_pool(max_connections=2)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(kind, "connect", interrupted)
        pool.get_connection()
    assert closed_for(pool.stats()) == {"error": 1}
    assert pool.stats().connections_errors == 0  # it is nobody's fault
    lost = pool.get_connection()
    del lost
    assert closed_for(pool.stats()) == {"error": 2}
    assert pool.stats().pool_size == 0


def interrupted(*_: object) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize("end", [
    lambda pool: pool.close(), lambda pool: pool.drain(1), lambda pool: pool.reset(), lambda pool: pool.resize(1),
])
def test_what_is_closed_with_the_pool_is_counted(end: Callable[[ConnectionPool], Any]) -> None:
    pool, kind = counted_pool(max_connections=3)
    held = [pool.get_connection() for _ in range(3)]
    for connection in held:
        pool.release(connection)
    end(pool)
    assert closed_for(pool.stats()) == {"drain": kind.closed}
    assert kind.closed == 3 - pool.stats().pool_size
    assert kind.closed >= 2


# --- Times -----------------------------------------------------------------------------------------------------------

def test_times_of_use_are_those_that_callers_measure() -> None:
    pool, _ = counted_pool(max_connections=1)
    measured = []
    for number in range(800):
        connection = pool.get_connection()
        started = time.perf_counter()
        time.sleep(0.0005 if number % 4 else 0.004)
        measured.append(time.perf_counter() - started)
        pool.release(connection)
    usage = pool.stats().usage
    assert 15 <= usage.count <= 100  # of 800, one in 16: 50, give or take five times 7
    measured.sort()
    # Half of the sample may be shifted by what chance leaves of 50, and by the width of a bucket.
    assert measured[200] * 0.8 <= usage.p50 <= measured[600] * 1.25
    assert measured[720] * 0.8 <= usage.p99 <= measured[-1] * 1.25
    assert 0.5 * statistics.fmean(measured) < usage.mean < 2 * statistics.fmean(measured)
    assert 0.5 * sum(measured) < pool.stats().usage_ms / 1e3 < 2 * sum(measured)


def test_one_checkout_in_sixteen_is_timed() -> None:
    pool, _ = counted_pool(max_connections=1)
    use(pool, 32_000)
    stats = pool.stats()
    assert stats.usage_sample == 16
    assert 1780 < stats.usage.count < 2220  # 2000, give or take five times 43
    for pace in (2, 16):  # whichever rhythm a program has, each of its uses is timed as often
        timed = Counter[int]()
        for number in range(16_000):
            connection = pool.get_connection()
            count = timed_now(pool)
            pool.release(connection)
            timed[number % pace] += timed_now(pool) - count
        assert len(timed) == pace and min(timed.values()) > 0


def timed_now(pool: ConnectionPool) -> int:
    return int(pool._measures()[4][1])


def test_times_of_waiting_are_those_that_callers_measure(threads: Threads) -> None:
    pool, _ = counted_pool(max_connections=1, timeout=None)
    held = pool.get_connection()
    measured: list[float] = []

    def wait() -> None:
        started = time.perf_counter()
        connection = pool.get_connection()
        measured.append(time.perf_counter() - started)
        time.sleep(0.05)
        pool.release(connection)

    for number in range(6):
        threads.start(wait)
        until(lambda: pool.waiting == number + 1)  # noqa: B023
    time.sleep(0.2)
    pool.release(held)
    threads.join()
    stats = pool.stats()
    assert stats.wait.count == stats.requests_queued == 6
    measured.sort()
    assert 0.8 * sum(measured) < stats.wait.sum <= sum(measured)
    assert stats.requests_wait_ms == pytest.approx(stats.wait.sum * 1000)
    for rank, seconds in enumerate(measured):
        assert 0.75 * seconds <= stats.wait.quantile((rank + 0.5) / 6) <= 1.25 * seconds


def test_who_waits_in_vain_has_no_time_of_waiting() -> None:
    pool, _ = counted_pool(max_connections=1, timeout=0.01)
    held = pool.get_connection()
    with pytest.raises(respool.ConnectionPoolTimeoutError):
        pool.get_connection()
    stats = pool.stats()
    assert (stats.timeouts, stats.requests_queued, stats.wait.count) == (1, 0, 0)
    pool.release(held)


def histogram(*seconds: float) -> Histogram:
    counts = [0] * 112
    for each in seconds:
        counts[next(bucket for bucket in range(112) if each < bound(bucket))] += 1
    return Histogram(len(seconds), sum(seconds), tuple(counts))


def test_quantiles_are_within_a_fifth() -> None:
    chance = random.Random(1)  # noqa: S311
    times = sorted(10 ** chance.uniform(-5, 1) for _ in range(1000))
    found = histogram(*times)
    for share in (0.01, 0.25, 0.5, 0.9, 0.99):
        assert found.quantile(share) == pytest.approx(times[int(share * 1000)], rel=0.25)
    assert found.quantile(0.5) == found.p50 and found.quantile(0.99) == found.p99
    assert found.mean == pytest.approx(statistics.fmean(times))
    for bucket in range(1, 112):
        assert 1.0 < bound(bucket) / bound(bucket - 1) <= 1.25


def test_an_empty_histogram_is_zero_and_a_share_is_one() -> None:
    empty = histogram()
    assert (empty.p50, empty.p99, empty.mean) == (0.0, 0.0, 0.0)
    for share in (-0.1, 1.1):
        with pytest.raises(ValueError, match="share"):
            empty.quantile(share)


def test_buckets_count_what_is_shorter() -> None:
    found = dict(histogram(1.5e-6, 3e-6, 3e-6, 1e-3, 2.0).buckets())
    assert found[2e-6] == 1 and found[4e-6] == 3 and found[1024e-6] == 4 and found[2**21 * 1e-6] == 5
    assert len(found) == 28
    both = histogram(1.0) + histogram(2.0, 4.0)
    assert (both.count, both.sum) == (3, 7.0)
    assert (both - histogram(2.0, 4.0)) == histogram(1.0)


# --- Since the last time ---------------------------------------------------------------------------------------------

def test_deltas_add_up(threads: Threads) -> None:
    pool, _ = counted_pool(max_connections=2, timeout=0.002, max_idle_time=0.001)
    popped: list[PoolStats] = []

    def caller(number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        for _ in range(60):
            try:
                connection = pool.get_connection()
            except respool.ConnectionPoolTimeoutError:
                continue
            time.sleep(chance.uniform(0, 0.003))
            pool.release(connection)

    for _ in range(3):
        threads.together(6, caller)
        popped.append(pool.pop_stats())
    pool.close()
    popped.append(pool.pop_stats())
    stats = pool.stats()
    assert stats.timeouts > 0 < stats.closed.total
    for name in CUMULATIVE:
        assert sum(getattr(each, name) for each in popped) == getattr(stats, name), name
    for reason in fields(Closed):
        assert sum(getattr(each.closed, reason.name) for each in popped) == getattr(stats.closed, reason.name)
    for times in ("wait", "usage"):
        assert sum(getattr(each, times).count for each in popped) == getattr(stats, times).count
        assert sum(getattr(each, times).sum for each in popped) == pytest.approx(getattr(stats, times).sum)
    assert (popped[-1].pool_max, popped[-1].peak_in_use) == (2, stats.peak_in_use)
    nothing = pool.pop_stats()
    assert nothing.requests_num == nothing.closed.total == nothing.wait.count == 0


def test_a_snapshot_stays_as_it_is() -> None:
    pool, _ = counted_pool()
    before = pool.stats()
    use(pool)
    assert before.requests_num == 0
    with pytest.raises(AttributeError):
        before.requests_num = 1


# --- Hooks -----------------------------------------------------------------------------------------------------------

EVENTS = [each.name for each in fields(Hooks)]


def recording(said: list[Any]) -> Hooks:
    def note(event: str) -> Callable[[Any, Any], None]:
        return lambda pool, subject: said.append((event, pool, subject))

    return Hooks(**{event: note(event) for event in EVENTS})


def test_hooks_are_told_of_the_pool_and_of_the_connection() -> None:
    pool, _ = counted_pool(max_connections=1)
    said: list[Any] = []
    pool.hooks = recording(said)
    connection = pool.get_connection()
    with pytest.raises(redis.exceptions.MaxConnectionsError) as caught:
        pool.get_connection()
    pool.release(connection)
    pool.release(connection)  # which does nothing
    pool.close()
    assert said == [
        ("on_create", pool, connection), ("on_checkout", pool, connection), ("on_timeout", pool, caught.value),
        ("on_release", pool, connection), ("on_close", pool, connection),
    ]
    assert pool.hooks is not None
    said.clear()
    pool.hooks = None
    use(pool)
    assert not said


def test_hooks_are_told_of_as_many_as_are_counted(own_server: RedisServer) -> None:
    said: list[Any] = []
    pool = ConnectionPool(**own_server.address, max_connections=4, max_lifetime=0.05)
    pool.hooks = recording(said)
    chance = random.Random(7)  # noqa: S311
    for _ in range(200):
        connection = pool.get_connection()
        choice = chance.randrange(8)
        if choice == 0:
            connection.send_command("PING")
        elif choice == 1:
            connection.mark_for_reconnect()
        elif choice == 2:
            connection._sock.shutdown(2)
        elif choice == 3:
            time.sleep(0.01)
        pool.release(connection)
        if choice == 4:
            pool.reset()
    pool.close()
    stats = pool.stats()
    heard = Counter(event for event, _, _ in said)
    assert set(closed_for(stats)) == {"lifetime", "dirty", "failover", "stale", "drain"}
    assert heard["on_checkout"] == heard["on_release"] == stats.requests_num == 200
    assert heard["on_create"] == stats.connections_num
    assert heard["on_close"] == stats.closed.total


def test_what_a_hook_raises_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    pool, kind = counted_pool(max_connections=1)
    pool.hooks = Hooks(**{event: lambda pool, subject: 1 / 0 for event in EVENTS})
    connection = pool.get_connection()
    with pytest.raises(redis.exceptions.MaxConnectionsError):
        pool.get_connection()
    pool.release(connection)
    pool.close()
    assert [record.hook for record in caplog.records] == [
        "on_create", "on_checkout", "on_timeout", "on_release", "on_close"
    ]
    assert (pool.stats().pool_size, kind.closed) == (0, 1)


@pytest.mark.parametrize("event", EVENTS)
def test_an_interrupt_in_a_hook_loses_no_place(event: str) -> None:
    pool, _ = counted_pool(max_connections=1)
    pool.hooks = Hooks(**{event: interrupted})
    hit = 0
    for _ in range(3):
        try:
            connection = pool.get_connection()
            if event == "on_timeout":
                pool.get_connection()
            pool.release(connection)
            pool.close()
        except KeyboardInterrupt:
            hit += 1
        connection = None
        assert pool.stats().in_use == pool.stats().connecting == 0
    assert hit == 3
    pool.hooks = None
    use(pool)
    assert pool.stats().pool_size == 1


def test_an_interrupt_in_a_hook_loses_no_place_of_a_connection_that_cannot_be_watched() -> None:
    class Slotted:
        __slots__ = ("pid",)
        connect = disconnect = re_auth = Dummy.re_auth
        can_read, should_reconnect = Dummy.can_read, Dummy.should_reconnect

        def __init__(self, **_: Any) -> None:
            self.pid = 0

    pool = ConnectionPool(connection_class=Slotted, max_connections=1)
    pool.hooks = Hooks(on_checkout=interrupted)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            pool.get_connection()
    assert pool.stats().pool_size == 0
    assert closed_for(pool.stats()) == {"error": 2}


def test_hooks_may_use_the_pool() -> None:
    pool, _ = counted_pool(max_connections=2)
    seen: list[PoolStats] = []
    pool.hooks = Hooks(**{event: lambda pool, subject: seen.append(pool.stats()) for event in EVENTS})
    use(pool)
    pool.close()
    assert len(seen) == 4
    for stats in seen:
        assert_consistent(stats)


def test_hooks_cost_nothing_where_there_are_none() -> None:
    pool, _ = counted_pool()
    usual = calls_of(lambda: use(pool))
    pool.hooks = recording([])
    assert len(calls_of(lambda: use(pool))) > len(usual)
    pool.hooks = None
    assert calls_of(lambda: use(pool)) == usual


def test_hooks_must_be_hooks() -> None:
    pool, _ = counted_pool()
    with pytest.raises(TypeError, match="hooks"):
        pool.hooks = print  # type: ignore[assignment]


# --- Fork ------------------------------------------------------------------------------------------------------------

@pytest.mark.skipif(FREE_THREADED, reason="a fork of many threads is enough with a GIL")
def test_the_numbers_of_a_forked_child_begin_anew() -> None:
    pool, _ = counted_pool(max_connections=2)
    use(pool, 100)
    held = pool.get_connection()
    pool.pop_stats()

    def numbers() -> list[int]:
        first = pool.stats()
        use(pool)
        second, popped = pool.stats(), pool.pop_stats()
        return [
            first.requests_num, first.connections_num, first.peak_in_use, first.usage.count, first.closed.total,
            first.pool_size, second.requests_num, second.connections_num, second.peak_in_use, popped.requests_num,
        ]

    assert in_child(numbers) == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]
    pool.release(held)
    assert pool.stats().requests_num == 101


# --- Names -----------------------------------------------------------------------------------------------------------

def test_a_pool_that_sentinel_leads_is_called_after_its_service() -> None:
    sentinel = redis.sentinel.Sentinel([("127.0.0.1", 1)])
    of_master = respool.SentinelConnectionPool("mymaster", sentinel, db=3)
    of_replicas = respool.SentinelConnectionPool("mymaster", sentinel, is_master=False)
    assert (of_master.name, of_replicas.name) == ("mymaster/3", "mymaster (replicas)/0")
    assert respool.SentinelConnectionPool("mymaster", sentinel, name="cache").stats().name == "cache"
