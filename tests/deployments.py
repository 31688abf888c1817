"""Sentinel and Cluster on this machine as they are deployed elsewhere, and load on them that looks at each reply."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
import redis.sentinel

from conftest import Threads, until
from servers import PORTS, Certificates, RedisServer, redis_server, running, server_binary, tls_options

MASTER = "mymaster"
REPLICATION = ("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1")


def ask(port: int, *command: Any) -> Any:
    """What this very server replies, on a connection made for the question."""
    with redis.Redis(port=port, client_name="observer", decode_responses=True) as client:
        return client.execute_command(*command)


def is_master(server: RedisServer) -> bool:
    return bool(ask(server.port, "INFO", "replication")["role"] == "master")


def replicates(replica: RedisServer) -> bool:
    with suppress(redis.ConnectionError):  # a sentinel ends all sessions of a server that it gives another master
        return bool(ask(replica.port, "INFO", "replication").get("master_link_status") == "up")
    return False


# --- Sentinel ----------------------------------------------------------------------------------------------------

@dataclass
class SentinelSetup:
    """A master, its replicas and the sentinels that watch them."""

    servers: list[RedisServer]
    sentinels: list[int]

    @contextmanager
    def manager(self, **kwargs: Any) -> Iterator[redis.sentinel.Sentinel]:
        """What a program knows of the set-up."""
        known = redis.sentinel.Sentinel([("127.0.0.1", port) for port in self.sentinels], socket_timeout=5, **kwargs)
        try:
            yield known
        finally:
            for sentinel in known.sentinels:  # before 8.1 redis-py's Sentinel cannot be closed itself
                sentinel.close()

    @property
    def master(self) -> RedisServer:
        """The server that all sentinels call the master, as soon as they do."""
        named: set[int] = set()

        def agreed() -> bool:
            named.clear()
            named.update(int(ask(port, "SENTINEL GET-MASTER-ADDR-BY-NAME", MASTER)[1]) for port in self.sentinels)
            return len(named) == 1

        until(agreed)
        [server] = [server for server in self.servers if server.port in named]
        return server

    @property
    def replicas(self) -> list[RedisServer]:
        master = self.master
        return [server for server in self.servers if server is not master]

    def replace_master(self) -> None:
        """Have a sentinel make another server the master, and try again if it finds none good enough just now."""
        old = self.master

        def replaced() -> bool:
            [state] = ask(self.sentinels[0], "SENTINEL MASTERS").values()
            if state["port"] == old.port and "failover_in_progress" not in state["flags"]:
                with suppress(redis.ResponseError):
                    ask(self.sentinels[0], "SENTINEL FAILOVER", MASTER)
            return self.master is not old

        until(replaced)

    def settle(self) -> None:
        """Wait until the sentinels know all servers and each other, and everybody is well.

        They ask and tell each other more often than by themselves, and meanwhile so often that a failover would fail:
        what was told a few times without being confirmed counts as wrong.
        """
        self.pace(200)
        until(self.is_settled)
        self.pace(1000)

    def pace(self, period: int) -> None:
        for port in self.sentinels:
            ask(port, "SENTINEL DEBUG", "INFO-PERIOD", period, "PUBLISH-PERIOD", period)

    def is_settled(self) -> bool:
        for port in self.sentinels:
            others = ask(port, "SENTINEL SLAVES", MASTER) + ask(port, "SENTINEL SENTINELS", MASTER)
            states = [*ask(port, "SENTINEL MASTERS").values(), *others]
            if sorted(state["flags"] for state in states) != ["master", "sentinel", "sentinel", "slave", "slave"]:
                return False
        return all(replicates(server) for server in self.replicas)


@contextmanager
def sentinel_setup(down_after: int = 30_000) -> Iterator[SentinelSetup]:
    """One master, two replicas, three sentinels. A server is down if it has been silent for `down_after` ms."""
    with ExitStack() as stack:
        ports = [next(PORTS) for _ in range(3)]
        servers = [stack.enter_context(redis_server(*REPLICATION, *options, port=port)) for port, options in zip(
            ports, [(), *[("--replicaof", "127.0.0.1", str(ports[0]))] * 2], strict=True)]
        setup = SentinelSetup(servers, [stack.enter_context(sentinel(ports[0], down_after)) for _ in range(3)])
        setup.settle()
        yield setup


@contextmanager
def sentinel(master: int, down_after: int) -> Iterator[int]:
    """One of three sentinels that watch the master at this port; gives its own port."""
    port = next(PORTS)
    with tempfile.TemporaryDirectory(prefix="respool-") as directory:
        configuration = Path(directory, "sentinel.conf")
        configuration.write_text(
            f"port {port}\nbind 127.0.0.1\ndir {directory}\nsentinel monitor {MASTER} 127.0.0.1 {master} 2\n"
            f"sentinel down-after-milliseconds {MASTER} {down_after}\nsentinel failover-timeout {MASTER} 2000\n")
        with running([server_binary(), str(configuration), "--sentinel"], port):
            # A busy machine is not to be taken for a wrong clock.
            ask(port, "SENTINEL DEBUG", "PING-PERIOD", 300, "ASK-PERIOD", 200, "TILT-TRIGGER", 20_000)
            yield port


# --- Cluster -----------------------------------------------------------------------------------------------------

@dataclass
class Cluster:
    """Three masters, each with a third of the slots, and after them a replica of each."""

    servers: list[RedisServer]

    def is_settled(self) -> bool:
        """Whether everybody knows that all slots are served, each by a master with a replica of its own."""
        return all(is_served(server.port) for server in self.servers) and all(map(replicates, self.servers[3:]))

    def owner(self, slot: int) -> RedisServer:
        """The master that serves this slot, as the last of them knows."""
        [port] = [entry[2][1] for entry in ask(self.servers[2].port, "CLUSTER SLOTS") if entry[0] <= slot <= entry[1]]
        return next(server for server in self.servers if server.port == port)

    @contextmanager
    def migrating(self, slot: int) -> Iterator[tuple[RedisServer, RedisServer]]:
        """A slot on its way from its owner to another master, which has it when the body is done."""
        source = self.owner(slot)
        target = next(server for server in self.servers if server is not source)
        identity = ask(target.port, "CLUSTER MYID")
        ask(target.port, "CLUSTER SETSLOT", slot, "IMPORTING", ask(source.port, "CLUSTER MYID"))
        ask(source.port, "CLUSTER SETSLOT", slot, "MIGRATING", identity)
        try:
            yield source, target
        finally:
            while keys := ask(source.port, "CLUSTER GETKEYSINSLOT", slot, 100):
                migrate(source, target, *keys)
            for server in (target, source, *self.servers[:3]):
                ask(server.port, "CLUSTER SETSLOT", slot, "NODE", identity)

    def move(self, slot: int) -> None:
        with self.migrating(slot):
            pass


def migrate(source: RedisServer, target: RedisServer, *keys: str) -> None:
    ask(source.port, "MIGRATE", "127.0.0.1", port_for_servers(target), "", 0, 20_000, "KEYS", *keys)


def port_for_servers(server: RedisServer) -> int:
    """Where the others of its cluster connect to."""
    return server.tls_port or server.port


def is_served(port: int) -> bool:
    """Whether this node knows a master and a replica of each slot."""
    ranges = ask(port, "CLUSTER SLOTS")
    return ask(port, "CLUSTER INFO")["cluster_state"] == "ok" and [len(entry) for entry in ranges] == [4, 4, 4]


def knows(port: int, names: list[str]) -> bool:
    return {node["node_id"] for node in ask(port, "CLUSTER NODES").values()} == set(names)


def cluster_server(bus: int, certificates: Certificates | None) -> AbstractContextManager[RedisServer]:
    options = [*REPLICATION, "--cluster-enabled", "yes", "--cluster-port", str(bus), "--cluster-node-timeout", "1500"]
    if certificates is None:
        return redis_server(*options, port=next(PORTS))
    tls_port = next(PORTS)
    options += [*tls_options(certificates, tls_port), "--tls-cluster", "yes", "--tls-replication", "yes"]
    return redis_server(*options, port=next(PORTS), tls_port=tls_port)


@contextmanager
def cluster(node_timeout: int = 15_000, certificates: Certificates | None = None) -> Iterator[Cluster]:
    """Run a cluster. A node has failed if it has been silent for `node_timeout` ms.

    With certificates its servers talk TLS with each other, and with clients at a second port.
    """
    with ExitStack() as stack:
        buses = [next(PORTS) for _ in range(6)]
        servers = [stack.enter_context(cluster_server(bus, certificates)) for bus in buses]
        names = [ask(server.port, "CLUSTER MYID") for server in servers]
        for number, server in enumerate(servers):
            ask(server.port, "CLUSTER SET-CONFIG-EPOCH", number + 1)
            if number < 3:
                ask(server.port, "CLUSTER ADDSLOTSRANGE", number * 16384 // 3, (number + 1) * 16384 // 3 - 1)
            for other, bus in zip(servers[:number], buses, strict=False):
                ask(server.port, "CLUSTER MEET", "127.0.0.1", port_for_servers(other), bus)
        until(lambda: all(knows(server.port, names) for server in servers))
        for server, master in zip(servers[3:], names, strict=False):
            ask(server.port, "CLUSTER REPLICATE", master)
        setup = Cluster(servers)
        until(setup.is_settled)
        for server in servers:
            ask(server.port, "CONFIG SET", "cluster-node-timeout", node_timeout)
        yield setup


# --- load --------------------------------------------------------------------------------------------------------

RUNS = itertools.count()
THREADS = 6
TASKS = 12


class Traffic:
    """Threads that do the same again and again, each with a number and values of its own, until they are stopped.

    Errors of the tolerated kinds are collected; with any other a thread ends, and it is the test's.
    """

    def __init__(
        self, threads: Threads, turn: Callable[[int, int], Any], tolerated: tuple[type[Exception], ...], count: int
    ) -> None:
        self.threads = threads
        self.turn = turn
        self.tolerated = tolerated
        self.done = [0] * count
        self.errors: list[Exception] = []
        self.stop = threading.Event()

    def run(self, number: int) -> None:
        turn = 0
        while not self.stop.is_set():
            turn += 1
            try:
                self.turn(number, turn)
            except self.tolerated as error:
                self.errors.append(error)
            else:
                self.done[number] += 1

    def goes_on(self, times: int = 5) -> None:
        """Wait until each thread has succeeded so many times more."""
        before = list(self.done)
        until(lambda: bool(self.threads.errors) or all(
            done >= earlier + times for done, earlier in zip(self.done, before, strict=True)))
        assert self.threads.errors == []


@contextmanager
def traffic(
    threads: Threads, turn: Callable[[int, int], Any], *tolerated: type[Exception], count: int = THREADS
) -> Iterator[Traffic]:
    """Keep up this load meanwhile; it is going well before and after."""
    load = Traffic(threads, turn, tolerated, count)
    for number in range(len(load.done)):
        threads.start(load.run, number)
    try:
        load.goes_on()
        yield load
        load.goes_on()
    finally:
        load.stop.set()
        threads.join()


class Load:
    """What `Traffic` is, for tasks."""

    def __init__(
        self, turn: Callable[[int, int], Awaitable[Any]], tolerated: tuple[type[Exception], ...], tasks: int
    ) -> None:
        self.turn = turn
        self.tolerated = tolerated
        self.done = [0] * tasks
        self.errors: list[Exception] = []
        self.stop = False
        self.moved = asyncio.Event()
        self.tasks = [asyncio.ensure_future(self.work(number)) for number in range(tasks)]

    async def work(self, number: int) -> None:
        turn = 0
        try:
            while not self.stop:
                turn += 1
                try:
                    await self.turn(number, turn)
                except self.tolerated as error:
                    self.errors.append(error)
                else:
                    self.done[number] += 1
                    self.moved.set()
        finally:
            self.moved.set()

    async def goes_on(self, times: int = 3) -> None:
        """Wait until each task has succeeded so many times more."""
        goal = [done + times for done in self.done]
        while any(done < wanted for done, wanted in zip(self.done, goal, strict=True)):
            for task in self.tasks:
                assert not task.done(), task
            self.moved.clear()
            await asyncio.wait_for(self.moved.wait(), 30)


@asynccontextmanager
async def load(
    turn: Callable[[int, int], Awaitable[Any]], *tolerated: type[Exception], tasks: int = TASKS
) -> AsyncIterator[Load]:
    """What `traffic` is, for tasks."""
    running = Load(turn, tolerated, tasks)
    try:
        await running.goes_on()
        yield running
        await running.goes_on()
    finally:
        running.stop = True
        for result in await asyncio.gather(*running.tasks, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result


def own_values(client: Any, failover: bool) -> Callable[[int, int], Generator[Any, Any, None]]:
    """What a thread or task of the load does: write a value that only it writes, and read it back.

    After a `failover` what was written last may be lost, for servers do not wait for their replicas. What the client
    returns is yielded, and what is sent for it is the reply.
    """
    run = f"{os.getpid()}-{next(RUNS)}"  # no other process uses it

    def turn(number: int, turn: int) -> Generator[Any, Any, None]:
        key, value = f"{run}-{number}-{turn % 20}", f"{number}-{turn}".encode()
        expected = {value, None, *(f"{number}-{earlier}".encode() for earlier in range(turn % 20, turn, 20))}
        assert (yield client.set(key, value)) is True
        found = yield client.get(key)
        assert found in expected if failover else found == value
        assert (yield client.eval("return ARGV[1]", 1, key, value)) == value
        done, found = yield client.pipeline(transaction=False).set(key, value).get(key).execute()
        assert done is True and (found in expected if failover else found == value)

    return turn


def values_of_its_own(client: Any, failover: bool = False) -> Callable[[int, int], None]:
    """A turn of `traffic`; see `own_values`."""
    turn_of = own_values(client, failover)

    def turn(number: int, turn: int) -> None:
        steps = turn_of(number, turn)
        with suppress(StopIteration):
            reply = next(steps)
            while True:
                reply = steps.send(reply)

    return turn


def awaited_values_of_its_own(client: Any, failover: bool = False) -> Callable[[int, int], Awaitable[None]]:
    """A turn of `load`; see `own_values`."""
    turn_of = own_values(client, failover)

    async def turn(number: int, turn: int) -> None:
        steps = turn_of(number, turn)
        with suppress(StopIteration):
            call = next(steps)
            while True:
                call = steps.send(await call)

    return turn
