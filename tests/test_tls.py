"""TLS: a real server whose certificate comes by way of an intermediate CA."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

import respool
from conftest import assert_sound, lasting, until
from servers import Certificates, RedisServer, tls_server
from sessions import assert_the_killed_are_replaced
from staged import ask, has_arrived
from versions import UNANNOUNCED

NO_RETRY: dict[str, Any] = {"retry": Retry(NoBackoff(), 0)}
VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


class Tls:
    """The server of the tests, and pools of connections to it."""

    def __init__(self, server: RedisServer, certificates: Certificates) -> None:
        self.server = server
        self.certificates = certificates
        self._pools: list[respool.ConnectionPool] = []

    def pool(self, **options: Any) -> respool.ConnectionPool:
        self._pools.append(respool.ConnectionPool(**{
            "connection_class": respool.SSLConnection, "host": "localhost", "port": self.server.tls_port,
            "ssl_ca_certs": self.certificates.root, "socket_timeout": 20, "max_connections": 2, **NO_RETRY, **options,
        }))
        return self._pools[-1]

    def client(self, **options: Any) -> Any:
        return redis.Redis(connection_pool=self.pool(**options))

    def close(self) -> None:
        for pool in self._pools:
            pool.close()


@pytest.fixture
def tls(secure_server: RedisServer, certificates: Certificates) -> Iterator[Tls]:
    running = Tls(secure_server, certificates)
    yield running
    running.close()


@contextmanager
def borrowed(pool: respool.ConnectionPool) -> Iterator[Any]:
    connection = pool.get_connection()
    yield connection
    pool.release(connection)


# --- certificates and versions -----------------------------------------------------------------------------------

@pytest.mark.parametrize("version", VERSIONS)
def test_the_client_may_insist_on_a_version(tls: Tls, version: str) -> None:
    context = {"ssl_min_version": VERSIONS[version]}
    with borrowed(tls.pool(**context)) as connection:
        assert connection._sock.version() == "TLSv1.3"
        assert ask(connection, "ECHO", "a") == b"a"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_server_may_insist_on_a_version(certificates: Certificates, version: str) -> None:
    with tls_server(certificates, "--tls-protocols", version) as server:
        tls = Tls(server, certificates)
        pool = tls.pool(client_name=version)
        with borrowed(pool) as connection:
            assert connection._sock.version() == version
        client = redis.Redis(connection_pool=pool)
        value = os.urandom(1 << 20)
        assert client.set("key", value) and client.get("key") == value
        [entry] = server.connections_named(version)  # no checkout has taken TLS's own messages for a reply
        assert entry["id"] == str(client.client_id())
        if version == "TLSv1.2":
            with pytest.raises(redis.ConnectionError):
                tls.client(ssl_min_version=ssl.TLSVersion.TLSv1_3).ping()
        tls.close()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_chain_and_the_name_are_verified(tls: Tls, host: str) -> None:
    with borrowed(tls.pool(host=host, ssl_check_hostname=True)) as connection:
        assert dict(pair[0] for pair in connection._sock.getpeercert()["issuer"])["organizationName"]
        assert ask(connection, "ECHO", "a") == b"a"


def failing(tls: Tls, match: str, **options: Any) -> None:
    pool = tls.pool(**options, max_connections=1)
    for _ in range(3):
        with pytest.raises(redis.ConnectionError, match=match):
            redis.Redis(connection_pool=pool).ping()
        assert_sound(pool, in_use=0, connecting=0)


def test_a_certificate_for_another_name_is_refused(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    local = socket.getaddrinfo("127.0.0.1", tls.server.tls_port, type=socket.SOCK_STREAM)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: local)
    failing(tls, "Hostname mismatch", host="redis.example.org", ssl_check_hostname=True)
    assert tls.client(host="redis.example.org", ssl_check_hostname=False).echo("a") == b"a"


def test_a_certificate_from_an_unknown_root_is_refused(tls: Tls) -> None:
    failing(tls, "certificate verify failed", ssl_ca_certs=tls.certificates.other_root)
    client = tls.client(ssl_ca_certs=None, ssl_cert_reqs="none", ssl_check_hostname=False)
    assert client.echo("a") == b"a"


def test_a_server_that_talks_no_tls_is_refused(tls: Tls) -> None:
    pool = tls.pool(port=tls.server.port, max_connections=1, socket_timeout=0.3)
    with lasting(0, 5), pytest.raises((redis.ConnectionError, redis.TimeoutError)):
        redis.Redis(connection_pool=pool).ping()
    assert_sound(pool, in_use=0, connecting=0)


def test_a_client_may_have_to_show_a_certificate(certificates: Certificates) -> None:
    with tls_server(certificates, "--tls-auth-clients", "yes") as server:
        tls = Tls(server, certificates)
        failing(tls, "closed by server|certificate required|reset|Broken pipe|while")
        shown = {"ssl_certfile": certificates.client, "ssl_keyfile": certificates.client_key}
        client = tls.client(**shown)
        for number in range(3):
            assert client.echo(str(number)) == b"%d" % number
        tls.close()


def test_a_url_leads_to_a_connection_of_ours(tls: Tls) -> None:
    url = f"rediss://localhost:{tls.server.tls_port}/3?ssl_ca_certs={tls.certificates.root}&socket_timeout=20&timeout=5"
    with respool.ConnectionPool.from_url(url) as pool:
        assert pool.connection_class is respool.SSLConnection and pool.timeout == 5
        with borrowed(pool) as connection:
            assert isinstance(connection._sock, ssl.SSLSocket)
        client = redis.Redis(connection_pool=pool)
        assert client.client_info()["db"] == 3


# --- what goes over it -------------------------------------------------------------------------------------------

def test_large_values_go_both_ways(tls: Tls) -> None:
    client = tls.client()
    for size in (16_383, 16_384, 16_385, 65_536, 32 << 20):
        value = os.urandom(min(size, 1 << 20)) * max(1, size >> 20)
        assert client.set("large", value) and client.get("large") == value
    assert client.delete("large") == 1
    assert_sound(client.connection_pool, created=1, idle=1)


def test_pipelines_and_transactions(tls: Tls) -> None:
    client = tls.client()
    for transaction in (False, True):
        with client.pipeline(transaction=transaction) as pipeline:
            for number in range(500):
                pipeline.echo("x" * number)
            assert pipeline.execute() == [b"x" * number for number in range(500)]
    assert_sound(client.connection_pool, created=1, idle=1)


@pytest.mark.parametrize("protocol", [2, 3])
def test_published_messages_arrive(tls: Tls, protocol: int) -> None:
    client = tls.client(protocol=protocol)
    with client.pubsub() as pubsub:
        pubsub.subscribe("news")
        assert pubsub.get_message(timeout=20)["type"] == "subscribe"
        with lasting(0, 5):
            assert pubsub.get_message(timeout=0) is None
            assert pubsub.get_message(timeout=0.05) is None
        for number in range(50):
            assert client.publish("news", number) == 1
        for number in range(50):
            assert pubsub.get_message(timeout=20)["data"] == b"%d" % number
    assert client.echo("a") == b"a"


# --- time-outs and liveness --------------------------------------------------------------------------------------

def test_a_frozen_server_is_a_time_out_and_its_late_reply_is_nobodys(tls: Tls) -> None:
    pool = tls.pool(socket_timeout=0.4, max_connections=1)
    client = redis.Redis(connection_pool=pool)
    assert client.echo("a") == b"a"
    [idle] = pool._available_connections
    os.kill(tls.server.process.pid, signal.SIGSTOP)
    try:
        with lasting(0.35, 5), pytest.raises(redis.TimeoutError):
            client.echo("old")
        assert idle._sock is None
        with lasting(0.35, 5), pytest.raises((redis.TimeoutError, redis.ConnectionError)):
            client.echo("older")  # nobody answers the handshake
        assert_sound(pool, in_use=0, connecting=0)
    finally:
        os.kill(tls.server.process.pid, signal.SIGCONT)
    idle.socket_timeout = idle.socket_connect_timeout = 20
    assert client.echo("new") == b"new"


def test_a_handshake_of_tls_that_stalls_is_cut_short_by_the_pools_time_out(tls: Tls) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pool = tls.pool(host="127.0.0.1", port=listener.getsockname()[1], timeout=0.3)
        with lasting(0.25, 5), pytest.raises(redis.TimeoutError, match="went into connecting"):
            pool.get_connection()
        assert_sound(pool, in_use=0, connecting=0)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_idle_connection_that_the_server_has_killed_is_replaced(certificates: Certificates, version: str) -> None:
    with tls_server(certificates, "--tls-protocols", version) as server:
        tls = Tls(server, certificates)
        client = tls.client(max_connections=1)
        assert_the_killed_are_replaced(server, client)
        tls.close()


@pytest.mark.parametrize("protocol", [2, 3])
def test_what_tls_sends_on_its_own_is_taken_for_no_reply(tls: Tls, protocol: int) -> None:
    """A server of TLS 1.3 sends session tickets after the handshake; they stay unread where nothing is asked."""
    pool = tls.pool(protocol=protocol, max_connections=1)
    with borrowed(pool) as connection:
        assert connection._sock.version() == "TLSv1.3"
        first = ask(connection, "CLIENT", "ID")
        sock = connection._sock
    for _ in range(3):
        with borrowed(pool) as connection:
            assert connection._sock is sock and not connection.can_read()
    assert redis.Redis(connection_pool=pool).client_id() == first


def test_tickets_that_arrive_while_the_connection_is_idle_are_taken_for_no_reply(tls: Tls) -> None:
    """Without a handshake of Redis nothing has read them before the checkout."""
    pool = tls.pool(protocol=2, **UNANNOUNCED, max_connections=1)
    connection = pool.make_connection()
    connection.connect()
    sock = connection._sock
    until(lambda: has_arrived(sock))
    pool.release(connection)
    for _ in range(3):
        with borrowed(pool) as connection:
            assert connection._sock is sock
            assert ask(connection, "ECHO", "a") == b"a"


def test_an_unread_reply_is_noticed(tls: Tls) -> None:
    pool = tls.pool(max_connections=1)
    client = redis.Redis(connection_pool=pool)
    with borrowed(pool) as connection:
        sock = connection._sock
        connection.send_command("ECHO", "old")
        assert connection.can_read(timeout=20)
    assert client.echo("new") == b"new"
    with borrowed(pool) as connection:
        assert connection._sock is not sock


def test_a_reply_behind_the_ledgers_back_is_noticed(tls: Tls) -> None:
    """Somebody has sent a command by the socket itself, and its reply arrives while the connection is idle."""
    pool = tls.pool(max_connections=1)
    with borrowed(pool) as connection:
        sock = connection._sock
        sock.sendall(connection.pack_command("ECHO", "old")[0])
    until(lambda: has_arrived(sock))
    assert redis.Redis(connection_pool=pool).echo("new") == b"new"
    with borrowed(pool) as connection:
        assert connection._sock is not sock


def test_a_push_that_arrived_while_the_connection_was_idle_is_no_reason_to_replace_it(tls: Tls) -> None:
    pool = tls.pool(protocol=3, max_connections=1)
    with borrowed(pool) as connection:
        sock = connection._sock
        with connection.trusted():
            assert ask(connection, "CLIENT", "TRACKING", "on", "BCAST", "PREFIX", "tracked") == b"OK"
    with redis.Redis(port=tls.server.port) as other:
        other.set("tracked", 1)
    until(lambda: has_arrived(sock))
    with borrowed(pool) as connection:
        assert connection._sock is sock
        assert ask(connection, "ECHO", "a") == b"a"
    with redis.Redis(port=tls.server.port) as other:
        other.delete("tracked")
