from typing import Any

from typing_extensions import disjoint_base

from respool._upkeep import Upkeep

@disjoint_base
class Observed(Upkeep):
    _event_dispatcher: Any
    def _watch(
        self,
        recorder: dict[str, Any] | None,
        provider: dict[str, Any] | None,
        release_event: type[Any],
    ) -> None: ...
    def _watch_listeners(self, dispatcher: Any, listeners: dict[Any, Any], own_listeners: list[Any]) -> None: ...
    def _look_for_observers(self) -> None: ...
    def _is_observed(self) -> bool: ...
