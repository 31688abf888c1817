"""Pages of the documentation: their blocks, headings and links, and a program that runs the blocks of one.

Run by itself it executes the blocks that it is given on its input, one after the other in one namespace, and tells what
each has printed.
"""

from __future__ import annotations

import io
import json
import re
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^(?P<fence>```+)(?P<language>[^\n`]*)\n(?P<code>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\((?P<target>[^()\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """What stands between two fences."""

    line: int  # of the first line of code
    language: str
    code: str


@dataclass(frozen=True)
class Page:
    """A file of Markdown."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def prose(self) -> str:
        """The page without its blocks."""
        return FENCE.sub("", self.text)

    @property
    def blocks(self) -> list[Block]:
        return [
            Block(self.text.count("\n", 0, found.start("code")) + 1, found["language"].strip(), found["code"])
            for found in FENCE.finditer(self.text)
        ]

    @property
    def links(self) -> list[str]:
        return [found["target"] for found in LINK.finditer(CODE.sub("", self.prose))]

    @property
    def anchors(self) -> set[str]:
        """What the headings are called in links, as GitHub and MyST have it."""
        headings: list[str] = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def all_pages() -> list[Page]:
    """README, CHANGELOG and all of docs/."""
    paths = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [Page(path) for path in paths]


def main() -> None:
    told = []
    namespace: dict[str, object] = {"__name__": "__main__"}
    output = io.StringIO()  # one for all blocks: the first may say where logs go
    for path, line, code in json.load(sys.stdin):
        before = len(output.getvalue())
        with redirect_stdout(output):
            exec(compile("\n" * (line - 1) + code, path, "exec"), namespace)  # noqa: S102
        told.append(output.getvalue()[before:])
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
