"""Tests of redis-py that pass with its own classes and fail with respool's on purpose: the reason, and the node ids.

One without parameters stands for all of them. Each has to be seen: one that passes is an error of `make conformance`, so
that the list stays short.
"""

DIFFERENCES: dict[str, tuple[str, ...]] = {}
