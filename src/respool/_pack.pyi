from collections.abc import Callable, Iterable
from typing import Any

from typing_extensions import Self, disjoint_base

@disjoint_base
class Packer:
    def __new__(
        cls,
        data_error: Callable[[str], BaseException],
        encoding: str | None = "utf-8",
        errors: str | None = "strict",
        cutoff: int = 16384,
        encode: Callable[[Any], Any] | None = None,
    ) -> Self: ...
    def pack(self, *args: Any) -> list[Any]: ...
    def pack_command(self, args: tuple[str | bytes | bytearray | memoryview | int | float, ...]) -> bytes: ...
    def pack_all(self, commands: Iterable[Iterable[Any]]) -> list[Any]: ...
