"""A program that uses pools from threads, tasks and forked children while their server and network fail in every way.

`python soak.py SECONDS SEED [--json] [--network]` prints what came of it, and ends with 1 if a promise was broken: a
wrong reply, a command that is done twice, a slot that is lost, an error that is none of redis-py's or that tells the
password, a worker that hangs or does not recover. Time-outs are no such thing. With --network it has a network of its
own, whose device fails too.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import gc
import importlib
import json
import logging
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.retry import Retry

import respool
import respool.asyncio
from faulty import FaultyProxy
from havoc import PRIVATE_NETWORK, Havoc, Mortal, PrivateNetwork, has_private_networks
from toil import PASSWORD, Chronicle, Counting, Crew, Tally, Worker, at_once, done

WORKERS = 6  # of each group
PATIENCE = 60  # seconds after which who has not recovered or come to an end never will

COMMON: dict[str, Any] = {
    "host": "127.0.0.1", "password": PASSWORD, "socket_timeout": 1, "socket_connect_timeout": 1, "timeout": 2,
    "max_connections": 4,
}


@dataclass(frozen=True)
class Group:
    """Who works, on what, and with which options of the pool."""

    client: type[Any]
    runs: str  # "threads", or as tasks of "asyncio" or "uvloop"
    proxied: bool
    retries: int | None  # None: as many as redis-py's default
    settings: dict[str, Any] = field(default_factory=dict)

    def pool(self, ports: dict[bool, int]) -> Any:
        options = {**COMMON, "port": ports[self.proxied], **self.settings}
        kind, module = (Retry, respool) if self.runs == "threads" else (AsyncRetry, respool.asyncio)
        if self.retries is not None:
            options["retry"] = kind(ExponentialBackoff(0.5, 0.01) if self.retries else NoBackoff(), self.retries)
        return module.ConnectionPool(**options)


# What is off by default, and on for half of the groups.
TENDED: dict[str, Any] = {
    "min_idle": 2, "max_idle_time": 1, "max_lifetime": 5, "keepalive_interval": 0.3, "max_connecting": 1,
    "probe_interval": 0.5, "retire_on_failover": True, "leak_threshold": PATIENCE / 2,
}

# Who works in which way, and what their pools are told beyond the common options.
SETTINGS: dict[str, Group] = {
    "threads, redis.Redis": Group(redis.Redis, "threads", True, 2, {"protocol": 3}),
    "threads, respool.Redis": Group(respool.Redis, "threads", True, 2, {"protocol": 2, "order": "lifo", **TENDED}),
    "threads, redis-py's retries": Group(respool.Redis, "threads", True, None, {"protocol": 3, "timeout": None}),
    "threads, straight": Group(respool.Redis, "threads", False, 2, {"protocol": 3, "max_waiting": 3, **TENDED}),
    "threads, counting": Group(redis.Redis, "threads", True, 0, {"protocol": 3}),
    "threads, respool.Redis counting": Group(respool.Redis, "threads", True, 0, {"protocol": 2, **TENDED}),
    "tasks, redis.asyncio.Redis": Group(redis.asyncio.Redis, "asyncio", True, 2, {"protocol": 3}),
    "tasks, respool.asyncio.Redis": Group(respool.asyncio.Redis, "uvloop", True, 2, {"protocol": 3, **TENDED}),
    "tasks, redis-py's retries": Group(respool.asyncio.Redis, "asyncio", True, None, {"protocol": 2}),
    "tasks, straight": Group(respool.asyncio.Redis, "asyncio", False, 2, {"protocol": 2, "order": "lifo", **TENDED}),
    "tasks, counting": Group(redis.asyncio.Redis, "uvloop", True, 0, {"protocol": 3}),
    "tasks, respool.asyncio.Redis counting": Group(respool.asyncio.Redis, "asyncio", True, 0,
                                                   {"protocol": 3, **TENDED}),
}


class Complaints(logging.Handler):
    """What is logged, and what Python and event loops have to say of errors that nobody has caught."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.secrets: list[str] = []

    def listen(self) -> None:
        logging.getLogger().addHandler(self)
        logging.getLogger().setLevel(logging.DEBUG)
        sys.unraisablehook = lambda event: self.hear(f"unraisable: {event.exc_value!r} in {event.object!r}")
        threading.excepthook = lambda event: self.hear(f"in a thread: {event.exc_value!r}")
        warnings.showwarning = lambda *warning, **_: self.hear(f"warning: {warning}")
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        if PASSWORD in text:
            self.secrets.append(text)
        # What respool warns of is what happens here: failovers, and connections that are held for long.
        if record.levelno >= (logging.ERROR if record.name == "respool" else logging.WARNING):
            self.hear(text)

    def hear(self, complaint: str) -> None:
        self.heard.append(complaint)

    def hear_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.hear(f"event loop: {context!r}")


