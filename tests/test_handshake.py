"""What a connection says to a server before its first command: as redis-py's, in one write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import redis
import redis.sentinel
from redis.backoff import AbstractBackoff, NoBackoff
from redis.credentials import CredentialProvider, UsernamePasswordCredentialProvider
from redis.retry import Retry

import respool
import respool.connection
from conftest import assert_sound
from respool import Connection, ConnectionPool
from scripted import HELLO, Command, ScriptedServer, ask, outcome, willing
from servers import RedisServer, redis_server
from versions import HALF_ANNOUNCED, OTHERWISE_ANNOUNCED, UNANNOUNCED, needs_maintenance

KINDS = [redis.Connection, Connection]
NEVER = Retry(NoBackoff(), 0)


# --- the handshake -------------------------------------------------------------------------------------------

class Credentials(CredentialProvider):
    """Counts how often it is asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0

    def get_credentials(self) -> Any:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer


HANDSHAKES: dict[str, dict[str, Any]] = {
    "RESP3": {},
    "RESP2": {"protocol": 2},
    "RESP2 as text": {"protocol": "2"},
    "user and password": {"username": "user", "password": "secret"},
    "password": {"password": "secret"},
    "user": {"username": "user"},
    "RESP2 user and password": {"protocol": 2, "username": "user", "password": "secret"},
    "RESP2 password": {"protocol": 2, "password": "secret"},
    "awkward password": {"protocol": 2, "password": "a b\r\n$1\r\n\u20ac"},
    "awkward user": {"username": "HELLO 2\r\n", "password": "a\r\nb"},
    "client_name": {"client_name": "name"},
    "db": {"db": 3},
    "no driver info": UNANNOUNCED,
    "other driver info": OTHERWISE_ANNOUNCED,
    "driver without version": HALF_ANNOUNCED,
    "health checks": {"health_check_interval": 10, "client_name": "name"},
    "RESP2 health checks": {"health_check_interval": 10, "protocol": 2, "password": "secret"},
    "credential provider": {"credential_provider": UsernamePasswordCredentialProvider("user", "secret")},
    "text": {"decode_responses": True, "client_name": "name", "db": 1},
    "everything": {"username": "user", "password": "secret", "client_name": "name", "db": 9, "protocol": 3},
    "nothing": {"protocol": 2, **UNANNOUNCED},
}


@pytest.mark.parametrize("options", HANDSHAKES.values(), ids=HANDSHAKES.keys())
@pytest.mark.parametrize("pools", [False, True], ids=["connection", "pool"])
def test_the_handshake_is_one_write_of_what_redis_py_sends(options: dict[str, Any], pools: bool) -> None:
    received = []
    for module in (redis, respool):
        with ScriptedServer() as server:
            if pools:
                pool = module.ConnectionPool(**server.address, **options)
                connection = pool.get_connection()
            else:
                connection = module.Connection(**server.address, **options)
                connection.connect()
            assert ask(connection, "ECHO", "mine") in (b"mine", "mine")
            connection.disconnect()
            received.append(server.commands())
            batches = server.batches[0]
    assert received[0] == received[1]
    assert [len(batch) for batch in batches if batch] == ([len(received[1]) - 1, 1] if len(received[1]) > 1 else [1])


def refusing(*names: bytes, error: bytes = b"ERR unknown subcommand") -> Callable[[Command], bytes]:
    """Answers these commands with an error."""

    def answer(command: Command) -> bytes:
        line = b" ".join(command).upper()
        return b"-%b\r\n" % error if line.startswith(names) else willing(command)

    return answer


class OldServer:
    """Before Redis 6: one password, no HELLO, and nothing for those who did not give it."""

    def __init__(self) -> None:
        self.authenticated = False

    def __call__(self, command: Command) -> bytes:
        if command[0] == b"AUTH" and len(command) > 2:
            return b"-ERR wrong number of arguments for 'auth' command\r\n"
        if command[0] == b"AUTH":
            self.authenticated = command[1] == b"secret"
            return b"+OK\r\n" if self.authenticated else b"-ERR invalid password\r\n"
        if not self.authenticated:
            return b"-NOAUTH Authentication required.\r\n"
        return refusing(b"CLIENT SETINFO", b"HELLO")(command)


