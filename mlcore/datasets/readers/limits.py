"""How large a table may be, declared in one place."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

__all__ = ["LIMITS", "TableLimits"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableLimits:
    """What a table is refused beyond; ten times and more of what any of the archive's has.

    Each is checked before the memory is taken that it protects: a file's own claims first, then
    what unpacking and reading find.
    """

    rows: int = field(
        default=250_000, metadata={"help": "Rows; in a text file lines, its comments included."}
    )
    columns: int = field(default=2_000, metadata={"help": "Columns, known to the mission or not."})
    cells: int = field(default=25_000_000, metadata={"help": "Rows times columns."})
    cell_characters: int = field(
        default=1_000, metadata={"help": "Characters of a word in a mission's column."}
    )
    name_characters: int = field(default=200, metadata={"help": "Characters of a column's name."})
    line_bytes: int = field(default=1 << 20, metadata={"help": "Bytes of a line of a text file."})
    unpacked_bytes: int = field(
        default=500 * 10**6,
        metadata={"help": "Bytes of a compressed file, a workbook or a Parquet file, unpacked."},
    )
    packed_ratio: int = field(
        default=200,
        metadata={
            "help": "How many times as large a part of a workbook may be as its packed form."
        },
    )
    part_bytes: int = field(
        default=16 * 10**6,
        metadata={
            "help": "Bytes of what a reader takes whole: a workbook's styles, a Parquet footer."
        },
    )

    def describe(self) -> dict[str, tuple[int, str]]:
        """Return each limit's value and meaning by its name."""
        return {
            limit.name: (getattr(self, limit.name), str(limit.metadata["help"]))
            for limit in fields(self)
        }


LIMITS = TableLimits()
