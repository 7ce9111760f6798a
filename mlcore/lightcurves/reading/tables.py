"""Light curves in tables of any format that tables of objects are read from."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.readers.archives import content_of
from mlcore.datasets.readers.formats import Format
from mlcore.datasets.readers.names_line import NoNamesError
from mlcore.datasets.readers.raw_table import Choice, Heading
from mlcore.datasets.readers.read import open_content, read_opened
from mlcore.datasets.readers.text_tables import opened_without_names
from mlcore.errors import DataError
from mlcore.in_words import number
from mlcore.lightcurves.reading.arrays import npz_content, parquet_lists, read_npz
from mlcore.lightcurves.reading.columns import (
    LacksColumnsError,
    Role,
    refuse_other_tables,
    roles_of,
    times_of,
)
from mlcore.lightcurves.reading.facts import Facts
from mlcore.lightcurves.reading.fluxes import may_be_magnitudes
from mlcore.lightcurves.reading.mast import facts_of_headers
from mlcore.lightcurves.reading.measurements import Measurements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlcore.datasets.readers.packing import Content
    from mlcore.datasets.readers.raw_table import Opened

__all__ = ["UNNAMED", "measurements_in"]

UNNAMED = ("time", "flux", "error")
"""What the columns of a file are that has numbers and no headings."""
_OF_WORDS = (Role.STAR, Role.BAND, Role.CAMERA)
_ASCENDING = 0.9
"""Share of steps forward in a column that is taken for times although nothing says so."""


def measurements_in(path: Path) -> Measurements:
    """Read what a file has of a light curve.

    Raises
    ------
    NotATableError
        When it is in no format that is read, or is damaged.
    DataError
        When it is no light curve.
    """
    if arrays := npz_content(path):
        return read_npz(arrays)
    content = content_of(path)
    if content.kind is Format.PARQUET and (listed := _lists(content)):
        return listed
    if content.kind is not Format.TEXT:
        with _opened(content) as (opened, facts):
            return _read(opened, content, facts)
    try:
        with open_content(content) as opened:
            return _read(opened, content, Facts())
    except (NoNamesError, LacksColumnsError) as error:
        # A comment above numbers may be no names although it has as many words.
        with opened_without_names(content, UNNAMED) as unnamed:
            if unnamed is not None:
                return _unnamed(unnamed, content)
        if isinstance(error, NoNamesError):
            raise NoNamesError(
                f"{str(error).rstrip('.')}; a light curve without names may have two or three"
                " columns of numbers: time, flux and its error."
            ) from error
        raise


def _lists(content: Content) -> Measurements | None:
    from mlcore.datasets.readers.parquet import opened_file  # noqa: PLC0415  # slow to import

    with opened_file(content) as file:
        return parquet_lists(file)


@contextmanager
def _opened(content: Content) -> Iterator[tuple[Opened, Facts]]:
    """Open a file with what its headers say, which only FITS has."""
    if content.kind is not Format.FITS:
        with open_content(content) as opened:
            yield opened, Facts()
        return
    from mlcore.datasets.readers.fits import opened_table  # noqa: PLC0415  # slow to import
    from mlcore.datasets.readers.fits_extensions import opened_extensions  # noqa: PLC0415

    with opened_extensions(content) as (extensions, number):
        headers = (extensions[0].header, extensions[number].header)
        yield opened_table(extensions[number]), facts_of_headers(*headers)


def _read(opened: Opened, content: Content, facts: Facts) -> Measurements:
    kept: dict[Role, Heading] = {}
    other_times: dict[str, Heading] = {}

    def choose(headings: tuple[Heading, ...]) -> Choice:
        called = [heading.name for heading in headings]
        roles = roles_of(called)
        kept.update({role: headings[place] for role, place in roles.items()})
        columns = {place: role.value for role, place in roles.items()}
        for place in times_of(called):
            if place not in columns:
                columns[place] = f"other time {place}"
                other_times[columns[place]] = headings[place]
        return Choice(columns=columns, text={role.value for role in roles if role in _OF_WORDS})

    raw = read_opened(opened, choose, notes=content.notes, refuse=refuse_other_tables)
    frame = raw.frame.drop(columns=list(other_times))
    # The AAVSO's files have a column of heliocentric times that is empty as a rule.
    if frame[Role.TIME.value].isna().all():
        filled = (name for name in other_times if raw.frame[name].notna().any())
        if name := next(filled, None):
            frame[Role.TIME.value], kept[Role.TIME] = raw.frame[name], other_times[name]
    return Measurements(frame=frame, headings=kept, facts=facts, notes=raw.notes)


def _unnamed(opened: Opened, content: Content) -> Measurements:
    read = _read(opened, content, Facts())
    time = read.numbers(Role.TIME)
    assert time is not None  # noqa: S101  # no file is read without one
    if (np.diff(time[np.isfinite(time)]) > 0).mean() < _ASCENDING:
        raise DataError(
            "The file has no headings, and its first column does not ascend as times do: name its"
            " columns, such as time, flux and error."
        )
    flux = read.numbers(Role.FLUX)
    assert flux is not None  # noqa: S101  # likewise
    if may_be_magnitudes(flux):
        raise DataError(
            "The file has no headings, and its second column lies around"
            f" {number(float(np.nanmedian(flux)))}, which may be magnitudes or fluxes: name its"
            " columns in a first line, such as time, mag, error or time, flux, error."
        )
    taken = " and ".join(UNNAMED[: len(opened.headings)]) if len(opened.headings) == 2 else None
    taken = taken or "time, flux and its error"
    note = f"The file has no headings: its columns were taken for {taken}."
    return Measurements(
        frame=read.frame, headings=read.headings, facts=read.facts, notes=(note, *read.notes)
    )
