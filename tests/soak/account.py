"""The account of a soak: what does not hold, and a table for the reader."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from tests.soak.harms import KILLS, What, explains

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.soak.facts import Facts, Footprint, Row
    from tests.soak.harms import Interruption

MOST_ATTEMPTS = 3
GIVEN_UP = f"The session was interrupted {MOST_ATTEMPTS} times and given up."
"""The one sentence with which a session may fail: nothing else is done to any."""
GROWTH = 0.15
"""How much more a part of the idle server may take at the end than after half of the sessions."""
MEMORY_SLACK, FILES_SLACK, PROCESSES_SLACK = 20e6, 8, 2
"""What may be added to that, for a small part: bytes, files and processes."""

_ENDS = ("completed", "failed", "cancelled")


def what_is_wrong(facts: Facts) -> list[str]:
    """Return everything that does not hold, as sentences; empty after a good soak."""
    return [
        *facts.trouble,
        *_sessions(facts),
        *(fault for row in facts.rows for fault in _row(row)),
        *_cancellations(facts),
        *_different_results(facts),
        *(f"Task {key} is left in the queue." for key in facts.queue),
        *(f"Process {process} runs, and is no host's." for process in facts.strays),
        *_healthy_ones(facts),
        *(f"{name} lies there and no row names it." for name in facts.unnamed),
        *(f"The cleanup finds {name}, which nothing names." for name in facts.orphans),
        *(f"{name} is missing, and a row names it." for name in facts.missing),
        *_growths(facts.before, facts.after),
    ]


def _sessions(facts: Facts) -> Iterator[str]:
    noted = Counter(run.id for run in facts.accepted)
    yield from (f"Session {run} was given to two requests." for run in noted if noted[run] > 1)
    rows = Counter(row.id for row in facts.rows)
    deleted = {run.id for run in facts.accepted if run.deleted}
    for run in facts.accepted:
        if run.deleted and run.id in rows:
            yield f"Session {run.id} was deleted and is there."
        if not run.deleted and run.id not in rows:
            yield f"Session {run.id} ({run.errand}) was accepted and is lost."
    yield from (f"Session {run} is there and nobody's." for run in rows if run not in noted)
    if sum(rows.values()) + len(deleted) != len(facts.accepted):
        yield (
            f"{len(facts.accepted)} sessions were accepted, {sum(rows.values())} are there and"
            f" {len(deleted)} were deleted."
        )


def _row(row: Row) -> Iterator[str]:
    name = f"Session {row.id}"
    if row.status not in _ENDS:
        yield f"{name} has not ended: it is {row.status}."
    if "" in row.attempts:
        yield f"{name} has an attempt that is open."
    if row.attempts.count("completed") > 1:
        yield f"{name} was completed twice."
    last = row.attempts[-1:]
    if row.status == "completed" and (last != ("completed",) or not row.digest):
        yield f"{name} is completed without an attempt that was, or without a result."
    if row.status == "failed" and not _was_given_up(row):
        yield f'{name} failed by no fault of the saboteur: "{row.error}"'


def _was_given_up(row: Row) -> bool:
    # What its user asked for again begins anew.
    return row.error == GIVEN_UP and row.attempts[-MOST_ATTEMPTS:] == (
        ("interrupted",) * MOST_ATTEMPTS
    )


def _cancellations(facts: Facts) -> Iterator[str]:
    expected = {run.id for run in facts.accepted if run.cancelled and not run.deleted}
    actual = {row.id for row in facts.rows if row.status == "cancelled"}
    yield from (f"Session {run} was cancelled and is not." for run in sorted(expected - actual))
    yield from (f"Session {run} is cancelled; nobody asked." for run in sorted(actual - expected))


def results(facts: Facts) -> dict[str, list[Row]]:
    """Return the completed sessions by what was asked for."""
    errands = {noted.id: noted.errand for noted in facts.accepted}
    by_errand = defaultdict(list)
    for row in facts.rows:
        if row.status == "completed" and row.id in errands:
            by_errand[errands[row.id]].append(row)
    return by_errand


def _different_results(facts: Facts) -> Iterator[str]:
    for errand, rows in sorted(results(facts).items()):
        different = len({row.digest for row in rows})
        if different > 1:
            yield f"{len(rows)} same requests ({errand}) gave {different} different results."


def _healthy_ones(facts: Facts) -> Iterator[str]:
    for interruption in unexplained(facts):
        yield (
            f"Session {interruption.session} was interrupted on {interruption.worker}, to which"
            " nothing was done."
        )


def unexplained(facts: Facts) -> list[Interruption]:
    """Return the interruptions of attempts to which nothing was done."""
    return [
        interruption
        for interruption in facts.interruptions
        if not any(explains(harm, interruption) for harm in facts.harms)
    ]


def _growths(before: Footprint, after: Footprint) -> Iterator[str]:
    expected = {part: before.memory[part] * _more(before, after, part) for part in before.memory}
    figures = (
        ("memory", expected, after.memory, MEMORY_SLACK),
        ("number of open files", before.files, after.files, FILES_SLACK),
        ("number of processes", before.processes, after.processes, PROCESSES_SLACK),
    )
    for what, was, now, slack in figures:
        yield from _growth(what, was, {p: now[p] for p in now if p not in before.young}, slack)


def _more(before: Footprint, after: Footprint, part: str) -> float:
    """Return by how much a part may grow because it has more processes, of which a few may come."""
    was, now = (seen.processes.get(part, 0) for seen in (before, after))
    return max(1.0, now / was) if was else 1.0


def _growth(
    what: str, before: Mapping[str, float], after: Mapping[str, float], slack: float
) -> Iterator[str]:
    for part, now in after.items():
        was = before.get(part, 0.0)
        if now > was * (1 + GROWTH) + slack:
            yield f"The {part}'s {what} grew from {was:.0f} to {now:.0f}."


def as_markdown(facts: Facts) -> str:
    """Return the account as a table."""
    lines = ["| what | account |", "|---|---|"]
    return "\n".join([*lines, *(f"| {what} | {value} |" for what, value in _lines(facts))])


def _lines(facts: Facts) -> Iterator[tuple[str, str]]:
    statuses = Counter(row.status for row in facts.rows)
    clients = len({entry.client for entry in facts.accepted})
    deleted = sum(entry.deleted for entry in facts.accepted)
    yield (
        "accepted",
        f"{len(facts.accepted)} sessions of {clients} clients in {facts.minutes:.0f} min"
        + (f" on {facts.hosts} hosts" if facts.hosts > 1 else ""),
    )
    for status in _ENDS:
        of_kind = Counter(row.kind for row in facts.rows if row.status == status)
        yield status, _counts(statuses[status], of_kind)
    yield "deleted by their owners", str(deleted)
    left = len(facts.accepted) - deleted - sum(statuses[entry] for entry in _ENDS)
    yield "lost, or without an end", str(left)
    yield "refused, each with a 4xx", _counts(sum(facts.refused.values()), {})
    sentences = Counter(row.error for row in facts.rows if row.status == "failed")
    yield from ((f'failed with "{entry}"', str(count)) for entry, count in sentences.items())
    yield from _harms(facts)
    interrupted = [row for row in facts.rows if "interrupted" in row.attempts]
    again = [row for row in interrupted if row.status == "completed"]
    attempts = sum(row.attempts.count("interrupted") for row in facts.rows)
    yield (
        "interrupted by them",
        f"{attempts} attempts of {len(interrupted)} sessions, of which {len(again)} completed",
    )
    yield "interrupted by nothing that was done to them", str(len(unexplained(facts)))
    twice = sum(row.attempts.count("completed") > 1 for row in facts.rows)
    yield "completed twice", str(twice)
    same = [rows for rows in results(facts).values() if len(rows) > 1]
    disturbed = sum("interrupted" in row.attempts for rows in same for row in rows)
    equal = sum(len({row.digest for row in rows}) == 1 for rows in same)
    yield (
        "same requests with the same result, bit for bit",
        f"{equal} of {len(same)} groups ({sum(map(len, same))} sessions, {disturbed} interrupted)",
    )
    yield "tasks left in the queue", str(len(facts.queue))
    yield "processes left by what was killed", str(len(facts.strays))
    yield (
        "files that no row names; named and missing",
        (f"{len({*facts.unnamed, *facts.orphans})}; {len(facts.missing)}"),
    )
    if facts.hosts > 1:
        yield "files that were left to the cleanup, and that it removed", str(len(facts.swept))
    for part in facts.after.memory:
        looks = (_footprint(entry, part) for entry in (facts.before, facts.after))
        yield f"the idle {part}: after half of the sessions; at the end", "; ".join(looks)


def _harms(facts: Facts) -> Iterator[tuple[str, str]]:
    done = Counter(harm.what for harm in facts.harms)
    kills = {what: done[what] for what in KILLS}
    yield "kill -9", _counts(sum(kills.values()), kills)
    for what in (What.CUT, What.POWER_LOSS, What.OUTAGE):
        lasted = sorted(harm.ended - harm.began for harm in facts.harms if harm.what is what)
        if lasted:
            yield what, f"{len(lasted)}, for {', '.join(f'{seconds:.0f}' for seconds in lasted)} s"


def _footprint(seen: Footprint, part: str) -> str:
    figures = [f"{seen.memory.get(part, 0) / 1e6:.0f} MB"]
    processes = seen.processes.get(part, 0)
    figures += [f"{processes} process{'' if processes == 1 else 'es'}"]
    figures += [f"{seen.files[part]} open files"] if part in seen.files else []
    return ", ".join(figures)


def _counts(total: int, parts: Mapping[str, int]) -> str:
    breakdown = ", ".join(f"{count} {name}" for name, count in sorted(parts.items()) if count)
    return f"{total} ({breakdown})" if breakdown else str(total)
