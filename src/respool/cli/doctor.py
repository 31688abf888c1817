"""`respool doctor`: what of a server, its settings and the libraries here will trouble a pool, and what to change.

It looks and says; it changes nothing on the server.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import re
import ssl
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib import metadata
from time import perf_counter, time
from typing import Any

import redis
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

import respool
from respool.advice import size
from respool.cli.address import complain, consoles, pool_at, reason, redacted
from respool.cli.interruption import InterruptedBySignal, Interruption

OK, WARN, FAIL = "ok", "warn", "fail"
STYLES = {OK: "green", WARN: "yellow", FAIL: "bold red"}

# The tests run with redis-py from the first of these on, and below the second; as pyproject.toml says.
TESTED_REDIS_PY = (6, 4), (9,)
OLDEST_HIREDIS = (3, 2)
OLDEST_SERVER, OLDEST_TESTED_SERVER = (6, 0), (7, 0)  # the first with HELLO

SLOW, VERY_SLOW = 0.005, 0.05  # seconds for a PING, median
NEARLY_FULL, FULL = 0.8, 0.95  # of maxclients, or of maxmemory
EXPIRES_SOON = 14 * 24 * 3600.0


@dataclass(frozen=True)
class Finding:
    """One line of the report; `change` says what to do, and is empty if that is nothing."""

    name: str
    level: str
    found: str
    change: str = ""


def ok(name: str, found: str) -> Finding:
    return Finding(name, OK, found)


def warn(name: str, found: str, change: str) -> Finding:
    return Finding(name, WARN, found, change)


def fail(name: str, found: str, change: str) -> Finding:
    return Finding(name, FAIL, found, change)


@dataclass
class Patient:
    """What has been asked of the server; a reply that it refuses is missing."""

    pool: respool.ConnectionPool
    pings: list[float] = field(default_factory=list)  # seconds
    info: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    tls: dict[str, Any] = field(default_factory=dict)
    protocol: str = ""


def run(url: str, pings: int, replica: bool, as_json: bool) -> int:
    """Examine and report; returns the exit code of the program."""
    console, aside = consoles(as_json)
    findings = list(libraries())
    try:
        with Interruption() as interruption, pool_at(url, max_connections=1, client_name="respool-doctor") as pool:
            patient = examine(pool, pings, aside, interruption)
        findings += [finding for check in CHECKS for finding in check(patient)]
        findings += role(patient, replica)
    except (redis.RedisError, ValueError, OSError) as error:
        if not as_json:
            show(console, url, findings)
            return complain(console, url, error)
        findings.append(fail("server", "cannot be used", reason(error)))
    except InterruptedBySignal as error:
        aside.print(f"Ended by {error}; nothing was left behind.")
        return 128 + error.number
    failed = any(finding.level == FAIL for finding in findings)
    if as_json:
        report = {"url": redacted(url), "level": worst(findings), "findings": [asdict(each) for each in findings]}
        print(json.dumps(report, indent=2))  # noqa: T201
    else:
        show(console, url, findings)
    return 1 if failed else 0


def worst(findings: list[Finding]) -> str:
    return max((finding.level for finding in findings), key=list(STYLES).index)


def show(console: Console, url: str, findings: list[Finding]) -> None:
    table = Table(title=f"respool doctor {redacted(url)}", box=None, padding=(0, 2, 0, 0), title_justify="left")
    for heading in ("", "what", "found"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        change = f"\n[dim]→[/dim] {escape(finding.change)}" if finding.change else ""
        style = STYLES[finding.level]
        table.add_row(f"[{style}]{finding.level}[/{style}]", finding.name, escape(finding.found) + change)
    console.print(table)
    counts = {level: sum(finding.level == level for finding in findings) for level in STYLES}
    console.print("\n" + ", ".join(f"{count} {level}" for level, count in counts.items() if count), highlight=False)


# --- asking ----------------------------------------------------------------------------------------------------------

def examine(pool: respool.ConnectionPool, pings: int, console: Console, interruption: Interruption) -> Patient:
    """Ask the server everything. Raises redis.RedisError if it cannot be used at all."""
    patient = Patient(pool)
    client = redis.Redis(connection_pool=pool)
    columns = (TextColumn("{task.description}"), BarColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("PING", total=pings)
        client.ping()
        for _ in range(pings):
            started = perf_counter()
            client.ping()
            patient.pings.append(perf_counter() - started)
            progress.advance(task)
            interruption.check()
    patient.info = refusable(patient, "INFO", client.info) or {}
    for name in ("timeout", "tcp-keepalive", "maxclients", "maxmemory", "maxmemory-policy", "maxmemory-clients"):
        patient.settings.update(refusable(patient, "CONFIG GET", partial(client.config_get, name)) or {})
    mine = refusable(patient, "CLIENT INFO", client.client_info) or {}
    patient.protocol = str(mine.get("resp", ""))
    connection = pool.get_connection()
    try:
        sock = connection._sock
        if isinstance(sock, ssl.SSLSocket):
            cipher = sock.cipher()
            patient.tls = {
                "version": sock.version(), "cipher": cipher[0] if cipher else "?", "certificate": sock.getpeercert(),
                "verified": sock.context.verify_mode == ssl.CERT_REQUIRED, "names": sock.context.check_hostname,
            }
    finally:
        pool.release(connection)
    return patient


def refusable(patient: Patient, name: str, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except redis.ResponseError:
        if name not in patient.refused:
            patient.refused.append(name)
        return None


# --- libraries -------------------------------------------------------------------------------------------------------

def version_of(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


def libraries() -> Iterator[Finding]:
    yield ok("respool", respool.__version__)
    least, most = TESTED_REDIS_PY
    found = version_of(redis.__version__)
    tested = f"tested from {'.'.join(map(str, least))} to before {'.'.join(map(str, most))}"
    if found < least:
        yield fail("redis-py", f"{redis.__version__}, {tested}", "pip install 'redis>=6.4,<9'")
    elif found >= most:
        yield warn("redis-py", f"{redis.__version__}, newer than tested", "pip install 'redis>=6.4,<9'")
    else:
        yield ok("redis-py", f"{redis.__version__}, {tested}")
    if importlib.util.find_spec("hiredis") is None:
        yield ok("hiredis", "not installed, and not needed: respool parses replies itself")
        return
    version = metadata.version("hiredis")
    if version_of(version) < OLDEST_HIREDIS:
        yield warn("hiredis", f"{version}, too old for redis-py's own connections", "pip install 'hiredis>=3.2'")
    else:
        yield ok("hiredis", f"{version}, for redis-py's own connections; respool's do without")


# --- the server ------------------------------------------------------------------------------------------------------

def rights(patient: Patient) -> Iterator[Finding]:
    if patient.refused:
        yield warn(
            "rights", f"{' and '.join(patient.refused)} refused: what needs it was not looked at",
            "ask with a user who may: ACL SETUSER … +info +config|get +client|info",
        )


def server_version(patient: Patient) -> Iterator[Finding]:
    info = patient.info
    if "redis_version" not in info:
        return
    name, version = ("Valkey", info["valkey_version"]) if "valkey_version" in info else ("Redis", info["redis_version"])
    found = version_of(str(version))
    if found < OLDEST_SERVER:
        yield warn("server", f"{name} {version}, which knows neither RESP3 nor ACL", f"use {name} 7 or newer")
    elif found < OLDEST_TESTED_SERVER:
        yield warn("server", f"{name} {version}, older than what is tested", f"use {name} 7 or newer")
    else:
        yield ok("server", f"{name} {version}")


def resp(patient: Patient) -> Iterator[Finding]:
    if patient.protocol == "3":
        yield ok("protocol", "RESP3")
    elif patient.protocol:
        yield ok("protocol", "RESP2; protocol=3 in the URL would give typed replies, and pushes")


def encryption(patient: Patient) -> Iterator[Finding]:
    settings = patient.pool.connection_kwargs
    tls = patient.tls
    if not tls:
        yield plain(settings)
        return
    found = f"{tls['version']}, {tls['cipher']}"
    if not tls["verified"]:
        yield warn("TLS", f"{found}; the server's certificate is not verified", "drop ssl_cert_reqs=none")
    elif not tls["names"]:
        yield warn("TLS", f"{found}; the certificate may be for any host", "set ssl_check_hostname=True")
    else:
        left = float("inf")
        with suppress(KeyError, ValueError, TypeError):
            left = ssl.cert_time_to_seconds(tls["certificate"]["notAfter"]) - time()
        if left < EXPIRES_SOON:
            yield warn("TLS", f"{found}; the certificate ends in {max(left, 0) / 86400:.0f} days", "renew it")
        else:
            yield ok("TLS", f"{found}; certificate and host name verified")


def plain(settings: Mapping[str, Any]) -> Finding:
    host = str(settings.get("host", "localhost"))
    if "path" in settings:
        return ok("TLS", "none, and none needed on a Unix socket")
    if is_here(host):
        return ok("TLS", "none, and none needed on this machine")
    what = "the password and all data" if settings.get("password") else "all data"
    return warn("TLS", f"none: {what} can be read on the way to {host}", "use rediss:// if you can")


def is_here(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def latency(patient: Patient) -> Iterator[Finding]:
    median, p99 = statistics.median(patient.pings), statistics.quantiles(patient.pings, n=100)[98]
    found = f"PING {median * 1e3:.2f} ms, p99 {p99 * 1e3:.2f} ms, of {len(patient.pings)}"
    if median >= VERY_SLOW:
        yield fail("latency", found, "have the server in the same data centre; each command costs that much")
    elif median >= SLOW:
        yield warn("latency", found, "have the server nearer, or send commands in pipelines")
    elif p99 >= max(10 * median, SLOW):
        yield warn("latency", found, "see SLOWLOG GET and LATENCY DOCTOR for what is in the way")
    else:
        yield ok("latency", found)


def idle_timeout(patient: Patient) -> Iterator[Finding]:
    if "timeout" not in patient.settings:
        return
    limit = float(patient.settings["timeout"])
    if not limit:
        yield ok("timeout", "0: the server closes no idle connection")
        return
    survival = patient.pool._survival
    kept = min(survival.max_idle_time or float("inf"), survival.keepalive_interval or float("inf"))
    if kept < limit:
        yield ok("timeout", f"{limit:g} s, and the pool is ahead of it after {kept:g} s")
    else:
        yield warn(
            "timeout", f"the server closes connections that are idle for {limit:g} s",
            f"give the pool keepalive_interval={limit / 2:g} or max_idle_time={limit * 0.9:g}",
        )


def clients(patient: Patient) -> Iterator[Finding]:
    limit = patient.settings.get("maxclients") or patient.info.get("maxclients")
    connected = patient.info.get("connected_clients")
    if limit is None or connected is None:
        return
    share = int(connected) / int(limit)
    found = f"{connected} of {limit} connections are taken"
    change = "raise maxclients, or lower max_connections; respool top --url … shows who has them"
    if share >= NEARLY_FULL:
        yield Finding("maxclients", FAIL if share >= FULL else WARN, found, change)
    else:
        yield ok("maxclients", found)


def keepalive(patient: Patient) -> Iterator[Finding]:
    seconds = patient.settings.get("tcp-keepalive")
    if seconds is None or "path" in patient.pool.connection_kwargs:
        return
    if int(seconds) == 0:
        yield warn("tcp-keepalive", "0: the server keeps connections of clients that are long gone",
                      "CONFIG SET tcp-keepalive 300")
    else:
        yield ok("tcp-keepalive", f"{seconds} s")


def memory(patient: Patient) -> Iterator[Finding]:
    clients_limit = patient.settings.get("maxmemory-clients", "0")
    if clients_limit not in ("0", "0%"):
        yield warn(
            "maxmemory-clients", f"{clients_limit}: the server closes connections when all together take more",
            "expect connections to be closed under load, or set it to 0",
        )
    limit = int(patient.settings.get("maxmemory", 0))
    policy = patient.settings.get("maxmemory-policy")
    if policy is None:
        return
    used = int(patient.info.get("used_memory", 0))
    if not limit:
        yield ok("maxmemory", f"no limit, {policy}")
        return
    found = f"{size(used)} of {size(limit)}, {policy}"
    if policy == "noeviction" and used >= FULL * limit:
        yield fail("maxmemory", f"{found}: writes fail when it is full", "raise maxmemory, or choose a policy")
    elif policy == "noeviction" and used >= NEARLY_FULL * limit:
        yield warn("maxmemory", f"{found}: writes fail when it is full", "raise maxmemory, or choose a policy")
    else:
        yield ok("maxmemory", found)


CHECKS = (rights, server_version, resp, encryption, latency, idle_timeout, clients, keepalive, memory)


def role(patient: Patient, replica: bool) -> Iterator[Finding]:
    found = patient.info.get("role")
    if found is None:
        return
    if found != "slave":
        yield ok("role", str(found))
    elif replica:
        yield ok("role", "replica, for reading")
    else:
        yield fail(
            "role", "replica: a write gets READONLY",
            "name the master, or have Sentinel do it (respool.SentinelConnectionPool), with retire_on_failover=True; "
            "--replica if it is for reading",
        )
