"""What mlcore raises when a user's input cannot work.

The text of each of these errors is one sentence for the person who sent the input: it names the
column, file or hyperparameter and says what is allowed. Anything else that escapes from mlcore is
a defect.
"""

from __future__ import annotations

__all__ = ["ArtifactError", "DataError", "HyperparameterError", "MlcoreError"]


class MlcoreError(Exception):
    """An input cannot be used; the text says why, in the user's words."""


class DataError(MlcoreError):
    """A table, a file or a column cannot be used."""


class HyperparameterError(MlcoreError):
    """A hyperparameter is unknown, of the wrong type or out of its bounds."""


class ArtifactError(MlcoreError):
    """A saved model is missing, damaged or of another format."""
