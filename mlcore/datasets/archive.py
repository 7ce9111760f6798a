"""A mission's table straight from the NASA Exoplanet Archive's TAP service."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mlcore.datasets.readers.read import RawTable
from mlcore.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from pyvo.dal import TAPService

    from mlcore.datasets.spec import Dataset

__all__ = ["TAP_URL", "ArchiveError", "fetch"]

TAP_URL = "https://exoplanetarchive.ipac.caltech.edu/TAP"

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 180.0


class ArchiveError(DataError):
    """The archive did not give the whole table; the text says why."""


def fetch(dataset: Dataset, *, url: str = TAP_URL) -> RawTable:
    """Ask the archive for the columns of a mission's table that the registry knows.

    Parameters
    ----------
    dataset
        The mission.
    url
        Address of the TAP service.

    Returns
    -------
    RawTable
        All rows, in the order of the objects' names; dated today.

    Raises
    ------
    ArchiveError
        When the archive cannot be reached, refuses, answers something else than a table or
        answers only a part of it.
    """
    service = _service(url)
    # The table's name is a constant of the registry, no user's text.
    table = dataset.archive_table
    offered = _ask(
        service,
        f"select column_name from TAP_SCHEMA.columns where table_name = '{table}'",  # noqa: S608
    )
    has = {str(name).strip().lower() for name in _only_column(offered)}
    known = [name for name in dataset.column_names if name in has]
    named = [column.name for column in dataset.other_names if column.name in has]
    asked = list(dict.fromkeys((*known, *named)))
    if dataset.label not in known:
        msg = f"The NASA Exoplanet Archive has no table {table} with the expected columns."
        raise ArchiveError(msg)
    counted = _only_column(_ask(service, f"select count(*) as n from {table}"))  # noqa: S608
    frame = _ask(service, f"select {', '.join(asked)} from {table}")  # noqa: S608
    frame.columns = [str(name).strip().lower() for name in frame.columns]
    expected = int(counted[0]) if len(counted) == 1 else -1
    if len(frame) != expected:
        raise ArchiveError(
            f"The NASA Exoplanet Archive answered {len(frame)} rows of table {table}, "
            f"which has {expected}: the answer is truncated."
        )
    if lost := [name for name in asked if name not in frame]:
        msg = f"The NASA Exoplanet Archive's answer lacks the columns {', '.join(lost)}."
        raise ArchiveError(msg)
    by = [name for name in (*dataset.object_name, *known) if name in frame]
    frame = frame.sort_values(by, kind="stable", ignore_index=True)
    today = datetime.now(tz=UTC).date()
    return RawTable(frame=frame, columns=tuple(frame.columns), dated=today)


def _service(url: str) -> TAPService:
    import requests  # noqa: PLC0415  # slow to import, and needed only to load a table
    from pyvo.dal import TAPService  # noqa: PLC0415

    class Impatient(requests.adapters.HTTPAdapter):
        """Gives up on a host that does not answer, which pyvo itself would wait for."""

        def send(self, *args: Any, **kwargs: Any) -> requests.Response:
            kwargs["timeout"] = (_CONNECT_SECONDS, _READ_SECONDS)
            return super().send(*args, **kwargs)

    session = requests.Session()
    session.mount("https://", Impatient())
    session.mount("http://", Impatient())
    # pyvo parses the body as it comes, without unpacking it.
    session.headers["Accept-Encoding"] = "identity"
    return TAPService(url, session=session)


def _ask(service: TAPService, query: str) -> pd.DataFrame:
    import requests  # noqa: PLC0415
    from pyvo import dal  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            # VOTables are seldom flawless; what matters of theirs is checked by the registry.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", dal.DALOverflowWarning)
            frame: pd.DataFrame = service.run_sync(query).to_table().to_pandas()
            return frame
    except dal.DALOverflowWarning as error:
        raise ArchiveError("The NASA Exoplanet Archive's answer is truncated.") from error
    except dal.DALQueryError as error:
        raise ArchiveError("The NASA Exoplanet Archive rejected the query.") from error
    except dal.DALServiceError as error:
        code = f" (HTTP {error.code})" if error.code else ""
        raise ArchiveError(f"The NASA Exoplanet Archive refused the request{code}.") from error
    except (dal.DALAccessError, requests.RequestException) as error:
        cause = error.cause if isinstance(error, dal.DALFormatError) else error
        if isinstance(cause, requests.RequestException):
            msg = "The NASA Exoplanet Archive cannot be reached."
        else:
            msg = "The NASA Exoplanet Archive's answer is damaged or not a table."
        raise ArchiveError(msg) from error


def _only_column(frame: pd.DataFrame) -> list[Any]:
    return frame.iloc[:, 0].tolist() if frame.shape[1] == 1 else []
