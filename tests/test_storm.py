"""A signal handler may raise anywhere within a command, over and over: no reply is anybody else's, no slot is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import respool
from servers import RedisServer

INTERRUPTS = 3_500
SECONDS = 6


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this platform has no interval timers")
@pytest.mark.parametrize("max_connections", [1, 2, 3])
@pytest.mark.parametrize("protocol", [2, 3])
def test_a_storm_of_signals_mixes_up_no_replies_and_loses_no_slot(
    server: RedisServer, protocol: int, max_connections: int
) -> None:
    settings = map(str, (server.port, protocol, max_connections, INTERRUPTS, SECONDS, 10 * protocol + max_connections))
    # A process of its own: the handler would hit what runs the tests.
    storm = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("storm.py")), *settings],
        env={**os.environ, "PYTHONPATH": str(Path(respool.__file__).parents[1])},
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert storm.returncode == 0, storm.stderr[-5000:]  # Python tells there of what was raised in finalizers
    outcome = json.loads(storm.stdout)
    assert outcome["strikes"] > 0 and outcome["served"] > 0
    assert outcome["wrong"] == []
    assert outcome["errors"] == {}
    assert outcome["calm"] == {"right": max_connections}
    assert outcome["counts"] == [max_connections, max_connections, 0, 0, 0]
