"""The proxy that fails as networks do: each of its faults, and what it counts."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from conftest import lasting, until
from faulty import FaultyProxy
from scripted import ScriptedServer
from staged import bulk

ECHO = b"*2\r\n$4\r\nECHO\r\n$2\r\nab\r\n"
AB = bulk(b"ab")


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def proxy(scripted: ScriptedServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(scripted.port) as running:
        yield running


def dial(proxy: FaultyProxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=20)


def ask(sock: socket.socket, command: bytes = ECHO, size: int = len(AB)) -> bytes:
    """Send a command; returns as much of the reply, or what there was before the end."""
    sock.sendall(command)
    return received(sock, size)


def received(sock: socket.socket, size: int) -> bytes:
    reply = b""
    while len(reply) < size and (data := sock.recv(size - len(reply))):
        reply += data
    return reply


def silent(sock: socket.socket, seconds: float = 0.1) -> bool:
    """Whether nothing arrives for so long."""
    sock.settimeout(seconds)
    try:
        sock.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return True
    finally:
        sock.settimeout(20)
    return False


def test_what_arrives_is_passed_on_whatever_its_size(proxy: FaultyProxy) -> None:
    value = bytes(range(256)) * 20_000
    with dial(proxy) as sock:
        assert ask(sock) == AB
        assert ask(sock, b"*2\r\n$4\r\nECHO\r\n" + bulk(value), len(bulk(value))) == bulk(value)


def test_connections_are_counted(proxy: FaultyProxy) -> None:
    before = time.monotonic()
    with dial(proxy) as first, dial(proxy) as second:
        assert ask(first) == ask(second) == AB
        assert (proxy.accepted, proxy.open, proxy.most_open) == (2, 2, 2)
    until(lambda: proxy.open == 0)
    with dial(proxy) as third:
        assert ask(third) == AB
    assert (proxy.accepted, proxy.most_open) == (3, 2)
    assert before < proxy.dials[0] <= proxy.dials[1] <= proxy.dials[2] < time.monotonic()


def test_a_delay_is_of_each_direction_and_ends_when_it_is_healed(proxy: FaultyProxy) -> None:
    with dial(proxy) as sock:
        proxy.inflict(delay=0.1)
        with lasting(0.2, 10):
            assert ask(sock) == AB
        proxy.inflict(delay=1_000)
        sock.sendall(ECHO)
        assert silent(sock)
        proxy.heal()
        assert received(sock, len(AB)) == AB


def test_bandwidth_spreads_a_reply_over_time(proxy: FaultyProxy) -> None:
    value = b"x" * 30_000
    with dial(proxy) as sock:
        proxy.inflict(bandwidth=100_000)
        with lasting(0.55, 20):  # there and back
            assert ask(sock, b"*2\r\n$4\r\nECHO\r\n" + bulk(value), len(bulk(value))) == bulk(value)


@pytest.mark.parametrize("affected", ["existing", "new"])
def test_a_black_hole_swallows_what_is_sent_until_it_is_healed(proxy: FaultyProxy, affected: str) -> None:
    with dial(proxy) as existing:
        assert ask(existing) == AB
        proxy.inflict(black_hole=True, **{"existing": False, "new": False, affected: True})
        with dial(proxy) as new:
            swallowed, well = (existing, new) if affected == "existing" else (new, existing)
            swallowed.sendall(ECHO)
            assert ask(well) == AB
            assert silent(swallowed)
            proxy.heal()
            assert received(swallowed, len(AB)) == AB


def test_a_cut_closes_both_sides(proxy: FaultyProxy, scripted: ScriptedServer) -> None:
    with dial(proxy) as sock:
        assert ask(sock) == AB
        proxy.cut()
        assert proxy.open == 0
        assert sock.recv(1) == b""
        until(lambda: scripted.sockets[0].fileno() < 0)  # it closes what the client has closed


def test_a_half_close_towards_the_client_lets_it_go_on_sending(proxy: FaultyProxy, scripted: ScriptedServer) -> None:
    with dial(proxy) as sock:
        assert ask(sock) == AB
        proxy.half_close()
        assert sock.recv(1) == b""
        sock.sendall(ECHO)
        until(lambda: len(scripted.commands()) == 2)
    until(lambda: proxy.open == 0)


def test_a_half_close_towards_the_server_makes_it_leave(proxy: FaultyProxy) -> None:
    with dial(proxy) as sock:
        assert ask(sock) == AB
        proxy.half_close(client=False)
        assert sock.recv(1) == b""
        sock.close()
        until(lambda: proxy.open == 0)


@pytest.mark.parametrize("bytes_before", [1, 7])
def test_a_reset_comes_after_as_many_bytes_of_a_reply(proxy: FaultyProxy, bytes_before: int) -> None:
    with dial(proxy) as sock:
        assert ask(sock) == AB
        proxy.inflict(reset_after=bytes_before, new=False)
        assert ask(sock, ECHO, bytes_before) == AB[:bytes_before]
        with pytest.raises(ConnectionResetError):
            sock.recv(1)
    with dial(proxy) as sock:
        assert ask(sock) == AB


def test_a_refusal_is_one_until_the_proxy_listens_again(proxy: FaultyProxy) -> None:
    with dial(proxy) as sock:
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            dial(proxy)
        assert ask(sock) == AB
    proxy.listen()
    with dial(proxy) as sock:
        assert ask(sock) == AB


def test_a_server_that_is_not_there_is_the_end_of_a_connection() -> None:
    with ScriptedServer() as gone:
        pass
    with FaultyProxy(gone.port) as proxy, dial(proxy) as sock:
        assert sock.recv(1) == b""
        assert proxy.open == 0
