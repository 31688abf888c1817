"""Faults, each a context that begins and ends it: of the network, by way of a proxy, and of a real server.

What a fault does to whom is not looked at here.
"""

from __future__ import annotations

import functools
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from faulty import FaultyProxy
from servers import PORTS, RedisServer, redis_server
from toil import PASSWORD, Chronicle

PRIVATE_NETWORK = ["unshare", "--map-root-user", "--net"]  # words before a command that give it one


class Mortal:
    """A server with a password that can be killed and started again at the same port."""

    def __init__(self) -> None:
        self.port = next(PORTS)

    def start(self) -> None:
        self._running = ExitStack()
        self.server: RedisServer = self._running.enter_context(
            redis_server("--requirepass", PASSWORD, port=self.port)
        )
        # Not by the network, which may have its own faults.
        self.admin = redis.Redis(unix_socket_path=self.server.unix_socket, password=PASSWORD, socket_timeout=20,
                                 single_connection_client=True, retry=Retry(ConstantBackoff(0.1), 50))
        self._running.callback(self.admin.close)

    def kill(self) -> None:
        self._running.close()


Faults = dict[str, Callable[[], AbstractContextManager[None]]]


class Havoc:
    """All faults that there are, and when each was over."""

    def __init__(self, mortal: Mortal, proxy: FaultyProxy, chronicle: Chronicle, chance: random.Random) -> None:
        self.mortal, self.proxy, self.chronicle, self.chance = mortal, proxy, chronicle, chance
        self.of_network: Faults = {
            "delay": self.delay,
            "little bandwidth": self.little_bandwidth,
            "black hole": self.black_hole,
            "black hole for those there are": self.black_hole_for_existing,
            "cut": self.cut,
            "half-close towards clients": self.half_close_towards_clients,
            "half-close towards the server": self.half_close_towards_server,
            "reset in the middle of a reply": self.reset_in_a_reply,
            "refusal": self.refusal,
        }
        self.of_server: Faults = {
            "SIGKILL and restart": self.death,
            "SIGSTOP and SIGCONT": self.coma,
            "CLIENT KILL": self.client_kill,
            "CLIENT PAUSE": self.client_pause,
            "maxclients": self.few_clients,
            "timeout 1": self.idle_timeout,
            "out of memory": self.out_of_memory,
            "DEBUG SLEEP": self.debug_sleep,
            "MISCONF": self.failed_snapshot,
            "READONLY": self.demotion,
        }

    def deck(self) -> Iterator[list[str]]:
        """What happens next, for ever: each fault once before any comes again; some coincide."""
        while True:
            network, server = list(self.of_network), list(self.of_server)
            self.chance.shuffle(network)
            self.chance.shuffle(server)
            # A server is the first to fail and the last to recover, for it needs the network to see that it is there.
            hands = [[server.pop(), network.pop()] for _ in range(2)]
            hands += [[kind] for kind in network + server]
            self.chance.shuffle(hands)
            yield from hands

    def strike(self, kinds: list[str], seconds: float) -> None:
        """Let these happen for so long."""
        with ExitStack() as stack:
            for kind in kinds:
                stack.enter_context((self.of_network | self.of_server)[kind]())
            time.sleep(seconds)
        self.chronicle.healed.append((" + ".join(kinds), time.monotonic()))

    # --- of the network, on the way through the proxy ----------------------------------------------------------

    @contextmanager
    def delay(self) -> Iterator[None]:
        self.proxy.inflict(delay=self.chance.uniform(0.02, 0.6))
        yield
        self.proxy.heal()

    @contextmanager
    def little_bandwidth(self) -> Iterator[None]:
        self.proxy.inflict(bandwidth=self.chance.randrange(2_000, 200_000))
        yield
        self.proxy.heal()

    @contextmanager
    def black_hole(self) -> Iterator[None]:
        self.proxy.inflict(black_hole=True)
        yield
        self.proxy.heal()

    @contextmanager
    def black_hole_for_existing(self) -> Iterator[None]:
        self.proxy.inflict(black_hole=True, new=False)
        yield
        self.proxy.heal()

    @contextmanager
    def cut(self) -> Iterator[None]:
        self.proxy.cut()
        yield

    @contextmanager
    def half_close_towards_clients(self) -> Iterator[None]:
        self.proxy.half_close()
        yield

    @contextmanager
    def half_close_towards_server(self) -> Iterator[None]:
        self.proxy.half_close(client=False)
        yield

    @contextmanager
    def reset_in_a_reply(self) -> Iterator[None]:
        self.proxy.inflict(reset_after=self.chance.randrange(1, 2_000))
        yield
        self.proxy.heal()

    @contextmanager
    def refusal(self) -> Iterator[None]:
        self.proxy.refuse()
        self.proxy.cut()
        yield
        self.proxy.listen()

    # --- of the server -----------------------------------------------------------------------------------------

    @contextmanager
    def death(self) -> Iterator[None]:
        self.chronicle.turn_over()
        self.mortal.kill()
        yield
        self.mortal.start()
        self.chronicle.turn_over()

    @contextmanager
    def coma(self) -> Iterator[None]:
        pid = self.mortal.server.process.pid
        os.kill(pid, signal.SIGSTOP)
        yield
        os.kill(pid, signal.SIGCONT)

    @contextmanager
    def client_kill(self) -> Iterator[None]:
        self.mortal.admin.execute_command("CLIENT KILL", "TYPE", "normal")
        yield

    @contextmanager
    def client_pause(self) -> Iterator[None]:
        self.mortal.admin.client_pause(self.chance.randrange(200, 3_000), all=self.chance.random() < 0.5)
        yield
        self.mortal.admin.set("paused", "no more")  # who is paused cannot ask for the end of it

    @contextmanager
    def few_clients(self) -> Iterator[None]:
        with self.setting("maxclients", 4):
            self.mortal.admin.execute_command("CLIENT KILL", "TYPE", "normal")
            yield

    @contextmanager
    def idle_timeout(self) -> Iterator[None]:
        with self.setting("timeout", 1):
            time.sleep(2)  # before that nobody is idle for long enough
            yield

    @contextmanager
    def out_of_memory(self) -> Iterator[None]:
        with self.setting("maxmemory", 1):
            yield

    @contextmanager
    def debug_sleep(self) -> Iterator[None]:
        self.mortal.admin.execute_command("DEBUG SLEEP", self.chance.uniform(0.5, 3))
        yield

    @contextmanager
    def failed_snapshot(self) -> Iterator[None]:
        """No write is accepted when a snapshot could not be saved; not even root can replace a directory by one."""
        snapshot = Path(self.mortal.server.unix_socket).with_name("dump.rdb")
        snapshot.mkdir()
        with self.setting("save", "3600 1000000"):
            self.mortal.admin.bgsave()
            while self.mortal.admin.info("persistence")["rdb_last_bgsave_status"] == "ok":
                time.sleep(0.01)
            yield
        snapshot.rmdir()

    @contextmanager
    def demotion(self) -> Iterator[None]:
        """It is a replica, of a master that is not there."""
        self.mortal.admin.replicaof("127.0.0.1", next(PORTS))
        yield
        self.mortal.admin.replicaof("NO", "ONE")

    @contextmanager
    def setting(self, name: str, value: int | str) -> Iterator[None]:
        before: Any = self.mortal.admin.config_get(name)[name]
        self.mortal.admin.config_set(name, value)
        yield
        self.mortal.admin.config_set(name, before)


