"""Wheels for this Linux machine, by every CPython on it; each is tried where there is no compiler: `make wheels`.

    python tools/wheels.py DIRECTORY [INTERPRETER ...]

1. The sdist, which holds every tracked file, and is all that a wheel is built from.
2. For each CPython, in an isolated environment: a wheel, repaired for as many Linuxes as its symbols allow.
3. In a bare virtual environment of each interpreter, with no compiler on PATH: tools/smoke.py against a real server,
   and a short `respool demo`.
4. What the index would say of metadata and contents.

It needs git, a redis-server or valkey-server on PATH, and the packages of the group `ship` in pyproject.toml.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
VERSIONS = [f"3.{minor}{threads}" for minor in range(10, 15) for threads in ("", "t")]
ASK = """import json, sys, sysconfig
ours = sys.implementation.name == "cpython" and sys.version_info >= (3, 10) and sys.prefix == sys.base_prefix
print(json.dumps([ours, sysconfig.get_config_var("SOABI"), sys.version.split()[0], sys.prefix + sys.version]))"""


@dataclass(frozen=True)
class Interpreter:
    path: str
    abi: str
    version: str


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a command; its output is shown only if it fails, which ends the program."""
    done = subprocess.run(
        [*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, env=env
    )
    if done.returncode:
        raise SystemExit(f"{done.stdout}\n{' '.join(map(str, command))}: failed with code {done.returncode}")
    return done.stdout


def interpreters(named: Sequence[str]) -> list[Interpreter]:
    """Those named; or Debian's, those on PATH and pyenv's, without virtual environments and what we do not support."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = list(named) or [
        "/usr/bin/python3", *(f"python{version}" for version in VERSIONS), *map(str, pyenv.glob("*/bin/python3"))
    ]
    found: dict[str, Interpreter] = {}
    for candidate in candidates:
        path = shutil.which(candidate)
        asked = subprocess.run([path, "-c", ASK], capture_output=True, text=True) if path else None
        if path and asked and not asked.returncode:  # pyenv's shims exist for versions that are not chosen
            ours, abi, version, identity = json.loads(asked.stdout)
            if ours:
                found.setdefault(identity, Interpreter(path, abi, version))
    return sorted(found.values(), key=lambda interpreter: [*map(int, re.findall(r"\d+", interpreter.version))])


def build_sdist(directory: Path) -> Path:
    run(BIN / "python", "-m", "build", "--sdist", "--outdir", directory, ROOT)
    [sdist] = directory.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames() if archive.getmember(name).isfile()}
    made = {name for name in names if name in ("PKG-INFO", "setup.cfg") or ".egg-info/" in name}
    tracked = set(run("git", "-C", ROOT, "ls-files").split("\n")) - {""}
    assert names - made == tracked, f"missing: {sorted(tracked - names)}; too much: {sorted(names - made - tracked)}"
    return sdist


def build_wheel(sdist: Path, interpreter: Interpreter, directory: Path) -> Path:
    with tempfile.TemporaryDirectory() as raw:
        run(BIN / "pip", "--python", interpreter.path, "wheel", "--quiet", "--no-deps", "--wheel-dir", raw, sdist)
        [built] = Path(raw).glob("*.whl")
        before = set(directory.glob("*.whl"))
        run(BIN / "auditwheel", "repair", "--wheel-dir", directory, built,
            env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
    [wheel] = set(directory.glob("*.whl")) - before
    check_contents(wheel, interpreter.abi)
    return wheel


def check_contents(wheel: Path, abi: str) -> None:
    """Every Python file, stub, seam for `cimport` and compiled module; the licence; nothing else, and no symbols."""
    source = ROOT / "src"
    kinds = {".py", ".pyi", ".pxd", ".h", ".typed"}
    expected = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.suffix in kinds}
    expected |= {f"respool/{path.stem}.{abi}.so" for path in source.glob("respool/*.pyx")}
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        described = {name for name in names if ".dist-info/" in name}
        assert names - described == expected, (names - described) ^ expected
        assert any(name.endswith("/licenses/LICENSE") for name in described), described
        for name in expected:
            assert not name.endswith(".so") or b".debug_info" not in archive.read(name), f"{name} is not stripped"


def try_out(wheel: Path, interpreter: Interpreter) -> str:
    """What the smoke test says, in an environment that has seen no compiler."""
    server = shutil.which("redis-server") or shutil.which("valkey-server")
    assert server, "make wheels needs redis-server or valkey-server"
    with tempfile.TemporaryDirectory(prefix="respool-") as name:
        directory = Path(name)
        bare, path = directory / "bare", directory / "bin"
        path.mkdir()
        (path / Path(server).name).symlink_to(server)
        environment = {"PATH": str(path), "HOME": name, "MPLCONFIGDIR": name}
        run(interpreter.path, "-m", "venv", "--without-pip", bare)
        run(BIN / "pip", "--python", bare / "bin" / "python", "install", "--quiet", "--only-binary", ":all:",
            f"{wheel}[cli]", env={**os.environ, "PATH": str(path)})
        said = run(bare / "bin" / "python", ROOT / "tools" / "smoke.py", "--server", cwd=directory, env=environment)
        demonstrated = run(bare / "bin" / "respool", "demo", "--rounds", "3", "--operations", "20", cwd=directory,
                           env=environment)
        assert "respool's pool" in demonstrated and (directory / "demo.svg").exists(), demonstrated
        return said.strip()


def main(directory: Path, named: Sequence[str]) -> None:
    if directory.exists():
        shutil.rmtree(directory)
    directory.mkdir(parents=True)
    sdist = build_sdist(directory)
    print(f"{sdist.name}: {sdist.stat().st_size / 1024:.0f} KiB")
    wheels: dict[str, Path] = {}
    for interpreter in interpreters(named):
        if interpreter.abi not in wheels:
            wheel = wheels[interpreter.abi] = build_wheel(sdist, interpreter, directory)
            with zipfile.ZipFile(wheel) as archive:
                unpacked = sum(member.file_size for member in archive.infolist())
            print(f"{wheel.name}: {wheel.stat().st_size / 1024:.0f} KiB, {unpacked / 1024:.0f} KiB unpacked")
        print(f"  {interpreter.path}: {try_out(wheels[interpreter.abi], interpreter)}", flush=True)
    run(BIN / "twine", "check", "--strict", sdist, *wheels.values())
    run(BIN / "check-wheel-contents", *wheels.values())
    run(BIN / "pyroma", "--min", "8", sdist)  # of 10: nobody's e-mail address stands in it
    print("Metadata and contents are as they should be.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
