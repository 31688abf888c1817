"""A look into a running process: what its pools do, over a socket that answers with lines of JSON.

There is none unless a program calls `serve`. It tells numbers and the names of pools, no address but those, no key and
no value; it takes no command and changes nothing. `respool top` shows it.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import selectors
import socket
import stat
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from respool._async_checkout import AsyncCheckout
from respool._common import CommonPool
from respool._logs import logger
from respool._pool import all_pools
from respool._stats import Histogram
from respool._version import __version__

__all__ = ["Monitor", "serve"]

MOST_READERS = 16
LOOPBACK = "127.0.0.1"


def serve(where: str | os.PathLike[str] | int, pools: Iterable[Any] | None = None) -> Monitor:
    """Let others watch this process's pools, until `close` or its end.

    Parameters
    ----------
    where : path or int
        A path: a Unix socket there, to which this user may connect, and root. A number: a TCP port of 127.0.0.1, to
        which every user and program of this machine may connect; 0: one that is free, which `address` then names.
    pools : iterable of pools or None
        Which ones; None: all of the process, also those that are made later.

    Returns
    -------
    The `Monitor`, which need not be kept. To an empty line it answers with a line of JSON; whoever says anything else,
    or does not read, is hung up on.

    Raises OSError if the place is taken: by another process, or by a file that is no socket. A socket that nobody
    answers any more is replaced.

    A daemon thread answers, which takes each pool's lock for as long as `stats()` does. A forked child does not serve,
    and closes what it has inherited without harm to its parent; it may call `serve` itself, at a place of its own.
    Safe in every thread, and together with asyncio; `os.fork` in another thread meanwhile included.
    """
    return Monitor(where, None if pools is None else list(pools))


class Monitor:
    """The endpoint; made by `serve`. A context manager that closes it.

    Attributes
    ----------
    address : str
        Where it can be reached, for `respool top`: the path, or 127.0.0.1:port.
    readers : str
        Who may connect, in words.
    """

    def __init__(self, where: str | os.PathLike[str] | int, pools: list[Any] | None) -> None:
        self._pools = pools
        self._path: Path | None = None
        if isinstance(where, int):
            self._listener = socket.create_server((LOOPBACK, where))
            self.address = f"{LOOPBACK}:{self._listener.getsockname()[1]}"
            self.readers = "every user and program of this machine"
        else:
            path = Path(where)
            self._listener = listen_at(path)
            self._path = path
            self.address = str(path)
            self.readers = f"user {os.geteuid()} and root"
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._bell, self._ringer = socket.socketpair()
        self._clients: set[socket.socket] = set()
        self._unsent: dict[socket.socket, bytes] = {}  # what of an answer its reader has not taken yet
        for each in (self._listener, self._bell):
            self._selector.register(each, selectors.EVENT_READ)
        serving.add(self)
        self._thread = threading.Thread(target=self._run, name=f"respool-monitor-{self.address}", daemon=True)
        self._thread.start()
        logger.info("Pools of process %d can be watched at %s by %s", os.getpid(), self.address, self.readers)

    def close(self) -> None:
        """Answer nobody any more, and leave no file. May be called again."""
        if self not in serving:
            return
        serving.discard(self)
        self._ringer.close()
        if self._thread is not threading.current_thread():
            self._thread.join()
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink()

    def __enter__(self) -> Monitor:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.address} for {self.readers}>"

    def _run(self) -> None:
        while True:
            ready = {key.fileobj: events for key, events in self._selector.select()}
            if self._bell in ready:
                self._hang_up()
                return
            for each, events in ready.items():
                if each is self._listener:
                    self._accept()
                elif isinstance(each, socket.socket):
                    self._serve(each, events)

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:  # who came has gone
            return
        if len(self._clients) >= MOST_READERS:
            client.close()
            return
        client.setblocking(False)
        self._clients.add(client)
        self._selector.register(client, selectors.EVENT_READ)

    def _serve(self, client: socket.socket, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                self._send(client, self._unsent[client])
            if events & selectors.EVENT_READ and not self._answer(client):
                self._part(client)
        except OSError:  # it has gone, or reads nothing
            self._part(client)

    def _answer(self, client: socket.socket) -> bool:
        """Answer a reader; False if it has nothing to ask, or asks again before it has read."""
        asked = client.recv(64)
        if not asked or asked.strip(b"\r\n") or client in self._unsent:  # a browser, for one, says more
            return False
        self._send(client, json.dumps(self.snapshot()).encode() + b"\n")
        return True

    def _send(self, client: socket.socket, line: bytes) -> None:
        """Send what the reader takes now, and the rest when it takes more."""
        rest = line[client.send(line):]
        if rest:
            self._unsent[client] = rest
        else:
            self._unsent.pop(client, None)
        self._selector.modify(client, selectors.EVENT_READ | (selectors.EVENT_WRITE if rest else 0))

    def _part(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        self._clients.discard(client)
        self._unsent.pop(client, None)
        client.close()

    def _hang_up(self) -> None:
        """Close everything here; in a forked child the parent's is none the worse."""
        self._selector.close()
        for each in (self._listener, self._bell, *self._clients):
            each.close()
        self._clients.clear()
        self._unsent.clear()

    def _forked(self) -> None:
        self._hang_up()
        self._ringer.close()

    def snapshot(self) -> dict[str, Any]:
        """What a line of the answer says: the process, and the numbers of its pools."""
        pools = list(all_pools.values()) if self._pools is None else self._pools
        return {
            "respool": __version__,
            "pid": os.getpid(),
            "program": Path(sys.argv[0]).name if sys.argv else "",  # without its arguments, which may be secret
            "pools": [numbers for pool in pools if (numbers := describe(pool)) is not None],
        }


def listen_at(path: Path) -> socket.socket:
    """A Unix socket for this user alone. Raises OSError if another file or process has the path."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError(errno.EEXIST, "There is a file that is no socket", str(path))
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()
            else:
                raise OSError(errno.EADDRINUSE, "Another process answers there", str(path))
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(path))
        path.chmod(0o600)  # before anybody can connect
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


def describe(pool: Any) -> dict[str, Any] | None:
    """The numbers of a pool for JSON; None for one that is just being made, or is none of redis-py's kind."""
    if not isinstance(pool, CommonPool):
        return None
    try:
        stats = pool.stats()
    except AttributeError:
        return None
    return {
        **asdict(stats),
        "wait": times(stats.wait),
        "usage": times(stats.usage),
        "born": pool._born,  # which tells pools of one name apart
        "kind": "asyncio" if isinstance(pool, AsyncCheckout) else "threads",
    }


def times(histogram: Histogram) -> dict[str, float]:
    return {name: getattr(histogram, name) for name in ("count", "sum", "mean", "p50", "p99")}


serving: set[Monitor] = set()


def close_all() -> None:
    for monitor in list(serving):
        monitor.close()


def forget_all() -> None:
    """In a forked child: serve nobody, and leave the parent's file."""
    for monitor in list(serving):
        monitor._forked()
    serving.clear()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_all)
