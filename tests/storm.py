"""A program whose signal handler raises anywhere within a command, thousands of times; it prints what came of it.

`python storm.py PORT PROTOCOL MAX_CONNECTIONS INTERRUPTS SECONDS SEED [client]`; with "client" it is respool's own.
"""

from __future__ import annotations

import gc
import json
import random
import signal
import sys
import time
import traceback
import uuid
from collections import Counter
from types import FrameType
from typing import Any

import redis

import respool


class Lightning(KeyboardInterrupt):
    """What the handler raises, as for Ctrl-C."""


class Storm:
    """Raises Lightning at random moments in `weather`, and nowhere else."""

    def __init__(self, client: Any, seed: int) -> None:
        self.client = client
        self.random = random.Random(seed)  # noqa: S311
        self.strikes = 0
        self.longest = 0.0012
        self.swallowed = 0
        self.served = 0
        self.wrong: list[str] = []
        self.errors: Counter[str] = Counter()
        self.sent = 0
        self.name = uuid.uuid4().hex.encode()

    def begin(self) -> None:
        signal.signal(signal.SIGALRM, self.strike)
        sys.unraisablehook = self.note_unraisable
        self.arm()

    def end(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)

    def arm(self) -> None:
        # Some come in quick succession, so that they also hit what cleans up after the one before.
        longest = 0.00005 if self.random.random() < 0.2 else self.longest
        signal.setitimer(signal.ITIMER_REAL, self.random.uniform(0.00001, longest))

    def strike(self, signum: int, frame: FrameType | None) -> None:
        self.arm()
        codes = set()
        while frame is not None:
            codes.add(frame.f_code)
            frame = frame.f_back
        if Storm.weather.__code__ in codes and Storm.note_unraisable.__code__ not in codes:
            self.strikes += 1
            if self.strikes % 200 == 0 and self.served == 0:
                self.longest *= 2  # on a slow machine nothing would ever be done
            raise Lightning

    def note_unraisable(self, event: Any) -> None:
        """Finalizers swallow what handlers raise."""
        if event.exc_type is Lightning:
            self.swallowed += 1
        else:
            self.errors[f"unraisable {event.exc_value!r}"] += 1

    def token(self) -> bytes:
        self.sent += 1
        return b"%b %d" % (self.name, self.sent)

    def weather(self) -> None:
        """One use of the client, whose replies must be its own."""
        client, first, second = self.client, self.token(), self.token()
        expected: list[Any]
        choice = self.random.randrange(6)
        if choice == 0:
            expected, got = [first], [client.echo(first)]
        elif choice == 1:
            expected, got = [True, first], [client.set(first, first, px=60_000), client.get(first)]
        elif choice == 2:
            with client.pipeline(transaction=False) as pipeline:
                expected, got = [first, None, second], pipeline.echo(first).get(second).echo(second).execute()
        elif choice == 3:
            with client.pipeline() as pipeline:
                expected, got = [True, second], pipeline.set(first, second, px=60_000).get(first).execute()
        elif choice == 4:
            expected = [b"%b %d" % (first, number) for number in range(800)]  # more than one portion
            with client.pipeline(transaction=self.random.random() < 0.5) as pipeline:
                for each in expected:
                    pipeline.echo(each + b"." * 64)
                got = [each.rstrip(b".") for each in pipeline.execute()]
        else:
            with client.pipeline() as pipeline:
                pipeline.watch(first)
                expected, got = [None, first], [pipeline.get(first)]
                pipeline.multi()
                got += pipeline.echo(first).execute()
        if got != expected:
            self.wrong.append(f"{got!r} for {expected!r}")
        self.served += 1

    def rage(self, interrupts: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        self.begin()
        try:
            while self.strikes < interrupts and time.monotonic() < deadline:
                try:
                    self.weather()
                except Lightning:
                    pass
                except Exception:
                    error = traceback.format_exc()
                    if "p = int(protocol)" not in error:  # redis-py before 7.2.2 stumbles over what interrupts it there
                        self.errors[error] += 1
        finally:
            self.end()


def main(pool_class: Any = respool.ConnectionPool) -> None:
    port, protocol, max_connections, interrupts, seconds, seed = map(int, sys.argv[1:7])
    pool = pool_class(port=port, protocol=protocol, max_connections=max_connections, socket_timeout=20)
    kind = respool.Redis if sys.argv[7:] == ["client"] else redis.Redis
    storm = Storm(kind(connection_pool=pool), seed)
    storm.client.ping()  # Python never finds a codec or module again of which the first import was interrupted
    storm.rage(interrupts, seconds)
    gc.collect()
    calm = Counter[str]()
    held = []
    try:
        for number in range(max_connections):
            connection = pool.get_connection()
            held.append(connection)
            connection.send_command("ECHO", f"calm {number}")
            calm["right" if connection.read_response() == f"calm {number}".encode() else "wrong"] += 1
    except redis.RedisError as error:
        calm[repr(error)] += 1
    for connection in held:
        pool.release(connection)
    print(json.dumps({  # noqa: T201
        "strikes": storm.strikes,
        "swallowed": storm.swallowed,
        "served": storm.served,
        "wrong": storm.wrong,
        "errors": storm.errors,
        "calm": calm,
        "counts": pool.counts() if isinstance(pool, respool.ConnectionPool) else None,
    }))


if __name__ == "__main__":
    main()
