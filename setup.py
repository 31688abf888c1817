"""Build of the compiled modules; everything else stands in pyproject.toml.

RESPOOL_DEBUG=1      assertions of the core, bounds checks, no optimisation
RESPOOL_LINETRACE=1  line tracing for coverage and profilers (Cython.Coverage)
RESPOOL_SANITIZE=1   errors of memory and undefined behaviour end the process; needs gcc's libasan preloaded
"""

import os
import sys

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("RESPOOL_DEBUG") == "1"
LINETRACE = os.environ.get("RESPOOL_LINETRACE") == "1"
SANITIZE = os.environ.get("RESPOOL_SANITIZE") == "1"
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"] * SANITIZE
OPTIMISATION = ["-O0", "-g"] if DEBUG else ["-O1", "-g"] if SANITIZE else ["-O3", "-g0"]
# Whoever needs symbols builds one of the variants: in a release they would be most of it.
STRIPPED = ["-Wl,-s"] if sys.platform == "linux" and not (DEBUG or SANITIZE) else []
# Each variant in a directory of its own, so that none takes another's objects for its own.
BUILD = f"build/{'debug' if DEBUG else 'release'}{'-linetrace' if LINETRACE else ''}{'-sanitize' if SANITIZE else ''}"

extensions = [
    Extension(
        f"respool.{name}",
        [f"src/respool/{name}.pyx"],
        define_macros=[("RESPOOL_DEBUG", "1")] * DEBUG + [("CYTHON_TRACE_NOGIL", "1")] * LINETRACE,
        extra_compile_args=[] if sys.platform == "win32" else OPTIMISATION + SANITIZERS,
        extra_link_args=SANITIZERS + STRIPPED,
        include_dirs=["src/respool"], libraries=["ws2_32"] * (sys.platform == "win32"),
        depends=["src/respool/_clock.h", "src/respool/_lock.h", "src/respool/_socket.h"],
    )
    for name in (
        "_resp", "_pack", "_ledger", "_wire", "_connection", "_async_wire",
        "_line", "_slots", "_walk", "_pool", "_growth", "_upkeep", "_observed", "_checkout", "_async_checkout",
        "_outage", "_watch", "_batch", "_client", "_async_batch", "_async_client",
    )
]
directives = {
    "language_level": "3", "boundscheck": DEBUG, "wraparound": False, "initializedcheck": DEBUG, "nonecheck": DEBUG,
    "linetrace": LINETRACE, "embedsignature": True, "auto_pickle": False, "autotestdict": False, "binding": False,
}
setup(
    ext_modules=cythonize(extensions, build_dir=f"{BUILD}/cython", compiler_directives=directives),
    options={"build": {"build_base": BUILD}, "build_ext": {"parallel": os.cpu_count()}},
)