class Company(Crew):
    """A group at work: its pool, and its threads or the thread of its event loop."""

    def __init__(self, name: str, group: Group, ports: dict[bool, int], chronicle: Chronicle, who: str) -> None:
        super().__init__(name, chronicle)
        self.group = group
        self.ports = ports
        self.who = who
        self.pool: Any = None
        self.calm = True  # there is no more havoc when it is over
        self.workers: list[Worker] = []
        self.threads: list[threading.Thread] = []
        self.counts: tuple[int, ...] = ()  # of the pool at the end ...
        self.lost = ""  # ... and what is wrong with them

    def child(self, who: str) -> Company:
        """The same in a forked child: on the inherited pool, unless that is of an event loop, which is the parent's."""
        child = Company(self.name, self.group, self.ports, self.chronicle, who)
        if self.group.runs == "threads":
            child.pool = self.pool
        child.calm = False
        return child

    def recruit(self) -> None:
        self.pool = self.pool or self.group.pool(self.ports)
        self.client = self.group.client(connection_pool=self.pool)
        kind = Counting if self.group.retries == 0 else Worker
        self.workers = [kind(f"{self.who}:{number}", self.client, self.chronicle) for number in range(WORKERS)]

    def start(self, complaints: Complaints) -> None:
        if self.group.runs == "threads":
            self.recruit()
            self.threads = [threading.Thread(target=self.work, args=[worker], daemon=True) for worker in self.workers]
        else:
            self.threads = [threading.Thread(target=self.run_loop, args=[complaints], daemon=True)]
        for thread in self.threads:
            thread.start()

    def run_loop(self, complaints: Complaints) -> None:
        loop = new_loop(self.group.runs)
        loop.set_exception_handler(complaints.hear_loop)
        loop.run_until_complete(self.run_tasks())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    async def run_tasks(self) -> None:
        self.recruit()
        await asyncio.gather(*map(self.task, self.workers))
        await self.account()

    def end(self) -> str:
        """Wait for the end of all workers; returns what is wrong then, or nothing."""
        deadline = time.monotonic() + PATIENCE
        for thread in self.threads:
            thread.join(max(0, deadline - time.monotonic()))
        hanging = sum(thread.is_alive() for thread in self.threads)
        if hanging:
            faulthandler.dump_traceback()
            return f"{hanging} of {len(self.threads)} threads hang"
        if self.group.runs == "threads":
            at_once(self.account())
        return self.lost

    async def account(self) -> None:
        """Look whether each place in the pool has come back, and is of use."""
        gc.collect()
        deadline = time.monotonic() + PATIENCE
        while (wrong := self.amiss()) and time.monotonic() < deadline:
            await self.rest()  # its housekeeper is at work
        if self.calm and not wrong:
            wrong = await self.use_all()
        self.look_for_password(self.pool, self.client)
        if leases := self.pool.leases():
            wrong += f" leases: {leases}"
        if not await done(self.pool.drain(PATIENCE)):
            wrong += " drained in vain"
        self.lost = wrong

    async def use_all(self) -> str:
        """Have all connections at once that there may be; returns what is wrong with that."""
        held: list[Any] = []
        deadline = time.monotonic() + PATIENCE
        wrong = ""
        while not wrong and len(held) < self.pool.max_connections:
            try:
                held.append(await done(self.pool.get_connection()))
            except redis.RedisError as error:  # a machine may be slow
                wrong = f"only {len(held)} connections can be used: {error!r}" if time.monotonic() > deadline else ""
                await self.rest()
        self.look_for_password(*held)
        for connection in held:
            await done(self.pool.release(connection))
        await done(self.pool.wait_ready(PATIENCE))
        return wrong

    def look_for_password(self, *shown: Any) -> None:
        self.workers[0].tally.secrets += [each for each in map(repr, shown) if PASSWORD in each]

    def amiss(self) -> str:
        """What is wrong with the counts of a pool that nobody uses, or nothing."""
        self.counts = created, idle, in_use, connecting, waiting = self.pool.counts()
        sound = (in_use, connecting, waiting) == (0, 0, 0) and created == idle and self.keeps_its_limit()
        return "" if sound else f"created, idle, in use, connecting, waiting: {self.counts}"

    async def rest(self) -> None:
        await asyncio.sleep(0.05) if self.group.runs != "threads" else time.sleep(0.05)

    def keeps_its_limit(self) -> bool:
        return bool(self.pool.counts()[0] <= self.pool.max_connections)


def new_loop(kind: str) -> asyncio.AbstractEventLoop:
    try:
        module: Any = importlib.import_module(kind)
    except ImportError:  # uvloop is not for every platform
        module = asyncio
    loop: asyncio.AbstractEventLoop = module.new_event_loop()
    return loop