TROUBLE: dict[str, tuple[Callable[[], Callable[[Command], bytes | None]], dict[str, Any]]] = {
    "SETINFO unknown": (lambda: refusing(b"CLIENT SETINFO"), {"db": 1, "client_name": "name"}),
    "LIB-NAME refused": (lambda: refusing(b"CLIENT SETINFO LIB-NAME"), {"db": 1}),
    "NOPERM": (lambda: refusing(b"CLIENT", error=b"NOPERM no permissions"), {"db": 1}),
    "MAINT_NOTIFICATIONS unknown": (lambda: refusing(b"CLIENT MAINT_NOTIFICATIONS"), {"db": 1}),
    "SETNAME refused": (lambda: refusing(b"CLIENT SETNAME"), {"db": 1, "client_name": "name"}),
    "database refused": (lambda: refusing(b"SELECT", error=b"ERR DB index is out of range"), {"db": 1}),
    "HELLO unknown": (lambda: refusing(b"HELLO", error=b"ERR unknown command 'HELLO'"), {"client_name": "name"}),
    "HELLO refused": (lambda: refusing(b"HELLO", error=b"NOPROTO unsupported protocol version"), {}),
    "other protocol": (lambda: lambda command: HELLO.replace(b":3", b":2") if command[0] == b"HELLO"
                       else willing(command), {}),
    "wrong password": (lambda: refusing(b"HELLO", error=b"WRONGPASS invalid username-password pair"),
                       {"username": "user", "password": "secret"}),
    "RESP2 wrong password": (lambda: refusing(b"AUTH", error=b"WRONGPASS invalid username-password pair"),
                             {"protocol": 2, "password": "secret"}),
    "no password": (lambda: refusing(b"", error=b"NOAUTH Authentication required."), {}),
    "AUTH not OK": (lambda: lambda command: b"+NO\r\n" if command[0] == b"AUTH" else willing(command),
                    {"protocol": 2, "password": "secret"}),
    "SETNAME not OK": (lambda: lambda command: b"+NO\r\n" if command[0] == b"CLIENT" else willing(command),
                       {"client_name": "name"}),
    "loading": (lambda: refusing(b"SELECT", error=b"LOADING Redis is loading the dataset in memory"), {"db": 1}),
    "too many clients": (lambda: refusing(b"", error=b"ERR max number of clients reached"), {}),
    "old server": (OldServer, {"protocol": 2, "username": "user", "password": "secret", **UNANNOUNCED}),
    "old server with a handshake": (
        OldServer, {"protocol": 2, "username": "user", "password": "secret", "client_name": "name", "db": 1}),
    "old server, wrong password": (OldServer, {"protocol": 2, "username": "user", "password": "wrong"}),
    "closes at once": (lambda: lambda command: None, {}),
    "closes at SELECT": (lambda: lambda command: None if command[0] == b"SELECT" else willing(command), {"db": 1}),
    "no RESP": (lambda: lambda command: b"?\r\n", {}),
}


@pytest.mark.parametrize("pools", [False, True], ids=["connection", "pool"])
@pytest.mark.parametrize(("script", "options"), TROUBLE.values(), ids=TROUBLE.keys())
def test_trouble_with_the_handshake_ends_as_with_redis_py(
    script: Callable[[], Callable[[Command], bytes | None]], options: dict[str, Any], pools: bool
) -> None:
    outcomes = []
    for module in (redis, respool):
        with ScriptedServer(script()) as server:
            if pools:
                pool = module.ConnectionPool(**server.address, **options, retry=NEVER, max_connections=1)
                result = outcome(lambda pool=pool: redis.Redis(connection_pool=pool).execute_command("ECHO", "mine"))
                pool.disconnect()
                if module is respool:
                    assert_sound(pool, in_use=0, connecting=0)
            else:
                connection = module.Connection(**server.address, **options, retry=NEVER)
                result = outcome(lambda connection=connection: connection.connect() or ask(connection, "ECHO", "mine"))
                assert isinstance(result, bytes) or connection._sock is None
                connection.disconnect()
            outcomes.append(result)
    # hiredis has its own words for what is no RESP.
    if isinstance(outcomes[0], tuple) and outcomes[0][0] is redis.InvalidResponse:
        outcomes = [result[0] for result in outcomes]
    assert outcomes[0] == outcomes[1]


