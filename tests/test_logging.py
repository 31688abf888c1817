"""What an operator reads in the log: outages, leaks, ends; once each, with fields, and without secrets."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import redis

import respool
import respool.asyncio
from conftest import Threads, until
from loops import Run
from respool import ConnectionPool, Hooks
from servers import RedisServer, free_port, redis_server
from stubs import AsyncDummy, Dummy

STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
REFUSED = (redis.ConnectionError, redis.TimeoutError, OSError)


class Flaky(Dummy):
    """Refuses to connect while there is a word for it."""

    refusal: str | None = None
    _sock = None

    def connect(self) -> None:
        super().connect()
        if self.refusal is not None:
            raise redis.ConnectionError(self.refusal)


class AsyncFlaky(AsyncDummy):
    async def connect(self) -> None:
        await super().connect()
        if Flaky.refusal is not None:
            raise redis.ConnectionError(Flaky.refusal)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.DEBUG, "respool")
    yield caplog
    Flaky.refusal = None


def told(log: pytest.LogCaptureFixture) -> list[tuple[str, str, dict[str, Any]]]:
    """Level, message and fields of what was logged."""
    return [
        (record.levelname, record.getMessage(), {name: value for name, value in vars(record).items()
                                                 if name not in STANDARD})
        for record in log.records if record.name == "respool"
    ]


def only(log: pytest.LogCaptureFixture) -> tuple[str, str, dict[str, Any]]:
    [record] = told(log)
    log.clear()
    return record


def test_an_outage_is_told_when_it_begins_and_when_it_is_over(log: pytest.LogCaptureFixture) -> None:
    pool = ConnectionPool(connection_class=Flaky, name="main", probe_interval=0.01, max_connections=2)
    Flaky.refusal = "nobody is there"
    for _ in range(5):
        with pytest.raises(redis.ConnectionError):
            pool.get_connection()
    level, message, fields = only(log)
    assert (level, message) == ("WARNING", "Pool 'main': its server is unavailable: nobody is there")
    assert fields == {"pool": "main", "error": "nobody is there"}
    Flaky.refusal = None
    until(lambda: served(pool))
    level, message, fields = only(log)
    assert level == "WARNING" and message.startswith("Pool 'main': its server is available again, after ")
    assert fields["pool"] == "main" and 0 < fields["seconds"] < 30
    assert served(pool)
    assert not told(log)


def served(pool: ConnectionPool) -> bool:
    try:
        pool.release(pool.get_connection())
    except redis.ConnectionError:
        return False
    return True


def test_an_outage_is_told_of_asyncio_too(log: pytest.LogCaptureFixture, run: Run) -> None:
    async def main() -> None:
        pool = respool.asyncio.ConnectionPool(connection_class=AsyncFlaky, name="main", probe_interval=0.001)
        Flaky.refusal = "nobody is there"
        for _ in range(3):
            with pytest.raises(redis.ConnectionError):
                await pool.get_connection()
        assert only(log)[1] == "Pool 'main': its server is unavailable: nobody is there"
        Flaky.refusal = None
        while not told(log):
            with suppress(redis.ConnectionError):
                await pool.release(await pool.get_connection())
        assert "available again" in only(log)[1]

    run(main)


def test_a_pool_goes_with_its_last_reference_although_its_breaker_could_tell_of_it() -> None:
    import gc
    import weakref

    pool = ConnectionPool(connection_class=Flaky, probe_interval=0.01)
    reference = weakref.ref(pool)
    gc.disable()
    try:
        del pool
        assert reference() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("probe_interval", [None, 0.01])
def test_of_an_outage_the_failures_to_refill_are_told_once(
    log: pytest.LogCaptureFixture, probe_interval: float | None
) -> None:
    Flaky.refusal = "nobody is there"
    pool = ConnectionPool(connection_class=Flaky, name="main", min_idle=2, probe_interval=probe_interval)
    until(lambda: bool(told(log)))
    for _ in range(3):
        pool._refills._next = 0.0
        failures = pool._refills._failures
        pool._call_housekeeper()
        until(lambda: pool._refills._failures > failures)  # noqa: B023
    level, message, fields = only(log)
    assert level == "WARNING" and fields == {"pool": "main", "error": "nobody is there"}
    what = "a connection of its min_idle could not be made" if probe_interval is None else "its server is unavailable"
    assert message == f"Pool 'main': {what}: nobody is there"
    Flaky.refusal = None

    def is_full() -> bool:
        pool._refills._next = 0.0
        pool._call_housekeeper()
        return pool.idle == 2

    until(is_full)
    assert len(told(log)) == (probe_interval is not None)  # it is available again
    pool.close()


def test_who_is_sent_away_by_the_end_of_the_pool_is_told(log: pytest.LogCaptureFixture, threads: Threads) -> None:
    pool = ConnectionPool(connection_class=Dummy, name="main", max_connections=1, timeout=None)
    held = pool.get_connection()

    def wait() -> None:
        with pytest.raises(respool.ConnectionPoolClosedError):
            pool.get_connection()

    for _ in range(2):
        threads.start(wait)
    until(lambda: pool.waiting == 2)
    pool.close()
    threads.join()
    assert only(log) == (
        "WARNING", "Pool 'main': closed while callers wait for a connection: 2", {"pool": "main", "waiting": 2}
    )
    pool.release(held)
    pool.close()
    assert not told(log)


def test_how_a_drain_has_ended_is_told(log: pytest.LogCaptureFixture) -> None:
    pool = ConnectionPool(connection_class=Dummy, name="main")
    held = pool.get_connection()
    assert not pool.drain(0.01)
    level, message, fields = only(log)
    assert level == "WARNING" and "connections in use are closed: 1" in message
    assert fields["pool"] == "main" and fields["in_use"] == 1 and fields["seconds"] >= 0.01
    pool.release(held)
    assert pool.drain(1)
    level, message, fields = only(log)
    assert level == "INFO" and message.startswith("Pool 'main': drained in ") and set(fields) == {"pool", "seconds"}


def test_how_a_drain_has_ended_is_told_of_asyncio_too(log: pytest.LogCaptureFixture, run: Run) -> None:
    async def main() -> None:
        pool = respool.asyncio.ConnectionPool(connection_class=AsyncDummy, name="main")
        held = await pool.get_connection()
        assert not await pool.drain(0.01)
        assert only(log)[2]["in_use"] == 1
        await pool.release(held)
        assert await pool.drain(1)
        assert only(log)[0] == "INFO"

    run(main)


def test_a_leak_and_its_end_are_told_with_fields(log: pytest.LogCaptureFixture) -> None:
    pool = ConnectionPool(connection_class=Dummy, name="main", leak_threshold=0.001)
    held = pool.get_connection()
    until(lambda: bool(told(log)))
    level, message, fields = only(log)
    assert level == "WARNING" and "test_a_leak_and_its_end" in message
    assert set(fields) == {"pool", "seconds", "holder", "taken_at"} and "MainThread" in fields["holder"]
    pool.release(held)
    level, _, fields = only(log)
    assert level == "INFO" and set(fields) == {"pool", "seconds", "holder"}
    pool.close()


def test_a_failover_is_told(log: pytest.LogCaptureFixture) -> None:
    with redis_server() as master, redis_server("--replicaof", "127.0.0.1", str(master.port)) as replica:
        pool = ConnectionPool(**replica.address, name="main", retire_on_failover=True)
        with redis.Redis(connection_pool=pool) as client:
            for _ in range(2):
                with pytest.raises(redis.ReadOnlyError):
                    client.set("key", "value")
        level, message, fields = only(log)
        assert level == "WARNING" and "failed over" in message and set(fields) == {"pool", "error"}
        pool.close()


def test_a_hook_that_fails_is_told_with_its_traceback(log: pytest.LogCaptureFixture) -> None:
    pool = ConnectionPool(connection_class=Dummy, name="main")
    pool.hooks = Hooks(on_release=lambda pool, connection: 1 / 0)
    pool.release(pool.get_connection())
    [record] = log.records
    assert record.exc_info and record.exc_info[0] is ZeroDivisionError
    assert only(log) == ("ERROR", "Pool 'main': its hook on_release has failed", {"pool": "main", "hook": "on_release"})


def test_a_housekeeper_that_fails_is_told(log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ConnectionPool(connection_class=Dummy, name="main", max_idle_time=60)
    monkeypatch.setattr(pool, "_next_due", lambda: 1 / 0)
    pool.release(pool.get_connection())
    until(lambda: bool(told(log)))
    assert only(log) == ("ERROR", "Pool 'main': its housekeeper has failed", {"pool": "main"})
    pool.close()


def test_nothing_is_logged_of_what_is_usual(server: RedisServer, log: pytest.LogCaptureFixture) -> None:
    with ConnectionPool(**server.address, max_connections=1, min_idle=1, probe_interval=1, leak_threshold=60) as pool:
        pool.wait_ready()
        client = redis.Redis(connection_pool=pool)
        client.set("key", "value")
        connection = pool.get_connection()
        with pytest.raises(redis.ConnectionError):
            pool.get_connection()
        connection.disconnect()
        pool.release(connection)
        client.get("key")
    assert not told(log)


def test_no_secret_is_logged(log: pytest.LogCaptureFixture) -> None:
    port = free_port()
    url = f"redis://someone:hidden-word@127.0.0.1:{port}/0"
    pool = ConnectionPool.from_url(url, probe_interval=0.01, min_idle=1)
    with pytest.raises(REFUSED):
        pool.get_connection()
    until(lambda: bool(told(log)))
    pool.close()
    for _, message, fields in told(log):
        assert fields["pool"] == f"127.0.0.1:{port}/0"
        assert "hidden-word" not in f"{message} {fields}" and "redis://" not in f"{message} {fields}"


def test_names_with_a_percent_sign_are_no_trouble(log: pytest.LogCaptureFixture) -> None:
    respool._logs.log(logging.INFO, "a % pool", "of %(share)d%%", share=3)
    assert only(log)[1] == "Pool 'a % pool': of 3%"
