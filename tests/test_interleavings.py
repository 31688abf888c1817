"""Orders of events that are rare, brought about on purpose: walks, forks, signals and stale releases in between."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from conftest import Threads, assert_sound, until
from respool import ConnectionPool
from respool._pool import Pool
from stubs import Dummy, Stub
from test_fork import in_child

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


class Step:
    """A place at which one thread stops until another lets it go on."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def stop(self) -> None:
        self.reached.set()
        assert self.go_on.wait(30)


# --- walks ---------------------------------------------------------------------------------------------------

def test_make_connection_during_walks_of_others_is_counted(threads: Threads) -> None:
    building = Step()
    made: list[Any] = []

    class Slow(Dummy):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            building.stop()

    pool = ConnectionPool(connection_class=Slow, max_connections=1)
    threads.start(lambda: made.append(pool.make_connection()))
    assert building.reached.wait(30)
    with pool._lock:
        pass
    building.go_on.set()
    threads.join()
    assert_sound(pool, created=1, in_use=1)
    pool.release(made[0])
    assert list(pool._available_connections) == made
    assert pool.get_connection() is made[0]


def test_a_make_connection_that_walks_the_pool_itself_is_called_once() -> None:
    calls: list[int] = []

    class Walking(ConnectionPool):
        def make_connection(self) -> Any:
            calls.append(1)
            with self._lock:
                self.disconnect()
                return super().make_connection()

    pool = Walking(connection_class=Dummy)
    pool.get_connection()
    assert calls == [1]


def test_a_walker_that_builds_a_connection_builds_it_once() -> None:
    built: list[Stub] = []
    pool = Pool(1, factory=lambda: built.append(Stub()) or built[-1])
    with pool.walk_lock:
        pool.get_connection()
    assert len(built) == 1


def test_who_walks_without_a_pause_stops_nobody(threads: Threads) -> None:
    pool = Pool(2, factory=Stub, timeout=30)
    stop = threading.Event()

    def walk() -> None:
        while not stop.is_set():
            with pool.walk_lock:
                pool._walk()

    for _ in range(2):
        threads.start(walk)
    for _ in range(200):
        connection = pool.get_connection()
        pool.release(connection)
        pool._forget(connection)
    stop.set()
    threads.join()
    assert_sound(pool, created=0)


def test_a_connection_is_built_anew_only_so_often_however_often_somebody_walks() -> None:
    def build() -> Stub:
        walker = threading.Thread(target=walk)
        walker.start()
        walker.join()
        built.append(Stub())
        return built[-1]

    def walk() -> None:
        with pool.walk_lock:
            pass

    built: list[Stub] = []
    pool = Pool(1, factory=build)
    connection = pool.get_connection()
    assert connection is built[-1]
    assert 1 < len(built) < 10
    assert_sound(pool, created=1, in_use=1)


def test_who_waits_for_a_walker_keeps_its_place_in_line(threads: Threads) -> None:
    pool = Pool(1, factory=Stub, timeout=None)
    served: list[int] = []

    def take_turn(number: int) -> None:
        connection = pool.get_connection()
        served.append(number)
        pool.release(connection)

    with pool.walk_lock:
        for number in range(20):
            threads.start(take_turn, number)
            until(lambda arrived=number + 1: pool.waiting == arrived)
    threads.join()
    assert served == list(range(20))


def test_who_may_not_wait_for_a_connection_still_waits_for_a_walker(threads: Threads) -> None:
    pool = Pool(1, factory=Stub)
    outcomes: list[str] = []

    def take() -> None:
        try:
            connections.append(pool.get_connection())
        except RuntimeError as error:
            outcomes.append(str(error))
        else:
            outcomes.append("served")

    connections: list[Stub] = []
    with pool.walk_lock:
        for arrived in (1, 2, 3):
            threads.start(take)
            until(lambda arrived=arrived: pool.waiting == arrived)
    threads.join()
    assert sorted(outcomes) == ["no connection: exhausted"] * 2 + ["served"]
    assert_sound(pool, in_use=1, waiting=0)


def test_a_place_that_becomes_free_during_a_walk_moves_no_connection_before_its_end(threads: Threads) -> None:
    pool = Pool(3, factory=Stub, timeout=30)
    idle, lost, used = (pool.get_connection() for _ in range(3))
    pool.release(idle)
    got: list[Any] = []
    with pool.walk_lock:
        threads.start(lambda: got.append(pool.get_connection()))
        until(lambda: pool.waiting == 1)
        del lost
        pool._forget(used)
        assert pool._walk()[0] == [idle]
        assert_sound(pool, idle=1, waiting=1)
    threads.join()
    assert got == [idle]


