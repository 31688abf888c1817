"""Work for a soak: commands whose replies show whose they are, done by threads and by tasks, and what came of them.

A worker is written once, as coroutines. Threads run them with a client that never suspends.
"""

from __future__ import annotations

import asyncio
import inspect
import multiprocessing
import random
import re
import threading
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import redis
from redis.exceptions import DataError, InvalidResponse

import respool

EXPIRY = 20  # seconds, after which the server forgets what a worker wrote
PASSWORD = "Never-To-Be-Seen"
ALWAYS_WRONG = (redis.AuthenticationError, DataError, InvalidResponse, respool.ConnectionSharedError)


class Chronicle:
    """What has happened to the server so far, known to all workers, also in forked children."""

    def __init__(self) -> None:
        self._lives = multiprocessing.RawValue("L", 0)  # odd while the server is being killed and started
        self.healed: list[tuple[str, float]] = []  # each fault that is over, and since when, in monotonic seconds

    @property
    def life(self) -> int:
        return int(self._lives.value)

    def turn_over(self) -> None:
        """The server begins to die, or lives again."""
        self._lives.value += 1


@dataclass
class Tally:
    """What came of a worker's work, or of that of many."""

    commands: int = 0
    cancelled: int = 0
    longest: float = 0.0  # seconds that one turn took
    errors: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)  # replies
    unexpected: list[str] = field(default_factory=list)  # errors
    secrets: list[str] = field(default_factory=list)  # errors that tell the password
    # Increments by commands that are never tried again; those applied and not confirmed are of commands that failed.
    applied: int = 0
    confirmed: int = 0
    failed: int = 0

    def add(self, other: Tally) -> None:
        for name, value in vars(other).items():
            mine = getattr(self, name)
            if name == "errors":
                mine.update(value)
            else:
                setattr(self, name, max(mine, value) if name == "longest" else mine + value)

    def note(self, error: BaseException) -> None:
        """Count an error, and look for what must not be in it."""
        for text in words(error):
            if PASSWORD in text:
                self.secrets.append(text)
        if isinstance(error, redis.RedisError) and not isinstance(error, ALWAYS_WRONG):
            self.errors[kind_of(error)] += 1
        else:
            self.unexpected.append("".join(traceback.format_exception(type(error), error, error.__traceback__)))


def words(error: BaseException | None) -> Iterator[str]:
    """All that an error says, and what those say that led to it."""
    told = []
    while error is not None and error not in told:
        told.append(error)
        yield str(error)
        yield repr(error)
        error = error.__cause__ or error.__context__


def kind_of(error: BaseException) -> str:
    """The type and the beginning of the text, without numbers."""
    text = re.sub(r"Command # .*? of pipeline caused error: ", "in a pipeline: ", str(error))
    return f"{type(error).__name__}: {re.sub('[0-9.]+', '#', text)[:80]}"


async def done(result: Any) -> Any:
    """What a method of either client returns in the end."""
    return await result if inspect.isawaitable(result) else result


class Worker:
    """Does one thing after the other with a client; every value carries who wrote it and a number."""

    def __init__(self, who: str, client: Any, chronicle: Chronicle) -> None:
        self.who = who
        self.client = client
        self.chronicle = chronicle
        self.chance = random.Random(who)  # noqa: S311
        self.tally = Tally()
        self.number = 0
        self.works: list[Callable[[], Awaitable[int]]] = [
            *[self.echo, self.write_and_read, self.pipeline, self.transaction] * 6,
            self.watch, self.listen, self.pop, self.wait_in_vain, self.long_pipeline, self.large_value,
        ]

    def token(self) -> bytes:
        self.number += 1
        return f"{self.who}:{self.number}".encode()

    def check(self, got: Any, *right: Any) -> None:
        if got not in right:
            self.tally.wrong.append(f"{self.who}: {got!r:.300} and not {right!r:.300}")

    def result(self) -> Tally:
        return self.tally

    async def turn(self) -> None:
        """Do something, as chance will have it. Raises what the client raises."""
        self.life, self.began = self.chronicle.life, time.monotonic()
        self.tally.commands += await self.chance.choice(self.works)()

    def rest(self, began: float, failed: bool) -> float:
        """For how many seconds to rest after a turn; for longer if it has failed, as programs had better do."""
        self.tally.longest = max(self.tally.longest, time.monotonic() - began)
        return self.chance.uniform(0, 0.2 if failed else 0.02)

    def kept(self, value: Any) -> tuple[Any, ...]:
        """What the server may have made of something written in this turn: this value, or nothing if it has died."""
        sure = self.life % 2 == 0 and self.chronicle.life == self.life and time.monotonic() < self.began + EXPIRY / 2
        return (value,) if sure else (value, None)

    async def echo(self) -> int:
        token = self.token()
        self.check(await done(self.client.echo(token)), token)
        return 1

    async def write_and_read(self) -> int:
        token = self.token()
        self.check(await done(self.client.set(token, token, ex=EXPIRY)), True)
        self.check(await done(self.client.get(token)), *self.kept(token))
        return 2

    async def pipeline(self) -> int:
        first, second = self.token(), self.token()
        pipeline = self.client.pipeline(transaction=False).echo(first).set(second, first, ex=EXPIRY).echo(second)
        self.check(await done(pipeline.execute()), [first, True, second])
        self.check(await done(self.client.get(second)), *self.kept(first))
        return 4

    async def transaction(self) -> int:
        first, second = self.token(), self.token()
        pipeline = self.client.pipeline().echo(second).set(first, second, ex=EXPIRY).get(first)
        self.check(await done(pipeline.execute()), [second, True, second])
        return 5

    async def watch(self) -> int:
        token = self.token()
        pipeline = self.client.pipeline()
        try:
            await done(pipeline.watch(token))
            self.check(await done(pipeline.get(token)), None)
            pipeline.multi()
            pipeline.set(token, token, ex=EXPIRY).get(token)
            self.check(await done(pipeline.execute()), [True, token])
        finally:
            await done(pipeline.reset())
        return 6

    async def listen(self) -> int:
        token = self.token()
        pubsub = self.client.pubsub()
        try:
            await done(pubsub.subscribe(token))
            await done(self.client.publish(token, token))
            while message := await done(pubsub.get_message(timeout=0.5)):  # None: it got lost
                self.check(message["channel"], token)
                if message["type"] == "message":
                    self.check(message["data"], token)
                    break
        finally:
            await done(pubsub.aclose() if hasattr(pubsub, "aclose") else pubsub.close())
        return 2

    async def pop(self) -> int:
        token = self.token()
        await done(self.client.rpush(token, token))
        popped = await done(self.client.blpop([token], timeout=0.5))
        self.check(popped and list(popped), [token, token], None)  # what is tried again may have been popped before
        return 2

    async def wait_in_vain(self) -> int:
        self.check(await done(self.client.blpop([self.token()], timeout=0.05)), None)
        return 1

    async def long_pipeline(self) -> int:
        tokens = [self.token() + b"." * 100 for _ in range(self.chance.randrange(1, 1000))]
        pipeline = self.client.pipeline(transaction=self.chance.random() < 0.5)
        for token in tokens:
            pipeline.echo(token)
        self.check(await done(pipeline.execute()), tokens)
        return len(tokens)

    async def large_value(self) -> int:
        token = self.token() * self.chance.randrange(1, 20_000)
        self.check(await done(self.client.echo(token)), token)
        return 1


