from typing import Any

from typing_extensions import Self, disjoint_base

from respool._connection import ConnectionCore
from respool._wire import Wire

MULTI: tuple[str]
EXEC: tuple[str]

@disjoint_base
class Load:
    def __new__(cls, connection: Any, commands: list[Any], transaction: bool, wire: Any = None) -> Self: ...

@disjoint_base
class Batch(Load):
    def __new__(cls, connection: ConnectionCore, commands: list[Any], transaction: bool, wire: Wire) -> Self: ...
    def catch_up(self) -> bool: ...
