"""The report of a session, what it may choose, what is said of single objects, analyses."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sessions_app", "0003_ownership"),
    ]

    operations = [
        migrations.AddField(
            model_name="objectprediction",
            name="follow_up_rank",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Place among the objects to follow up, from 1 for the likeliest planet.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="objectprediction",
            name="judgement",
            field=models.JSONField(
                blank=True,
                help_text="Conformal set, domain, score interval, physical checks, similar objects.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="reference",
            field=models.ForeignKey(
                blank=True,
                help_text="The mission's table, whose objects are the neighbours of a user's.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sessions_app.datasetsnapshot",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="report",
            field=models.JSONField(
                blank=True,
                help_text="All figures with their intervals, probes, curves and what the model rests on.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="task",
            field=models.CharField(
                choices=[("disposition", "Disposition"), ("vetting", "Vetting")],
                default="disposition",
                help_text="What is told apart.",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="card",
            field=models.JSONField(
                blank=True,
                help_text="A published model's card: data, protocol, figures, limits, intended use.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="feature_set",
            field=models.CharField(
                choices=[
                    ("default", "the mission's default columns and the features derived from them"),
                    ("measured", "the mission's default columns alone"),
                    (
                        "wide",
                        "the columns of the mission's full table and the features derived from them",
                    ),
                    ("harmonised", "quantities that the missions share, in the same units"),
                ],
                default="default",
                help_text="Which columns the model sees.",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="further_snapshots",
            field=models.ManyToManyField(
                blank=True,
                help_text="Other tables that the model was tested or trained on.",
                related_name="+",
                to="sessions_app.datasetsnapshot",
            ),
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="label_derived",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Columns of the user's file that follow the label and were used all the same.",
            ),
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="protocols",
            field=models.JSONField(
                blank=True, default=list, help_text="Ways of testing beside the fixed split."
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="kind",
            field=models.CharField(
                choices=[
                    ("training", "training"),
                    ("prediction", "prediction"),
                    ("analysis", "analysis"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="metrics",
            field=models.JSONField(
                blank=True, help_text="The main figures on exactly the predicted rows.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="mission",
            field=models.CharField(
                choices=[
                    ("kepler", "Kepler objects of interest"),
                    ("k2", "K2 planets and candidates"),
                    ("tess", "TESS objects of interest"),
                    ("joint", "All missions, on shared columns"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="trainingsession",
            name="model_type",
            field=models.CharField(
                choices=[
                    ("linear_regression", "Logistic regression"),
                    ("svm", "Support vector machine"),
                    ("decision_tree", "Decision tree"),
                    ("random_forest", "Random forest"),
                    ("extra_trees", "Extremely randomised trees"),
                    ("xgboost", "XGBoost"),
                    ("gradient_boosting", "Histogram gradient boosting"),
                    ("pca", "Principal components"),
                    ("neural_network", "Neural network"),
                    ("auto", "Automatic search"),
                ],
                max_length=32,
            ),
        ),
        migrations.CreateModel(
            name="AnalysisSession",
            fields=[
                (
                    "session_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="sessions_app.session",
                    ),
                ),
                (
                    "analysis",
                    models.CharField(
                        choices=[
                            (
                                "drop_columns",
                                "What the figures lose when the model is trained without a quantity.",
                            ),
                            (
                                "average_replacement",
                                "What the figures lose with a quantity's median in its place.",
                            ),
                            (
                                "counterfactual",
                                "What would have to be different about an object for another answer.",
                            ),
                            (
                                "decision_path",
                                "Which questions a tree asked about an object, in words.",
                            ),
                            (
                                "probability",
                                "How much each column moved an object's probability: the same estimand for every model.",
                            ),
                            (
                                "path_dependent",
                                "The exact path-dependent Shapley values of a forest for an object.",
                            ),
                            (
                                "needed_columns",
                                "Which columns the model needs, and which of them the table lacks.",
                            ),
                        ],
                        max_length=32,
                    ),
                ),
                (
                    "object_number",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Position of the object among the session's rows, from 1.",
                        null=True,
                    ),
                ),
                ("answer", models.JSONField(blank=True, null=True)),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="analyses",
                        to="sessions_app.session",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
            bases=("sessions_app.session",),
        ),
    ]
