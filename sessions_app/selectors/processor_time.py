"""What sessions took of the processor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.models import AnalysisSession, TrainingSession

if TYPE_CHECKING:
    from collections.abc import Collection


def processor_seconds(session_ids: Collection[str]) -> dict[str, float]:
    """Return what each session took of the processor with all that was computed of it [s].

    That is its own processor time and that of its analyses, whether somebody asked for these or
    they follow by themselves. Raises LookupError where one of them has not ended, or is not there.
    """
    own = TrainingSession.objects.filter(pk__in=session_ids).values_list("pk", "cpu_seconds")
    taken = {str(pk): seconds for pk, seconds in own}
    analyses = AnalysisSession.objects.filter(of__in=session_ids)
    seconds = [*taken.items()]
    seconds += [(str(of), took) for of, took in analyses.values_list("of", "cpu_seconds")]
    unknown = set(session_ids) - set(taken) | {name for name, took in seconds if took is None}
    if unknown:
        raise LookupError(f"Not known of {', '.join(sorted(unknown))}.")
    total = dict.fromkeys(taken, 0.0)
    for name, took in seconds:
        total[name] += took or 0.0
    return total