def ended(companies: list[Company]) -> list[str]:
    """Let all come to their end; returns what is wrong then."""
    for company in companies:
        company.stop.set()
    return [f"{company.name}: {wrong}" for company in companies if (wrong := company.end())]


@contextmanager
def resized(companies: list[Company], limit: int) -> Iterator[None]:
    """All pools have room for fewer connections meanwhile."""
    for company in companies:
        company.pool.resize(limit)
    yield
    for company in companies:
        company.pool.resize(COMMON["max_connections"])


def total(companies: list[Company]) -> Tally:
    tally = Tally()
    for company in companies:
        for worker in company.workers:
            tally.add(worker.result())
    return tally


class Brood:
    """Forks children again and again, each of which works for a while, on pools of its parent and on its own."""

    # Without a GIL two threads of a forked child that stop the world may wait for each other in CPython 3.13.
    AT_ONCE = 2 if getattr(sys, "_is_gil_enabled", lambda: True)() else 0

    def __init__(self, companies: list[Company], proxy: FaultyProxy, complaints: Complaints, seed: int) -> None:
        self.companies, self.proxy, self.complaints, self.seed = companies, proxy, complaints, seed
        self.chance = random.Random(seed)  # noqa: S311
        self.stop = threading.Event()
        self.forked = 0
        self.tally = Tally()
        self.broken: list[str] = []
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        alive: dict[int, float] = {}  # until when each may live
        with tempfile.TemporaryDirectory(prefix="respool-") as directory:
            while alive or not self.stop.is_set():
                if len(alive) < self.AT_ONCE and not self.stop.is_set():
                    seconds = self.chance.uniform(0.5, 4)
                    pid = os.fork()
                    if pid == 0:
                        self.live(seconds, Path(directory))
                    self.forked += 1
                    alive[pid] = time.monotonic() + seconds + 2 * PATIENCE
                for pid, limit in list(alive.items()):
                    over, status = os.waitpid(pid, os.WNOHANG)
                    if over:
                        del alive[pid]
                        self.bury(status, Path(directory, str(pid)))
                    elif time.monotonic() > limit:
                        os.kill(pid, signal.SIGABRT)  # it says where it hangs
                        alive[pid] += PATIENCE
                time.sleep(0.05)

    def bury(self, status: int, testament: Path) -> None:
        if status != 0:
            self.broken.append(f"ended with status {status}")
            return
        report = json.loads(testament.read_text())
        self.broken += report.pop("broken")
        self.tally.add(Tally(**report))

    def live(self, seconds: float, directory: Path) -> None:
        """Be a child, which never returns."""
        status = 1
        try:
            self.proxy.abandon()
            complaints = self.complaints
            complaints.heard, complaints.secrets = [], []
            who = f"{self.seed} child {os.getpid()}"
            companies = [company.child(f"{who} {company.name}") for company in self.chance.sample(self.companies, 2)]
            for company in companies:
                company.start(complaints)
            time.sleep(seconds)
            broken = ended(companies)
            tally = total(companies)
            tally.secrets += complaints.secrets
            report = {**vars(tally), "broken": broken + complaints.heard}
            Path(directory, str(os.getpid())).write_text(json.dumps(report))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)


# --- the program -------------------------------------------------------------------------------------------------

