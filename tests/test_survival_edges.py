"""What goes wrong at the edges of survival: ends, interrupts, walks and losses in the middle of what a pool does aside."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import respool
import respool.asyncio as aio
from conftest import assert_sound, until
from stubs import AsyncDummy, Dummy


# --- the housekeeper -------------------------------------------------------------------------------------------------

def test_a_closed_pool_makes_no_connection_and_has_no_housekeeper() -> None:
    pool = respool.ConnectionPool(Dummy, max_connections=4, min_idle=2)
    pool.wait_ready(30)
    housekeeper = pool._housekeeper
    pool.close()
    housekeeper._thread.join(30)
    assert pool._housekeeper is None
    assert_sound(pool, created=0)
    pool.release(pool.get_connection())  # used again, it is looked after again
    until(lambda: pool.counts()[1] == 2)
    pool.close()


async def test_a_closed_pool_for_asyncio_makes_no_connection_and_has_no_housekeeper() -> None:
    pool = aio.ConnectionPool(AsyncDummy, max_connections=4, min_idle=2)
    await pool.wait_ready(30)
    await pool.aclose()
    assert pool._housekeeper is None
    assert_sound(pool, created=0)


def test_a_connection_that_dies_after_the_end_brings_no_housekeeper_back() -> None:
    pool = respool.ConnectionPool(Dummy, max_connections=4, min_idle=2)
    held = [pool.get_connection()]
    pool.close()
    held.clear()
    assert pool._housekeeper is None
    assert_sound(pool, created=0)
