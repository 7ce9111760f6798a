from __future__ import annotations

from http import HTTPStatus

import pytest

from mlcore.datasets import NotATableError
from mlcore.errors import ArtifactError, DataError, HyperparameterError
from sessions_app.exceptions import RefusedError, naming


def refusal(error: Exception, *, in_sentence: bool = False) -> RefusedError:
    with (
        pytest.raises(RefusedError) as caught,
        naming("training_file", in_sentence=in_sentence),
    ):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize("kind", [DataError, HyperparameterError, ArtifactError])
def test_what_the_science_refuses_names_the_field_of_the_request(kind: type[Exception]) -> None:
    refused = refusal(kind("C was -1."))
    assert (refused.sentence, str(refused)) == ("C was -1.", "C was -1.")
    assert (refused.field, refused.status) == ("training_file", HTTPStatus.BAD_REQUEST)


def test_the_sentence_can_begin_with_the_field() -> None:
    assert refusal(DataError("No rows."), in_sentence=True).sentence == "training_file: No rows."


def test_what_is_no_table_is_another_kind_of_refusal() -> None:
    refused = refusal(NotATableError("A picture."))
    assert (refused.field, refused.status) == ("training_file", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def test_a_defect_is_no_refusal() -> None:
    with pytest.raises(KeyError), naming("training_file"):
        raise KeyError
    with naming("training_file"):
        pass
