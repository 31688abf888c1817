"""Commands on a real server: respool's pool under `redis.Redis`, beside redis-py and valkey-py.

    pytest bench/bench_commands.py

Client and server share one processor, so that what is measured is work and not the scheduler. Processor time is that of
the client alone.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest
import redis
import valkey
from redis._parsers import Encoder, _HiredisParser, _RESP3Parser
from redis.connection import PythonRespSerializer

import respool
from results import Race
from servers import RedisServer

REFERENCE = "redis-py, hiredis"


def with_hiredis(**address: Any) -> redis.Redis:
    return redis.Redis(connection_pool=redis.ConnectionPool(parser_class=_HiredisParser, **address))


def without_hiredis(**address: Any) -> redis.Redis:
    packer = PythonRespSerializer(6000, Encoder("utf-8", "strict", False).encode)
    pool = redis.ConnectionPool(parser_class=_RESP3Parser, command_packer=packer, **address)
    return redis.Redis(connection_pool=pool)


def clients(server: RedisServer) -> dict[str, Any]:
    return {
        REFERENCE: with_hiredis(**server.address),
        "redis-py": without_hiredis(**server.address),
        "valkey-py, libvalkey": valkey.Valkey(**server.address),
        "respool": redis.Redis(connection_pool=respool.ConnectionPool(**server.address)),
    }


def checkout(client: Any) -> Callable[[int], None]:
    client.ping()
    pool = client.connection_pool
    arguments = ("PING",) if isinstance(pool, valkey.ConnectionPool) else ()  # there, it asks for one

    def run(loops: int) -> None:
        get_connection, release = pool.get_connection, pool.release
        for _ in range(loops):
            release(get_connection(*arguments))

    return run


def test_checkout_of_a_real_connection(race: Race, beside: RedisServer) -> None:
    contestants = {name: checkout(client) for name, client in clients(beside).items()}
    race(contestants, loops=5_000, clock=process_time)


def get(client: Any) -> Callable[[int], None]:
    client.set("key", b"0123456789")

    def run(loops: int) -> None:
        command = client.get
        for _ in range(loops):
            command("key")

    return run


@pytest.mark.parametrize("clock", ["processor", "wall"])
def test_get(race: Race, beside: RedisServer, clock: str) -> None:
    contestants = {name: get(client) for name, client in clients(beside).items()}
    if clock == "processor":
        race(contestants, loops=1_000, clock=process_time)
    else:
        race(contestants, loops=1_000)


def pipeline(client: Any, commands: int) -> Callable[[int], None]:
    client.set("key", b"0123456789")

    def run(loops: int) -> None:
        for _ in range(loops):
            batch = client.pipeline(transaction=False)
            for _ in range(commands):
                batch.get("key")
            batch.execute()

    return run


@pytest.mark.parametrize(("commands", "loops"), [(100, 10), (10_000, 1)])
def test_pipeline(race: Race, beside: RedisServer, commands: int, loops: int) -> None:
    contestants = {name: pipeline(client, commands) for name, client in clients(beside).items()}
    race(contestants, loops=loops, clock=process_time, rounds=31 if commands == 100 else 9, per=commands)


def reconnect(connection_class: Any, address: dict[str, Any]) -> Callable[[int], None]:
    def run(loops: int) -> None:
        for _ in range(loops):
            connection = connection_class(**address)
            connection.connect()
            connection.disconnect()

    return run


@pytest.mark.parametrize("clock", ["processor", "wall"])
def test_new_connection(race: Race, beside: RedisServer, clock: str) -> None:
    classes = {REFERENCE: redis.Connection, "valkey-py, libvalkey": valkey.Connection, "respool": respool.Connection}
    contestants = {name: reconnect(connection_class, beside.address) for name, connection_class in classes.items()}
    if clock == "processor":
        race(contestants, loops=20, clock=process_time)
    else:
        race(contestants, loops=20)


def large(client: Any, command: str, size: int) -> Callable[[int], None]:
    value = b"x" * size
    client.set("large", value)
    arguments = ("large", value) if command == "set" else ("large",)

    def run(loops: int) -> None:
        send = getattr(client, command)
        for _ in range(loops):
            send(*arguments)

    return run


@pytest.mark.parametrize("command", ["set", "get"])
def test_a_mebibyte(race: Race, beside: RedisServer, command: str) -> None:
    race({name: large(client, command, 2**20) for name, client in clients(beside).items()}, loops=5)
