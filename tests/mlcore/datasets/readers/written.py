"""Files of formats for which no library that writes them is at hand."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["EMPTY_END", "ods", "votable"]

_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_DOCUMENT = (
    "<office:document-content"
    f' xmlns:office="{_OASIS}:office:1.0" xmlns:table="{_OASIS}:table:1.0"'
    f' xmlns:text="{_OASIS}:text:1.0"><office:body><office:spreadsheet>'
)
EMPTY_END = (
    '<table:table-row table:number-rows-repeated="1048500">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)
"""What LibreOffice writes below the last row."""


def ods(
    sheets: Mapping[str, Sequence[Sequence[object]]],
    *,
    end: str = EMPTY_END,
    before: str = "",
    kind: str = "application/vnd.oasis.opendocument.spreadsheet",
) -> bytes:
    """Return a workbook with these sheets, below the rows of each what `end` has."""
    tables = "".join(
        f"<table:table table:name={quoteattr(title)}>"
        + "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows)
        + f"{end}</table:table>"
        for title, rows in sheets.items()
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), kind)
        archive.writestr(
            zipfile.ZipInfo("content.xml"),
            f"{before}{_DOCUMENT}{tables}</office:spreadsheet></office:body></office:document-content>",
            zipfile.ZIP_DEFLATED,
        )
        archive.writestr(
            zipfile.ZipInfo("META-INF/manifest.xml"),
            f'<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0"/>',
        )
    return content.getvalue()


def _cell(value: object) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case int() | float():
            number = f'office:value-type="float" office:value="{value!r}"'
            return f"<table:table-cell {number}><text:p>{value}</text:p></table:table-cell>"
        case _:
            text = escape(str(value))
            return (
                '<table:table-cell office:value-type="string">'
                f"<text:p>{text}</text:p></table:table-cell>"
            )


def votable(fields: str, data: str, *, before: str = "", table: str = "") -> bytes:
    """Return a VOTable with these elements FIELD and this element DATA."""
    return (
        f'<?xml version="1.0"?>{before}'
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
        f"<RESOURCE><TABLE {table}>{fields}<DATA>{data}</DATA></TABLE></RESOURCE></VOTABLE>"
    ).encode()
