"""Whether two trainings of one model left the same content, its numbers within a rounding.

Runs on one machine give the same bits. Another processor adds up in another order and rounds its
last bits otherwise, so that what was trained there is compared by what it says.
"""

from __future__ import annotations

import hashlib
import json
import math
from contextlib import suppress
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from mlcore.jobs.messages import ARTIFACT, PREDICTIONS
from mlcore.persistence.manifest import MANIFEST, read_json
from mlcore.pretrained.packaging import CARD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["TOLERANCE", "compare"]

TOLERANCE = 1e-9
"""How far two numbers may lie apart: as a share of the larger one, or as they are below one.

Rounding on two processors was seen to move figures by up to 1e-13 of them, and the entries of an
inverted covariance by up to 4e-11; another fit moves the third digit.
"""

_DIGESTS = {f"{ARTIFACT}/{MANIFEST}": ("sha256",), CARD: ("artifact", "sha256")}
"""Where a file keeps the SHA-256 of each of the artifact's files."""

_NOTHING = object()


def compare(carried: Path, trained: Path) -> list[str]:
    """Return in which files two folders of a training differ, and by how much, as sentences.

    Parameters
    ----------
    carried, trained
        Folders as `mlcore.pretrained.train_published` writes them. How the test rows were scored is
        not compared, for it is not carried.

    Returns
    -------
    list of str
        One for each file that differs, by the file's name. Numbers that are not whole may lie
        `TOLERANCE` apart; all else has to be equal. Of a booster its trees are compared, and the
        digest of a file is right when it is the one of the file beside it.
    """
    files = {
        path.relative_to(root).as_posix()
        for root in (carried, trained)
        for path in root.rglob("*")
        if path.is_file() and path.relative_to(root).as_posix() != PREDICTIONS
    }
    sentences = (_compare_file(file, carried, trained) for file in sorted(files))
    return [sentence for sentence in sentences if sentence is not None]


def _compare_file(file: str, carried: Path, trained: Path) -> str | None:
    if not (trained / file).is_file():
        return f"{file} is carried and was not written."
    if not (carried / file).is_file():
        return f"{file} was written and is not carried."
    if (carried / file).read_bytes() == (trained / file).read_bytes() and file not in _DIGESTS:
        return None
    first, second = _content(carried, file), _content(trained, file)
    if first is _NOTHING or second is _NOTHING:
        return f"{file} has other bytes."
    differences = list(_walk(first, second))
    if not differences:
        return None
    _, worst = max(differences, key=itemgetter(0))
    count = len(differences)
    others = "" if count == 1 else f"{count} values differ, most of all this one: "
    return f"{file}: {others}{worst}."


def _content(root: Path, file: str) -> Any:
    """Return what a file says, as JSON values; `_NOTHING` for a file that only has bytes."""
    path = root / file
    with suppress(ValueError):
        if path.suffix == ".json":
            return _with_digests_judged(root, file, read_json(path))
        if path.suffix == ".ubj":
            # Heavy, and needed only where the bytes differ.
            import xgboost  # noqa: PLC0415

            booster = xgboost.Booster()
            # Its errors are ValueErrors.
            booster.load_model(bytearray(path.read_bytes()))
            return json.loads(booster.save_raw("json"))
    return _NOTHING


def _with_digests_judged(root: Path, file: str, content: Any) -> Any:
    """Put in the place of each digest whether it is the one of its file.

    Bits that differ make another digest, which says nothing of what the file says.
    """
    digests = content
    for name in _DIGESTS.get(file, ()):
        digests = digests[name]
    for name, digest in digests.items() if file in _DIGESTS else ():
        path = root / ARTIFACT / name
        if path.is_file() and digest == hashlib.sha256(path.read_bytes()).hexdigest():
            digests[name] = "the file's own"
    return content


def _walk(carried: Any, trained: Any, place: str = "") -> Iterator[tuple[float, str]]:
    """Yield of each value that differs by how much, as `TOLERANCE` measures it, and say so.

    It is named by the names and numbers that lead to it; what are no numbers differ infinitely.
    """
    if isinstance(carried, dict) and isinstance(trained, dict):
        for name in dict.fromkeys([*carried, *trained]):
            yield from _walk(
                carried.get(name, _NOTHING),
                trained.get(name, _NOTHING),
                f"{place}.{name}" if place else name,
            )
    elif isinstance(carried, list) and isinstance(trained, list) and len(carried) == len(trained):
        for number, pair in enumerate(zip(carried, trained, strict=True)):
            yield from _walk(*pair, f"{place}[{number}]")
    elif not _are_alike(carried, trained):
        size = math.inf
        said = f"{place or 'the whole'} is {_shown(trained)} and was {_shown(carried)}"
        if _are_numbers(carried, trained):
            apart = abs(carried - trained)
            size = apart / max(1.0, abs(carried), abs(trained))
            said += f", {apart:.1e} apart"
        yield size, said


def _are_alike(carried: Any, trained: Any) -> bool:
    if _are_numbers(carried, trained):
        return math.isclose(carried, trained, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    # A count is no rounded number, and true is not one.
    return type(carried) is type(trained) and bool(carried == trained)


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(value, float) for value in values)


def _shown(value: Any) -> str:
    if value is _NOTHING:
        return "nothing"
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"
