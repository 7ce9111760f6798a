"""The missions' tables in the modern API: columns, rows, snapshots and what changed between two."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from sessions_app.access.rate_limits import READING
from sessions_app.api.dataset_queries import RowsQuery, read_rows_query
from sessions_app.api.dataset_serializers import (
    ComparedWithSerializer,
    DatasetColumnSerializer,
    DatasetDetailSerializer,
    DatasetRowsSerializer,
    DatasetSerializer,
    DatasetSnapshotSerializer,
    SnapshotDifferencesSerializer,
)
from sessions_app.api.paging import neighbouring_pages
from sessions_app.api.parameters import KnownParameters
from sessions_app.exceptions import RefusedError
from sessions_app.models import DatasetSnapshot
from sessions_app.selectors.dataset_columns import columns_of
from sessions_app.selectors.dataset_rows import rows_of
from sessions_app.selectors.datasets import loaded_dataset, loaded_datasets, snapshot_of
from sessions_app.selectors.pretrained_models import model_title
from sessions_app.selectors.snapshot_differences import differences

if TYPE_CHECKING:
    from rest_framework.request import Request

    from sessions_app.selectors.dataset_rows import RowsPage, RowVerdict
    from sessions_app.selectors.datasets import LoadedDataset
    from sessions_app.selectors.snapshot_differences import SnapshotDifferences

__all__ = ["DatasetViewSet"]


_MISSION = OpenApiParameter(
    "mission", OpenApiTypes.STR, OpenApiParameter.PATH, description="A mission's name."
)
_SNAPSHOT = OpenApiParameter(
    "snapshot", OpenApiTypes.INT, OpenApiParameter.PATH, description="A snapshot's id."
)


class DatasetViewSet(KnownParameters, viewsets.GenericViewSet[Any]):
    """The missions' tables as they are loaded."""

    queryset = DatasetSnapshot.objects.none()

    lookup_field = "mission"
    lookup_value_converter = "slug"
    throttle_scope = READING

    @extend_schema(summary="List the missions' tables", responses=DatasetSerializer(many=True))
    def list(self, _request: Request) -> Response:
        """List the missions with the snapshots of their tables."""
        return self._in_pages(loaded_datasets(), DatasetSerializer)

    @extend_schema(
        summary="Show a mission's table", parameters=[_MISSION], responses=DatasetDetailSerializer
    )
    def retrieve(self, _request: Request, mission: str) -> Response:
        """Show a mission's columns with unit, meaning and coverage, and its snapshots."""
        loaded = _loaded(mission)
        current = loaded.current
        facts = {
            "dataset": loaded.dataset,
            "snapshots": loaded.snapshots,
            "current": current,
            "columns": [] if current is None else columns_of(current).values(),
        }
        return Response(DatasetDetailSerializer(facts).data)

    @extend_schema(
        summary="List rows of a mission's table",
        parameters=[_MISSION, RowsQuery],
        responses=DatasetRowsSerializer,
    )
    @action(detail=True)
    def rows(self, request: Request, mission: str) -> Response:
        """List rows, sorted, filtered and searched.

        Beside the parameters named here each column of numbers can be asked for between two
        values: `koi_period_min=1&koi_period_max=10`.
        """
        query = read_rows_query(request.query_params)
        snapshot = _snapshot(_loaded(mission), query.pop("snapshot"), field="snapshot")
        try:
            page = rows_of(snapshot, **query)
        except RefusedError as refusal:
            raise _as_asked(refusal) from refusal
        return Response(_page(request, snapshot, page))

    @extend_schema(
        summary="List a mission's snapshots",
        parameters=[_MISSION],
        responses=DatasetSnapshotSerializer(many=True),
    )
    @action(detail=True)
    def snapshots(self, _request: Request, mission: str) -> Response:
        """List the snapshots of a mission's table, the newest first."""
        return self._in_pages(_loaded(mission).snapshots, DatasetSnapshotSerializer)

    @extend_schema(
        summary="Compare two snapshots",
        parameters=[_MISSION, _SNAPSHOT, ComparedWithSerializer],
        responses=SnapshotDifferencesSerializer,
    )
    @action(
        detail=True,
        url_path="snapshots/<int:snapshot>/differences",
        url_name="differences",
    )
    def compare(self, request: Request, mission: str, snapshot: int) -> Response:
        """Tell what became of the objects from a snapshot to another.

        Rows that were added and removed, and which objects changed their disposition.
        """
        asked = ComparedWithSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        loaded = _loaded(mission)
        older = snapshot_of(loaded, snapshot)
        if older is None:
            raise Http404
        newer = _snapshot(loaded, asked.validated_data.get("to"), field="to")
        return Response(_compared(older, newer, differences(older, newer)))

    def _in_pages(self, every: Any, serializer: Any) -> Response:
        page = self.paginate_queryset(every)
        return self.get_paginated_response(serializer(page, many=True).data)


