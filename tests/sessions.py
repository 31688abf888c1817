"""What the server knows of a session, and whether a pool keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis
from redis.auth.token import TokenInterface

from conftest import assert_sound
from respool import ConnectionPool
from servers import RedisServer

GET, SET, WRONG, UNKNOWN = ("GET", "text"), ("SET", "text", "other"), ("LPUSH", "text", "x"), ("NOSUCHCOMMAND",)
MULTI, EXEC, DISCARD, WATCH, UNWATCH = ("MULTI",), ("EXEC",), ("DISCARD",), ("WATCH", "text"), ("UNWATCH",)


def ask(connection: Any, *command: Any) -> Any:
    """The reply to a command, an error as any other."""
    connection.send_command(*command)
    return answer(connection)


def answer(connection: Any) -> Any:
    try:
        return connection.read_response()
    except (redis.ResponseError, redis.AuthenticationError) as error:
        return error


def ask_all_at_once(connection: Any, commands: list[tuple[Any, ...]]) -> list[Any]:
    connection.send_packed_command(connection.pack_commands(commands))
    return [answer(connection) for _ in commands]


def is_kept(pool: ConnectionPool, use: Callable[[Any], Any]) -> bool:
    """Whether the next caller finds the same session after this use; that he finds it as new is asserted."""
    connection = pool.get_connection()
    before = ask(connection, "CLIENT ID")
    state = session_of(connection)
    assert connection.wire.ledger.reason is None
    use(connection)
    pool.release(connection)
    assert pool.get_connection() is connection
    after = ask(connection, "CLIENT ID")
    assert isinstance(after, int)
    assert session_of(connection) == state
    assert [ask(connection, "ECHO", f"{after} {number}") for number in range(3)] == [
        f"{after} {number}".encode() for number in range(3)
    ]
    assert connection.wire.ledger.reason is None
    pool.release(connection)
    assert_sound(pool, created=1, idle=1)
    return bool(before == after)


def session_of(connection: Any) -> dict[str, str]:
    """What the server knows of a session that lasts from one command to the next."""
    return lasting_of(ask(connection, "CLIENT INFO"))


def lasting_of(info: bytes) -> dict[str, str]:
    """The same of what CLIENT INFO says."""
    fields = dict(field.split("=", 1) for field in info.decode().split())
    # An open MULTI is among the flags; what "multi" counts differs between Redis and Valkey.
    lasting = ("db", "flags", "name", "psub", "redir", "resp", "ssub", "sub", "user", "watch")
    return {name: fields.get(name, "") for name in lasting}


def one_by_one(commands: list[tuple[Any, ...]]) -> Callable[[Any], Any]:
    return lambda connection: [ask(connection, *command) for command in commands]


def at_once(commands: list[tuple[Any, ...]]) -> Callable[[Any], Any]:
    return lambda connection: ask_all_at_once(connection, commands)


def id_of(client: redis.Redis) -> int:
    found: int = client.client_id()
    return found


def assert_the_killed_are_replaced(server: RedisServer, client: redis.Redis) -> None:
    """An idle connection that the server has closed is replaced before its next command, for a pool of one."""
    with redis.Redis(port=server.port) as observer:
        for number in range(3):
            killed = client.client_id()
            assert observer.client_kill_filter(_id=killed) == 1
            assert client.echo(str(number)) == b"%d" % number
            assert client.client_id() != killed
    assert_sound(client.connection_pool, created=1, idle=1)


# --- for coroutines ----------------------------------------------------------------------------------------------

async def asked(connection: Any, *command: Any) -> Any:
    """The reply to a command on this very connection."""
    await connection.send_command(*command)
    return await connection.read_response()


async def assert_all_can_be_had(pool: Any) -> list[Any]:
    """Nothing is in use, and as many connections as promised can be, each as good as new; gives them, back in it."""
    assert_sound(pool, in_use=0, connecting=0, waiting=0)
    connections = [await pool.get_connection() for _ in range(pool.max_connections)]
    try:
        for connection in connections:
            assert_as_new(connection, await asked(connection, "CLIENT", "INFO"))
            await connection.send_command("ECHO", id(connection))
        for connection in connections:
            assert await connection.read_response() == b"%d" % id(connection)
    finally:
        for connection in connections:
            await pool.release(connection)
    assert_sound(pool, created=pool.max_connections, idle=pool.max_connections)
    return connections


def assert_as_new(connection: Any, info: bytes) -> None:
    """Nothing of what the server says about a session shows that somebody has used it."""
    found = dict(field.split("=", 1) for field in info.decode().split())
    new = {"db": str(connection.db), "name": connection.client_name or "", "resp": str(connection.protocol),
           "sub": "0", "psub": "0", "ssub": "0", "watch": "0", "redir": "-1"}
    assert {name: found[name] for name in new if name in found} == {name: new[name] for name in new if name in found}
    assert found["flags"] in ("N", "U")


class Token(TokenInterface):
    """Of a user of the server."""

    def __init__(self, user: str, password: str) -> None:
        self.user, self.password = user, password

    def try_get(self, key: str) -> str:
        assert key == "oid"
        return self.user

    def get_value(self) -> str:
        return self.password

    def is_expired(self) -> bool:
        return False

    def ttl(self) -> float:
        return 1000.0

    def get_expires_at_ms(self) -> float:
        return 0.0

    def get_received_at_ms(self) -> float:
        return 0.0