def test_a_fallback_for_old_servers_sends_the_password_alone_and_goes_on() -> None:
    options = {"protocol": 2, "username": "user", "password": "secret", "client_name": "name", "db": 1}
    with ScriptedServer(OldServer()) as server:
        connection = Connection(**server.address, **options, retry=NEVER)
        connection.connect()
        assert [command for command in server.commands() if command[0] == b"AUTH"] == [
            [b"AUTH", b"user", b"secret"], [b"AUTH", b"secret"],
        ]
        for command in ([b"CLIENT", b"SETNAME", b"name"], [b"SELECT", b"1"]):
            assert command in server.commands()[server.commands().index([b"AUTH", b"secret"]):]
        assert ask(connection, "ECHO", "mine") == b"mine"
        connection.disconnect()


@pytest.fixture(scope="module")
def locked() -> Iterator[RedisServer]:
    """A server with a password, and a user of his own one."""
    with redis_server() as running:
        with redis.Redis(port=running.port) as admin:
            admin.acl_setuser("guest", enabled=True, passwords=["+own"], categories=["+@all"], keys=["*"])
            admin.config_set("requirepass", "open sesame")
        yield running


@pytest.mark.parametrize("protocol", [2, 3])
def test_passwords_of_a_real_server(locked: RedisServer, protocol: int) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"password": "open sesame"}, "default"),
        ({"username": "default", "password": "open sesame"}, "default"),
        ({"username": "guest", "password": "own"}, "guest"),
        ({"credential_provider": UsernamePasswordCredentialProvider("guest", "own")}, "guest"),
    ]
    for credentials, name in cases:
        with ConnectionPool(**locked.address, protocol=protocol, db=2, client_name="known", **credentials) as pool:
            client = redis.Redis(connection_pool=pool)
            assert client.acl_whoami() in (name, name.encode())
            assert client.client_info()["db"] == 2
            assert client.client_getname() in ("known", b"known")


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("username", [None, "guest", "nobody"])
def test_a_wrong_password_is_an_error_that_does_not_tell_it(
    locked: RedisServer, protocol: int, username: str | None
) -> None:
    with ConnectionPool(
        **locked.address, protocol=protocol, username=username, password="hush-hush", client_name="name", db=1
    ) as pool:
        for _ in range(2):
            with pytest.raises(redis.AuthenticationError) as caught:
                pool.get_connection()
            error: BaseException | None = caught.value
            while error is not None:
                assert "hush" not in f"{error!r} {error}"
                error = error.__cause__ or error.__context__
        assert "hush" not in repr(pool)
        assert_sound(pool, in_use=0, connecting=0)


# --- credentials, connect functions, callbacks ---------------------------------------------------------------

@pytest.mark.parametrize("protocol", [2, 3])
def test_a_credential_provider_is_asked_once_for_each_connect(protocol: int) -> None:
    provider = Credentials(("user", "first"), ("user", "second"))
    with ScriptedServer() as server:
        connection = Connection(**server.address, protocol=protocol, credential_provider=provider, db=1)
        for number, secret in enumerate((b"first", b"second", b"second"), 1):
            connection.connect()
            assert provider.asked == number
            assert server.commands()[0][-1] == secret
            assert connection.credential_provider is provider
            connection.disconnect()


@pytest.mark.parametrize("protocol", [2, 3])
def test_a_credential_provider_that_fails_is_asked_once_too(protocol: int) -> None:
    for kind in KINDS:
        provider = Credentials(RuntimeError("no credentials"))
        with ScriptedServer() as server:
            connection = kind(**server.address, protocol=protocol, credential_provider=provider)
            with pytest.raises(RuntimeError, match="no credentials"):
                connection.connect()
            connection.disconnect()
        assert provider.asked == 1, kind


def test_what_interrupts_a_credential_provider_is_not_swallowed() -> None:
    class InterruptedByHandlerError(Exception):
        """As a signal handler raises it, while the provider waits for its own server."""

    for kind in KINDS:
        provider = Credentials(InterruptedByHandlerError(), ("user", "secret"))
        with ScriptedServer() as server:
            connection = kind(**server.address, credential_provider=provider)
            with pytest.raises(InterruptedByHandlerError):
                connection.connect()
            connection.disconnect()