class PrivateNetwork:
    """Faults of the loopback device itself, for a program that has a network of its own."""

    def __init__(self) -> None:
        run("ip link set lo up")
        queues = {
            "narrow loopback": "tbf rate 4mbit burst 64k latency 100ms",
            "lossy loopback": "netem delay 20ms 10ms loss 5%",
        }
        self.faults: Faults = {"unplugged loopback": self.unplugged}
        self.not_to_be_had = []
        for kind, queue in queues.items():
            try:
                with self.queueing(queue):
                    pass
            except subprocess.CalledProcessError:  # the kernel has no such thing
                self.not_to_be_had.append(kind)
            else:
                self.faults[kind] = functools.partial(self.queueing, queue)

    @contextmanager
    def unplugged(self) -> Iterator[None]:
        """What is sent gets lost, and nobody is told."""
        run("ip link set lo down")
        yield
        run("ip link set lo up")

    @contextmanager
    def queueing(self, queue: str) -> Iterator[None]:
        run(f"tc qdisc add dev lo root {queue}")
        yield
        run("tc qdisc del dev lo root")


def run(command: str) -> None:
    subprocess.run(command.split(), check=True, capture_output=True)


def has_private_networks() -> bool:
    """Whether a program may have a network of its own here."""
    if not all(map(shutil.which, ("unshare", "ip", "tc"))):
        return False
    return subprocess.run([*PRIVATE_NETWORK, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0
