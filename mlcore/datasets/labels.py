"""The words of labels: which disposition each of them means, whoever wrote the table."""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mlcore.datasets.reading import LabelReading
from mlcore.datasets.spec import Disposition
from mlcore.datasets.unclear import UnclearWordsError
from mlcore.in_words import joined, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset

__all__ = [
    "LABEL_LIKE",
    "PERHAPS_LABEL_LIKE",
    "disposition_of",
    "folded_word",
    "means_nothing",
    "read_labels",
]

LABEL_LIKE = re.compile(r"disposition|\blabel|\bclass\b|\btarget\b|verdict|tfopwg", re.IGNORECASE)
"""What a heading has in it that may be one of labels."""
PERHAPS_LABEL_LIKE = re.compile(
    r"(?<![a-z])(?:disp|status|outcome|result|y|type|kind|category|klasse|statut|estado|tipo)(?![a-z])"
    r"|planet\?|is[\s_-]*(?:a[\s_-]*)?(?:exo)?planet"
    r"|confirmed|labels?(?![a-z])",
    re.IGNORECASE,
)
"""The same, where nothing in the file is more like one."""

_NAMED_AT_MOST = 3
_WORDS: Mapping[Disposition, tuple[str, ...]] = {
    Disposition.CONFIRMED: (
        *("CONFIRMED", "CONFIRMED PLANET", "CONFIRMED EXOPLANET", "PLANET", "EXOPLANET"),
        *("KNOWN PLANET", "KNOWN EXOPLANET", "VALIDATED", "VALIDATED PLANET", "CP", "KP", "VP"),
        *("PUBLISHED CONFIRMED", "PLANETA", "PLANÈTE", "CONFIRMADO", "CONFIRMÉ", "CONFIRMÉE"),
        *("BESTÄTIGT", "BESTÄTIGTER PLANET", "CONFERMATO"),
    ),
    Disposition.CANDIDATE: (
        *("CANDIDATE", "PLANET CANDIDATE", "PLANETARY CANDIDATE", "EXOPLANET CANDIDATE"),
        *("PUBLISHED CANDIDATE", "CANDIDATE PLANET", "AMBIGUOUS PLANET CANDIDATE", "PC", "APC"),
        *("KANDIDAT", "PLANETENKANDIDAT", "CANDIDATO", "CANDIDAT"),
    ),
    Disposition.FALSE_POSITIVE: (
        *("FALSE POSITIVE", "FALSEPOSITIVE", "FP", "FALSE ALARM", "FA", "REFUTED"),
        *("ASTROPHYSICAL FALSE POSITIVE", "AFP", "NOT A PLANET", "NOT PLANET", "NON PLANET"),
        *(
            "ECLIPSING BINARY",
            "EB",
            "BACKGROUND ECLIPSING BINARY",
            "BEB",
            "NEARBY ECLIPSING BINARY",
        ),
        *("NEB", "RETRACTED", "NTP", "NON TRANSITING PHENOMENON", "NO PLANET", "NONPLANET"),
        *("FALSCH POSITIV", "FEHLALARM", "KEIN PLANET", "FALSO POSITIVO", "FAUX POSITIF"),
    ),
}
"""What means the same wherever it is written, as `folded_word` returns it."""
_MEANINGS: Mapping[str, Disposition] = MappingProxyType(
    {word: disposition for disposition, words in _WORDS.items() for word in words}
)
_NOT_LABELLED = frozenset(
    {
        *("", "NONE", "NAN", "NULL", "NA", "N A", "UNKNOWN", "UNDISPOSITIONED", "UNCLASSIFIED"),
        *("NOT DISPOSITIONED", "UNLABELED", "UNLABELLED", "TBD", "NO DISPOSITION", "NOT AVAILABLE"),
    }
)
_SAYS_NOTHING = re.compile(r"[+-]?[\d ]+|TRUE|FALSE|YES|NO|[TFYN]")
_TURNS = "!~¬≠≈✗✘✖×?%<>≤≥±"
"""Signs beside a word that take back or weaken what it says."""
_BETWEEN_PARTS = re.compile(r"[()\[\]:;=/|,]|\s[-–—]\s")
_RISING = (Disposition.FALSE_POSITIVE, Disposition.CANDIDATE, Disposition.CONFIRMED)


def folded_word(word: str) -> str:
    """Return a label's word in upper case, with single blanks for signs that change nothing.

    Examples
    --------
    >>> folded_word("False-positive "), folded_word("-"), folded_word("1.0"), folded_word("FP?")
    ('FALSE POSITIVE', '', '1', 'FP ?')
    """
    word = word.strip()
    if number := re.fullmatch(r"([+-]?\d+)(?:\.0*)?", word):
        return number[1]
    if re.fullmatch(rf"[\W_]*[{_TURNS}][\W_]*", word):
        # Alone they stand for nothing, as "?" does.
        return ""
    # A minus right before a word takes it back, and a hyphen stands between two.
    word = re.sub(r"^[-−–](?=\w)", "¬", word)
    word = re.sub(rf"([{_TURNS}])", r" \1 ", word.upper())
    return re.sub(rf"[^\w{_TURNS}]+|_+|\s+", " ", word).strip()


