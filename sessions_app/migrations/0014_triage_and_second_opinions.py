from django.db import migrations, models

import sessions_app.models.session


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0013_verdicts")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="second_opinion",
            field=models.JSONField(
                blank=True,
                help_text="Which column of the rows holds another vetter's opinion, and how it is"
                " read.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="task",
            field=models.CharField(
                choices=sessions_app.models.session.task_choices,
                default="disposition",
                help_text="What is told apart.",
                max_length=16,
            ),
        ),
    ]
