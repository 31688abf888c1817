"""How many connections a pool should have, from what it has measured, and why in plain words.

It reasons about numbers: it asks no server, measures nothing and changes no pool. `pool.advise()` brings it the pool's
numbers, and the server's on demand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from respool._stats import PoolStats

__all__ = ["Advice", "ServerFacts", "advise", "erlang_c", "expected_wait"]

# Of so many callers one may have to wait, if they come independently of each other.
MOST_WAITING = 0.01
# After so many checkouts the most connections that were in use at once say what is needed.
ENOUGH_CHECKOUTS = 1000
# Less time than this, in seconds, is no picture of a program's day.
ENOUGH_SECONDS = 60.0
# From this share of its time on, a server of one thread is what callers wait for.
BUSY = 0.8

# What `ServerFacts.of` wants to know: INFO twice, and a while between, in seconds, to see how busy the server is.
INFO, SETTING = ("INFO",), ("CONFIG", "GET", "timeout")
WHILE = 0.25


@dataclass(frozen=True)
class Advice:
    """What `max_connections` should be.

    Attributes
    ----------
    max_connections : int
        For each pool, of which every worker process has one.
    reasons : tuple of str
        Why, a sentence each.
    warnings : tuple of str
        What to change besides, or why not to trust it yet.
    """

    max_connections: int
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same for `json.dumps`."""
        return {**asdict(self), "reasons": list(self.reasons), "warnings": list(self.warnings)}

    def __str__(self) -> str:
        lines = [f"max_connections={self.max_connections}", *self.reasons]
        return "\n".join([*lines, *(f"Warning: {warning}" for warning in self.warnings)])


@dataclass(frozen=True)
class ServerFacts:
    """What a server says that matters to its clients' pools; None for what it does not tell.

    Attributes
    ----------
    max_clients : int or None
        Most connections that it takes, `maxclients`.
    connected : int
        Connections it has.
    idle_timeout : float or None
        Seconds after which it closes a connection that is idle, `timeout`; 0: it never does.
    bytes_per_client : float or None
        Memory that a connection takes there, on average.
    busy : float or None
        Share of its time that its main thread worked lately, 0 to 1.
    """

    max_clients: int | None = None
    connected: int = 0
    idle_timeout: float | None = None
    bytes_per_client: float | None = None
    busy: float | None = None

    @classmethod
    def of(cls, before: Any, after: Any, setting: Any = None) -> ServerFacts:
        """From two replies to INFO, some time apart, and one to CONFIG GET timeout, or None where that is refused.

        They may be as the server sends them, or as redis-py reads them.
        """
        first, last = read_info(before), read_info(after)
        settings = read_pairs(setting)
        clients, memory = last.get("connected_clients", 0.0), last.get("mem_clients_normal", 0.0)
        limit = last.get("maxclients")
        return cls(
            max_clients=None if limit is None else int(limit),
            connected=int(clients),
            idle_timeout=float(settings["timeout"]) if "timeout" in settings else None,
            bytes_per_client=memory / clients if memory and clients else None,
            busy=busy_share(first, last),
        )


def text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def read_info(reply: Any) -> dict[str, float]:
    """The fields of INFO that are numbers."""
    if isinstance(reply, Mapping):
        pairs = [(text(name), text(value)) for name, value in reply.items()]
    else:
        pairs = [(name, value) for name, _, value in (line.partition(":") for line in text(reply).splitlines())]
    found = {}
    for name, value in pairs:
        try:
            found[name] = float(value)
        except ValueError:
            continue
    return found


def read_pairs(reply: Any) -> dict[str, str]:
    """What CONFIG GET says, in RESP2 or RESP3."""
    if isinstance(reply, Mapping):
        return {text(name): text(value) for name, value in reply.items()}
    flat = [text(each) for each in reply or ()]
    return dict(zip(flat[::2], flat[1::2], strict=True))


