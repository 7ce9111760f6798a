"""How the documentation is built; what the code itself knows is written from it at each build."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import mlcore  # noqa: E402 - the checkout's own
from exoplanet import environment  # noqa: E402
from mlcore.pretrained import PUBLISHED, card  # noqa: E402
from sessions_app.api.problems import PROBLEMS  # noqa: E402
from tests import fault_table  # noqa: E402

project = "Exoplanet Playground"
author = copyright = "the Exoplanet Playground developers"  # noqa: A001 - Sphinx's name
extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
exclude_patterns = ["generated", "_build"]
html_theme = "furo"
html_title = project
myst_heading_anchors = 3
# A link out of the documentation, to the code: shown as it stands.
myst_all_links_external = False
suppress_warnings = ["myst.xref_missing"]
autosummary_generate = False
autodoc_typehints = "none"
numpydoc_show_class_members = False

_GENERATED = Path(__file__).parent / "generated"


def variables() -> str:
    """Return the table of environment variables."""
    return environment.in_markdown()


def faults() -> str:
    """Return the table of faults and what becomes of them."""
    return fault_table.in_markdown(row.in_markdown() for row in fault_table.rows())


def problems() -> str:
    """Return the table of the kinds of problem that the modern API answers with."""
    rows = (
        f"| `{kind.name}` | {kind.status.value} {kind.title} | {kind.meaning} | {kind.remedy} |"
        for kind in PROBLEMS
    )
    return "\n".join(["| name | status | what it means | what to do |", "|---|---|---|---|", *rows])


def cards() -> str:
    """Return what the cards of the carried models say, in short."""
    return "\n\n".join(_card(name) for name in PUBLISHED)


def library() -> str:
    """Return a directive for each public name of the library."""
    constants = [name for name in mlcore.__all__ if name.isupper()]
    lines = [f"| `mlcore.{name}` | {_first_line(name)} |" for name in constants]
    directives = [
        f"```{{eval-rst}}\n.. auto{_kind(name)}:: mlcore.{name}\n```"
        for name in mlcore.__all__
        if name not in constants
    ]
    return "\n\n".join(["\n".join(["| name | what it holds |", "|---|---|", *lines]), *directives])


def _kind(name: str) -> str:
    return "class" if isinstance(getattr(mlcore, name), type) else "function"


def _first_line(name: str) -> str:
    value = getattr(mlcore, name)
    return ", ".join(f"`{key}`" for key in value)


def _card(name: str) -> str:
    content = card(name)
    headline = content["headline"]
    figure = f"{headline['value']:.3f} ({headline['low']:.3f} to {headline['high']:.3f})"
    return "\n".join(
        [
            f"## {content['title']}",
            "",
            content["intended_use"],
            "",
            f"- name: `{name}`",
            f"- {headline['title']}: {figure} on {headline['rows']} rows, {headline['split']}",
            *(f"- {limit}" for limit in content["limits"]),
            *(f"- **{warning}**" for warning in content["warnings"]),
        ]
    )


def _write(_: Sphinx) -> None:
    pages: dict[str, Callable[[], str]] = {
        "variables": variables,
        "faults": faults,
        "problems": problems,
        "cards": cards,
        "library": library,
    }
    _GENERATED.mkdir(exist_ok=True)
    for name, content in pages.items():
        (_GENERATED / f"{name}.md").write_text(content() + "\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Write the generated pages before anything is read."""
    app.connect("builder-inited", _write)