def test_a_walker_that_rests_only_within_its_walks_holds_up_nobody_for_long(threads: Threads) -> None:
    pool = Pool(2, factory=Stub, timeout=30)
    stop = threading.Event()

    def walk() -> None:
        while not stop.is_set():
            with pool.walk_lock:
                time.sleep(0.001)

    threads.start(walk)
    try:
        for _ in range(20):
            connection = pool.get_connection()
            pool.release(connection)
            pool._forget(connection)
    finally:
        stop.set()
    assert_sound(pool, created=0)


def test_a_signal_while_a_walk_begins_leaves_the_lock_free(threads: Threads) -> None:
    class Interrupted(ConnectionPool):
        armed = False

        def _builds_here(self) -> bool:
            if self.armed:
                raise KeyboardInterrupt  # as from a signal handler in this frame
            return super()._builds_here()

    pool = Interrupted(connection_class=Dummy)
    pool.armed = True
    with pytest.raises(KeyboardInterrupt):
        pool.disconnect()
    pool.armed = False
    free: list[bool] = []
    threads.start(lambda: free.append(pool._lock.acquire(False)))
    threads.join()
    assert free == [True]


def test_no_more_than_may_wait_still_wait_after_a_walk(threads: Threads) -> None:
    pool = Pool(1, factory=Stub, timeout=30, max_waiting=1)
    connection = pool.get_connection()
    outcomes: list[str] = []

    def take() -> None:
        try:
            pool.release(pool.get_connection())
            outcomes.append("served")
        except RuntimeError as error:
            outcomes.append(str(error))

    with pool.walk_lock:
        for arrived in (1, 2, 3):
            threads.start(take)
            until(lambda arrived=arrived: pool.waiting == arrived)
    until(lambda: len(outcomes) == 2)
    assert outcomes == ["no connection: overloaded"] * 2
    pool.release(connection)
    threads.join()
    assert outcomes[2] == "served"


def test_make_connection_does_not_overtake_those_who_wait_for_a_walker(threads: Threads) -> None:
    pool = ConnectionPool(connection_class=Dummy, max_connections=1, timeout=30)
    got: list[Any] = []
    refused: list[bool] = []

    def make() -> None:
        with pytest.raises(redis.MaxConnectionsError):
            pool.make_connection()
        refused.append(True)

    with pool._lock:
        threads.start(lambda: got.append(pool.get_connection()))
        until(lambda: pool.waiting == 1)
        threads.start(make)
    threads.join()
    assert len(got) == 1
    assert refused == [True]


def test_what_a_walker_asks_of_a_connection_on_its_way_back_is_done_before_it_is_idle(threads: Threads) -> None:
    returning = Step()

    class Marked(Dummy):
        marked, token, seen = False, None, 0

        def should_reconnect(self) -> bool:
            return self.marked

        def disconnect(self) -> None:
            super().disconnect()
            self.marked = False

        def set_re_auth_token(self, token: Any) -> None:
            self.token = token

        def re_auth(self) -> None:
            self.seen += 1
            if self.seen == 1:
                returning.stop()  # past the look at the mark, and past the one at the token
            elif self.token:
                self.calls.append("re_auth")
                self.token = None

    pool = ConnectionPool(connection_class=Marked)
    connection = pool.get_connection()
    threads.start(pool.release, connection)
    assert returning.reached.wait(30)
    with pool._lock:
        for used in pool._get_in_use_connections():
            used.marked = True
    pool.re_auth_callback("token")  # type: ignore[arg-type]
    returning.go_on.set()
    threads.join()
    assert_sound(pool, idle=1)
    assert (connection.marked, connection.token) == (False, None)
    assert connection.calls[1:] == ["disconnect", "re_auth"]


def test_what_a_walker_asks_of_a_connection_that_came_back_during_its_walk_is_done_too(threads: Threads) -> None:
    looked = threading.Event()

    class Marked(Dummy):
        marked = False

        def should_reconnect(self) -> bool:
            return self.marked

        def re_auth(self) -> None:
            looked.set()

    pool = ConnectionPool(connection_class=Marked)
    connection = pool.get_connection()
    with pool._lock:
        threads.start(pool.release, connection)
        assert looked.wait(30)
        for used in pool._get_in_use_connections():
            used.marked = True
    threads.join()
    assert_sound(pool, idle=1)
    assert connection.calls[-1] == "disconnect"


