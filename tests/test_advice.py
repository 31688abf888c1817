"""What `max_connections` should be: beside a simulated queue, a pool under a known load, and what a server says."""

from __future__ import annotations

import asyncio
import bisect
import heapq
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import pytest
import redis

import respool.asyncio
from conftest import Threads, until
from respool import Advice, ConnectionPool, Histogram, PoolStats
from respool._stats import bound
from respool.advice import BUSY, MOST_WAITING, ServerFacts, advise, erlang_c, expected_wait
from servers import RedisServer, redis_server
from stubs import Dummy

IDLE = ConnectionPool().stats()  # with nothing measured yet
BOUNDS = [bound(bucket) for bucket in range(len(IDLE.wait._counts))]


def histogram(times: list[float]) -> Histogram:
    counts = [0] * len(BOUNDS)
    for seconds in times:
        counts[bisect.bisect_right(BOUNDS, seconds)] += 1
    return Histogram(len(times), sum(times), tuple(counts))


def queue(rate: float, hold: float, connections: int, callers: int = 30_000) -> tuple[list[float], PoolStats]:
    """Simulate M/M/c: callers come by themselves and hold a connection for such a time on average.

    Returns how long each of them waited, and what a pool would have measured of it.
    """
    dice = random.Random(f"{rate} {hold} {connections}")  # noqa: S311
    free_at = [0.0] * connections
    ends: list[float] = []
    now, waits, holds, peak = 0.0, [], [], 0
    for _ in range(callers):
        now += dice.expovariate(rate)
        start = max(now, heapq.heappop(free_at))
        holds.append(dice.expovariate(1 / hold))
        waits.append(start - now)
        heapq.heappush(free_at, start + holds[-1])
        while ends and ends[0] <= start:
            heapq.heappop(ends)
        heapq.heappush(ends, start + holds[-1])
        peak = max(peak, len(ends))
    queued = [wait for wait in waits if wait > 0]
    measured = replace(
        IDLE, pool_max=connections, pool_size=connections, peak_in_use=peak, requests_num=callers,
        requests_queued=len(queued), wait=histogram(queued), usage=histogram(holds), seconds=now,
    )
    return waits, measured


# --- queues ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("load", "connections", "expected"), [
    (0.5, 1, 0.5), (1.0, 2, 1 / 3), (8.0, 10, 0.4092), (1.9, 2, 0.9256), (0.0, 3, 0.0), (3.0, 3, 1.0),
])
def test_who_waits_is_as_the_tables_of_erlang_c_have_it(load: float, connections: int, expected: float) -> None:
    assert erlang_c(load, connections) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("load", "connections"), [(-1.0, 1), (1.0, 0)])
def test_a_queue_that_cannot_be_is_refused(load: float, connections: int) -> None:
    with pytest.raises(ValueError, match="are needed"):
        erlang_c(load, connections)


@pytest.mark.parametrize(("load", "connections"), [(1.6, 2), (2.4, 4), (6.0, 8), (16.0, 20)])
def test_a_simulated_queue_waits_as_long_as_expected(load: float, connections: int) -> None:
    hold = 0.002
    waits, _ = queue(load / hold, hold, connections, callers=100_000)
    assert sum(waits) / len(waits) == pytest.approx(expected_wait(load / hold, hold, connections), rel=0.15)
    assert sum(wait > 0 for wait in waits) / len(waits) == pytest.approx(erlang_c(load, connections), rel=0.05)


def test_a_line_that_only_grows_has_no_expected_wait() -> None:
    assert expected_wait(1000, 0.002, 2) == float("inf")


@pytest.mark.parametrize("load", [0.3, 1.7, 6.0, 25.0])
def test_with_as_many_as_advised_hardly_anybody_waits_and_with_two_fewer_more_do(load: float) -> None:
    hold = 0.002
    _, tight = queue(load / hold, hold, int(load) + 1)
    advised = advise(tight).max_connections
    waits, _ = queue(load / hold, hold, advised)
    assert sum(wait > 0 for wait in waits) <= 1.2 * MOST_WAITING * len(waits)
    if load < 0.9 * (int(load) + 1):  # nearly full, it has to guess; too many are better then than too few
        waits, _ = queue(load / hold, hold, max(advised - 2, 1))
        assert sum(wait > 0 for wait in waits) > MOST_WAITING * len(waits)


def test_what_was_never_full_is_advised_the_most_that_were_in_use() -> None:
    _, roomy = queue(1000, 0.002, 100)
    advice = advise(replace(roomy, seconds=100.0 * roomy.seconds))
    assert advice.max_connections == roomy.peak_in_use < 100
    assert "nobody had to wait" in " ".join(advice.reasons)
    assert advice.warnings == ()


