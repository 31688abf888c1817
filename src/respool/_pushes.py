"""Who gets what a server pushes, unasked: the handlers of parsers and connections, for threads and for asyncio."""

from __future__ import annotations

import functools
import weakref
from typing import Any

__all__ = ["LooseHandlers", "PushHandlers", "loosen_handlers", "weakly"]


HANDLERS = (
    "node_moving_push_handler_func",
    "maintenance_push_handler_func",
    "oss_cluster_maint_push_handler_func",
    "invalidation_push_handler_func",
)


class PushHandlers:
    """The handlers of a parser. None of them ties the parser to itself in a reference cycle, as redis-py's do."""

    handle_pubsub_push_response: Any

    def _begin_handlers(self) -> None:
        self._push_handler: Any = None
        for name in HANDLERS:
            setattr(self, name, None)

    @property
    def pubsub_push_handler_func(self) -> Any:
        """Gets the pushes that no other handler takes; by default they are only logged, at level DEBUG."""
        return self._push_handler or self.handle_pubsub_push_response

    @pubsub_push_handler_func.setter
    def pubsub_push_handler_func(self, handler: Any) -> None:
        self._push_handler = handler


class LooseHandlers:
    """Maintenance notifications of a connection, whose handlers do not hold it: one that is lost dies at once."""

    def _configure_maintenance_notifications(self, *args: Any, **kwargs: Any) -> None:
        super()._configure_maintenance_notifications(*args, **kwargs)  # type: ignore[misc]
        loosen_handlers(self)

    def set_maint_notifications_pool_handler_for_connection(self, *args: Any, **kwargs: Any) -> None:
        super().set_maint_notifications_pool_handler_for_connection(*args, **kwargs)  # type: ignore[misc]
        loosen_handlers(self)

    def set_maint_notifications_cluster_handler_for_connection(self, *args: Any, **kwargs: Any) -> None:
        super().set_maint_notifications_cluster_handler_for_connection(*args, **kwargs)  # type: ignore[misc]
        loosen_handlers(self)


def weakly(method: Any) -> Any:
    """Call a method as long as its object lives."""
    reference = weakref.WeakMethod(method)

    def call(*args: Any) -> Any:
        found = reference()
        return None if found is None else found(*args)

    return call


@functools.cache
def holding_weakly(kind: type[Any]) -> type[Any]:
    """A kind of handler that holds its connection weakly."""

    def held(self: Any) -> Any:
        return self._held and self._held()

    def hold(self: Any, connection: Any) -> None:
        self._held = connection and weakref.ref(connection)

    return type(kind.__name__, (kind,), {"connection": property(held, hold), "__module__": kind.__module__})


def loosen_handlers(connection: Any) -> None:
    """Keep the handlers from holding their connection in a reference cycle: one that is lost dies at once."""
    for name in ("_maint_notifications_pool_handler", "_maint_notifications_connection_handler"):
        handler = getattr(connection, name, None)
        if handler is not None and vars(handler).get("connection") is connection:
            del handler.connection
            handler.__class__ = holding_weakly(type(handler))  # type: ignore[arg-type]
            handler.connection = connection
