"""`respool top`: what the pools of running processes do, and who is connected to a server; live, or once.

It reads endpoints of `respool.monitor` and asks a server for INFO and CLIENT LIST; it changes nothing.
"""

from __future__ import annotations

import json
import os
import select
import socket
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

import redis
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from respool.advice import busy_share, duration, read_info, size
from respool.cli.address import complain, pool_at, reason, redacted
from respool.cli.interruption import InterruptedBySignal, Interruption
from respool.monitor import LOOPBACK

PATIENCE = 5.0  # seconds for an endpoint to answer
GLANCE = 0.1  # seconds between two looks at the keyboard and for signals
UNLIMITED = 2**31

# What is counted, and how much of it there is in a second.
RATES = {"requests_num": "checkouts_per_second", "requests_queued": "waits_per_second",
         "requests_errors": "errors_per_second"}


class EndpointError(Exception):
    """A process does not answer; the message says what to do."""


class Endpoint:
    """A process that serves its pools' numbers; connects when it is asked, and again after a failure."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket: socket.socket | None = None

    def look(self) -> dict[str, Any]:
        """What the process says. Raises EndpointError."""
        try:
            if self._socket is None:
                self._socket = connect(self.address)
            self._socket.sendall(b"\n")
            with self._socket.makefile("rb") as lines:
                line = lines.readline()
            if not line:
                raise ConnectionResetError("it has hung up")
            said: dict[str, Any] = json.loads(line)
            if not isinstance(said["pools"], list):
                raise ValueError("it speaks of something else")
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.close()
            raise EndpointError(f"No respool.monitor answers at {self.address}: {error}") from error
        return said

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def connect(address: str) -> socket.socket:
    """To a port of this machine, `port` or `host:port`, or to a Unix socket. Raises OSError or ValueError."""
    host, _, port = address.rpartition(":")
    if port.isdecimal() and "/" not in address:
        return socket.create_connection((host or LOOPBACK, int(port)), PATIENCE)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE)
    try:
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


class Watched:
    """Everything that is watched, and what it said the last time, which makes rates of counts."""

    def __init__(self, endpoints: Sequence[str], url: str | None) -> None:
        self.endpoints = [Endpoint(address) for address in endpoints]
        self.url = url
        self.client = None if url is None else redis.Redis(
            connection_pool=pool_at(url, max_connections=1, client_name="respool-top")
        )
        self._before: dict[Any, dict[str, Any]] = {}
        self._info: dict[str, float] = {}

    def close(self) -> None:
        for endpoint in self.endpoints:
            endpoint.close()
        if self.client is not None:
            self.client.connection_pool.disconnect()

    def look(self) -> dict[str, Any]:
        """What all of them say now. Who does not answer is there with an `error`."""
        found: dict[str, Any] = {}
        if self.endpoints:
            found["processes"] = [self._process(endpoint) for endpoint in self.endpoints]
        if self.client is not None:
            try:
                found["server"] = self._server(self.client)
            except redis.RedisError as error:
                found["server"] = {"url": redacted(str(self.url)), "error": reason(error)}
        return found

    def _process(self, endpoint: Endpoint) -> dict[str, Any]:
        try:
            said = endpoint.look()
        except EndpointError as error:
            return {"address": endpoint.address, "error": str(error), "pools": []}
        for pool in said["pools"]:
            pool["requests_errors"] = sum(pool[name] for name in ("timeouts", "exhausted", "shed", "turned_away"))
            key = endpoint.address, said["pid"], pool["name"], pool["born"]
            before = self._before.get(key)
            if before is not None and pool["seconds"] > before["seconds"]:
                passed = pool["seconds"] - before["seconds"]
                for name, rate in RATES.items():
                    pool[rate] = (pool[name] - before[name]) / passed
            self._before[key] = pool
        return {"address": endpoint.address, **said}

    def _server(self, client: redis.Redis) -> dict[str, Any]:
        mine = client.client_id()
        said: Any = client.info()
        listed = [entry for entry in client.client_list() if entry["id"] != str(mine)]
        info, before = read_info(said), self._info
        self._info = info
        passed = (info.get("server_time_usec", 0.0) - before.get("server_time_usec", 0.0)) * 1e-6 if before else 0.0
        found = {
            "url": redacted(str(self.url)),
            "version": f"Valkey {said['valkey_version']}" if "valkey_version" in said
            else f"Redis {said.get('redis_version', '')}",
            "connected": len(listed),
            "max_clients": int(info["maxclients"]) if "maxclients" in info else None,
            "blocked": int(info.get("blocked_clients", 0)),
            "memory": int(info.get("used_memory", 0)),
            "commands_per_second": info.get("instantaneous_ops_per_sec"),
            "busy": busy_share(before, info) if before else None,
            "applications": [],
        }
        if passed > 0:
            commands = info["total_commands_processed"] - before["total_commands_processed"]
            found["commands_per_second"] = commands / passed
        groups: dict[str, list[Mapping[str, str]]] = {}
        for entry in listed:
            groups.setdefault(entry.get("name") or entry.get("lib-name") or "(no name)", []).append(entry)
        found["applications"] = [
            self._application(name, entries, passed)
            for name, entries in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
        ]
        return found

    def _application(self, name: str, entries: Sequence[Mapping[str, str]], passed: float) -> dict[str, Any]:
        idle = [int(entry["idle"]) for entry in entries]
        found: dict[str, Any] = {
            "name": name,
            "library": " ".join(sorted({library_of(entry) for entry in entries} - {""})),
            "connections": len(entries),
            "idle_median": statistics.median(idle),
            "idle_longest": max(idle),
            "oldest": max(int(entry["age"]) for entry in entries),
            "memory": sum(int(entry.get("tot-mem", 0)) for entry in entries),
            "databases": sorted({int(entry["db"]) for entry in entries}),
            "commands_per_second": None,
        }
        if all("tot-cmds" in entry for entry in entries):  # Valkey 8, Redis 8
            counted = {entry["id"]: int(entry["tot-cmds"]) for entry in entries}
            before = self._before.get(("application", name))
            if before is not None and passed > 0:
                # One that came meanwhile has sent all of its commands since.
                sent = sum(max(count - before.get(number, 0), 0) for number, count in counted.items())
                found["commands_per_second"] = sent / passed
            self._before["application", name] = counted
        return found


def library_of(entry: Mapping[str, str]) -> str:
    return " ".join(word for word in (entry.get("lib-name"), entry.get("lib-ver")) if word)


# --- showing ---------------------------------------------------------------------------------------------------------

def view(found: Mapping[str, Any], keys: str = "") -> RenderableType:
    """The whole screen."""
    parts: list[RenderableType] = []
    if "processes" in found:
        parts += pools_view(found["processes"])
    if "server" in found:
        parts += server_view(found["server"])
    if keys:
        parts.append(Text(keys, style="dim"))
    return Group(*parts)


def table_of(title: str, left: int, headings: Sequence[str], rows: Iterator[Sequence[str]]) -> Table:
    """A table whose first `left` columns are words."""
    table = Table(title=title or None, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < left else "right", no_wrap=place >= left)
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def pools_view(processes: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    headings = ("process", "pool", "in use", "idle", "dialling", "waiting", "limit", "peak", "out/s", "waits/s",
                "wait p50", "p99", "held", "errors", "closed")

    def rows() -> Iterator[Sequence[str]]:
        for process in processes:
            who = f"{process['program']} {process['pid']}" if "pid" in process else process["address"]
            for pool in process["pools"]:
                yield (
                    who, f"{pool['name']}{' (asyncio)' if pool['kind'] == 'asyncio' else ''}", str(pool["in_use"]),
                    str(pool["pool_available"]), str(pool["connecting"]), str(pool["requests_waiting"]),
                    limit(pool["pool_max"]), str(pool["peak_in_use"]), rate(pool.get("checkouts_per_second")),
                    rate(pool.get("waits_per_second")), *times(pool["wait"], "p50", "p99"),
                    *times(pool["usage"], "mean"), f"{pool['requests_errors']:,}", f"{sum(pool['closed'].values()):,}",
                )

    parts: list[RenderableType] = [table_of("Pools", 2, headings, rows())]
    parts += [Text(process["error"], style="red") for process in processes if "error" in process]
    parts += [
        Text(f"Process {process['pid']} at {process['address']} has no pool.", style="dim")
        for process in processes if "error" not in process and not process["pools"]
    ]
    return [*parts, Text()]


def server_view(server: Mapping[str, Any]) -> list[RenderableType]:
    if "error" in server:
        return [Text(f"The Redis at {server['url']} cannot be used: {server['error']}", style="red"), Text()]
    most = "" if server["max_clients"] is None else f" of {server['max_clients']}"
    busy = "" if server["busy"] is None else f", main thread {server['busy']:.0%} busy"
    title = (
        f"{server['version']} at {server['url']}: {server['connected']}{most} connections, "
        f"{rate(server['commands_per_second'])} commands/s{busy}, {size(server['memory'])}"
    )
    headings = ("application", "library", "connections", "idle, median", "longest", "oldest", "memory", "commands/s",
                "db")

    def rows() -> Iterator[Sequence[str]]:
        for each in server["applications"]:
            yield (
                each["name"], each["library"], str(each["connections"]), age(each["idle_median"]),
                age(each["idle_longest"]), age(each["oldest"]), size(each["memory"]) if each["memory"] else "",
                rate(each["commands_per_second"]), " ".join(map(str, each["databases"])),
            )

    return [Text(title, style="bold"), table_of("", 2, headings, rows()), Text()]


def rate(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.1f}"


def limit(value: int) -> str:
    return "none" if value >= UNLIMITED - 1 else str(value)


def times(measured: Mapping[str, float], *names: str) -> Iterator[str]:
    for name in names:
        yield duration(measured[name]) if measured["count"] else ""


def age(seconds: float) -> str:
    """Whole seconds, for people."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:g} s"


