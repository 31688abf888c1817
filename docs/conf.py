"""The site: `make docs` builds it into build/docs. It loads nothing from elsewhere and needs no server."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.domains.python import PyXRefRole

import respool

project = "respool"
version = release = respool.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns: list[str] = []
default_role = "named"

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

autodoc_typehints = "none"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]  # several names may share a line
napoleon_use_param = False
napoleon_use_rtype = False
python_maximum_signature_line_length = 88
add_module_names = True
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "respool"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/favicon.svg"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#a8341f", "color-brand-content": "#a8341f"},
    "dark_css_variables": {"color-brand-primary": "#f08a72", "color-brand-content": "#f08a72"},
}
pygments_style = "friendly"
pygments_dark_style = "github-dark"


COLON = "\ue000"  # stands for one meanwhile


class Named(PyXRefRole):  # type: ignore[misc]
    """`name` in a docstring: code, and a link if it is a full name of ours."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        if self.text.startswith("respool."):
            return super().run()  # type: ignore[no-any-return]
        return [nodes.literal(self.rawtext, self.text)], []


def without_self(
    _app: Any, what: str, _name: str, _object: Any, _options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Signatures of compiled methods stand in their docstrings, with `self` and C's types; errors are not made."""
    if what == "exception":
        return "", None
    return (None if signature is None else re.sub(r"\bself(, )?|\b(tuple|Py_ssize_t) ", "", signature)), None


def marked_up(_app: Any, what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Say what the eye sees: prose after a blank line ends a section, and what is indented outside of one is code."""
    if what in ("attribute", "property"):  # where napoleon takes what stands before a colon for a type
        lines[:] = [line.replace(":", COLON) for line in lines]
    found: list[str] = []
    section = indented = False
    for index, line in enumerate(lines):
        follows = lines[index + 1] if index + 1 < len(lines) else ""
        after_blank = bool(found) and not found[-1]
        if line and set(follows) == {"-"}:
            section = True
        elif line and not line.startswith(" ") and after_blank and section:
            found.append("")  # two blank lines end a section
            section = False
        if line and not section:
            if line.startswith("    ") and after_blank and not indented:
                found += ["::", ""]
            indented = line.startswith("    ")
        found.append(line)
    lines[:] = found


def with_colons(_app: Any, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Put back the colons that napoleon was not to see."""
    lines[:] = [line.replace(COLON, ":") for line in lines]


def setup(app: Any) -> None:
    app.add_role("named", Named())
    app.connect("autodoc-process-signature", without_self)
    app.connect("autodoc-process-docstring", marked_up, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", with_colons, priority=600)  # and after it
