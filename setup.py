"""Build of the compiled modules; everything else stands in pyproject.toml.

RESPOOL_DEBUG=1      assertions of the core, bounds checks, no optimisation
RESPOOL_LINETRACE=1  line tracing for coverage and profilers (Cython.Coverage)
"""

import os
import sys

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("RESPOOL_DEBUG") == "1"
LINETRACE = os.environ.get("RESPOOL_LINETRACE") == "1"

macros = [("RESPOOL_DEBUG", "1")] * DEBUG + [("CYTHON_TRACE_NOGIL", "1")] * LINETRACE
flags = [] if sys.platform == "win32" else ["-O0", "-g"] if DEBUG else ["-O3"]

extensions = [
    Extension(f"respool.{name}", [f"src/respool/{name}.pyx"], define_macros=macros, extra_compile_args=flags,
              depends=["src/respool/_lock.h"])
    for name in ("_line", "_slots", "_pool", "_checkout")
]

setup(ext_modules=cythonize(
    extensions,
    force=DEBUG or LINETRACE,
    compiler_directives={
        "language_level": "3",
        "boundscheck": DEBUG,
        "wraparound": False,
        "initializedcheck": DEBUG,
        "nonecheck": DEBUG,
        "linetrace": LINETRACE,
        "embedsignature": True,
        "auto_pickle": False,
        "autotestdict": False,
    },
))
