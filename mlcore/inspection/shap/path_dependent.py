"""The path-dependent Shapley values of a forest for one object.

Here a column that is left out is averaged over the training rows that reach each node, instead of
being set to the training median (TreeSHAP: Lundberg et al. 2020, "From local explanations to
global understanding with explainable AI for trees"). Exact and additive, but for a forest some
80 ms a row: on demand, for one object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from mlcore.errors import DataError
from mlcore.inspection.shap.explain import Explanation
from mlcore.models.spec import OutputScale

if TYPE_CHECKING:
    import pandas as pd

    from mlcore.datasets.spec import Disposition
    from mlcore.models.classifier import Classifier

__all__ = ["explain_path_dependent"]


def explain_path_dependent(
    classifier: Classifier, features: pd.DataFrame, disposition: Disposition
) -> Explanation:
    """Attribute one class's share of the votes to the columns, for one object.

    Parameters
    ----------
    classifier
        A decision tree, random forest or extra trees classifier.
    features
        One row, in the columns' declared units.
    disposition
        The class to explain, one that the model knows.

    Returns
    -------
    Explanation
        Of one row; its base is the mean vote over the training rows, as each tree drew them.

    Raises
    ------
    DataError
        When the model is of another type or does not know the class, or there is not exactly
        one row.
    """
    estimator = classifier.estimator
    if not isinstance(
        estimator, DecisionTreeClassifier | RandomForestClassifier | ExtraTreesClassifier
    ):
        raise DataError(
            f"A {classifier.model_type.label} has no path-dependent values; a decision tree, a"
            " random forest or extra trees have."
        )
    if disposition not in classifier.classes:
        raise DataError(
            f"The model does not know {disposition}; it knows {', '.join(classifier.classes)}."
        )
    if len(features) != 1:
        raise DataError(f"These values are of one object, but {len(features)} were given.")
    import shap  # noqa: PLC0415  # slow to import, and needed for nothing else

    position = classifier.classes.index(disposition)
    # Trees compare in single precision, so that is the row that they see.
    X = classifier.prepare(features).astype(np.float32).astype(np.float64)
    explainer = shap.TreeExplainer(estimator, feature_perturbation="tree_path_dependent")
    contributions = np.asarray(explainer.shap_values(X, check_additivity=False))[:, :, position]
    base = np.atleast_1d(np.asarray(explainer.expected_value, dtype=np.float64))[position]
    return Explanation(
        columns=classifier.columns,
        contributions=contributions.astype(np.float64),
        base=np.array([base]),
        output=estimator.predict_proba(X)[:, position],
        scale=OutputScale.PROBABILITY,
    )
