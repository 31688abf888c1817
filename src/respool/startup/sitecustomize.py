"""Runs at the start of every Python that `respool run` starts, and of those which that one starts.

It hides itself first, so that the environment's own `sitecustomize`, which it has taken the place of, runs too.
"""

import importlib.util
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[:] = [entry for entry in sys.path if not entry or Path(entry).resolve() != here]
this = sys.modules.pop("sitecustomize")
if importlib.util.find_spec("sitecustomize"):
    importlib.import_module("sitecustomize")
sys.modules.setdefault("sitecustomize", this)

if importlib.util.find_spec("respool"):  # not in another environment's Python
    from respool import install

    install()
