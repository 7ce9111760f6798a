"""The group of reviewers: they see what operators see, and write nothing but reviews."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

REVIEWERS = "Reviewers"
SEEN = (
    "analysissession",
    "attempt",
    "datasetsnapshot",
    "objectreview",
    "objectverdict",
    "predictionsession",
    "progressentry",
    "trainingsession",
    "uploadedfile",
)


def make_group(apps, schema_editor=None):
    app = apps.get_app_config("sessions_app")
    # On a new database permissions are made after the last migration. Historical apps have no
    # module of models, without which none are made.
    app.models_module = getattr(app, "models_module", True)
    create_permissions(app, apps=apps, verbosity=0)
    names = [*(f"view_{model}" for model in SEEN), "add_objectreview"]
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="sessions_app", codename__in=names
    )
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=REVIEWERS)
    group.permissions.add(*permissions)


class Migration(migrations.Migration):

    dependencies = [
        ('sessions_app', '0019_reviews_and_loads'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    # The other way round nothing is done: operators may have put people into the group.
    operations = [migrations.RunPython(make_group, migrations.RunPython.noop)]
