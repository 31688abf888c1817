from typing import Any

from redis.client import EMPTY_RESPONSE as EMPTY_RESPONSE
from redis.client import NEVER_DECODE as NEVER_DECODE
from redis.client import CaseInsensitiveDict as CaseInsensitiveDict
from redis.exceptions import ExecAbortError as ExecAbortError
from redis.exceptions import ResponseError as ResponseError
from redis.exceptions import WatchError as WatchError
from typing_extensions import Self, disjoint_base

__pyx_capi__: dict[str, object]

KEYS: str
COMPILED: tuple[str, ...]
UNWATCHING: frozenset[str]
WRONG_NUMBER: str

@disjoint_base
class CommandPath:
    connection_pool: Any
    connection: Any
    response_callbacks: Any
    def __new__(cls, *args: Any, **kwargs: Any) -> Self: ...
    def __getstate__(self) -> dict[str, Any]: ...
    def __setstate__(self, state: dict[str, Any]) -> None: ...

def constructor() -> Any: ...

@disjoint_base
class ClientCore(CommandPath):
    _single_connection_client: Any
    def execute_command(self, *args: Any, **options: Any) -> Any: ...
    def _execute_command(self, *args: Any, **options: Any) -> Any: ...

@disjoint_base
class PipelinePath(CommandPath):
    command_stack: Any
    watching: Any
    explicit_transaction: Any
    def execute_command(self, *args: Any, **kwargs: Any) -> Any: ...

class PipelineCore(PipelinePath):
    def _execute_pipeline(self, connection: Any, commands: Any, raise_on_error: Any) -> Any: ...
    def _execute_transaction(self, connection: Any, commands: Any, raise_on_error: Any) -> Any: ...
