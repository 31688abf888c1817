"""What programs do with redis.asyncio's client in many tasks that share few connections, and what they leave."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import redis
from redis.asyncio import Redis

import respool
from conftest import assert_sound
from deployments import TASKS, ask
from loops import on_each_loop
from respool.asyncio import BlockingConnectionPool
from servers import RedisServer
from sessions import asked, assert_all_can_be_had
from tasks import cancelled, task_of, together, until

pytestmark = on_each_loop

CONNECTIONS = 4
NAME = "tested"


@asynccontextmanager
async def client_of(server: RedisServer, protocol: int, **options: Any) -> AsyncIterator[Any]:
    """A client of an empty server, with a small pool, which is as good as new in the end."""
    ask(server.port, "FLUSHALL")
    options = {"max_connections": CONNECTIONS, "timeout": 20, "client_name": NAME, "protocol": protocol, **options}
    async with BlockingConnectionPool(**server.address, **options) as pool:
        yield Redis(connection_pool=pool)
        await assert_all_can_be_had(pool)
    await until(lambda: not server.connections_named(NAME))


async def assert_replies_are_right(client: Any) -> None:
    """To as many commands at once as there are connections, and more."""
    echoes = await together(3 * CONNECTIONS, lambda number: client.echo(str(number)))
    assert echoes == [b"%d" % number for number in range(3 * CONNECTIONS)]


def blocked(server: RedisServer) -> int:
    found: int = ask(server.port, "INFO", "clients")["blocked_clients"]
    return found


# --- what is left of a session -----------------------------------------------------------------------------------

LEFT: dict[str, list[tuple[str, ...]]] = {
    "subscriptions": [("SUBSCRIBE", "news"), ("PSUBSCRIBE", "n*"), ("SSUBSCRIBE", "news")],
    "a transaction": [("MULTI",), ("SET", "key", "value")],
    "watched keys": [("WATCH", "key")],
    "a monitor": [("MONITOR",)],
    "another database": [("SELECT", "5")],
    "tracked keys": [("CLIENT", "TRACKING", "ON"), ("GET", "key")],
    "no replies": [("CLIENT", "REPLY", "OFF")],
    "a reply": [("ECHO", "unread")],
    "a reply that takes its time": [("BLPOP", "queue", "0")],
}


@pytest.mark.parametrize("left", LEFT)
async def test_what_is_left_of_a_session_is_nobodys(server: RedisServer, protocol: int, left: str) -> None:
    async with client_of(server, protocol) as client:
        pool = client.connection_pool

        async def work(number: int) -> None:
            if number % 2:
                assert await client.echo(str(number)) == b"%d" % number
                return
            connection = await pool.get_connection()
            try:
                for command in LEFT[left]:
                    await connection.send_command(*command)
                if number % 4:
                    await connection.send_command("ECHO", "unread too")
            finally:
                await pool.release(connection)

        await together(TASKS, work)
        await assert_replies_are_right(client)


@pytest.mark.parametrize("left", ["a transaction", "watched keys", "another database", "tracked keys", "a monitor"])
async def test_what_is_left_of_a_session_is_nobodys_though_its_replies_were_read(
    server: RedisServer, protocol: int, left: str
) -> None:
    async with client_of(server, protocol, max_connections=1) as client:
        pool = client.connection_pool
        for _ in range(3):
            connection = await pool.get_connection()
            before = await asked(connection, "CLIENT", "ID")
            for command in LEFT[left]:
                await asked(connection, *command)
            await pool.release(connection)
            assert await client.client_id() != before


# --- subscribers -------------------------------------------------------------------------------------------------

async def test_subscribers_in_many_tasks_get_their_own_messages(server: RedisServer, either_protocol: int) -> None:
    async with client_of(server, either_protocol) as client, Redis(**server.address) as publisher:

        async def follow(number: int) -> None:
            async with client.pubsub(ignore_subscribe_messages=True) as subscriber:
                await subscriber.subscribe(f"news-{number}")
                await subscriber.psubscribe(f"n*-{number}")
                assert [await subscriber.get_message(timeout=20) for _ in range(2)] == [None, None]
                for turn in range(5):
                    assert await publisher.publish(f"news-{number}", turn) == 2
                    got = [await subscriber.get_message(timeout=20) for _ in range(2)]
                    assert [message["data"] for message in got] == [b"%d" % turn] * 2
                    assert {message["channel"] for message in got} == {b"news-%d" % number}
                assert await subscriber.get_message(timeout=0) is None

        await together(TASKS, follow)
        await assert_replies_are_right(client)


async def test_a_cancelled_subscriber_leaves_no_message_to_others(server: RedisServer, either_protocol: int) -> None:
    async with client_of(server, either_protocol) as client, Redis(**server.address) as publisher:
        heard = asyncio.Semaphore(0)

        async def listen(number: int) -> None:
            async with client.pubsub() as subscriber:
                await subscriber.subscribe("news")
                async for _ in subscriber.listen():
                    heard.release()

        for _ in range(3):
            async with task_of(together(CONNECTIONS, listen)):
                for _ in range(CONNECTIONS):
                    await heard.acquire()
                assert_sound(client.connection_pool, in_use=CONNECTIONS)
                async with task_of(client.echo("waited")) as waiting:
                    await until(lambda: client.connection_pool.waiting == 1)
                    await together(50, lambda number: publisher.publish("news", number))
                    await heard.acquire()
                    assert not waiting.done()
            heard = asyncio.Semaphore(0)
            await assert_replies_are_right(client)


async def test_a_subscriber_that_unsubscribes_and_subscribes_again_keeps_its_connection(
    server: RedisServer, either_protocol: int
) -> None:
    async with client_of(server, either_protocol) as client:

        async def follow(number: int) -> None:
            async with client.pubsub() as subscriber:
                await subscriber.subscribe(f"news-{number}")
                before = subscriber.connection
                for kind in ("subscribe", "unsubscribe", "subscribe"):
                    assert (await subscriber.get_message(timeout=20))["type"] == kind
                    await (subscriber.unsubscribe() if kind == "subscribe" else subscriber.subscribe(f"news-{number}"))
                assert subscriber.connection is before

        await together(TASKS, follow)


# --- pipelines and transactions ----------------------------------------------------------------------------------

@pytest.mark.parametrize("transaction", [False, True], ids=["pipelines", "transactions"])
async def test_pipelines_of_many_tasks_do_not_mix(server: RedisServer, either_protocol: int, transaction: bool) -> None:
    async with client_of(server, either_protocol) as client:
        await client.set("text", "text")

        async def work(number: int) -> None:
            for _ in range(3):
                pipeline = client.pipeline(transaction=transaction)
                for turn in range(30):
                    pipeline.echo(f"{number}-{turn}")
                pipeline.lpush("text", number)
                pipeline.echo(str(number))
                *echoes, error, last = await pipeline.execute(raise_on_error=False)
                assert echoes == [f"{number}-{turn}".encode() for turn in range(30)]
                assert isinstance(error, redis.ResponseError) and last == b"%d" % number

        await together(TASKS, work)
        assert_sound(client.connection_pool, created=CONNECTIONS)


async def test_a_cancelled_pipeline_leaves_no_reply_to_others(server: RedisServer, either_protocol: int) -> None:
    dice = random.Random(either_protocol)  # noqa: S311
    async with client_of(server, either_protocol) as client:

        async def work(number: int) -> None:
            for turn in range(20):
                sent = [f"{number}-{turn}-{part}" for part in range(10)]
                pipeline, other = client.pipeline(transaction=turn % 2), client.pipeline(transaction=False)
                for part in sent:
                    pipeline.echo(part)
                    other.echo(f"cancelled {part}")
                async with task_of(other.execute()):
                    for _ in range(dice.randrange(8)):
                        await asyncio.sleep(0)
                assert await pipeline.execute() == [part.encode() for part in sent]

        await together(8, work)


async def test_transactions_that_watch_lose_no_update(server: RedisServer, either_protocol: int) -> None:
    async with client_of(server, either_protocol) as client:

        async def increment(pipeline: Any) -> None:
            value = int(await pipeline.get("counter") or 0)
            pipeline.multi()
            pipeline.set("counter", value + 1)

        async def work(number: int) -> None:
            for _ in range(3):
                assert await client.transaction(increment, "counter") == [True]

        await together(TASKS, work)
        assert await client.get("counter") == b"%d" % (3 * TASKS)


@pytest.mark.parametrize("queued", [False, True], ids=["watching", "with commands queued"])
async def test_a_transaction_that_is_given_up_hinders_nobody(
    server: RedisServer, either_protocol: int, queued: bool
) -> None:
    async with client_of(server, either_protocol) as client:
        given_up = asyncio.Semaphore(0)

        async def give_up(number: int) -> None:
            async with client.pipeline() as pipeline:
                await pipeline.watch("key")
                if queued:
                    pipeline.multi()
                    pipeline.set("key", "given up")
                given_up.release()
                await asyncio.Event().wait()

        async with task_of(together(CONNECTIONS, give_up)):
            for _ in range(CONNECTIONS):
                await given_up.acquire()
        await client.set("key", "value")
        assert await client.pipeline().get("key").execute() == [b"value"]


# --- locks, queues, scripts, iterators ---------------------------------------------------------------------------

async def test_a_lock_is_held_by_one_task_at_a_time_whoever_is_cancelled(
    server: RedisServer, either_protocol: int
) -> None:
    holders = done = 0
    async with client_of(server, either_protocol) as client:

        async def hold() -> None:
            nonlocal holders, done
            async with client.lock("lock", timeout=60, sleep=0.001):
                holders += 1
                try:
                    assert holders == 1
                    await client.echo("held")
                finally:
                    holders -= 1
            done += 1

        async def work(number: int) -> None:
            async with task_of(hold()):
                await asyncio.sleep(0)
            await hold()

        await together(8, work)
        assert done >= 8
        assert await client.exists("lock") == 0


async def test_each_element_of_a_queue_goes_to_one_task(server: RedisServer, either_protocol: int) -> None:
    async with client_of(server, either_protocol) as client, Redis(**server.address) as producer:

        async def consume(number: int) -> int:
            assert await client.blpop([f"empty-{number}"], timeout=0.01) is None
            found = await client.blpop(["queue"], timeout=20)
            return int(found[1])

        async with task_of(together(TASKS, consume)) as consuming:
            await until(lambda: blocked(server) == CONNECTIONS)
            for number in range(TASKS):
                await producer.rpush("queue", number)
            assert sorted(await consuming) == list(range(TASKS))


async def test_a_cancelled_consumer_takes_nothing_afterwards(server: RedisServer, either_protocol: int) -> None:
    async with client_of(server, either_protocol) as client, Redis(**server.address) as producer:
        async with task_of(together(CONNECTIONS, lambda number: client.blpop(["queue"], timeout=0))):
            await until(lambda: blocked(server) == CONNECTIONS)
        await until(lambda: blocked(server) == 0)
        await producer.rpush("queue", "element")
        assert await client.llen("queue") == 1
        await assert_replies_are_right(client)


async def test_who_waits_for_consumers_is_next_in_turn_or_has_waited_long_enough(
    server: RedisServer, either_protocol: int
) -> None:
    async with client_of(server, either_protocol, timeout=0.2, socket_timeout=None) as client:
        pool = client.connection_pool
        async with task_of(together(CONNECTIONS, lambda number: client.blpop(["queue"], timeout=0))) as consuming:
            await until(lambda: blocked(server) == CONNECTIONS)
            with pytest.raises(respool.ConnectionPoolTimeoutError):
                await client.ping()
            pool.timeout = 20
            order: list[int] = []

            async def wait(number: int) -> None:
                order.append(int(await client.echo(str(number))))

            waiting = []
            for number in range(TASKS):
                waiting.append(asyncio.ensure_future(wait(number)))
                await until(lambda number=number: pool.waiting == number + 1)
            await cancelled(waiting.pop(5))
            ask(server.port, "RPUSH", "queue", "element")
            await asyncio.gather(*waiting)
            assert order == [number for number in range(TASKS) if number != 5]
            ask(server.port, "RPUSH", "queue", *["element"] * (CONNECTIONS - 1))
            assert [found[1] for found in await consuming] == [b"element"] * CONNECTIONS


async def test_a_monitor_sees_what_other_tasks_do_and_ends(server: RedisServer, either_protocol: int) -> None:
    async with client_of(server, either_protocol) as client:
        async with client.monitor() as monitor:
            await together(TASKS, lambda number: client.echo(f"seen-{number}"))
            expected = {f"ECHO seen-{number}" for number in range(TASKS)}
            while expected:
                expected.discard((await asyncio.wait_for(monitor.next_command(), 20))["command"])
            assert_sound(client.connection_pool, in_use=1)
        await assert_replies_are_right(client)


async def test_scripts_are_loaded_again_when_the_server_has_forgotten_them(
    server: RedisServer, either_protocol: int
) -> None:
    async with client_of(server, either_protocol) as client:
        script = client.register_script("return {KEYS[1], ARGV[1]}")

        async def work(number: int) -> None:
            assert await script([f"key-{number}"], [number]) == [b"key-%d" % number, b"%d" % number]

        for _ in range(3):
            await client.script_flush()
            await together(TASKS, work)


async def test_iterators_of_many_tasks_see_all_and_may_be_given_up(server: RedisServer, either_protocol: int) -> None:
    async with client_of(server, either_protocol) as client:
        keys = {f"key-{number}".encode() for number in range(300)}
        await client.mset(dict.fromkeys(keys, "value"))
        await client.sadd("set", *keys)

        async def work(number: int) -> None:
            if number % 3 == 0:
                assert {key async for key in client.scan_iter("key-*", count=20)} == keys
            elif number % 3 == 1:
                assert {member async for member in client.sscan_iter("set", count=20)} == keys
            else:
                iterator = client.scan_iter(count=20)
                await anext(iterator)
                await iterator.aclose()

        await together(TASKS, work)


async def test_tasks_that_share_one_connection_take_turns(server: RedisServer, either_protocol: int) -> None:
    async with client_of(server, either_protocol) as client:
        async with client.client() as single:

            async def work(number: int) -> int:
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(single.echo("given up"), 0)
                assert await single.echo(str(number)) == b"%d" % number
                found: int = await single.client_id()
                return found

            assert len(set(await together(TASKS, work))) == 1
            assert_sound(client.connection_pool, created=1, in_use=1)
        assert_sound(client.connection_pool, created=1, idle=1)


async def test_strings_are_decoded_for_who_wants_them_so(server: RedisServer, either_protocol: int) -> None:
    async with client_of(server, either_protocol) as client:
        options: dict[str, Any] = {"max_connections": 2, "protocol": either_protocol, "decode_responses": True}
        async with BlockingConnectionPool(**server.address, **options) as pool:
            decoding = Redis(connection_pool=pool)

            async def work(number: int) -> None:
                text = f"größer-{number}"
                assert await decoding.set(text, text) is True
                assert await decoding.get(text) == text and await client.get(text) == text.encode()
                assert await decoding.dump("nothing") is None and isinstance(await decoding.dump(text), bytes)

            await together(TASKS, work)
