"""What a job is asked for, as JSON values, and what it leaves; nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "ARTIFACT",
    "LEARNT",
    "MOST_EXPLAINED",
    "PREDICTIONS",
    "RESULTS",
    "ROWS",
    "AnalysisJob",
    "EvidenceJob",
    "ExplainObjectsJob",
    "Means",
    "ObjectJob",
    "PredictionJob",
    "TrainingJob",
    "ValuesJob",
]

ARTIFACT = "artifact"
"""Name of the folder that a job leaves its model in."""
RESULTS = "results"
"""Name of the folder that a job leaves what it says of single objects in."""
PREDICTIONS = f"{RESULTS}/predictions.parquet"
"""Name of the file with its predictions."""
ROWS = f"{RESULTS}/rows.parquet"
"""Name of the file with the rows of a large table, for an `ExplainObjectsJob`."""
LEARNT = f"{RESULTS}/learnt.npz"
"""Name of the file with the places of a user's rows on which it trained or fine-tuned a model, for
an `ExplainObjectsJob`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Means:
    """What a job may use beside the process that it runs in; nothing of it changes a result."""

    cores: str | None = None
    """Folder with the tokens of the machine's cores; None: one core."""
    core_count: int = 1
    """How many of them there are."""
    memory_bytes: int | None = None
    """What the job may hold with the processes that it starts [bytes]; None: no limit."""
    computed: str | None = None
    """Folder in which what is the same for every model on a snapshot is kept; None: nowhere."""
    dask: str | None = None
    """Address of a Dask cluster's scheduler; None: there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingJob:
    """A request to train: on a mission's snapshot, or on a training and a testing file."""

    dataset: str
    model_type: str
    hyperparameters: dict[str, Any]
    seed: int
    folder: str
    """New folder for what the job leaves."""
    task: str = "disposition"
    feature_set: str = "default"
    label_derived: list[str] = field(default_factory=list)
    """Columns of the files that the user asked to use although they follow the label."""
    protocols: list[str] = field(default_factory=list)
    """Names of ways of testing beside the fixed split."""
    snapshot: str | None = None
    training_file: str | None = None
    testing_file: str | None = None
    reference: str | None = None
    """The mission's snapshot, whose objects are the neighbours of a file's."""
    snapshot_dated: str | None = None
    """Date of the snapshot's data, ISO 8601."""
    older: list[str] = field(default_factory=list)
    """Older snapshots of the mission, the newest last, for testing forward in time."""
    others: dict[str, str] = field(default_factory=dict)
    """Snapshots of other missions, by mission."""
    mapping: dict[str, Any] = field(default_factory=dict)
    """What the request says of the files' headings, as
    `mlcore.datasets.headings.mapping.ColumnMapping.as_json` writes it."""
    names: dict[str, str] = field(default_factory=dict)
    """What the files were called, by ``training`` and ``testing``: a light curve's name may tell
    its star."""
    known_signals: list[dict[str, Any]] = field(default_factory=list)
    """Of the light curve that is sent, as the fields of
    `mlcore.lightcurves.known.KnownSignal`: they are tested in place of what a search finds."""
    catalogues: list[dict[str, Any]] = field(default_factory=list)
    """Tables of missions in which signals of light curves are looked up, in place of the carried
    rows: ``mission``, ``path``, ``dated`` and ``star_numbers`` as of
    `mlcore.lightcurves.catalogues.loaded.LoadedTable`, and ``model``, the ``name`` and the
    ``artifact`` of the published model that vets its objects, or None."""
    measured: str | None = None
    """Folder with what an earlier job of the session measured in its light curves."""
    measuring: str | None = None
    """Folder of the session's own that outlives an attempt: what is measured of single stars is
    kept in it meanwhile."""
    second_opinion: dict[str, Any] | None = None
    """Which column holds another vetter's opinion, see `mlcore.datasets.opinion.Opinion`."""
    evidence: bool = True
    """Whether what deepens the first answer is gathered before the job ends."""
    means: dict[str, Any] = field(default_factory=dict)
    """The fields of `Means`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionJob:
    """A request to predict with a saved model, fine-tuned first when a training file is given."""

    dataset: str
    artifact: str
    folder: str
    seed: int = 0
    snapshot: str | None = None
    training_file: str | None = None
    testing_file: str | None = None
    reference: str | None = None
    """The mission's snapshot: siblings of a file's objects, nearest neighbours, and the test rows
    on which fine-tuning is held against the published model."""
    refit: dict[str, Any] | None = field(default_factory=dict)
    """Where the rows are that a model of fewer columns is fitted on, for a table that lacks some:
    ``snapshots``, files by mission, or the ``training_job`` of the model's own session; None: such
    a table is refused."""
    refits: str | None = None
    """Folder in which such models are kept for everybody."""
    second_opinion: dict[str, Any] | None = None
    """Which column holds another vetter's opinion, see `mlcore.datasets.opinion.Opinion`."""
    published_probes: dict[str, Any] | None = None
    """What the probes found when the model was published, as
    `mlcore.evaluation.probes.ProbeReport.as_json` returned it."""
    mapping: dict[str, Any] = field(default_factory=dict)
    """As in a `TrainingJob`."""
    names: dict[str, str] = field(default_factory=dict)
    """As in a `TrainingJob`, and so the next four."""
    known_signals: list[dict[str, Any]] = field(default_factory=list)
    catalogues: list[dict[str, Any]] = field(default_factory=list)
    measured: str | None = None
    measuring: str | None = None
    evidence: bool = True
    """Whether what deepens the first answer is gathered before the job ends."""
    means: dict[str, Any] = field(default_factory=dict)
    """The fields of `Means`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceJob:
    """A request to deepen the first answer of a session."""

    artifact: str
    """Folder of the session's own model."""
    training: dict[str, Any] | None
    """What the session was told if it trained, as the fields of a `TrainingJob`."""
    prediction: dict[str, Any] | None = None
    """What it was told if it predicted, as the fields of a `PredictionJob`."""
    results: str
    """Folder of what the session says of single objects."""
    folder: str
    """New folder for what the job leaves."""
    parts: list[str]
    """Names of the `EvidencePart` that are to be gathered, in their order."""
    measurement: dict[str, Any] | None
    """The figures of the first answer, as `mlcore.metrics.Measurement.as_json` returned them."""
    probes: dict[str, Any] | None
    """Its probes, as `mlcore.evaluation.probes.ProbeReport.as_json` returned them."""
    search: dict[str, Any] | None = None
    """What a search tried, as `mlcore.automl.leaderboard.SearchResult.as_json` returned it."""
    means: dict[str, Any] = field(default_factory=dict)
    """The fields of `Means`."""