# --- running ---------------------------------------------------------------------------------------------------------

def run(endpoints: Sequence[str], url: str | None, interval: float, once: bool, as_json: bool) -> int:
    """Watch until told to stop; returns the exit code of the program."""
    console = Console()
    if not (once or as_json or console.is_terminal):
        console.print("[red]respool top needs a terminal; --once and --json do without.[/red]", highlight=False)
        return 2
    try:
        watched = Watched(endpoints, url)
    except ValueError as error:
        return complain(console, str(url), error)
    try:
        with Interruption() as interruption:
            if once or as_json:
                return report(console, watched, interval, once, as_json, interruption)
            return live(console, watched, interval, interruption)
    except InterruptedBySignal as error:
        return 128 + error.number
    finally:
        watched.close()


def report(
    console: Console, watched: Watched, interval: float, once: bool, as_json: bool, interruption: Interruption
) -> int:
    """Print after each interval, or after the first only; two looks make the rates."""
    watched.look()
    while True:
        wait(interval, interruption)
        found = watched.look()
        if as_json:
            print(json.dumps(found), flush=True)  # noqa: T201
        else:
            console.print(view(found))
        if once:
            silent = [each for each in (*found.get("processes", ()), found.get("server", {})) if "error" in each]
            return 1 if silent else 0


def live(console: Console, watched: Watched, interval: float, interruption: Interruption) -> int:
    """Show until q is pressed."""
    hint = f"q quits; every {interval:g} s"
    with keyboard() as pressed, Live(console=console, screen=True, auto_refresh=False) as screen:
        while True:
            screen.update(view(watched.look(), hint), refresh=True)
            if wait(interval, interruption, pressed):
                return 0


def wait(interval: float, interruption: Interruption, pressed: int | None = None) -> bool:
    """For so many seconds, or until q is pressed at this descriptor: whether it was. Raises InterruptedBySignal."""
    until = monotonic() + interval
    while (left := until - monotonic()) > 0:
        interruption.check()
        watching = [] if pressed is None else [pressed]
        if select.select(watching, [], [], min(left, GLANCE))[0]:
            keys = os.read(watching[0], 64)
            if b"q" in keys.lower():
                return True
            if not keys:  # nobody is there any more
                pressed = None
    interruption.check()
    return False


@contextmanager
def keyboard() -> Iterator[int | None]:
    """The descriptor at which keys can be read one by one; None if there is no keyboard. As before, afterwards."""
    if os.name == "nt" or not sys.stdin.isatty():
        yield None
        return
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield descriptor
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
