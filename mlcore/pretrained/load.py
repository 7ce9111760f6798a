"""The models that lie in the package itself, as archives beside their cards."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.errors import ArtifactError
from mlcore.jobs.messages import ARTIFACT
from mlcore.persistence.manifest import read_json
from mlcore.pretrained.comparison import compare
from mlcore.pretrained.packaging import ARCHIVE, CARD, pack, unpack_archive
from mlcore.pretrained.registry import PUBLISHED

if TYPE_CHECKING:
    from mlcore.models.trained_model import TrainedModel

__all__ = [
    "MODELS_FOLDER",
    "card",
    "carried_names",
    "carry",
    "differences",
    "load_published",
    "model_files",
    "unpack",
]

MODELS_FOLDER = Path(__file__).parent / "models"


def carried_names() -> tuple[str, ...]:
    """Return the names of the models that are carried, in the order of `PUBLISHED`."""
    return tuple(name for name in PUBLISHED if (MODELS_FOLDER / name / ARCHIVE).is_file())


def card(name: str) -> dict[str, Any]:
    """Return a carried model's card as JSON values.

    Raises
    ------
    ArtifactError
        When no such model is carried, or its card is damaged.
    """
    try:
        content: dict[str, Any] = read_json(_folder(name) / CARD)
    except (OSError, ValueError):
        raise ArtifactError("The carried model's card is missing or damaged.") from None
    return content


@cache
def load_published(name: str) -> TrainedModel:
    """Return a carried model, ready to predict with and to fine-tune.

    Raises
    ------
    ArtifactError
        When no such model is carried, or it is damaged.

    Examples
    --------
    >>> import mlcore
    >>> model = mlcore.load_published("kepler-vetting")
    >>> model.task.name, model.missions
    ('vetting', ('kepler',))
    """
    # Heavy, and of no use to who only reads a card.
    from mlcore.persistence.artifact import load_artifact  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="exoplanet-model-") as temporary:
        folder = Path(temporary) / name
        unpack(name, folder)
        return load_artifact(folder / ARTIFACT)


def model_files(model: str) -> list[bytes]:
    """Return what a model's files hold, for whoever asks whether it is the same model.

    Parameters
    ----------
    model
        A carried model's name, or the folder of a saved one.

    Raises
    ------
    ArtifactError
        When there is no such model.
    """
    folder = Path(model) if Path(model).is_dir() else _folder(model)
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


def unpack(name: str, folder: Path) -> None:
    """Write a carried model to a new folder: ``artifact``, ``result.json`` and ``card.json``.

    Raises
    ------
    ArtifactError
        When no such model is carried, or it is damaged.
    """
    unpack_archive(_folder(name), folder)


def carry(name: str, folder: Path) -> int:
    """Put a model that `train_published` wrote into the package; return its size in bytes."""
    pack(folder, MODELS_FOLDER / name)
    return sum(path.stat().st_size for path in (MODELS_FOLDER / name).iterdir())


def differences(name: str, folder: Path) -> list[str]:
    """Return in which files a new training differs from what is carried, as sentences.

    Parameters
    ----------
    name
        One of `PUBLISHED`.
    folder
        What `train_published` wrote.

    Returns
    -------
    list of str
        One for each file that says something else than the carried one, by more than rounding on
        another processor does; see `mlcore.pretrained.comparison`.

    Raises
    ------
    ArtifactError
        When no such model is carried, or it is damaged.
    """
    with tempfile.TemporaryDirectory(prefix="exoplanet-model-") as temporary:
        carried = Path(temporary) / name
        unpack(name, carried)
        return compare(carried, folder)


def _folder(name: str) -> Path:
    folder = MODELS_FOLDER / name
    if name not in PUBLISHED or not (folder / ARCHIVE).is_file():
        raise ArtifactError(
            f"No model {str(name)[:60]} is carried; there are {', '.join(carried_names())}."
        )
    return folder