def busy_share(before: Mapping[str, float], after: Mapping[str, float]) -> float | None:
    """Share of the time between two INFOs in which the server's main thread worked; None if they do not say."""
    kinds = ("used_cpu_user_main_thread", "used_cpu_sys_main_thread")
    if kinds[0] not in after:  # before Redis 6.2, and not on Linux
        kinds = ("used_cpu_user", "used_cpu_sys")
    now, then = after.get("server_time_usec", 0.0), before.get("server_time_usec", 0.0)
    if now <= then or kinds[0] not in after:
        return None
    worked = sum(after[kind] - before.get(kind, 0.0) for kind in kinds)
    return min(max(worked / (now - then) * 1e6, 0.0), 1.0)


# --- queues ----------------------------------------------------------------------------------------------------------

def erlang_c(load: float, connections: int) -> float:
    """Probability, 0 to 1, that a caller has to wait, where callers come independently of each other (M/M/c).

    Parameters
    ----------
    load : float
        Connections that are in use on average, which is callers a second times seconds that each holds one.
    connections : int
        How many there are.

    Raises ValueError for a load below 0 or no connection.
    """
    if load < 0 or connections < 1:
        raise ValueError(f"a load of at least 0 and a connection are needed, got {load!r} and {connections!r}")
    if load >= connections:
        return 1.0
    blocked = 1.0  # Erlang B, which grows by one connection at a time
    for number in range(1, connections + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - load / connections * (1 - blocked))


def expected_wait(rate: float, hold: float, connections: int) -> float:
    """Seconds that a caller waits on average, those who need not included; infinite if the line only grows.

    `rate` is in callers a second, `hold` in seconds that each holds a connection. Raises ValueError as `erlang_c`.
    """
    load = rate * hold
    if load >= connections:
        return math.inf
    return erlang_c(load, connections) * hold / (connections - load)


def connections_for(load: float) -> int:
    """Fewest connections with which at most `MOST_WAITING` of the callers wait."""
    connections = math.floor(load) + 1
    while erlang_c(load, connections) > MOST_WAITING:
        connections += 1
    return connections


# --- advice ----------------------------------------------------------------------------------------------------------

def advise(
    stats: PoolStats,
    workers: int = 1,
    *,
    max_idle_time: float | None = None,
    keepalive_interval: float | None = None,
    server: ServerFacts | None = None,
) -> Advice:
    """What `max_connections` should be, for a pool that has measured this.

    Parameters
    ----------
    stats : PoolStats
        Of `pool.stats()` or `pop_stats()`, or of the one `since` the other.
    workers : int
        Processes that have such a pool each.
    max_idle_time, keepalive_interval : float or None, in seconds
        As the pool has them.
    server : ServerFacts or None
        What the server says; None: it was not asked.

    Raises ValueError for fewer than one worker.
    """
    if workers < 1:
        raise ValueError(f'"workers" must be at least 1, got {workers!r}')
    connections, reasons, warnings = demand(stats)
    if stats.pool_min > connections:
        connections = stats.pool_min
        reasons.append(f"min_idle wants {stats.pool_min}.")
    if server is not None:
        connections = limited(connections, stats, workers, server, reasons, warnings)
        warnings += idling(server, max_idle_time, keepalive_interval)
    return Advice(connections, tuple(reasons), tuple(warnings))