# --- a pool ----------------------------------------------------------------------------------------------------------

def hold(pool: ConnectionPool, threads: Threads, callers: int, times: int, seconds: float) -> float:
    """Have threads hold connections for so long; returns how long they did, all together."""
    held: list[float] = []

    def work(_: int) -> None:
        for _ in range(times):
            connection = pool.get_connection()
            since = time.perf_counter()
            time.sleep(seconds)
            held.append(time.perf_counter() - since)
            pool.release(connection)

    threads.together(callers, work)
    return sum(held)


def test_a_pool_that_is_too_small_for_its_threads_is_advised_about_as_many_as_there_are(threads: Threads) -> None:
    with ConnectionPool(Dummy, 2, timeout=None) as pool:
        before = pool.stats()
        hold(pool, threads, 14, 40, 0.004)
        advice = pool.advise(since=before)
        assert 9 <= advice.max_connections <= 15
        assert "had to wait" in " ".join(advice.reasons)
        assert any("full most of the time" in warning for warning in advice.warnings)
        pool.max_connections = advice.max_connections
        before = pool.stats()
        hold(pool, threads, 14, 40, 0.004)
        assert pool.stats().since(before).wait.sum < 0.5 * before.wait.sum


def test_little_s_law_holds_for_what_a_pool_measures(threads: Threads) -> None:
    with ConnectionPool(Dummy, 50) as pool:
        before = pool.stats()
        held = hold(pool, threads, 6, 200, 0.008)
        measured = pool.stats().since(before)
        in_use = measured.requests_num / measured.seconds * measured.usage.mean
        assert in_use == pytest.approx(held / measured.seconds, rel=0.4)  # of one checkout in 16 the time is taken
        assert pool.advise(since=before).max_connections == measured.peak_in_use == 6


def test_the_counts_run_since_the_pool_was_made_or_its_numbers_were_popped() -> None:
    started = time.monotonic()
    with ConnectionPool(Dummy, 2) as pool:
        until(lambda: pool.stats().seconds > 0.2)
        first, second, whole = pool.pop_stats().seconds, pool.pop_stats().seconds, pool.stats().seconds
        assert 0 <= second < 0.2 < first <= first + second <= whole <= time.monotonic() - started


def test_the_counts_of_two_pools_together_run_as_long_as_those_of_the_older_one() -> None:
    older, younger = replace(IDLE, seconds=60.0, requests_num=600), replace(IDLE, seconds=10.0, requests_num=60)
    assert (older + younger).seconds == (younger + older).seconds == 60.0
    assert (older + younger).requests_num == 660


