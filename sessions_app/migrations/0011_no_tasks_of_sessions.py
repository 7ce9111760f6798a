from django.db import migrations


class Migration(migrations.Migration):
    """Sessions wait in their own table; the tasks that they had in the queue's are nobody's."""

    dependencies = [
        ("sessions_app", "0010_missions_are_asked_for"),
        ("django_q", "0007_ormq"),
    ]

    operations = [
        migrations.RunSQL(
            "DELETE FROM django_q_ormq WHERE key ~ ':[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'",
            migrations.RunSQL.noop,
        ),
    ]
