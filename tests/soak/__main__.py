"""`python -m tests.soak`: run the soak, print its account, fail when something does not hold."""

from __future__ import annotations

import argparse
import sys

from tests.soak.account import as_markdown, what_is_wrong
from tests.soak.clients import OutOfTimeError
from tests.soak.soak import KINDS, Options, soak


def main() -> int:
    usual = Options()
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--hosts", type=int, choices=sorted(KINDS), default=usual.hosts)
    parser.add_argument("--sessions", type=int, default=usual.sessions)
    parser.add_argument("--clients", type=int, default=usual.clients)
    parser.add_argument("--seed", type=int, default=usual.seed, help="of what is asked and killed")
    parser.add_argument("--minutes", type=float, default=usual.minutes, help="the total deadline")
    parser.add_argument(
        "--pause", type=float, default=usual.pause, help="between two kills, on average [s]"
    )
    parser.add_argument("--no-kills", action="store_true", help="only the load")
    arguments = parser.parse_args()
    options = Options(
        hosts=arguments.hosts,
        sessions=arguments.sessions,
        clients=arguments.clients,
        seed=arguments.seed,
        minutes=arguments.minutes,
        pause=arguments.pause,
        kills=not arguments.no_kills,
    )
    try:
        facts = soak(options, say=lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    except OutOfTimeError as error:
        print(f"It was not done after {options.minutes:g} minutes.\n{error}", file=sys.stderr)  # noqa: T201
        return 1
    print(as_markdown(facts))  # noqa: T201
    wrong = what_is_wrong(facts)
    for fault in wrong:
        print(fault, file=sys.stderr)  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
