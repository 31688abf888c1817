"""Whether somebody watches a pool: redis-py's metrics, and listeners to its events.

It is looked up on each way out and back in, so it costs a look at a dictionary and no call. What is then reported is
up to the pools in Python. It never decides who gets a connection (that is `_pool`).
"""

from respool._upkeep cimport Upkeep


cdef class Observed(Upkeep):
    """Compiled base of the drop-in pools, for threads and for asyncio."""

    def _watch(self, recorder, provider, release_event):
        """Tell what to look at on the way; called once by the constructor of the pool."""
        self.recorder = recorder
        self.provider = provider
        self.release_event = release_event

    def _watch_listeners(self, dispatcher, listeners, own_listeners):
        """Tell which listeners amount to plain re-authentication, which needs no event to be dispatched."""
        self.dispatcher = dispatcher
        self.listeners = listeners
        self.own_listeners = own_listeners

    def _look_for_observers(self):
        self.observing = self.observed()

    def _is_observed(self):
        """Whether metrics were on at the last look."""
        return self.observing

    cdef bint observed(self):
        """Whether redis-py's metrics are switched on."""
        if self.recorder is None:
            return False
        if self.recorder.get("_metrics_collector") is not None:
            return True
        instance = self.provider.get("_observability_instance")
        return instance is not None and instance._provider_manager is not None

    cdef bint listens_only_for_re_auth(self):
        return (
            self._event_dispatcher is self.dispatcher
            and self.own_listeners is not None
            and self.listeners.get(self.release_event) is self.own_listeners
            and len(self.own_listeners) == 1
        )

    cdef int note(self, Py_ssize_t idle, Py_ssize_t used) except -1:
        if self.observing:
            self._record(idle, used)
        return 0
