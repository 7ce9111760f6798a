"""XGBoost fitted by the workers of a Dask cluster, on rows that no machine has to hold at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.dask_workers.usable import usable_workers
from mlcore.dask_workers.worker import described
from mlcore.datasets.spec import CLASSES
from mlcore.errors import DataError
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.models.classifier import Classifier, known_medians
from mlcore.models.model_types import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column
    from mlcore.tasks import Task

    Source = LabelledRows | Callable[[], LabelledRows]

__all__ = ["divided", "fit_booster_on_workers"]

_CONNECTING = 10.0
_SEEN_FOR_MEDIANS = 100_000
"""How many rows at least the medians are taken of, where there are so many."""


def fit_booster_on_workers(
    address: str,
    parts: Sequence[Source],
    values: Mapping[str, Any],
    *,
    columns: Sequence[Column],
    task: Task,
    seed: int = 0,
) -> Classifier:
    """Fit XGBoost on labelled rows, each worker on the parts that it holds.

    Parameters
    ----------
    address
        The scheduler's, such as ``tcp://127.0.0.1:8786``.
    parts
        The training rows in parts, or what makes them where they are needed; see `divided`. Each
        label is one of the task's classes. Two or more a worker share the work evenly.
    values
        What `ModelType.read_hyperparameters` of XGBoost returned.
    columns
        Declarations of the feature columns that the model sees, in their order.
    task
        What is told apart; each of its classes occurs.
    seed
        Seed of every random step.

    Returns
    -------
    Classifier
        As `mlcore.models.fit_classifier` returns it, uncalibrated. Bins and sums are merged over
        the workers, so that its trees are not the same to the bit: its figures are.

    Raises
    ------
    DataError
        When no worker may be used, or a class does not occur.
    """
    # An optional extra, and slow to load.
    from dask import array  # noqa: PLC0415
    from distributed import Client  # noqa: PLC0415
    from xgboost import dask as boosting  # noqa: PLC0415

    kind = MODELS["xgboost"]
    names = [column.name for column in columns]
    classes = tuple(each for each in CLASSES if each in task.classes)
    estimator = kind.recipe.build(values, seed)
    here = described()
    with (
        Client(address, set_as_default=False, timeout=_CONNECTING, name="mlcore") as client,
        # What is sent refers to what is on the workers already.
        client.as_current(),
    ):
        workers = client.sync(usable_workers, client, here)
        if not workers:
            raise DataError(f"The Dask cluster {address} has no worker of this version.")
        words = [str(each) for each in classes]
        sampled = -(-_SEEN_FOR_MEDIANS // len(parts))
        read = [
            client.submit(_read, one, names, words, workers=workers, pure=False) for one in parts
        ]
        counts = client.gather([client.submit(_counted, one, len(words)) for one in read])
        total = np.sum(counts, axis=0)
        if lacking := [word for word, count in zip(words, total, strict=True) if not count]:
            raise DataError(f"The rows have none that is {' or '.join(lacking)}.")
        some = client.gather([client.submit(_some, one, sampled) for one in read])
        X = array.concatenate(
            [
                array.from_delayed(
                    client.submit(_matrix, one), (int(count.sum()), len(names)), np.float64
                )
                for one, count in zip(read, counts, strict=True)
            ]
        )
        y = array.concatenate(
            [
                array.from_delayed(client.submit(_target, one), (int(count.sum()),), np.int64)
                for one, count in zip(read, counts, strict=True)
            ]
        )
        parameters = estimator.get_xgb_params() | {"verbosity": 0}
        if len(classes) > 2:
            parameters |= {"objective": "multi:softprob", "num_class": len(classes)}
        trained = boosting.train(
            client,
            parameters,
            boosting.DaskDMatrix(client, X, y, missing=np.nan),
            num_boost_round=estimator.get_num_boosting_rounds(),
            verbose_eval=False,
        )
    estimator.load_model(trained["booster"].save_raw("ubj"))
    return Classifier(
        model_type=kind,
        hyperparameters=dict(values),
        columns=tuple(names),
        classes=classes,
        preparation=None,
        estimator=estimator,
        baseline=known_medians(np.concatenate(some)),
        seed=seed,
        task=task,
    )


def divided(rows: LabelledRows, parts: int) -> list[LabelledRows]:
    """Return rows in so many parts, which need not hold whole stars to be learnt from."""
    place = np.arange(len(rows)) * parts // max(len(rows), 1)
    return [
        LabelledRows(
            features=rows.features[place == number].reset_index(drop=True),
            labels=rows.labels[place == number].reset_index(drop=True),
            hosts=rows.hosts[place == number].reset_index(drop=True),
            columns=rows.columns,
        )
        for number in range(parts)
    ]


def _read(
    source: Source, names: list[str], words: list[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rows = source if isinstance(source, LabelledRows) else source()
    target = rows.labels.map({word: place for place, word in enumerate(words)})
    matrix = rows.features.loc[:, names].to_numpy(dtype=np.float64)
    return np.asarray(matrix), np.asarray(target, dtype=np.int64)


def _counted(read: tuple[NDArray[Any], NDArray[np.int64]], classes: int) -> NDArray[np.int64]:
    return np.bincount(read[1], minlength=classes)


def _some(read: tuple[NDArray[np.float64], NDArray[Any]], count: int) -> NDArray[np.float64]:
    return read[0][:count]


def _matrix(read: tuple[NDArray[np.float64], NDArray[Any]]) -> NDArray[np.float64]:
    return read[0]


def _target(read: tuple[NDArray[Any], NDArray[np.int64]]) -> NDArray[np.int64]:
    return read[1]
