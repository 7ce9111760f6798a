"""What disposition an analysis is about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0005_fair_queue"),
    ]

    operations = [
        migrations.AddField(
            model_name="analysissession",
            name="wanted",
            field=models.CharField(
                blank=True,
                choices=[
                    ("candidate", "candidate"),
                    ("false_positive", "false positive"),
                    ("confirmed", "confirmed"),
                ],
                default="",
                help_text="The disposition that it is about, where it takes one.",
                max_length=16,
            ),
        ),
    ]
