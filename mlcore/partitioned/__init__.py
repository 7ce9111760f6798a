"""Tables that one machine's memory does not hold: predicted and learnt from in partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore._lazy import lazy_names

if TYPE_CHECKING:
    from mlcore.partitioned.boosting import fit_booster_on_workers
    from mlcore.partitioned.partitions import Partition, files_by_star, partitions_by_star
    from mlcore.partitioned.scoring import predict_partitions, score_partition

__all__ = [
    "Partition",
    "files_by_star",
    "fit_booster_on_workers",
    "partitions_by_star",
    "predict_partitions",
    "score_partition",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(__name__, __file__)
