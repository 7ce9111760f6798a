"""Owners of sessions, answers that are given again, counts of requests."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("sessions_app", "0002_attempts"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                help_text="The user, when a signed-in one started it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="sessions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="counted_as",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="Under what it counts while it is active: a user, a cookie, an address.",
                max_length=80,
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="address_key",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="A hash of the address that an anonymous caller had.",
                max_length=80,
            ),
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("owner_key", models.CharField(help_text="Who sent the key.", max_length=80)),
                ("key", models.CharField(max_length=255)),
                (
                    "target",
                    models.CharField(help_text="Method and path of the request.", max_length=200),
                ),
                (
                    "fingerprint",
                    models.CharField(help_text="SHA-256 of its fields and files.", max_length=64),
                ),
                (
                    "status",
                    models.PositiveSmallIntegerField(help_text="HTTP status of the answer."),
                ),
                (
                    "body",
                    models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
            options={
                "ordering": ["-created_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner_key", "key"), name="one_answer_for_a_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestCount",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="The scope and who asks.",
                        max_length=120,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "minute",
                    models.BigIntegerField(db_index=True, help_text="Minutes since 1970."),
                ),
                ("requests", models.PositiveIntegerField()),
            ],
            options={"ordering": ["key"]},
        ),
        # Counts need not survive a crash, and are written without waiting for the disk.
        migrations.RunSQL(
            "ALTER TABLE sessions_app_requestcount SET UNLOGGED",
            "ALTER TABLE sessions_app_requestcount SET LOGGED",
        ),
    ]
