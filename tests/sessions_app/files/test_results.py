"""The objects of a result: in their order, found by words, and read a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlcore.prediction.stored import StoredPredictions
from sessions_app.exceptions import RefusedError
from sessions_app.files.results import ORDERS, Order, objects_of
from sessions_app.models import TrainingSession
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(media: Path) -> TrainingSession:
    """Five objects, some of which are equally likely planets or on no list."""
    session = TrainingSession.objects.create(
        kind="training",
        status="completed",
        mission="kepler",
        data_source="nasa",
        model_type="svm",
    )
    planet = {1: 0.5, 2: 0.9, 3: 0.1, 4: 0.5, 5: 0.9}
    ranks = {1: 2, 2: 1, 3: None, 4: None, 5: 3}
    keep_objects(
        session,
        [
            an_object(
                number,
                name="行星" if number == 4 else f"K0000{number}.01",
                host=f"Star {number}",
                label="false_positive" if number == 3 else "confirmed",
                probabilities=[0.0, 1 - planet[number], planet[number]],
                follow_up_rank=ranks[number],
            )
            for number in planet
        ],
    )
    return session


@pytest.mark.parametrize(
    ("order", "asked", "numbers"),
    [
        ("number", {}, [1, 2, 3, 4, 5]),
        ("follow_up", {}, [2, 1, 5, 3, 4]),
        ("planet", {}, [2, 5, 1, 4, 3]),
        ("not_planet", {}, [3, 1, 4, 2, 5]),
        ("number", {"label": "false_positive"}, [3]),
        ("planet", {"label": "confirmed"}, [2, 5, 1, 4]),
        ("number", {"words": "k0000"}, [1, 2, 3, 5]),
        ("number", {"words": "star 4"}, [4]),
        ("number", {"words": "行"}, [4]),
        ("planet", {"words": "K", "label": "confirmed"}, [2, 5, 1]),
        ("number", {"words": "a.c"}, []),
    ],
)
def test_objects_are_chosen_and_put_in_order_and_go_by_number_where_that_tells_nothing(
    session: TrainingSession, order: str, asked: dict[str, str], numbers: list[int]
) -> None:
    found = objects_of(session).ordered(ORDERS[order], **asked)
    assert len(found) == len(numbers)
    assert [one.number for one in found[:]] == numbers
    assert [one.number for one in found[1:3]] == numbers[1:3]


def test_a_page_reads_its_own_rows_alone(
    session: TrainingSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Any] = []
    take = StoredPredictions.take
    monkeypatch.setattr(
        StoredPredictions,
        "take",
        lambda self, numbers: taken.append(numbers) or take(self, numbers),
    )
    page = objects_of(session).ordered(ORDERS["planet"])[2:4]
    assert taken == [[one.number for one in page]] == [[1, 4]]


def test_an_object_is_found_by_its_number(session: TrainingSession) -> None:
    objects = objects_of(session)
    assert objects.numbered(4) == objects[3] == objects[-2]
    assert objects.numbered(0) is objects.numbered(6) is None
    with pytest.raises(IndexError):
        objects[5]


def test_a_result_that_is_gone_is_told_of(session: TrainingSession, media: Path) -> None:
    (media / "results" / str(session.pk) / "predictions.parquet").unlink()
    with pytest.raises(RefusedError, match="no longer on this server") as refused:
        objects_of(session)
    assert refused.value.status == 410


@pytest.mark.parametrize("explained", [True, False], ids=["beside", "in rows of their own"])
def test_values_are_read_from_where_they_lie_and_missing_ones_come_last(
    session: TrainingSession, media: Path, explained: bool
) -> None:
    session.model = {"columns": ["koi_depth", "koi_period", "transit_shape"]}
    folder = media / "results" / str(session.pk)
    periods = [3.0, None, 1.0, 3.0, 2.0]
    file = folder / "predictions.parquet"
    told = pq.read_table(file)
    place = told.schema.get_field_index("values")
    if explained:
        lists = pa.array([[9.0, period, 0.5] for period in periods], told.schema.field(place).type)
        pq.write_table(told.set_column(place, "values", lists), file)
    else:
        pq.write_table(told.drop_columns(["values", "reasons"]), file)
        kept = [float("nan") if period is None else period for period in periods]
        pq.write_table(
            pa.table({"value:koi_depth": [9.0] * 5, "value:koi_period": kept}),
            folder / "rows.parquet",
        )
    objects = objects_of(session)
    seen = ("koi_depth", "koi_period")
    assert objects.values.names == (*seen, *(("transit_shape",) if explained else ()))
    assert objects.values.columns(["koi_period"])["koi_period"].to_pylist() == periods
    for descending, numbers in ((False, [3, 5, 1, 4, 2]), (True, [1, 4, 5, 3, 2])):
        order = Order(title="", column="koi_period", descending=descending, of_values=True)
        assert [one.number for one in objects.ordered(order)[:]] == numbers
