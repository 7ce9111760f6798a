"""What the carried models say of the missions' objects, read sentence by sentence."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.datasets import Disposition
from mlcore.features.described import described_columns
from mlcore.features.feature_sets import FeatureSet
from mlcore.inspection import explain_rows, reasons
from mlcore.inspection.reasons import CLASS_NOUNS, ranked_quantities
from mlcore.models.classifier import CLASSES
from tests.mlcore.inspection.sentences import flaws

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table

WIDE = "koi_cumulative_2025_reconstructed139.csv.gz"
PAIRS = [(name, mission) for name, model in mlcore.PUBLISHED.items() for mission in model.missions]


@pytest.fixture(scope="session")
def full_table(archive_dir: Path) -> Table:
    """Return Kepler's full table."""
    return mlcore.read_table(archive_dir / WIDE, mlcore.DATASETS["kepler"], require_labels=True)


@cache
def _loaded(name: str) -> mlcore.TrainedModel:
    return mlcore.load_published(name)


@pytest.mark.sampled("40-kepler-vetting-kepler", "40-k2-vetting-k2", "40-tess-vetting-tess")
@pytest.mark.parametrize(("name", "mission"), PAIRS)
@pytest.mark.parametrize("count", [40, pytest.param(500, marks=pytest.mark.long)])
def test_every_sentence_is_one_that_an_astronomer_would_say(
    name: str,
    mission: str,
    count: int,
    whole_table: Callable[[str], Table],
    request: pytest.FixtureRequest,
) -> None:
    model = _loaded(name)
    wide = model.inputs.feature_set is FeatureSet.WIDE
    table = request.getfixturevalue("full_table") if wide else whole_table(mission)
    drawn = np.random.default_rng(7).choice(len(table), count, replace=False)
    rows = table.take(np.sort(drawn))
    features = model.features(rows, reference=table)
    best = model.classifier.predict_proba(features).argmax(axis=1)
    labels = [CLASSES[place] for place in best]
    outputs = np.array([model.classifier.classes.index(label) for label in labels])
    contributions = explain_rows(model.classifier, features, outputs).contributions
    columns = described_columns(
        table.dataset, model.columns(table.dataset), given=table.given_columns
    )
    values = features.to_numpy(dtype=np.float64)
    wrong = {}
    for i, label in enumerate(labels):
        said = reasons(columns, values[i], contributions[i], label, model.task.classes)
        assert len(set(said)) == len(said)
        assert 3 <= len(said) <= 5
        wrong |= {sentence: faults for sentence in said if (faults := flaws(sentence))}
        ranked = ranked_quantities(columns, values[i], contributions[i])
        assert len({moved.quantity for moved in ranked}) == len(ranked)
        for moved, sentence in zip(ranked, said, strict=False):
            _check_direction(sentence, moved.contribution, label, model.task.classes)
    assert wrong == {}


def _check_direction(
    sentence: str, contribution: float, label: Disposition, classes: tuple[Disposition, ...]
) -> None:
    """Check that a sentence speaks as the model's contribution does, where it says a direction."""
    if "speaks " not in sentence:
        return
    if contribution > 0:
        assert f"speaks for {CLASS_NOUNS[label]}" in sentence
    elif label is Disposition.FALSE_POSITIVE and len(classes) == 2:
        assert "speaks for a planet" in sentence
    else:
        assert f"speaks against {CLASS_NOUNS[label]}" in sentence


AGREES = {
    ": contamination": -1,
    "rarely host false positives": 1,
    "nearly all false positives are alone on theirs": -1,
    "hardly any planet is so large": -1,
    "a companion of a star's size": -1,
    "contamination is unlikely": 1,
    "star and transit agree": 1,
    "as in a close pair of stars": -1,
}


@pytest.mark.parametrize("name", ["kepler-vetting", "kepler-disposition"])
def test_physics_gives_a_reason_only_where_the_model_moves_the_same_way(
    name: str, kepler_table: Table
) -> None:
    model, rows = _loaded(name), kepler_table.take(range(0, len(kepler_table), 40))
    features = model.features(rows, reference=kepler_table)
    values = features.to_numpy(dtype=np.float64)
    columns = described_columns(rows.dataset, model.columns(rows.dataset))
    met = set()
    for place, label in enumerate(model.classifier.classes):
        explained = np.full(len(rows), place)
        contributions = explain_rows(model.classifier, features, explained).contributions
        for i in range(len(rows)):
            said = reasons(columns, values[i], contributions[i], label, model.task.classes)
            ranked = ranked_quantities(columns, values[i], contributions[i])
            for moved, sentence in zip(ranked, said, strict=False):
                for because, way in AGREES.items():
                    if because in sentence and "to this model" not in sentence:
                        # Physics is about planets and false positives, and not about who looked.
                        assert label is not Disposition.CANDIDATE
                        to_planet = 1 if label is Disposition.CONFIRMED else -1
                        assert np.sign(moved.contribution) * to_planet == way
                        met.add(because)
    assert len(met) >= 5
