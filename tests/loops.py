"""A fresh event loop for each test, of each kind, on which nothing that goes wrong stays unheard."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

SECONDS = 60  # after which what runs on a loop hangs; or half of a test's own time-out

Run = Callable[..., Any]  # run(main, *args, abandons=False): what `await main(*args)` returns, on a loop of its own


class Complaints(logging.Handler):
    """What loops report to their exception handler, and asyncio to its log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))

    def hear(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        # uvloop's own, for a task that is cancelled while it sets TLS up.
        if "the handler is closed" not in str(context.get("exception")):
            self.heard.append(str(context))

    def hear_out(self, close: Callable[[], Any], abandons: bool) -> None:
        """Close a loop; uvloop, which warns of what is open then, would hang if its warning was an error."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            close()
        if not abandons:
            self.heard += [str(warning.message) for warning in caught]

    def check(self) -> None:
        assert not self.heard, self.heard


@pytest.fixture(params=["asyncio", "uvloop"])
def kind_of_loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def either_protocol(kind_of_loop: str) -> int:
    """RESP2 on one kind of loop, RESP3 on the other, where all four together would take long."""
    return 2 if kind_of_loop == "asyncio" else 3


@pytest.fixture
def run(request: pytest.FixtureRequest, kind_of_loop: str) -> Iterator[Run]:
    """Runs a coroutine function on a fresh loop in debug mode, any number of them one after the other.

    No task may be left then, no error unretrieved, and nothing logged by asyncio, not even when loop and garbage have
    gone. No transport may be open, unless `main` abandons one on purpose.
    """
    new_loop = pytest.importorskip("uvloop").new_event_loop if kind_of_loop == "uvloop" else asyncio.new_event_loop
    complaints = Complaints()
    limit = request.node.get_closest_marker("timeout")
    seconds = limit.args[0] / 2 if limit else SECONDS

    def run_on_fresh_loop(main: Callable[..., Any], *args: Any, abandons: bool = False) -> Any:
        loop = new_loop()
        loop.set_debug(True)
        loop.slow_callback_duration = seconds  # a busy machine is none of our business
        loop.set_exception_handler(complaints.hear)
        left: list[str] = []
        task = loop.create_task(main(*args))
        clock = loop.call_later(seconds, task.cancel)
        try:
            result = loop.run_until_complete(task)
        finally:
            clock.cancel()
            gc.collect()
            left += loop.run_until_complete(end_of_loop())
            complaints.hear_out(loop.close, abandons)
        assert not left, left
        complaints.check()
        return result

    logging.getLogger("asyncio").addHandler(complaints)
    try:
        yield run_on_fresh_loop
    finally:
        gc.collect()  # errors that nobody has asked for are reported when their future or task goes
        logging.getLogger("asyncio").removeHandler(complaints)
    complaints.check()


async def end_of_loop() -> list[str]:
    """End what is still there; returns the tasks that did not end on their own."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    _, pending = await asyncio.wait(others, timeout=1) if others else (others, set())
    for task in pending:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
    return [repr(task) for task in pending]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: Any) -> bool | None:
    """Let `run` run a test that is a coroutine function; its module says `pytestmark = on_each_loop`."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    pyfuncitem.funcargs["run"](functools.partial(pyfuncitem.obj, **arguments))
    return True


on_each_loop = pytest.mark.usefixtures("run")
