"""What groups of workloads and subjects are called, in the order of the tables: the reference first, ours last."""

from __future__ import annotations

COMMANDS = "Commands"
VALUES = "Values"
THREADS = "Threads"
TASKS = {"asyncio": "Tasks, asyncio", "uvloop": "Tasks, uvloop"}
POOLS = "Pool alone"
RESP = "RESP alone"

GROUPS = (COMMANDS, VALUES, THREADS, *TASKS.values(), POOLS, RESP)

REFERENCE = "redis-py, hiredis"
REDIS_PY = "redis-py"
VALKEY = "valkey-py, libvalkey"
COREDIS = "coredis"
GLIDE = "valkey-glide"
RAW = "raw socket"
REDIS_BENCHMARK = "redis-benchmark"
SWAPPED = "redis-py, respool's pool"
OURS = "respool.Redis"

CLIENTS = (REFERENCE, REDIS_PY, VALKEY, COREDIS, GLIDE, RAW, REDIS_BENCHMARK, SWAPPED, OURS)
PARSERS = ("hiredis", "libvalkey", "respool")
