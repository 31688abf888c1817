"""The handshake of a connection in one round trip: what redis-py would send is found out, and sent at once.

A rehearsal notes the commands of a handshake in which each succeeds; the performance finds them sent.
"""

from __future__ import annotations

import functools
from collections import deque
from typing import TYPE_CHECKING, Any

from redis.credentials import CredentialProvider
from redis.exceptions import AuthenticationError, BusyLoadingError, ResponseError

if TYPE_CHECKING:
    from respool.asyncio.connection import WiredConnection as AsyncWiredConnection
    from respool.connection import WiredConnection

__all__ = ["AsyncPerformance", "AsyncRehearsal", "OneAnswer", "Performance", "Rehearsal"]

REFUSALS = (ResponseError, AuthenticationError, BusyLoadingError)


class Rehearsal:
    """Notes the commands of a handshake and answers them as a willing server would."""

    answers = True

    def __init__(self) -> None:
        self.commands: list[bytes] = []

    def send(self, command: bytes) -> None:
        self.commands.append(command)

    def read(self) -> Any:
        words = self.commands[-1].split(b"\r\n")[2::2]
        if words[0] == b"HELLO":
            protocol = int(words[1])
            return {b"proto": protocol, "proto": protocol}
        return b"PONG" if words[0] == b"PING" else b"OK"


class Performance:
    """Sends commands ahead, and later only those that are not among them."""

    answers = False

    def __init__(self, connection: WiredConnection, commands: list[bytes]) -> None:
        self._connection = connection
        self._ahead = deque(commands)

    def begin(self) -> None:
        # Not the wire, whose socket a traceback would keep open.
        self._ledger = getattr(self._connection.wire, "ledger", None)
        if self._ahead:
            self._connection._write(list(self._ahead))

    def send(self, command: bytes) -> None:
        if self._ahead and self._ahead[0] == command:
            self._ahead.popleft()
        else:
            self.end()
            self._connection._write([command])

    def end(self) -> None:
        """Drop the replies to what was sent ahead in vain, unless the session has ended: another owes none of them."""
        while self._ahead and self._connection.wire is not None and self._connection.wire.ledger is self._ledger:
            self._ahead.popleft()
            try:
                self._connection.read_response(disconnect_on_error=False)
            except REFUSALS:
                pass
            except BaseException:
                self._connection.disconnect()  # type: ignore[no-untyped-call]
                raise


class AsyncRehearsal(Rehearsal):
    """A rehearsal for asyncio."""

    async def send(self, command: bytes) -> None:  # type: ignore[override]
        super().send(command)


class AsyncPerformance:
    """A performance for asyncio."""

    answers = False

    def __init__(self, connection: AsyncWiredConnection, commands: list[bytes]) -> None:
        self._connection = connection
        self._wire = connection._wire
        self._ahead = deque(commands)

    async def begin(self) -> None:
        if self._ahead:
            await self._connection._transmit([b"".join(self._ahead)])

    async def send(self, command: bytes) -> None:
        if self._ahead and self._ahead[0] == command:
            self._ahead.popleft()
        else:
            await self.end()
            await self._connection._transmit([command])

    async def end(self) -> None:
        """Drop the replies to what was sent ahead in vain, unless the session has ended: another owes none of them."""
        while self._ahead and self._connection._wire is self._wire:
            self._ahead.popleft()
            try:
                await self._connection.read_response(disconnect_on_error=False)
            except REFUSALS:
                pass
            except BaseException:
                await self._connection.disconnect(nowait=True)
                raise


class OneAnswer(CredentialProvider):
    """Asks a provider for credentials once, however often it is asked itself."""

    def __init__(self, provider: CredentialProvider) -> None:
        self._provider = provider
        self._awaited: list[Any] = []
        self.failed = False

    @functools.cached_property
    def _credentials(self) -> Any:
        try:
            return self._provider.get_credentials()
        except BaseException:
            self.failed = True
            raise

    def get_credentials(self) -> Any:
        return self._credentials

    async def get_credentials_async(self) -> Any:
        if not self._awaited:
            try:
                self._awaited.append(await self._provider.get_credentials_async())
            except BaseException:
                self.failed = True
                raise
        return self._awaited[0]
