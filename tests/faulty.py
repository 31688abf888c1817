"""A TCP proxy in front of a real server that fails as networks do: late, slow, cut, half closed, silent, reset."""

from __future__ import annotations

import selectors
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from servers import PORTS

T = TypeVar("T")

PORTION = 65_536
MOST_UNDER_WAY = 1 << 20  # bytes that a flow holds before it stops reading, so that the sender feels it
RESET_AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Fault:
    """How a connection through the proxy fares. By default: well."""

    delay: float = 0  # seconds that each byte is under way, in each direction
    bandwidth: int | None = None  # bytes per second, in each direction
    black_hole: bool = False  # nothing arrives any more, and nobody is told
    reset_after: int | None = None  # bytes of replies from now on, after which the client gets a reset


class Flow:
    """What is under way from one socket to the other."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self.source, self.sink = source, sink
        self.pieces: deque[tuple[float, bytes]] = deque()  # each with the time at which it is to arrive
        self.held = 0
        self.ended = False  # the source has no more to say
        self.closed = False  # the sink has been told so

    def take(self, data: bytes, fault: Fault) -> None:
        """Set out with what the source has sent."""
        if not data:
            return
        begins = time.monotonic() + fault.delay
        if fault.bandwidth is not None:
            if self.pieces:
                begins = max(begins, self.pieces[-1][0])
            begins += len(data) / fault.bandwidth
        self.pieces.append((begins, data))
        self.held += len(data)

    def hurry(self) -> None:
        """Nothing holds up any longer what is under way."""
        self.pieces = deque((0, data) for _, data in self.pieces)

    def end(self) -> None:
        """Nothing more comes from the source, and what is under way is lost."""
        self.ended = True
        self.held = 0
        self.pieces.clear()

    def is_due(self) -> bool:
        return bool(self.pieces) and self.pieces[0][0] <= time.monotonic()

    def deliver(self) -> None:
        """Hand over what is due, as far as the sink takes it."""
        with suppress(BlockingIOError):
            while self.is_due():
                due, data = self.pieces[0]
                sent = self.sink.send(data)
                self.held -= sent
                if sent < len(data):
                    self.pieces[0] = due, data[sent:]
                else:
                    self.pieces.popleft()
        if self.ended and not self.pieces and not self.closed:
            self.close()

    def close(self) -> None:
        """Tell the sink that there is no more to come."""
        self.closed = True
        self.sink.shutdown(socket.SHUT_WR)


class Link:
    """A client's connection, and the one to the server that was made for it."""

    def __init__(self, client: socket.socket, server: socket.socket, fault: Fault) -> None:
        self.client, self.server = client, server
        self.requests, self.replies = Flow(client, server), Flow(server, client)
        self.set(fault)

    def set(self, fault: Fault) -> None:
        self.fault = fault
        self.until_reset = fault.reset_after
        for flow in (self.requests, self.replies):
            flow.hurry()

    def portion(self, flow: Flow) -> int:
        """How much may be received at once: little with little bandwidth, so that it trickles."""
        portion = PORTION if self.fault.bandwidth is None else max(1, min(PORTION, self.fault.bandwidth // 50))
        return portion if flow is self.requests or self.until_reset is None else min(portion, self.until_reset)

    def may_read(self, flow: Flow) -> bool:
        if self.fault.black_hole or (flow is self.replies and self.until_reset == 0):
            return False
        return not flow.ended and flow.held < MOST_UNDER_WAY


class FaultyProxy:
    """Listens on a port of its own, in a thread of its own, and passes on to a port of this machine what arrives.

    All methods may be called from any thread; what they do has happened when they return.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = next(PORTS)  # no client's own while it listens to nobody
        self.fault = Fault()
        self.dials: list[float] = []  # when each client connected, in monotonic seconds
        self.most_open = 0
        self._links: set[Link] = set()
        self._laden: set[Link] = set()  # those on which something is under way
        self._listener: socket.socket | None = None
        self._orders: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    def __enter__(self) -> FaultyProxy:
        self._selector = selectors.DefaultSelector()
        self._bell, self._rung = socket.socketpair()
        self._rung.setblocking(False)
        self._selector.register(self._rung, selectors.EVENT_READ)
        self._open()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="faulty proxy", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._order(self._stop)
        self._thread.join(30)

    @property
    def address(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.port}

    @property
    def accepted(self) -> int:
        return len(self.dials)

    @property
    def open(self) -> int:
        return len(self._links)

    def inflict(self, *, existing: bool = True, new: bool = True, **fault: Any) -> None:
        """From now on connections fare as the `Fault` says that is described."""

        def inflict() -> None:
            if new:
                self.fault = Fault(**fault)
            for link in list(self._links) if existing else ():
                link.set(Fault(**fault))
                self._go_on(link)

        self._order(inflict)

    def heal(self) -> None:
        """From now on all connections fare well."""
        self.inflict()

    def cut(self) -> None:
        """Close all connections, on both sides."""
        self._order(lambda: [self._end(link) for link in list(self._links)])

    def half_close(self, *, client: bool = True) -> None:
        """Tell each client that the server says no more, and go on listening to it; or the other way round."""

        def close_halves() -> None:
            for link in list(self._links):
                flow = link.replies if client else link.requests
                flow.end()
                self._go_on(link)

        self._order(close_halves)

    def refuse(self) -> None:
        """Refuse new connections, until `listen`."""
        self._order(self._shut)

    def listen(self) -> None:
        """Accept new connections again."""
        self._order(self._open)

    def abandon(self) -> None:
        """In a forked child: give up the inherited sockets, which would hold the parent's open."""
        for link in self._links:
            link.client.close()
            link.server.close()
        for sock in (self._listener, self._bell, self._rung):
            if sock is not None:
                sock.close()
        self._selector.close()

    # --- in the proxy's thread ---------------------------------------------------------------------------------

    def _order(self, work: Callable[[], T]) -> T:
        """Let the thread do this."""
        done: Future[T] = Future()
        self._orders.append((done, work))
        self._bell.send(b"!")
        return done.result(30)

    def _run(self) -> None:
        while not self._stopped:
            laden = list(self._laden)
            now = time.monotonic()
            dues = [flow.pieces[0][0] for link in laden for flow in (link.requests, link.replies) if flow.pieces]
            later = [due - now for due in dues if due > now]  # the others wait for a socket
            for key, _ in self._selector.select(min(later) if later else None):
                if key.fileobj is self._rung:
                    self._obey()
                elif key.fileobj is self._listener:
                    self._accept()
                elif key.data in self._links:  # and has not been ended a moment ago
                    self._receive(key.data, key.fileobj)  # type: ignore[arg-type]
            for link in laden:
                self._go_on(link)

    def _obey(self) -> None:
        self._rung.recv(PORTION)
        while self._orders:
            done, work = self._orders.popleft()
            try:
                done.set_result(work())
            except Exception as error:
                done.set_exception(error)

    def _stop(self) -> None:
        self._stopped = True
        for link in list(self._links):
            self._end(link)
        self._shut()
        self._selector.close()
        self._bell.close()
        self._rung.close()

    def _open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def _shut(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None

    def _accept(self) -> None:
        """Take in all who have dialled: one at a time, those who have given up would hold up the others for ever."""
        assert self._listener is not None
        with suppress(OSError):
            while True:
                self._link(self._listener.accept()[0])

    def _link(self, client: socket.socket) -> None:
        self.dials.append(time.monotonic())
        server = socket.socket()
        for sock in (client, server):
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.connect_ex(("127.0.0.1", self.target))  # whether that succeeds shows when something is sent or received
        link = Link(client, server, self.fault)
        self._links.add(link)
        self.most_open = max(self.most_open, len(self._links))
        self._go_on(link)

    def _receive(self, link: Link, sock: socket.socket) -> None:
        """Take in what has arrived at one end, and pass on what is due."""
        flow = link.requests if sock is link.client else link.replies
        try:
            if link.may_read(flow):
                data = sock.recv(link.portion(flow))
                flow.ended = not data
                flow.take(data, link.fault)
                if flow is link.replies and link.until_reset is not None:
                    link.until_reset -= len(data)
        except BlockingIOError:
            pass
        except OSError:
            self._end(link)
            return
        self._go_on(link)

    def _go_on(self, link: Link) -> None:
        """Deliver what is due, and watch for what may happen next."""
        if link not in self._links:
            return
        if not link.fault.black_hole:
            try:
                for flow in (link.requests, link.replies):
                    flow.deliver()
            except OSError:
                self._end(link)
                return
            if link.until_reset == 0 and not link.replies.pieces:
                self._end(link, reset=True)
                return
        if link.requests.closed and link.replies.closed:
            self._end(link)
            return
        (self._laden.add if link.requests.pieces or link.replies.pieces else self._laden.discard)(link)
        self._watch(link, link.client, link.requests, link.replies)
        self._watch(link, link.server, link.replies, link.requests)

    def _watch(self, link: Link, sock: socket.socket, source_of: Flow, sink_of: Flow) -> None:
        events = selectors.EVENT_READ if link.may_read(source_of) else 0
        if sink_of.is_due() and not link.fault.black_hole:
            events |= selectors.EVENT_WRITE
        watched = self._selector.get_map().get(sock)
        if watched is None:
            if events:
                self._selector.register(sock, events, link)
        elif not events:
            self._selector.unregister(sock)
        elif events != watched.events:
            self._selector.modify(sock, events, link)

    def _end(self, link: Link, reset: bool = False) -> None:
        self._links.discard(link)
        self._laden.discard(link)
        if reset:
            link.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
        for sock in (link.client, link.server):
            if sock in self._selector.get_map():
                self._selector.unregister(sock)
            if not reset:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)  # is felt also while a forked child still has the socket
            sock.close()