@pytest.mark.parametrize("protocol", [2, 3])
def test_a_connect_function_does_the_handshake_in_its_own_way(protocol: int) -> None:
    def only_readonly(connection: Any) -> None:
        connection._parser.on_connect(connection)
        ask(connection, "READONLY")

    def more(connection: Any) -> None:
        connection.on_connect()
        ask(connection, "READONLY")
        connection.send_command("CLIENT", "NO-EVICT", "ON")
        connection.read_response()

    for function in (only_readonly, more):
        received = []
        for kind in KINDS:
            with ScriptedServer() as server:
                connection = kind(**server.address, protocol=protocol, redis_connect_func=function, db=1)
                connection.connect()
                assert ask(connection, "ECHO", "mine") == b"mine"
                received.append(server.commands())
                connection.disconnect()
        assert received[0] == received[1]


@pytest.mark.parametrize("options", [{"client_name": "name"}, {"db": 1, **UNANNOUNCED}, {"db": 1}])
def test_a_connect_function_may_recover_from_a_handshake_that_failed(options: dict[str, Any]) -> None:
    def fall_back(connection: Any) -> None:
        try:
            connection.on_connect()
        except redis.ResponseError:
            connection.protocol = 2
            connection.on_connect()

    for kind in KINDS:
        with ScriptedServer(refusing(b"HELLO", error=b"ERR unknown command 'HELLO'")) as server:
            connection = kind(**server.address, redis_connect_func=fall_back, **options)
            connection.connect()
            assert [ask(connection, "ECHO", f"mine {number}") for number in range(3)] == [
                b"mine 0", b"mine 1", b"mine 2"
            ], kind
            connection.disconnect()


def test_a_connect_function_may_do_without_what_failed() -> None:
    def tolerant(connection: Any) -> None:
        with suppress(redis.ResponseError):
            connection.on_connect()

    for kind in KINDS:
        with ScriptedServer(refusing(b"CLIENT SETNAME")) as server:
            connection = kind(**server.address, redis_connect_func=tolerant, client_name="name", db=1)
            connection.connect()
            assert ask(connection, "ECHO", "mine") == b"mine", kind
            connection.disconnect()


