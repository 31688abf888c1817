"""The private attributes of redis-py's pools that other code reads, as live views of the core.

They never hold a connection: each look asks the pool. The few operations that redis-py's own code and tests use to
change them are passed on to the core, which keeps its counts right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSet, Sequence
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from respool._pool import Pool


def contains(connections: Iterable[Any], connection: object) -> bool:
    return any(candidate is connection for candidate in connections)


class IdleConnections(Sequence[Any]):
    """`_available_connections`: those ready for the next caller, the one that is idle longest first."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def _connections(self) -> list[Any]:
        return self._pool._walk()[0]

    def __len__(self) -> int:
        return self._pool.idle

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self._connections()[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._connections())

    def __contains__(self, connection: object) -> bool:
        return contains(self._connections(), connection)

    def __add__(self, other: list[Any]) -> list[Any]:
        return self._connections() + other

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Iterable) and self._connections() == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._connections())

    def append(self, connection: Any) -> None:
        if connection not in self and not self._pool._put_back(connection):
            self._pool._admit(lambda: connection, True)

    def extend(self, connections: Iterable[Any]) -> None:
        for connection in connections:
            self.append(connection)

    def remove(self, connection: Any) -> None:
        if connection not in self:
            raise ValueError(f"{connection!r} is not idle in this pool")
        self._pool._forget(connection)


class AllConnections(IdleConnections):
    """`_connections` of a blocking pool: idle or not."""

    def _connections(self) -> list[Any]:
        idle, others = self._pool._walk()
        return idle + others

    def __len__(self) -> int:
        return len(self._connections())

    def append(self, connection: Any) -> None:
        if connection not in self:
            self._pool._admit(lambda: connection, False)


class InUseConnections(MutableSet[Any]):
    """`_in_use_connections`: those that callers hold, or that are being connected for them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> set[Any]:
        return set(it)

    def _connections(self) -> list[Any]:
        return self._pool._walk()[1]

    def __len__(self) -> int:
        return len(self._connections())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._connections())

    def __contains__(self, connection: object) -> bool:
        return contains(self._connections(), connection)

    def __repr__(self) -> str:
        return repr(set(self._connections()))

    def add(self, connection: Any) -> None:
        if connection not in self and not self._pool._take(connection):
            self._pool._admit(lambda: connection, False)

    def discard(self, connection: Any) -> None:
        if connection in self:
            self._pool._forget(connection)

    def update(self, connections: Iterable[Any]) -> None:
        for connection in connections:
            self.add(connection)


class QueueOfConnections:
    """`pool` of a blocking pool: what `queue.Queue` tells about itself, with None for each place still free."""

    def __init__(self, pool: Pool, maxsize: int) -> None:
        self._pool = pool
        self.maxsize = maxsize

    @property
    def queue(self) -> list[Any]:
        created, _, _, _, _ = self._pool.counts()
        return [None] * (self.maxsize - created) + self._pool._walk()[0]

    def qsize(self) -> int:
        created, idle, _, _, _ = self._pool.counts()
        return self.maxsize - created + idle

    def empty(self) -> bool:
        return self.qsize() == 0

    def full(self) -> bool:
        return self.qsize() == self.maxsize
