from collections.abc import Awaitable
from typing import Any

from redis.exceptions import ConnectionError as ConnectionError  # noqa: A004
from typing_extensions import Self, disjoint_base

from respool._batch import Load

@disjoint_base
class AsyncBatch(Load):
    def __new__(cls, connection: Any, commands: list[Any], transaction: bool) -> Self: ...
    @property
    def sending(self) -> bool: ...
    @property
    def results(self) -> list[Any]: ...
    def go_on(self, seconds: float) -> Awaitable[Any] | None: ...