# --- forks below a signal handler ----------------------------------------------------------------------------

def fork_in_handler(threads: Threads, ready: Any, child: Any) -> tuple[Any, Any]:
    """A SIGUSR1 handler that forks, and a thread that sends the signal once `ready()`.

    In the child the interrupted call goes on; `child` says what to make of its result, by an exit code.
    """
    pids: list[int] = []

    def handler(signum: int, frame: object) -> None:
        pid = os.fork()
        if pid:
            pids.append(pid)
            raise InterruptedError("the parent")

    def send() -> None:
        until(ready)
        time.sleep(0.02)  # into its sleep, but not yet into a collection, whose finalizers swallow what handlers raise
        os.kill(os.getpid(), signal.SIGUSR1)

    previous = signal.signal(signal.SIGUSR1, handler)
    threads.start(send)
    parent = os.getpid()
    try:
        result = child()
    except InterruptedError:
        result = "interrupted"
    finally:
        if os.getpid() != parent:
            os._exit(0 if result == "served" else 1)
        signal.signal(signal.SIGUSR1, previous)
    return result, pids


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.parametrize("timeout", [None, 20])
def test_a_thread_that_forks_while_it_waits_is_served_in_the_child(threads: Threads, timeout: float | None) -> None:
    pool = Pool(1, factory=Stub, timeout=timeout)
    connection = pool.get_connection()

    def wait() -> str:
        mine = pool.get_connection()  # the parent is interrupted; the child's pool is empty
        assert_sound(pool, created=1, in_use=1, waiting=0)
        pool.release(mine)
        assert pool.get_connection() is mine
        return "served"

    result, pids = fork_in_handler(threads, lambda: pool.waiting == 1, wait)
    assert result == "interrupted"
    assert wait_for_exit(pids[0]) == 0
    pool.release(connection)
    assert_sound(pool, idle=1, waiting=0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
def test_a_thread_that_forks_while_a_walker_holds_it_up_goes_on_in_the_child(threads: Threads) -> None:
    pool = Pool(1, factory=Stub)
    connection = pool.get_connection()
    walk = Step()

    def walk_until_told() -> None:
        with pool.walk_lock:
            walk.stop()

    threads.start(walk_until_told)
    assert walk.reached.wait(30)

    def bring_back() -> str:
        pool.release(connection)
        pool.release(pool.get_connection())
        assert_sound(pool, created=1, idle=1)
        return "served"

    result, pids = fork_in_handler(threads, lambda: pool.in_use == 1, bring_back)
    assert result == "interrupted"
    assert wait_for_exit(pids[0]) == 0
    walk.go_on.set()
    threads.join()
    assert_sound(pool, created=0)  # the parent's release was interrupted


def wait_for_exit(pid: int) -> int:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    pytest.fail("the child hangs")


class Equal(ConnectionPool):
    """A pool that is equal to others, or cannot be compared at all."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Equal)

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
def test_every_pool_begins_anew_in_a_child_whatever_happens_to_another() -> None:
    class Unwilling(Dummy):
        @property
        def _sock(self) -> Any:
            raise OSError("no")

    pools = [Equal(connection_class=connection_class) for connection_class in (Dummy, Unwilling, Dummy, Unwilling)]
    for pool in pools:
        pool.release(pool.get_connection())

    def child() -> None:
        for pool in pools:
            assert_sound(pool, created=0)

    in_child(child)


# --- stale releases, nested use ------------------------------------------------------------------------------

@pytest.mark.parametrize("connects", [True, False])
def test_a_stale_release_while_a_connection_is_made_ready_for_another_does_nothing(connects: bool) -> None:
    class Meddled(Dummy):
        stale = False

        def connect(self) -> None:
            super().connect()
            if self.stale:
                pool.release(self)  # its last caller once more
                if not connects:
                    raise redis.ConnectionError

    pool = ConnectionPool(connection_class=Meddled, max_connections=2)
    connection = pool.get_connection()
    pool.release(connection)
    connection.stale = True
    if connects:
        assert pool.get_connection() is connection
        assert_sound(pool, created=1, in_use=1)
    else:
        with pytest.raises(redis.ConnectionError):
            pool.get_connection()
        assert_sound(pool, created=1, idle=1)
    assert len(pool._walk()[0]) + len(pool._walk()[1]) == 1
    connection.stale = False
    pool.release(connection)
    assert pool.get_connection() is connection


def test_a_connection_on_its_way_to_a_waiter_cannot_be_released_by_its_last_caller(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    awake = threading.Event()
    make_lock = threading.Lock

    class SlowBell:
        """Wakes a caller who waits, and not before it may."""

        def __init__(self) -> None:
            self.lock = make_lock()
            self.release = self.lock.release

        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
            return self.lock.acquire(blocking, timeout) and (timeout < 0 or awake.wait(20))

    pool = Pool(1, factory=Stub, timeout=None)
    connection = pool.get_connection()
    got: list[Any] = []
    begin = threading.Event()
    for _ in range(2):
        threads.start(lambda: begin.wait(20) and got.append(pool.get_connection()))
    with monkeypatch.context() as patch:
        patch.setattr(threading, "Lock", SlowBell)
        begin.set()
        until(lambda: pool.waiting == 2)
    with pool.walk_lock:
        pass
    pool.release(connection)
    pool.release(connection)
    awake.set()
    until(lambda: len(got) == 1)
    assert_sound(pool, in_use=1, waiting=1)
    pool.release(connection)
    threads.join()
    assert got == [connection, connection]


def test_a_signal_handler_may_use_the_pool_while_it_builds_a_connection() -> None:
    class Nested(ConnectionPool):
        depth = 0

        def make_connection(self) -> Any:
            self.depth += 1
            if self.depth == 1:
                self.release(self.get_connection())  # as a signal handler would at this place
            return super().make_connection()

    pool = Nested(connection_class=Dummy, max_connections=2)
    connection = pool.get_connection()
    assert_sound(pool, created=2, idle=1, in_use=1)
    pool.release(connection)


def test_a_lower_limit_may_drop_connections_that_nobody_else_holds() -> None:
    pool = Pool(5, factory=Stub)
    for connection in [pool.get_connection() for _ in range(5)]:
        pool.release(connection)
    del connection
    pool._set_limit(1)
    assert_sound(pool, created=1, idle=1)


def test_a_connection_taken_by_a_walker_and_lost_gives_its_slot_back() -> None:
    pool = Pool(1, factory=Stub)
    connection = pool.get_connection()
    pool.release(connection)
    assert pool._take(connection)
    del connection
    assert_sound(pool, created=0)


def test_reset_closes_all_even_if_closing_one_fails() -> None:
    closed: list[Stub] = []

    def close(connection: Stub) -> None:
        closed.append(connection)
        raise OSError("no")

    pool = Pool(3, factory=Stub, closer=close)
    for connection in [pool.get_connection() for _ in range(3)]:
        pool.release(connection)
    with pytest.raises(OSError, match="no"):
        pool._reset()
    assert len(closed) == 3
    assert_sound(pool, created=0)


@pytest.mark.parametrize("forget", [ConnectionPool.reset, ConnectionPool.close])
def test_a_connection_being_connected_while_the_pool_is_reset_or_closed_is_its_callers_and_not_kept(
    threads: Threads, forget: Callable[[ConnectionPool], None]
) -> None:
    connecting = Step()

    class Slow(Dummy):
        def connect(self) -> None:
            connecting.stop()

    pool = ConnectionPool(connection_class=Slow)
    got: list[Any] = []
    threads.start(lambda: got.append(pool.get_connection()))
    assert connecting.reached.wait(30)
    forget(pool)
    connecting.go_on.set()
    threads.join()
    # A pool that was reset has forgotten it; one that was closed still counts it under its cap.
    assert_sound(pool, created=0 if forget is ConnectionPool.reset else 1, idle=0)
    pool.release(got[0])
    assert_sound(pool, created=0)


def test_a_retry_policy_set_during_a_connect_stays(threads: Threads) -> None:
    connecting = Step()

    class Slow(redis.Connection):
        def _connect(self) -> Any:
            connecting.stop()
            raise OSError("no server")

    retry = Retry(NoBackoff(), 0)
    pool = ConnectionPool(connection_class=Slow, timeout=10, retry=Retry(NoBackoff(), 1))

    def fail() -> None:
        with pytest.raises(redis.ConnectionError):
            pool.get_connection()

    threads.start(fail)
    assert connecting.reached.wait(30)
    pool.set_retry(retry)
    connecting.go_on.set()
    threads.join()
    [connection] = pool._available_connections
    assert connection.retry is retry
    assert connection.socket_timeout == pool.connection_kwargs.get("socket_timeout", redis.Connection().socket_timeout)
