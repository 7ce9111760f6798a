"""What is said of single objects leaves the database for a file a session."""

import itertools
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import migrations

_ROWS_AT_ONCE = 2500
# As files were when they took the place of rows; later ones may have other columns.
_COLUMNS = {
    "name": pa.string(),
    "host": pa.string(),
    "label": pa.string(),
    "actual": pa.string(),
    "probabilities": pa.list_(pa.float64()),
    "temperature": pa.float64(),
    "values": pa.list_(pa.float64()),
    "contributions": pa.list_(pa.float64()),
    "base": pa.float64(),
    "output": pa.float64(),
    "reasons": pa.list_(pa.string()),
    "follow_up_rank": pa.int64(),
    "judgement": pa.string(),
    "verdict": pa.string(),
}


def write_files(apps, schema_editor):
    sessions = apps.get_model("sessions_app", "Session")
    completed = sessions.objects.filter(status="completed").exclude(kind="analysis")
    for session_id in completed.values_list("pk", flat=True).iterator():
        _write_file(session_id, apps.get_model("sessions_app", "ObjectPrediction"))


def _write_file(session_id, predictions):
    folder = Path(settings.MEDIA_ROOT) / "results" / str(session_id)
    folder.mkdir(parents=True, exist_ok=True)
    rows = predictions.objects.filter(session_id=session_id).order_by("number")
    names = [name for name in _COLUMNS if name != "verdict"]
    found = rows.values(*names).iterator(chunk_size=_ROWS_AT_ONCE)
    unfinished = folder / "predictions.parquet.new"
    with pq.ParquetWriter(unfinished, pa.schema(_COLUMNS), compression="zstd") as writer:
        for batch in iter(lambda: list(itertools.islice(found, _ROWS_AT_ONCE)), []):
            for row in batch:
                row["verdict"] = (row["judgement"] or {}).get("verdict")
                row["judgement"] = row["judgement"] and json.dumps(row["judgement"])
            writer.write_table(pa.Table.from_pylist(batch, pa.schema(_COLUMNS)))
    unfinished.replace(folder / "predictions.parquet")


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0016_hosts")]

    operations = [
        # Back again the table is there and empty: the files stay.
        migrations.RunPython(write_files, migrations.RunPython.noop),
        migrations.DeleteModel(name="ObjectPrediction"),
    ]
