"""What pyproject.toml, the workflows and the Makefile say of each other, and of what is there."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "respool"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
CLASSIFIERS = PROJECT["classifiers"]
MAKEFILE = (ROOT / "Makefile").read_text()
WORKFLOWS = {path.name: path for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
VERSIONS = [name.rpartition(" ")[2] for name in CLASSIFIERS if re.search(r":: 3\.\d+$", name)]


@cache
def workflow(name: str) -> dict[Any, Any]:
    loaded = yaml.safe_load(WORKFLOWS[name].read_text())
    assert isinstance(loaded, dict)
    return loaded


def steps(name: str) -> Iterator[dict[str, Any]]:
    for job in workflow(name)["jobs"].values():
        yield from job.get("steps", [])


def tracked() -> list[Path]:
    """The files that git tracks."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("no git repository")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def requirements(*extras: str) -> dict[str, Requirement]:
    """What is installed with these extras, by normalised name, with those that they include."""
    found: dict[str, Requirement] = {}
    for text in [*PROJECT["dependencies"], *(text for extra in extras for text in OPTIONAL[extra])]:
        requirement = Requirement(text)
        if requirement.name == "respool":
            found |= requirements(*requirement.extras)
        else:
            found[requirement.name.lower().replace("-", "_")] = requirement
    return found


OPTIONAL = PROJECT["optional-dependencies"]


# --- Versions --------------------------------------------------------------------------------------------------------

def test_each_python_that_is_supported_is_a_classifier_is_tested_and_has_wheels() -> None:
    supported = SpecifierSet(PROJECT["requires-python"])
    oldest = next(minor for minor in range(40) if f"3.{minor}" in supported)
    assert [f"3.{oldest + further}" for further in range(len(VERSIONS))] == VERSIONS
    assert workflow("tests.yml")["jobs"]["linux"]["strategy"]["matrix"]["python"] == VERSIONS
    for job in workflow("tests.yml")["jobs"].values():
        assert {leg["python"] for leg in legs(job)} <= set(VERSIONS)
    assert f'python_version = "{VERSIONS[0]}"' in (ROOT / "pyproject.toml").read_text()  # for mypy
    assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py{VERSIONS[0].replace('.', '')}"
    assert f"CPython {VERSIONS[0]} or newer" in (ROOT / "README.md").read_text()


def legs(job: dict[str, Any]) -> list[dict[str, str]]:
    """Each line of a job's matrix that names a Python, whether by itself or in `include`."""
    matrix = job.get("strategy", {}).get("matrix", {})
    return [*({"python": version} for version in matrix.get("python", [])), *matrix.get("include", [])]


def test_the_oldest_and_the_newest_redis_py_are_tested_with_the_oldest_and_the_newest_python() -> None:
    [requirement] = map(Requirement, PROJECT["dependencies"])
    job = workflow("tests.yml")["jobs"]["linux"]
    chosen = [*job["strategy"]["matrix"]["redis-py"], *(leg["redis-py"] for leg in legs(job) if "redis-py" in leg)]
    majors = {int(text.lstrip("=>")[0]) for text in chosen}
    assert majors == {major for major in range(1, 40) if f"{major}.9.9" in requirement.specifier}
    oldest = next(str(part.version) for part in requirement.specifier if part.operator == ">=")
    assert {leg["python"] for leg in legs(job) if leg.get("redis-py") == f"=={oldest}.*"} == {VERSIONS[0], VERSIONS[-1]}
    assert {leg["server"].partition(":")[0] for leg in legs(job) if "server" in leg} == {"redis", "valkey/valkey"}


def test_each_platform_of_the_classifiers_has_a_job_and_wheels() -> None:
    runners = {job["runs-on"].partition("-")[0] for job in workflow("tests.yml")["jobs"].values()}
    systems = {name.rpartition(" ")[2] for name in CLASSIFIERS if name.startswith("Operating System")}
    assert {{"ubuntu": "Linux", "macos": "MacOS", "windows": "Windows"}[runner] for runner in runners} == systems
    built = {(leg["platform"], leg["arch"]) for leg in legs(workflow("wheels.yml")["jobs"]["wheels"])}
    configured = PYPROJECT["tool"]["cibuildwheel"]
    assert built == {
        (system, arch) for system in ("linux", "macos", "windows") for arch in configured[system]["archs"]
    }


