from typing import Any

from redis.exceptions import ConnectionError as ConnectionError  # noqa: A004
from typing_extensions import Self, disjoint_base

from respool._connection import ConnectionCore

CLOSED_HERE: str
MULTI: tuple[str]
EXEC: tuple[str]

@disjoint_base
class Load:
    def __new__(cls, connection: Any, commands: list[Any], transaction: bool) -> Self: ...

@disjoint_base
class Batch(Load):
    def __new__(cls, connection: ConnectionCore, commands: list[Any], transaction: bool) -> Self: ...
    def catch_up(self) -> bool: ...