def disposition_of(word: str) -> Disposition | None:
    """Return what a word means wherever it is written, None where that is not clear."""
    return _MEANINGS.get(folded_word(word))


def means_nothing(words: Sequence[str], dataset: Dataset, *, numbers_may_mean: bool = True) -> bool:
    """Tell whether none of a column's words is one of labels, nor a number that may be one."""
    found = [folded_word(word) for word in words]
    return not any(
        word in _MEANINGS
        or word in dataset.labels
        or (numbers_may_mean and _SAYS_NOTHING.fullmatch(word))
        for word in found
        if word not in _NOT_LABELLED
    )


def read_labels(
    cells: pd.Series[str],
    dataset: Dataset,
    given: Mapping[str, Disposition | None],
    *,
    heading: str,
    row_numbers: NDArray[Any],
) -> tuple[pd.Series[str], LabelReading]:
    """Return the mission's own words for a column of labels.

    Parameters
    ----------
    cells
        Words without blanks around them, missing where empty; shape ``(n,)``.
    dataset
        The mission: its own words have their own meaning.
    given
        What words mean by the request, by `folded_word`; these come first.
    heading
        What the column is called in the file.
    row_numbers
        Which row of the file each is, counted from 1; shape ``(n,)``.

    Returns
    -------
    Series
        The mission's own word of each row, missing without a label; shape ``(n,)``.
    LabelReading
        What was read as what.

    Raises
    ------
    DataError
        When a word is not known, or says nothing by itself.
    """
    own = {str(disposition): word for word, disposition in reversed([*dataset.labels.items()])}
    spelled, folded = cells.dropna().value_counts(), {}
    words: dict[str, str | None] = {}
    unknown = []
    for word in map(str, spelled.index):
        fold = folded_word(word)
        if fold in given:
            meaning = given[fold]
        elif fold in _NOT_LABELLED or fold in dataset.undispositioned:
            meaning = None
        else:
            meaning = _meaning(fold, dataset) or _of_parts(word, dataset)
            if str(meaning) not in own:
                unknown.append(word)
                continue
        words[word] = None if meaning is None else str(meaning)
        folded[word] = (
            fold if fold in dataset.labels and fold not in given else own.get(str(meaning))
        )
    reading = LabelReading(
        heading=heading,
        column=dataset.label,
        words=words,
        rows={str(word): int(rows) for word, rows in spelled.items()},
    )
    if unknown:
        first = row_numbers[cells.isin(unknown).to_numpy(dtype=bool).argmax()]
        raise UnclearWordsError(
            _unclear(unknown, dataset, heading, int(first)), words=unknown, label=reading
        )
    return cells.map(folded).astype("str"), reading


def _meaning(fold: str, dataset: Dataset) -> Disposition | None:
    return dataset.labels.get(fold, _MEANINGS.get(fold))


def _of_parts(word: str, dataset: Dataset) -> Disposition | None:
    """Return what a word says in two ways, such as "PC (planet candidate)", or after a number.

    A number that follows is no code but a value, such as the one of "planet: 0".
    """
    split = [part.strip() for part in _BETWEEN_PARTS.split(word)]
    parts = [folded_word(part) for part in split if part]
    told = parts[1:] if parts and parts[0].isdigit() else parts
    meanings = {_meaning(part, dataset) for part in told}
    return meanings.pop() if len(split) > 1 and len(meanings) == 1 else None


def _unclear(unknown: list[str], dataset: Dataset, heading: str, row: int) -> str:
    called = heading if heading.lower() != dataset.label else dataset.label
    listed = sorted(unknown, key=folded_word)
    if all(_SAYS_NOTHING.fullmatch(folded_word(word)) for word in unknown):
        few = listed[: len(_RISING)]
        rising = _RISING if len(few) > 2 else (_RISING[0], _RISING[-1])
        few_words = {
            word: "planet" if kind is Disposition.CONFIRMED else str(kind)
            for word, kind in zip(few, rising, strict=False)
        }
        words = joined([quoted(word) for word in few])
        return (
            f"Column {called} has {words} for its dispositions, which does not say what is"
            f" what: say it in label_words, such as {json.dumps(few_words, ensure_ascii=False)};"
            " each is planet, false_positive, candidate, or null for no label."
        )
    named = ", ".join(quoted(word) for word in unknown[:_NAMED_AT_MOST])
    example = json.dumps({unknown[0][:40]: None}, ensure_ascii=False)
    other = ""
    if called != dataset.label:
        ignored = json.dumps({called: None}, ensure_ascii=False)
        other = f" If it holds no dispositions, leave it out in columns: {ignored}."
    return (
        f"Column {called} has the unknown disposition {named} (first in row {row}); known are"
        f" {', '.join(dataset.labels)} and common words for them. What another word means can be"
        f" said in label_words, such as {example}: planet, false_positive, candidate, or null"
        f" for no label.{other}"
    )
