from __future__ import annotations

from mlcore.datasets.reading import NOTHING_READ, HeadingReading, Reading

MAPPED = Reading(
    headings=(
        HeadingReading(heading=" S/N", column="koi_model_snr", matched="request"),
        HeadingReading(heading="remark"),
    )
)


def test_a_column_is_known_by_its_heading_and_by_what_it_was_read_as() -> None:
    assert MAPPED.names_of("s/n") == ("s/n", "koi_model_snr")


def test_an_ignored_or_an_absent_column_is_known_by_its_heading_alone() -> None:
    assert MAPPED.names_of("remark") == ("remark",)
    assert NOTHING_READ.names_of("s/n") == ("s/n",)