FORK = """
import os, respool, time
pool = respool.ConnectionPool()
while pool.stats().seconds < 0.5:
    time.sleep(0.01)
begun = time.monotonic()
child = os.fork()
if child == 0:
    os._exit(pool.stats().seconds > time.monotonic() - begun)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), pool.stats().seconds >= 0.5)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_counts_from_0_and_its_time_too() -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORK]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout == "0 True\n"


def test_without_a_measurement_what_is_set_stays_and_a_warning_says_why() -> None:
    advice = ConnectionPool(Dummy, 17).advise()
    assert advice.max_connections == 17
    assert "Nothing has been measured yet" in advice.reasons[0]
    assert "Little has been measured" in advice.warnings[0]


def test_callers_who_got_nothing_are_a_warning(threads: Threads) -> None:
    with ConnectionPool(Dummy, 1) as pool:
        hold(pool, threads, 1, 300, 0.0)
        held = pool.get_connection()
        for _ in range(3):
            with pytest.raises(redis.exceptions.MaxConnectionsError):
                pool.get_connection()
        pool.release(held)
        assert any("3 callers got no connection" in warning for warning in pool.advise().warnings)


def test_min_idle_is_the_least_that_is_advised() -> None:
    _, measured = queue(100, 0.001, 50)
    advice = advise(replace(measured, pool_min=30))
    assert advice.max_connections == 30
    assert "min_idle wants 30." in advice.reasons


def test_fewer_than_one_worker_cannot_be_meant() -> None:
    with pytest.raises(ValueError, match='"workers" must be at least 1, got 0'):
        ConnectionPool(Dummy, 1).advise(workers=0)


def test_an_advice_can_be_printed_and_be_made_json_and_not_be_changed() -> None:
    advice = Advice(7, ("Because.",), ("Mind the gap.",))
    assert json.loads(json.dumps(advice.to_dict())) == {
        "max_connections": 7, "reasons": ["Because."], "warnings": ["Mind the gap."],
    }
    assert str(advice) == "max_connections=7\nBecause.\nWarning: Mind the gap."
    with pytest.raises(AttributeError):
        advice.max_connections = 8


# --- what the server says --------------------------------------------------------------------------------------------

def busy(share: float) -> ServerFacts:
    def info(seconds: float) -> str:
        return (f"# Server\r\nserver_time_usec:{1e15 + seconds * 1e6:.0f}\r\nmaxclients:100\r\nconnected_clients:5\r\n"
                f"used_cpu_user_main_thread:{7 + seconds * share}\r\nused_cpu_sys_main_thread:1\r\nrole:master\r\n")

    return ServerFacts.of(info(0), info(2).encode(), [b"timeout", b"30"])


def test_a_server_is_as_busy_as_its_main_thread_was() -> None:
    facts = busy(0.25)
    assert facts.busy == pytest.approx(0.25)
    assert (facts.max_clients, facts.connected, facts.idle_timeout) == (100, 5, 30.0)


def test_where_the_server_is_what_callers_wait_for_the_pool_is_not_made_larger() -> None:
    _, tight = queue(900, 0.002, 2)
    assert advise(tight, server=busy(BUSY - 0.1)).max_connections > 2
    advice = advise(tight, server=busy(BUSY + 0.1))
    assert advice.max_connections == 2
    assert any("would only wait there. It stays at 2." in warning for warning in advice.warnings)


def test_more_than_the_server_takes_is_not_advised() -> None:
    _, measured = queue(10_000, 0.002, 60)
    needed = advise(measured).max_connections
    assert needed > 30
    advice = advise(measured, workers=4, server=ServerFacts(max_clients=100, connected=4 * 60 + 20))
    assert advice.max_connections == (100 - 20) // 4
    assert any(f"4 x {needed} connections are more than the server takes (maxclients 100, and 20 others" in warning
               for warning in advice.warnings)


def test_a_setting_of_now_that_the_server_cannot_bear_is_a_warning() -> None:
    _, measured = queue(100, 0.001, 90)
    advice = advise(measured, workers=2, server=ServerFacts(max_clients=100))
    assert any("max_connections is 90 now: 2 x 90" in warning for warning in advice.warnings)


@pytest.mark.parametrize(("settings", "warned"), [
    ({}, True), ({"max_idle_time": 30}, True), ({"keepalive_interval": 60}, True), ({"max_idle_time": 20}, False),
    ({"max_idle_time": 60, "keepalive_interval": 10}, False),
])
def test_a_server_that_closes_what_the_pool_believes_open_is_a_warning(settings: dict[str, Any], warned: bool) -> None:
    advice = advise(IDLE, server=ServerFacts(idle_timeout=30), **settings)
    assert any("idle for 30 s (timeout)" in warning for warning in advice.warnings) is warned


def test_a_real_server_is_asked_over_a_connection_of_its_own(server: RedisServer, protocol: int) -> None:
    with ConnectionPool(**server.address, protocol=protocol, max_connections=1, max_idle_time=5) as pool:
        held = pool.get_connection()
        advice = pool.advise(workers=2, ask_server=True)
        assert any("2 x 1 connections take about" in reason for reason in advice.reasons)
        assert not any("could not be asked" in warning for warning in advice.warnings)
        pool.release(held)
        assert pool.stats().requests_num == pool.stats().connections_num == 1


def test_and_by_a_pool_for_asyncio_too() -> None:
    async def ask(server: RedisServer) -> None:
        async with respool.asyncio.ConnectionPool(**server.address, max_connections=40, max_idle_time=30) as pool:
            advice = await pool.advise(workers=2, ask_server=True)
            assert any("2 x 40 connections are more than the server takes (maxclients 50" in warning
                       for warning in advice.warnings)
            assert any("idle for 20 s (timeout)" in warning for warning in advice.warnings)
            assert advice.max_connections == (50 - 1) // 2
            assert pool.stats().connections_num == 0

    with redis_server("--timeout", "20", "--maxclients", "50") as small:
        asyncio.run(ask(small))


def test_a_server_that_refuses_config_is_asked_for_the_rest() -> None:
    with redis_server("--rename-command", "CONFIG", "") as strict, ConnectionPool(**strict.address) as pool:
        advice = pool.advise(ask_server=True)
        assert any("of the server's memory" in reason for reason in advice.reasons)


def test_a_server_that_cannot_be_reached_is_a_warning_without_the_password() -> None:
    with ConnectionPool(port=1, password="s3cret", retry=None, max_connections=4) as pool:
        advice = pool.advise(ask_server=True)
        assert any("The server could not be asked" in warning for warning in advice.warnings)
        assert "s3cret" not in str(advice)


def test_advice_needs_no_library_but_redis() -> None:
    script = "import sys, respool; respool.ConnectionPool().advise(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"typer", "rich", "matplotlib", "plotly", "numpy"} & set(loaded)