MOST_EXPLAINED = 500
"""Objects that one `ExplainObjectsJob` may ask for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainObjectsJob:
    """A request for all that is said of some objects of a large table, one page of a list."""

    artifact: str
    """Folder of the session's own model."""
    results: str
    """Folder of what the session's job says of single objects, its `RESULTS`."""
    numbers: list[int]
    """Of the objects, from 1; at most `MOST_EXPLAINED`."""
    seed: int = 0
    """The session's own."""
    catalogue: str | None = None
    """The mission's snapshot that the session's job knew."""
    means: dict[str, Any] = field(default_factory=dict)
    """The fields of `Means`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalysisJob:
    """A request to look more closely at a completed session's model, or at one of its objects."""

    analysis: str
    """Name of an `Analysis`."""
    artifact: str
    """Folder of the session's own model."""
    training: dict[str, Any] | None
    """What the session that trained the model was told, as the fields of a `TrainingJob`; None
    where that is not known."""
    prediction: dict[str, Any] | None = None
    """What the session was told if it predicted, as the fields of a `PredictionJob`."""
    folder: str = ""
    """New folder for what the job leaves, which is nothing."""
    object_number: int | None = None
    """Place of the object among the predicted rows, from 1."""
    object_name: str = ""
    """Its name: the rows are read again, and have to be the same."""
    wanted: str | None = None
    """The `Disposition` to look for, or whose probability to explain."""
    tree: int = 1
    """Number of the tree whose path is told, from 1."""
    seed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ValuesJob:
    """A request for the verdict of one object whose values are told."""

    prediction: dict[str, Any]
    """The fields of a `PredictionJob` without files: the model, the mission, its catalogue."""
    values: dict[str, Any]
    """By headings as a table has them: numbers, words, None, or ``{"value": …, "unit": …}``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectJob:
    """A request about one object at hand with some of its values replaced."""

    question: str
    """``what_if``, ``movable`` or ``turning_points``."""
    mission: str
    artifact: str
    """Folder of the model that is asked."""
    training: dict[str, Any] | None = None
    """Of an object of a session that trained: the fields of its `TrainingJob`."""
    prediction: dict[str, Any] | None = None
    """Of an object of a session that predicted: the fields of its `PredictionJob`."""
    results: str | None = None
    """Folder of what the session says of single objects; None: it is an object of the catalogue."""
    catalogue: str | None = None
    """The mission's snapshot; None: the table that the project carries."""
    number: int | None = None
    """Of the session's object, from 1."""
    name: str = ""
    """Of the catalogue's object, in any spelling."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Values of the mission's columns in their units, None for what is not to be known."""
    means: dict[str, Any] = field(default_factory=dict)
    """The fields of `Means`."""
