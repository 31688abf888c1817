"""README.md and docs/: each block does what the page says, commands and names exist, links lead somewhere.

The blocks of a page run one after the other in a process of their own, on real servers: where a page says 6379 there is
one, at 6380 one with TLS, at 7000 a cluster. A block of text right after a block of Python is what that prints; numbers
with a decimal point may differ, and ... stands for anything. docs/recipes.md has its own tests.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
import types
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
import typer.main

import pages
import respool
import respool.asyncio
from conftest import until
from pages import ROOT, Block, Page, all_pages
from respool._survival import POOL_OPTIONS
from respool.cli import app
from servers import Certificates, RedisServer, free_port, redis_server

PAGES = {page.name: page for page in all_pages()}
MODULE = re.compile(r"# (\w+\.py)\n")
LANGUAGES = {"python", "text", "sh"}
APART = {"docs/recipes.md"}  # with tests of their own
COMMANDS: Any = typer.main.get_command(app)


def is_directive(block: Block) -> bool:
    return block.language.startswith("{")


def scripts(page: Page) -> list[Block]:
    """The blocks that run here; a block that begins with the name of a file is tested by itself."""
    return [block for block in page.blocks if block.language == "python" and not MODULE.match(block.code)]


def expected(page: Page) -> list[str]:
    """What each of the blocks that run prints."""
    blocks = page.blocks
    following = dict(zip(blocks, [*blocks[1:], None], strict=False))
    outputs = []
    for block in scripts(page):
        after = following[block]
        outputs.append(after.code if after is not None and after.language == "text" else "")
    return outputs


def pattern(output: str) -> str:
    """A regular expression for what a page says that is printed."""
    parts = re.split(r"(\d+\.\d+(?:e-?\d+)?|\.\.\.)", output)
    wild = [r"[\d.e+-]+" if part[:1].isdigit() else ".*?" for part in parts[1::2]]
    literal = [re.escape(part) for part in parts[::2]]
    return "".join(part for pair in zip(literal, [*wild, ""], strict=True) for part in pair)


@pytest.fixture(scope="module")
def cluster() -> Iterator[RedisServer]:
    """A cluster of one node."""
    with redis_server("--cluster-enabled", "yes", "--cluster-port", str(free_port())) as node:
        with redis.Redis(port=node.port) as client:
            client.cluster("ADDSLOTS", *range(16_384))
            until(lambda: client.cluster("INFO")["cluster_state"] == "ok")
        yield node


@pytest.fixture
def places(request: pytest.FixtureRequest, secure_server: RedisServer, certificates: Certificates) -> dict[str, str]:
    """What stands for the servers and files of the pages."""
    with redis.Redis(port=secure_server.port) as client:
        client.flushall()
    found = {
        "6379": str(secure_server.port),
        "6380": str(secure_server.tls_port),
        "/run/redis/redis.sock": secure_server.unix_socket,
        "/etc/redis/ca.pem": certificates.root,
        "/etc/redis/client.pem": certificates.client,
        "/etc/redis/client.key": certificates.client_key,
    }
    if "7000" in PAGES[request.node.callspec.params["name"]].text:
        found["7000"] = str(request.getfixturevalue("cluster").port)
    return found


def settled(code: str, places: dict[str, str]) -> str:
    for name, real in places.items():
        code = re.sub(rf"(?<!\d){re.escape(name)}(?!\d)", lambda _, real=real: real, code)
    return code


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, filter(None, sys.path))), **more}


@pytest.mark.parametrize("name", [name for name in PAGES if name not in APART and scripts(PAGES[name])])
def test_blocks_do_what_their_page_says(name: str, places: dict[str, str], tmp_path: Path) -> None:
    page = PAGES[name]
    blocks = [(page.name, block.line, settled(block.code, places)) for block in scripts(page)]
    done = subprocess.run(
        [sys.executable, "-W", "error", pages.__file__], input=json.dumps(blocks), env=environment(), cwd=tmp_path,
        capture_output=True, text=True, timeout=90,
    )
    assert done.returncode == 0 and not done.stderr, f"{name}\n{done.stderr}"
    for block, printed, said in zip(scripts(page), json.loads(done.stdout), expected(page), strict=True):
        assert re.fullmatch(pattern(settled(said, places)), printed, re.DOTALL), (
            f"{name}:{block.line} prints\n{printed}\nand the page says\n{said}"
        )


def test_blocks_are_of_languages_that_are_tested() -> None:
    for page in PAGES.values():
        for block in page.blocks:
            assert is_directive(block) or block.language in LANGUAGES, f"{page.name}:{block.line}: {block.language!r}"


def test_text_is_what_a_block_before_it_prints() -> None:
    for page in PAGES.values():
        if page.name not in APART:
            assert [block.code for block in page.blocks if block.language == "text"] == [*filter(None, expected(page))]


def test_modules_are_tested() -> None:
    """Those of the recipes elsewhere, the others here."""
    named = {
        found[1]: block.code
        for page in PAGES.values() if page.name not in APART
        for block in page.blocks if block.language == "python" and (found := MODULE.match(block.code))
    }
    assert named == {name: module(name) for name in ("draining.py", "gunicorn_settings.py")}


def module(name: str) -> str:
    [code] = [
        block.code for block in PAGES["docs/howto/survive.md"].blocks if block.code.startswith(f"# {name}\n")
    ]
    return code


def test_an_application_drains_its_pool(server: RedisServer, tmp_path: Path) -> None:
    (tmp_path / "draining.py").write_text(module("draining.py"))
    program = """