class Counting(Worker):
    """Increments counters with a client that never tries again, so that each command may be applied once at most."""

    def __init__(self, who: str, client: Any, chronicle: Chronicle) -> None:
        super().__init__(who, client, chronicle)
        self.counted = Tally()  # on this key, which belongs to one life of the server
        self.key = ""

    async def turn(self) -> None:
        life, tally = self.chronicle.life, self.counted
        key = f"{self.who}:counter:{life}"
        if key != self.key:
            self.result()
            self.key, tally = key, self.counted
        tally.failed += 1
        count = await self.increment(key)
        tally.failed -= 1
        if life % 2 or self.chronicle.life != life:
            return  # the server may have forgotten what it had counted
        if not tally.applied < count <= tally.confirmed + 1 + tally.failed:
            self.tally.wrong.append(f"{self.who}: counted to {count} when {tally}")
        tally.commands += 1
        tally.confirmed += 1
        tally.applied = count

    def result(self) -> Tally:
        self.tally.add(self.counted)
        self.counted = Tally()
        return self.tally

    async def increment(self, key: str) -> Any:
        how = self.chance.randrange(3)
        if how == 0:
            return await done(self.client.incr(key))
        pipeline = self.client.pipeline(transaction=how == 1)
        return (await done(pipeline.incr(key).execute()))[0]


class Crew:
    """Workers of one kind on one pool, and how soon after a fault the first of them succeeds again."""

    def __init__(self, name: str, chronicle: Chronicle) -> None:
        self.name = name
        self.chronicle = chronicle
        self.stop = threading.Event()
        self.succeeded = False
        self.recoveries: list[tuple[str, float]] = []  # from each fault, and in how many seconds
        self._recovering = threading.Lock()

    def has_recovered(self) -> bool:
        return self.succeeded and len(self.recoveries) == len(self.chronicle.healed)

    def success(self) -> None:
        """One of the workers has had a success."""
        self.succeeded = True
        if len(self.recoveries) < len(self.chronicle.healed):
            with self._recovering:
                for kind, healed in self.chronicle.healed[len(self.recoveries):]:
                    self.recoveries.append((kind, time.monotonic() - healed))

    def work(self, worker: Worker) -> None:
        """Let a worker work in this thread, until it is told to stop."""
        while not self.stop.is_set():
            began, failed = time.monotonic(), False
            try:
                at_once(worker.turn())
            except Exception as error:
                failed = True
                worker.tally.note(error)
            else:
                self.success()
            time.sleep(worker.rest(began, failed))

    async def task(self, worker: Worker) -> None:
        """Let a worker work in this task, until it is told to stop; now and then it is cancelled amid its work."""
        while not self.stop.is_set():
            began, failed = time.monotonic(), False
            limit = worker.chance.uniform(0, 0.02) if worker.chance.random() < 0.05 else None
            try:
                await asyncio.wait_for(worker.turn(), limit)
            except Exception as error:
                if limit is not None and isinstance(error, asyncio.TimeoutError):
                    worker.tally.cancelled += 1
                else:
                    failed = True
                    worker.tally.note(error)
            else:
                self.success()
            await asyncio.sleep(worker.rest(began, failed))


def at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns that does not suspend."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("a client for threads suspends")
