"""ECSV, astropy's own text format: delimited text whose comments state types and units.

astropy reads the comments; the rows are those of any delimited text.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

from mlcore.datasets.readers import delimited
from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.limits import LIMITS
from mlcore.datasets.readers.raw_table import Heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.readers.raw_table import Opened
    from mlcore.datasets.readers.text_source import TextSource

__all__ = ["headings_of", "is_it", "opened", "stated_columns"]

_SIGN = "# %ECSV "


def is_it(head: str) -> bool:
    """Tell whether a text is ECSV."""
    return head.startswith(_SIGN)


def headings_of(head: str) -> Sequence[Heading]:
    """Return the names of the columns with their units.

    Raises
    ------
    NotATableError
        When the comments are not what they should be, or the names not theirs.
    DataError
        When the names cannot be read.
    """
    headings = delimited.headings_of(head)
    stated = stated_columns(_header_lines(head))
    if [heading.name for heading in headings] != [column.get("name") for column in stated]:
        raise NotATableError(
            f"The ECSV table's line of names is not what its header states; {EXPECTED}."
        )
    return [
        Heading(name=heading.name, unit=str(column.get("unit") or ""))
        for heading, column in zip(headings, stated, strict=True)
    ]


def opened(source: TextSource) -> Opened:
    """Open a text that has been looked through; see `headings_of`."""
    table = delimited.opened(source)
    table.headings = headings_of(source.head)
    return table


def stated_columns(header: Sequence[str]) -> list[dict[str, Any]]:
    """Return what a table's header in YAML, as astropy writes it, states of each column.

    Raises
    ------
    NotATableError
        When it is damaged or too long.
    """
    import yaml  # noqa: PLC0415  # astropy's own dependency, and rarely needed
    from astropy.table.meta import YamlParseError, get_header_from_yaml  # noqa: PLC0415  # slow

    text = "\n".join(header)
    try:
        # Names for what stands elsewhere can make a short text mean an endless one.
        if len(text) > LIMITS.part_bytes // 64 or any(
            isinstance(token, yaml.AliasToken) for token in yaml.scan(text)
        ):
            raise NotATableError(f"The table's header is too long; {EXPECTED}.")
        columns = get_header_from_yaml(list(header))["datatype"]
        if all(isinstance(column, dict) for column in columns):
            return list(columns)
    except (YamlParseError, yaml.YAMLError, LookupError, TypeError, ValueError, RecursionError):
        pass
    raise NotATableError(f"The table's header is damaged; {EXPECTED}.")


def _header_lines(head: str) -> list[str]:
    lines = takewhile(lambda line: line.startswith("#"), head.splitlines())
    return [line.removeprefix("# ").removeprefix("#") for line in lines][1:]