import asyncio, types
import draining

async def main():
    async with draining.lifespan(draining.app):
        pool = draining.app.state.redis.connection_pool
        print(pool.idle >= 2, type(await draining.hits(types.SimpleNamespace(app=draining.app))).__name__)
        late = asyncio.create_task(draining.app.state.redis.blpop(["draining"], timeout=0.2))
        while not pool.in_use:
            await asyncio.sleep(0.001)
    print(late.done(), pool.counts())

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], env=environment(REDIS_URL=server.url), cwd=tmp_path,
        capture_output=True, text=True, timeout=60,
    )
    assert not done.stderr
    assert done.stdout == "True int\nTrue (0, 0, 0, 0, 0)\n"


def test_a_worker_of_gunicorns_drains_its_pool(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with respool.ConnectionPool(**server.address) as pool:
        pool.release(pool.get_connection())
        monkeypatch.setitem(sys.modules, "web", types.SimpleNamespace(pool=pool))
        namespace: dict[str, Any] = {}
        exec(module("gunicorn_settings.py"), namespace)  # noqa: S102
        settings: Any = importlib.import_module("gunicorn.config").Config()
        settings.set("worker_exit", namespace["worker_exit"])
        settings.worker_exit(None, None)
        assert pool.counts() == (0, 0, 0, 0, 0)


# --- commands ----------------------------------------------------------------------------------------------------


def check_make(words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for word in words:
        name, is_variable, _ = word.partition("=")
        known = rf"\$\({name}\)" if is_variable else rf"^\.PHONY:.*\b{name}\b"
        assert re.search(known, makefile, re.MULTILINE), f"make knows no {word}"


def check_pip(words: list[str]) -> None:
    extras = set(re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text(), re.MULTILINE))
    assert words[0] == "install"
    for word in words[1:]:
        found = re.fullmatch(r"(?:\.|respool)(?:\[([\w,]+)\])?", word)
        assert found, f"pip install {word}"
        assert set((found[1] or "").split(",")) - {""} <= extras, f"there is no extra {word}"


def check_respool(words: list[str]) -> None:
    command = COMMANDS.commands[words[0]]
    options = {option for parameter in command.params for option in parameter.opts}
    for word in [] if words[0] == "run" else words[1:]:
        assert not word.startswith("-") or word in options, f"respool {words[0]} has no {word}"


def check_python(words: list[str]) -> None:
    assert words[:2] == ["-m", "respool"], f"python {words}"
    check_respool(words[2:])


def check_module(program: str, words: list[str]) -> None:
    """A Python program that is installed, and its options."""
    told = subprocess.run(
        [sys.executable, "-m", program, "--help"], capture_output=True, text=True, env=environment(COLUMNS="200")
    ).stdout
    for word in words:
        assert not word.startswith("-") or re.search(rf"(?<![\w-]){re.escape(word.partition('=')[0])}\b", told), word


CHECKS = {"make": check_make, "pip": check_pip, "respool": check_respool, "python": check_python}


def test_commands_exist() -> None:
    for page in PAGES.values():
        for block in page.blocks:
            if block.language != "sh":
                continue
            for line in block.code.splitlines():
                words = shlex.split(line, comments=True)
                while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                    words.pop(0)
                if not words:
                    continue
                program, *rest = words
                if program in CHECKS:
                    CHECKS[program](rest)
                else:
                    check_module(program, rest)


# --- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_names_exist(name: str) -> None:
    """`respool.X`, `pool.X` and the like, wherever prose names them."""
    pool = respool.ConnectionPool()
    known: dict[str, list[Any]] = {
        "respool": [respool],
        "pool": [pool, respool.BlockingConnectionPool(), respool.asyncio.ConnectionPool],
        "stats": [pool.stats()],
    }
    for code in pages.CODE.findall(PAGES[name].prose):
        for found in re.finditer(r"(?<![\w.])(respool|pool|stats)((?:\.\w+)+)", code):
            owners, path = known[found[1]], found[2][1:].split(".")
            if path[-1] in ("py", "pml"):  # a file
                continue
            assert any(leads_to(owner, path) for owner in owners), f"{name}: there is no {found[0]}"


def leads_to(owner: Any, path: list[str]) -> bool:
    for part in path:
        if isinstance(owner, types.ModuleType):
            with suppress(ImportError):
                importlib.import_module(f"{owner.__name__}.{part}")
        if not hasattr(owner, part):
            return False
        owner = getattr(owner, part)
    return True


def test_all_public_names_are_in_the_reference() -> None:
    text = "".join(page.text for name, page in PAGES.items() if name.startswith("docs/reference/"))
    for module in (respool, respool.asyncio):
        for name in module.__all__:
            if name != "__version__":
                assert re.search(rf"^\.\. auto\w+:: {module.__name__}\.{name}(\(\))?$", text, re.MULTILINE), name


def test_all_settings_of_pools_are_described() -> None:
    text = "".join(page.text for name, page in PAGES.items() if name.startswith("docs/howto/"))
    for name in POOL_OPTIONS:
        assert f"`{name}`" in text, f"no page tells what {name} is for"


def test_a_url_may_carry_what_its_page_says() -> None:
    text = PAGES["docs/howto/url.md"].text
    told = re.search(r"^- Of the pool's own settings: (.*?)\.$", text, re.MULTILINE | re.DOTALL)
    assert told
    values = {"order": "lifo", "name": "shop", "retire_on_failover": "yes", "lease_sampling": 0.5}
    names = pages.CODE.findall(told[1])
    assert set(names) == set(POOL_OPTIONS)
    for name in names:
        with respool.ConnectionPool.from_url(f"redis://localhost?{name}={values.get(name, 2)}") as pool:
            assert name not in pool.connection_kwargs


# --- links -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    page = PAGES[name]
    for link in page.links:
        if "://" in link:
            assert re.fullmatch(r"https://[\w.-]+(/[\w./#%~-]*)?", link), link
            continue
        path, _, anchor = link.partition("#")
        target = (page.path.parent / path).resolve() if path else page.path
        assert target.exists(), f"{name}: {link}"
        if anchor:
            assert anchor in Page(target).anchors, f"{name}: {link}"


def test_each_page_can_be_reached() -> None:
    """The table of contents has each page, once."""
    listed = re.findall(r"^([\w/]+)$", (ROOT / "docs/index.md").read_text(), re.MULTILINE)
    assert sorted(f"docs/{entry}.md" for entry in [*listed, "index"]) == sorted(
        name for name in PAGES if name.startswith("docs/")
    )