def demand(stats: PoolStats) -> tuple[int, list[str], list[str]]:
    """How many connections the callers need, why, and what to mind."""
    if not stats.requests_num or not stats.usage.count or stats.seconds <= 0:
        return stats.pool_max, ["Nothing has been measured yet, so it stays as it is."], [too_little(stats)]
    hold, rate = stats.usage.mean, stats.requests_num / stats.seconds
    load = rate * hold
    reasons = [
        f"{rate:,.1f} checkouts a second that hold a connection for {duration(hold)} each keep {load:.2f} connections "
        "in use on average (Little's law)."
    ]
    enough = stats.requests_num >= ENOUGH_CHECKOUTS
    warnings = [] if enough and stats.seconds >= ENOUGH_SECONDS else [too_little(stats)]
    independent = connections_for(load)
    of_independent = (
        f"With {independent} one caller in {1 / MOST_WAITING:.0f} at most would wait, if they came independently of "
        f"each other, and {duration(expected_wait(rate, hold, independent))} on average (Erlang C)"
    )
    full = stats.peak_in_use >= stats.pool_max
    if full or stats.requests_queued or stats.requests_errors:
        together = math.ceil(load + stats.wait.sum / stats.seconds - 1e-9)
        needed = max(independent, together, stats.peak_in_use)
        reasons += [f"{of_independent}.", *waits(stats)]
        if together > independent:
            reasons.append(f"{together} callers on average had a connection or waited for one.")
        if full:
            reasons.append(f"All {stats.pool_max} were in use at once: how many more would be cannot be seen.")
            if stats.requests_queued > 0.5 * stats.requests_num:
                warnings.append(
                    "The pool was full most of the time: callers who need not wait come back sooner. Set it to "
                    f"{needed} and ask again."
                )
    elif enough:
        needed = stats.peak_in_use
        reasons.append(f"At most {needed} were in use at once, and nobody had to wait.")
        if independent < needed:
            reasons.append(f"{of_independent}; the rest is for bursts.")
    else:
        needed = max(independent, stats.peak_in_use)
        reasons += [f"{of_independent}.", f"At most {stats.peak_in_use} were in use at once."]
    if stats.requests_errors:
        warnings.append(
            f"{stats.requests_errors:,} callers got no connection: {stats.timeouts:,} after the pool's timeout, "
            f"{stats.exhausted:,} at once, {stats.shed:,} because of max_waiting, {stats.turned_away:,} because the "
            "pool was closed."
        )
    return needed, reasons, warnings


def waits(stats: PoolStats) -> list[str]:
    if not stats.requests_queued:
        return []
    return [
        f"{stats.requests_queued / stats.requests_num:.1%} of the callers had to wait: half of those for less than "
        f"{duration(stats.wait.p50)}, all but a hundredth for less than {duration(stats.wait.p99)}."
    ]


def too_little(stats: PoolStats) -> str:
    return (
        f"Little has been measured: {stats.requests_num:,} checkouts in {stats.seconds:,.0f} s. Ask again after some "
        "time under the usual load."
    )


def limited(
    connections: int, stats: PoolStats, workers: int, server: ServerFacts, reasons: list[str], warnings: list[str]
) -> int:
    """No more connections than the server takes, and no more than before if it is what callers wait for."""
    if server.busy is not None and server.busy >= BUSY:
        more = f" It stays at {stats.pool_max}." if connections > stats.pool_max else ""
        warnings.append(
            f"The server's one thread is busy for {server.busy:.0%} of its time: callers of a larger pool would only "
            f"wait there.{more}"
        )
        connections = min(connections, stats.pool_max)
    if server.max_clients is not None:
        others = max(server.connected - workers * stats.pool_size, 0)
        room = max((server.max_clients - others) // workers, 1)
        besides = f", and {others} others are connected" if others else ""
        if connections > room:
            warnings.append(
                f"{workers} x {connections} connections are more than the server takes (maxclients "
                f"{server.max_clients}{besides}): raise maxclients, or have fewer workers. Until then {room}."
            )
            connections = room
        elif stats.pool_max > room:
            warnings.append(
                f"max_connections is {stats.pool_max} now: {workers} x {stats.pool_max} would be more than the server "
                f"takes (maxclients {server.max_clients}{besides})."
            )
    if server.bytes_per_client:
        memory = workers * connections * server.bytes_per_client
        reasons.append(
            f"{workers} x {connections} connections take about {size(memory)} of the server's memory "
            f"({size(server.bytes_per_client)} each)."
        )
    return connections


def idling(server: ServerFacts, max_idle_time: float | None, keepalive_interval: float | None) -> list[str]:
    """A warning if the server closes what the pool believes to be open."""
    limit = server.idle_timeout
    if not limit or min(max_idle_time or math.inf, keepalive_interval or math.inf) < limit:
        return []
    return [
        f"The server closes connections that have been idle for {limit:g} s (timeout), and the pool keeps them longer: "
        f"set keepalive_interval={limit / 2:g} or max_idle_time={limit * 0.9:g}."
    ]


def duration(seconds: float) -> str:
    """Seconds, for people."""
    for unit, length in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds * 1e6:.0f} us"


def size(count: float) -> str:
    """Bytes, for people."""
    for unit, length in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{count:.0f} bytes"