@pytest.mark.parametrize(("system", "arch", "tags"), [
    ("linux", "x86_64", ["manylinux_x86_64", "musllinux_x86_64"]),
    ("linux", "aarch64", ["manylinux_aarch64", "musllinux_aarch64"]),
    ("macos", "x86_64", ["macosx_x86_64"]),
    ("macos", "arm64", ["macosx_arm64"]),
    ("windows", "AMD64", ["win_amd64"]),
])
def test_each_platform_has_a_wheel_for_each_python(system: str, arch: str, tags: list[str]) -> None:
    pytest.importorskip("cibuildwheel", reason="cibuildwheel needs Python 3.11")
    listed = subprocess.run(
        [sys.executable, "-m", "cibuildwheel", "--platform", system, "--archs", arch, "--print-build-identifiers"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )
    pythons = [f"cp{version.replace('.', '')}" for version in VERSIONS]
    assert set(listed.stdout.split()) == {f"{python}-{tag}" for python in [*pythons, "cp314t"] for tag in tags}


def test_free_threading_is_declared_nowhere_or_everywhere() -> None:
    declared = "freethreading_compatible" in (ROOT / "setup.py").read_text()
    assert any("Free Threading" in name for name in CLASSIFIERS) == declared


def test_the_hooks_before_a_commit_are_versions_that_the_tests_may_have() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    for hook in hooks:
        [pinned] = map(Requirement, hook["additional_dependencies"])
        [version] = [specifier.version for specifier in pinned.specifier if specifier.operator == "=="]
        assert version in requirements("test")[pinned.name.replace("-", "_")].specifier


# --- Requirements ----------------------------------------------------------------------------------------------------

IMPORTED_AS = {
    "cython": {"cython_lint"}, "Cython": {"cython_lint"}, "glide": {"valkey_glide"}, "glide_shared": {"valkey_glide"},
    "glide_sync": {"valkey_glide_sync"}, "numpy": {"matplotlib"}, "opentelemetry": {"opentelemetry_api"},
    "packaging": {"pytest"}, "setuptools": {"cython_lint"}, "tomli": {"pytest"}, "typing_extensions": {"redis"},
    "yaml": {"pyyaml"}, "PIL": {"matplotlib"},
}


def imported(path: Path) -> set[str]:
    """Top-level names of what a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"respool"}


@pytest.mark.parametrize(("directory", "extras"), [
    ("src/respool", []),
    ("src/respool/asyncio", []),
    ("src/respool/cli", ["demo"]),
    ("bench", ["bench"]),
    ("tests", ["test"]),
])
def test_what_is_imported_is_required(directory: str, extras: list[str]) -> None:
    own = {path.stem for name in ("bench", "tests") for path in (ROOT / name).glob("*.py")}
    optional = {"hiredis", "opentelemetry"}  # of redis-py, which are looked for
    for path in (ROOT / directory).glob("*.py"):
        allowed = set(requirements(*extras, *{path.stem} & set(OPTIONAL)))  # some are for one module
        missing = {
            name for name in imported(path) - own - optional
            if not IMPORTED_AS.get(name, {name}) & allowed
        }
        assert not missing, (path.name, missing)


@pytest.mark.parametrize("extra", sorted(OPTIONAL))
def test_each_requirement_of_an_extra_has_both_bounds_and_a_name_once(extra: str) -> None:
    names = []
    for requirement in map(Requirement, OPTIONAL[extra]):
        names.append(requirement.name)
        if requirement.name == "respool":
            assert set(requirement.extras) <= set(OPTIONAL)
        else:
            assert {specifier.operator for specifier in requirement.specifier} == {">=", "<"}, requirement
    assert len(set(names)) == len(names)


# --- Modules and names -----------------------------------------------------------------------------------------------

def test_each_compiled_module_is_built_has_stubs_and_is_given_to_stubtest() -> None:
    sources = {path.stem for path in PACKAGE.glob("*.pyx")}
    [names] = re.findall(r"for name in \((.*?)\)", (ROOT / "setup.py").read_text(), re.DOTALL)
    assert set(re.findall(r'"(\w+)"', names)) == sources
    assert {path.stem for path in PACKAGE.glob("*.pyi")} == sources
    [checked] = re.findall(r"/stubtest ([^-]*)", MAKEFILE)
    assert {name.removeprefix("respool.") for name in checked.replace("\\", "").split()} == sources


def test_each_package_is_shipped() -> None:
    found = {".".join(path.parent.relative_to(ROOT / "src").parts) for path in (ROOT / "src").rglob("__init__.py")}
    assert set(PYPROJECT["tool"]["setuptools"]["packages"]) == found


@pytest.mark.parametrize("module", ["respool", "respool.asyncio"])
def test_each_public_name_is_there_and_documented(module: str) -> None:
    public = importlib.import_module(module)
    pages = "".join(path.read_text() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    for name in set(public.__all__) - {"__version__"}:
        assert getattr(public, name).__doc__, name
    assert [name for name in public.__all__ if name != "__version__" and not re.search(rf"\b{name}\b", pages)] == []


def test_what_is_installed_is_what_a_wheel_should_have() -> None:
    """`make wheels` looks at wheels themselves, which take longer."""
    distribution = importlib.metadata.distribution("respool")
    files = [path for path in distribution.files or [] if path.parts[0] == "respool" and path.suffix != ".pyc"]
    if not files:
        pytest.skip("installed in place")
    kinds = {".py", ".pyi", ".pxd", ".h", ".typed"}
    source = {path.relative_to(ROOT / "src").as_posix() for path in PACKAGE.rglob("*") if path.suffix in kinds}
    compiled = {path for path in files if path.suffix in (".so", ".pyd")}
    assert {PurePosixPath(path).as_posix() for path in files} - {path.as_posix() for path in compiled} == source
    assert {path.name.partition(".")[0] for path in compiled} == {path.stem for path in PACKAGE.glob("*.pyx")}
    assert distribution.metadata["License-Expression"] == "MIT"
    assert distribution.metadata.get_all("License-File") == ["LICENSE"]


# --- Workflows -------------------------------------------------------------------------------------------------------

def test_workflows_and_contributors_run_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
    [phony] = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert set(phony.split()) == targets
    texts = [path.read_text() for path in WORKFLOWS.values()]
    texts += [(ROOT / name).read_text() for name in (".ci/run", "CONTRIBUTING.md", "README.md")]
    called = re.compile(r"(?:`|^ {4,}|run: |exec |server )make\s+(?:-C \w+ )?([a-z][a-z-]*)", re.MULTILINE)
    assert {name for text in texts for name in called.findall(text)} == targets - {"clean"}


def test_workflows_run_files_that_exist() -> None:
    for name in WORKFLOWS:
        for step in steps(name):
            for file in re.findall(r"\b(?:tests|tools)/\w+\.py", step.get("run", "")):
                assert (ROOT / file).exists(), f"{name}: {file}"


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_actions_are_pinned_and_rights_are_given_job_by_job(name: str) -> None:
    for line in WORKFLOWS[name].read_text().splitlines():
        if "uses: " in line and "uses: ./" not in line:
            assert re.search(r"uses: [\w/.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line
    loaded = workflow(name)
    assert loaded["permissions"] == {}
    assert "group" in loaded["concurrency"]
    for job in loaded["jobs"].values():
        assert job["permissions"]
        assert "uses" in job or job["timeout-minutes"]


def test_each_action_has_one_version() -> None:
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS.values():
        for action, pin in re.findall(r"uses: ([\w/.-]+)@(.*)", path.read_text()):
            pins.setdefault(action, set()).add(pin)
    assert {action: versions for action, versions in pins.items() if len(versions) > 1} == {}


def test_only_a_release_may_publish() -> None:
    for name in WORKFLOWS:
        for job, described in workflow(name)["jobs"].items():
            if "id-token" in described["permissions"]:
                assert (name, job) == ("release.yml", "publish")
                assert described["environment"]
    assert set(workflow("release.yml")[True]) == {"push"}  # YAML takes the word `on` for a truth value
    assert set(workflow("release.yml")[True]["push"]) == {"tags"}


def test_the_cibuildwheel_of_the_workflow_is_one_that_the_tests_may_have() -> None:
    [version] = re.findall(r"cibuildwheel==([\d.]+)", WORKFLOWS["wheels.yml"].read_text())
    assert Version(version) in requirements("test")["cibuildwheel"].specifier


# --- What stands nowhere ---------------------------------------------------------------------------------------------

# In pieces, as this file is tracked too.
HOSTS = [".".join(parts) for parts in (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("docker", "io"), ("ghcr", "io"), ("quay", "io"),
    ("deb", "debian", "org"), ("crates", "io"), ("proxy", "golang", "org"),
)]
MACHINES = ["/".join(["", *parts, ""]) for parts in (("home",), ("root",), ("tmp", "w"), ("work",), ("Users",))]


def test_no_registry_and_no_path_of_a_machine_stands_in_any_file() -> None:
    for path in tracked():
        text = path.read_text(errors="replace")
        assert [found for found in HOSTS + MACHINES if found in text] == [], path