class Listener:
    """For connect callbacks, which are methods."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def on_connect(self, connection: Any) -> None:
        self.heard.append(ask(connection, "ECHO", f"callback {len(self.heard)}"))
        ask(connection, "CLIENT", "TRACKING", "ON")

    def fail(self, connection: Any) -> None:
        raise redis.ConnectionError("no")


def test_connect_callbacks_are_called_on_each_connect_and_what_they_change_is_the_connections_own() -> None:
    listener = Listener()
    with ScriptedServer() as server:
        connection = Connection(**server.address)
        connection.register_connect_callback(listener.on_connect)
        for _ in range(2):
            connection.connect()
            assert connection.wire.ledger.reason is None
            connection.disconnect()
        connection.deregister_connect_callback(listener.on_connect)
        connection.connect()
        assert listener.heard == [b"callback 0", b"callback 1"]
        connection.disconnect()
        connection.register_connect_callback(listener.fail)
        with pytest.raises(redis.ConnectionError, match="no"):
            connection.connect()
        assert not connection.is_connected
        # What came after belongs to its user.
        connection.deregister_connect_callback(listener.fail)
        connection.connect()
        ask(connection, "CLIENT", "TRACKING", "ON")
        assert connection.wire.ledger.reason is not None
        connection.disconnect()


# --- retries, health checks ----------------------------------------------------------------------------------

class Backoff(AbstractBackoff):
    """Remembers for which failures it was asked to wait."""

    asked: list[int]

    def __init__(self, asked: list[int]) -> None:
        self.asked = asked

    def __deepcopy__(self, memo: Any) -> Backoff:
        return self

    def compute(self, failures: int) -> float:
        self.asked.append(failures)
        return 0.0


@pytest.mark.parametrize("healthy", [1, 2, 4, 9])
@pytest.mark.parametrize("moment", ["handshake", "command"])
def test_retries_are_those_of_redis_py(healthy: int, moment: str) -> None:
    """The server closes all connections before the one of this number."""
    results = []
    for module in (redis, respool):
        with ScriptedServer() as server:
            def answer(command: Command, server: ScriptedServer = server) -> bytes | None:
                late = command[0] == b"ECHO"
                return willing(command) if len(server.batches) >= healthy or late != (moment == "command") else None

            server.answer = answer
            asked: list[int] = []
            pool = module.ConnectionPool(
                **server.address, max_connections=1, retry=Retry(Backoff(asked), 3), **UNANNOUNCED
            )
            result = outcome(lambda pool=pool: redis.Redis(connection_pool=pool).echo("mine"))
            results.append((result if isinstance(result, bytes) else result[0], asked, len(server.batches)))
            pool.disconnect()
    assert results[0] == results[1]
    assert results[1][2] <= healthy


def test_a_pause_of_the_server_is_answered_with_a_timeout_as_by_redis_py(server: RedisServer) -> None:
    for kind in KINDS:
        connection = kind(**server.address, socket_timeout=0.05, retry=NEVER)
        connection.connect()
        connection.send_command("BLPOP", "nothing", 1)
        with pytest.raises(redis.TimeoutError, match="Timeout reading from"):
            connection.read_response()
        assert connection._sock is None
        assert ask(connection, "ECHO", "mine") == b"mine"
        connection.disconnect()


@pytest.mark.parametrize("protocol", [2, 3])
def test_health_checks_are_sent_when_redis_py_sends_them(protocol: int) -> None:
    received = []
    for kind in KINDS:
        with ScriptedServer() as server:
            connection = kind(**server.address, protocol=protocol, health_check_interval=1000, retry=NEVER)
            ask(connection, "ECHO", "no ping")
            connection.next_health_check = 0
            ask(connection, "ECHO", "ping")
            ask(connection, "ECHO", "no ping")
            connection.next_health_check = 0
            connection.send_command("ECHO", "no ping", check_health=False)
            connection.read_response()
            connection.next_health_check = 0
            connection.send_packed_command(connection.pack_command("ECHO", "ping"))
            connection.read_response()
            connection.next_health_check = 0
            connection.check_health()
            connection.check_health()
            assert connection.next_health_check > 0
            received.append(server.commands())
            connection.disconnect()
    assert received[0] == received[1]
    assert received[1].count([b"PING"]) >= 3


@pytest.mark.parametrize("retries", [0, 1])
def test_a_health_check_that_fails_reconnects_as_often_as_redis_py_does(retries: int) -> None:
    results = []
    for kind in KINDS:
        with ScriptedServer() as server:
            def answer(command: Command, server: ScriptedServer = server) -> bytes | None:
                return None if command == [b"PING"] and len(server.batches) == 1 and len(server.batches[0]) > 1 else (
                    willing(command))

            server.answer = answer
            connection = kind(
                **server.address, health_check_interval=1000, **UNANNOUNCED, retry=Retry(NoBackoff(), retries)
            )
            ask(connection, "ECHO", "healthy")
            connection.next_health_check = 0
            result = outcome(lambda connection=connection: ask(connection, "ECHO", "mine"))
            results.append((result if isinstance(result, bytes) else result[0], len(server.batches)))
            connection.disconnect()
    assert results[0] == results[1]


@needs_maintenance
def test_a_session_that_was_not_introduced_is_never_used_though_its_closing_was_interrupted(
    server: RedisServer,
) -> None:
    class Interrupted(Connection):
        calls = interruptions = 0

        def _enable_maintenance_notifications(self, *args: Any, **kwargs: Any) -> None:
            self.calls += 1
            if self.calls == 2:  # in earnest, with replies under way to all that has been sent ahead
                self.interruptions = 1
                raise KeyboardInterrupt
            super()._enable_maintenance_notifications(*args, **kwargs)

        def disconnect(self, *args: Any, **kwargs: Any) -> None:
            if self.interruptions:
                self.interruptions -= 1
                raise KeyboardInterrupt
            super().disconnect(*args, **kwargs)

    with ConnectionPool(connection_class=Interrupted, protocol=3, **server.address) as pool:
        connection = pool.connection_class(**pool.connection_kwargs)
        with pytest.raises(KeyboardInterrupt):
            connection.connect()
        assert connection._sock is not None
        assert [ask(connection, "ECHO", word) for word in ("one", "two")] == [b"one", b"two"]
        connection.disconnect()

