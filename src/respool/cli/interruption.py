"""Ctrl-C and its kin, for a program that has to tidy up before it ends."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType


class InterruptedBySignal(Exception):  # noqa: N818
    """The program was told to end; `number` is that of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Interruption:
    """Notes the signals that end a program, for it to `check` where it can stop.

    Raising from the handler instead would be lost whenever a finalizer happens to run, for Python ignores what those
    raise.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._previous: dict[int, object] = {}

    def __enter__(self) -> Interruption:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                number = getattr(signal, name)
                self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = self.received or number

    def check(self) -> None:
        """Raise InterruptedBySignal if a signal has come."""
        if self.received is not None:
            raise InterruptedBySignal(self.received)
