"""A load on a real server: threads that share a pool, and what each command took them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, sleep

import respool
from respool import PoolStats


@dataclass(frozen=True)
class Load:
    """What is done at once.

    Attributes
    ----------
    threads : int
        How many do it.
    commands : int
        All of them together.
    pause : float
        Seconds that a thread does something else after each command.
    """

    threads: int
    commands: int
    pause: float


@dataclass(frozen=True)
class Outcome:
    """What it came to; `times` are the seconds of each command, the wait for a connection included."""

    seconds: float
    times: list[float]
    stats: PoolStats


def put_on(
    load: Load, pool: respool.ConnectionPool, key: str, beat: Callable[[], None], progress: Callable[[int], None]
) -> Outcome:
    """Have the threads GET the key. Raises what one of them raised, or `beat`, which is called all the time meanwhile.

    `progress` is told how many commands are done. No thread is left in any case.
    """
    client = respool.Redis(connection_pool=pool)
    times: list[list[float]] = [[] for _ in range(load.threads)]
    errors: list[Exception] = []
    stop = threading.Event()
    together = threading.Barrier(load.threads + 1)

    def work(mine: list[float], count: int) -> None:
        try:
            together.wait()
            for _ in range(count):
                started = perf_counter()
                client.get(key)
                mine.append(perf_counter() - started)
                if load.pause:
                    sleep(load.pause)
                if stop.is_set():
                    return
        except Exception as error:
            errors.append(error)
            stop.set()

    share, rest = divmod(load.commands, load.threads)
    threads = [
        threading.Thread(target=work, args=(mine, share + (place < rest)), name=f"respool-load-{place}", daemon=True)
        for place, mine in enumerate(times)
    ]
    before = pool.stats()
    try:
        for thread in threads:
            thread.start()
        together.wait()
        started = perf_counter()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.05)
                progress(sum(map(len, times)))
                beat()
        seconds = perf_counter() - started
    except BaseException:
        stop.set()
        together.abort()
        for thread in threads:
            if thread.ident is not None:
                thread.join()
        raise
    if errors:
        raise errors[0]
    return Outcome(seconds, [each for mine in times for each in mine], pool.stats().since(before))