def soak(seconds: float, seed: int, network: bool) -> dict[str, Any]:
    """Let all work for so long while there is havoc; returns what came of it."""
    chance = random.Random(seed)  # noqa: S311
    chronicle, complaints, mortal = Chronicle(), Complaints(), Mortal()
    faults: Counter[str] = Counter()
    faulthandler.enable()
    complaints.listen()
    own = PrivateNetwork() if network else None
    mortal.start()
    with FaultyProxy(mortal.port) as proxy:
        havoc = Havoc(mortal, proxy, chronicle, chance)
        havoc.of_network |= own.faults if own else {}
        havoc.of_server["resize"] = lambda: resized(companies, chance.randrange(1, 4))
        companies = [Company(name, group, {True: proxy.port, False: mortal.port}, chronicle, f"{seed} {name}")
                     for name, group in SETTINGS.items()]
        for company in companies:
            company.start(complaints)
        brood = Brood(companies, proxy, complaints, seed)
        broken = without_success(companies)
        brood.thread.start()
        deck = havoc.deck()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not broken:
            kinds = next(deck)
            faults.update(kinds)
            havoc.strike(kinds, chance.uniform(0.2, 2))
            time.sleep(chance.uniform(0.2, 2))
            broken += [f"{each.name}: too many connections" for each in companies if not each.keeps_its_limit()]
        broken += without_success(companies)
        brood.stop.set()
        brood.thread.join(5 * PATIENCE)
        broken += ended(companies)
    mortal.kill()

    tally = total(companies)
    tally.add(brood.tally)
    tally.secrets += complaints.secrets
    recoveries: dict[str, list[float]] = {}
    for company in companies:
        for kind, delay in company.recoveries:
            recoveries.setdefault(kind, []).append(delay)
    broken += [f"child: {each}" for each in brood.broken] + complaints.heard
    broken += ["a child hangs"] if brood.thread.is_alive() else []
    broken += [f"{len(found)} {name}" for name, found in [
        ("wrong replies", tally.wrong), ("errors that are not redis-py's", tally.unexpected),
        ("texts with the password", tally.secrets)] if found]
    return {
        "seconds": seconds, "seed": seed, "not to be had here": own.not_to_be_had if own else [],
        "faults": faults, "recovery": {
            kind: {"median": statistics.median(delays), "longest": max(delays)}
            for kind, delays in sorted(recoveries.items())},
        "groups": {company.name: {
            **summary(total([company])), "counts": company.counts} for company in companies},
        "children": {**summary(brood.tally), "forked": brood.forked},
        "proxy": {"connections": proxy.accepted, "most at once": proxy.most_open,
                  "most dials in a second": busiest_second(proxy.dials)},
        "lost slots": sum(sum(company.counts[2:]) for company in companies),
        **vars(tally), "broken": broken,
    }


def summary(tally: Tally) -> dict[str, Any]:
    return {"commands": tally.commands, "errors": tally.errors, "longest turn": tally.longest}


def without_success(companies: list[Company]) -> list[str]:
    """Wait for all to succeed after whatever has happened; returns who does not."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not all(company.has_recovered() for company in companies):
        time.sleep(0.01)
    return [f"{company.name}: does not recover" for company in companies if not company.has_recovered()]


def busiest_second(times: list[float]) -> int:
    most = first = 0
    for last, moment in enumerate(times):
        while times[first] < moment - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def table(report: dict[str, Any]) -> Iterator[str]:
    """The report for people."""
    ends = "created, idle, in use, connecting, waiting at the end"
    yield f"{'group':<40}{'commands':>10}{'errors':>8}{'longest turn':>14}  {ends}"
    for name, group in report["groups"].items():
        yield row(name, group) + f"  {', '.join(map(str, group['counts']))}"
    yield row(f"{report['children']['forked']} forked children", report["children"])
    yield ""
    yield f"{'fault':<60}{'times':>6}{'recovery: median':>18}{'longest':>10}"
    for kind in sorted({*report["faults"], *report["recovery"]}):
        recovery = report["recovery"].get(kind)
        told = f"{recovery['median']:>16.3f} s{recovery['longest']:>8.3f} s" if recovery else ""
        yield f"{kind:<60}{report['faults'].get(kind, ''):>6}{told}"
    yield from (f"{kind:<60}this kernel has none" for kind in report["not to be had here"])
    yield ""
    yield f"{'error':<100}{'times':>8}"
    for kind, times in Counter(report["errors"]).most_common():
        yield f"{kind:<100}{times:>8,}"
    yield ""
    yield (f"Of commands that are never tried again {report['confirmed']:,} were confirmed and {report['failed']:,} "
           f"failed, of which {report['applied'] - report['confirmed']:,} were applied.")
    yield f"Proxy: {', '.join(f'{name} {number:,}' for name, number in report['proxy'].items())}."
    yield (f"{report['commands']:,} commands, {report['cancelled']:,} turns cancelled, "
           f"{len(report['wrong'])} wrong replies, {report['lost slots']} lost slots.")
    for kind in ("wrong", "unexpected", "secrets"):
        yield from report[kind][:10]
    yield from report["broken"]
    yield "A promise is broken." if report["broken"] else "No promise is broken."


def row(name: str, group: dict[str, Any]) -> str:
    errors = sum(group["errors"].values())
    return f"{name:<40}{group['commands']:>10,}{errors:>8,}{group['longest turn']:>12.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float)
    parser.add_argument("seed", type=int)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--network", action="store_true")
    parser.add_argument("--in-private-network", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.network and not options.in_private_network:
        if not has_private_networks():
            parser.error("--network: a network of its own is not to be had here (unshare, ip, tc)")
        os.execvp("unshare", [*PRIVATE_NETWORK, sys.executable, *sys.argv, "--in-private-network"])  # noqa: S606, S607
    report = soak(options.seconds, options.seed, options.network)
    print(json.dumps(report) if options.json else "\n".join(table(report)))  # noqa: T201
    sys.exit(1 if report["broken"] else 0)


if __name__ == "__main__":
    main()
