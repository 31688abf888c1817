from typing import Any

from typing_extensions import disjoint_base

from respool._observed import Observed
from respool._slots import Slot

LENDING: frozenset[str]

@disjoint_base
class Checkout(Observed):
    _asks_owner: bool
    _caching: bool
    def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> Any: ...
    def _is_usable(self, slot: Slot) -> bool: ...
    def _checkout(self) -> Any: ...
