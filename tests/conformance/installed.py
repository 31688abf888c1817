"""A plugin for redis-py's tests: respool in the place of its classes."""

import respool

respool.install()