def _loaded(mission: str) -> LoadedDataset:
    loaded = loaded_dataset(mission)
    if loaded is None:
        raise Http404
    return loaded


def _snapshot(loaded: LoadedDataset, number: int | None, *, field: str) -> DatasetSnapshot:
    snapshot = snapshot_of(loaded, number)
    if snapshot is not None:
        return snapshot
    if not loaded.snapshots:
        raise RefusedError(
            f"The {loaded.dataset.name} table is not loaded on this server.", field=field
        )
    allowed = [str(one.pk) for one in loaded.snapshots]
    raise RefusedError(
        f"{field} was {number}, but of {loaded.dataset.title} it must be one of"
        f" {', '.join(allowed)}.",
        field=field,
        allowed=allowed,
    )


def _as_asked(refusal: RefusedError) -> RefusedError:
    """Return a refusal with the parameter's name where rows know it by another."""
    if refusal.field != "sort":
        return refusal
    return RefusedError(
        f"ordering{refusal.sentence.removeprefix('sort')}",
        field="ordering",
        allowed=refusal.allowed,
    )


def _page(request: Request, snapshot: DatasetSnapshot, page: RowsPage) -> dict[str, Any]:
    """Return a page as JSON values, without what a serializer takes for each of 10,000 rows."""
    names = [column.name for column in page.columns]
    return {
        "mission": page.mission,
        "snapshot": DatasetSnapshotSerializer(snapshot).data,
        "count": page.matching,
        **neighbouring_pages(request, page.page, page.pages),
        "total": page.total,
        "model": page.model and str(page.model.pk),
        "model_title": page.model and model_title(page.model),
        "columns": DatasetColumnSerializer(page.columns, many=True).data,
        "results": [
            {
                "number": row.number,
                "name": row.name,
                "other_names": row.other_names,
                "host": row.host,
                "disposition": row.disposition,
                "in_test_split": row.in_test_split,
                "values": dict(zip(names, row.values, strict=True)),
                **_verdict(row.verdict),
            }
            for row in page.rows
        ],
    }


def _verdict(said: RowVerdict | None) -> dict[str, Any]:
    return {
        "verdict": said and said.word,
        "probabilities": said and said.probabilities,
        "possible": said and said.possible,
    }


def _compared(
    older: DatasetSnapshot, newer: DatasetSnapshot, found: SnapshotDifferences
) -> dict[str, Any]:
    return {
        "older": DatasetSnapshotSerializer(older).data,
        "newer": DatasetSnapshotSerializer(newer).data,
        "added": [asdict(one) for one in found.added],
        "removed": [asdict(one) for one in found.removed],
        "changed": [asdict(one) for one in found.changed],
        "unchanged": found.unchanged,
        "moves": [
            {"before": before, "after": after, "count": count}
            for (before, after), count in found.moves.items()
        ],
    }
