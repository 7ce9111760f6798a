# Sessions that wait when this is applied have waited since they were accepted.

import django.utils.timezone
from django.db import migrations, models
from django.db.models import F


def since_accepted(apps, _schema_editor):
    apps.get_model("sessions_app", "Session").objects.update(queued_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0007_origin_takes_turns"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="queued_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                editable=False,
                help_text="Since when it waits, or waited: that the queue is put right does not change it.",
            ),
        ),
        migrations.RunPython(since_accepted, migrations.RunPython.noop),
    ]
