from typing import Any

from typing_extensions import Self, disjoint_base

from respool._ledger import Ledger
from respool._resp import Reader

__pyx_capi__: dict[str, object]
CLOSED_BY_SERVER: str
CLOSED_HERE: str
READ_BY_ANOTHER: str
METHODS: frozenset[str]

def no_timeout() -> None: ...

@disjoint_base
class Wire:
    broken: bool
    def __new__(cls, sock: Any, reader: Reader) -> Self: ...
    def __del__(self) -> None: ...
    @property
    def reader(self) -> Reader: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def sock(self) -> Any: ...
    @property
    def closed(self) -> bool: ...
