"""Many sessions of many clients while processes are killed, and what came of each of them."""

from __future__ import annotations

import math
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.sessions_app.real_rows import kepler_file
from tests.soak import looking
from tests.soak.clients import Client, OutOfTimeError
from tests.soak.errands import BASE, TESTING_DRAW, TRAINING_DRAW, Fate, bad_requests, errands, plan
from tests.soak.facts import Facts, Footprint
from tests.soak.footprint import footprint
from tests.soak.one_host import OneHost
from tests.soak.saboteur import Saboteur
from tests.soak.three_hosts import ThreeHosts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.soak.errands import BadRequest, Errand
    from tests.soak.harms import Harm
    from tests.soak.installation import Installation

_PASSWORD = "a passphrase for the soak"
_USERS = """
from django.contrib.auth.models import User
for number in range({count}):
    User.objects.create_user("soak%d" % number, password={password!r})
"""
KINDS = {1: OneHost, 3: ThreeHosts}
"""Installations by the number of their hosts."""
_UNDISTURBED = 0.1
"""The share of the sessions at the end to which nothing happens any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How much."""

    sessions: int = 200
    clients: int = 20
    seed: int = 0
    minutes: float = 20.0
    kills: bool = True
    pause: float = 5.0
    """Between two kills, on average [s]."""
    hosts: int = 1
    """One, or three."""
    outage: float = 60.0
    """Of three hosts: how long their store is away [s]."""
    calm: float = 15.0
    """Of three hosts: between two disasters, on average [s]."""
    disasters: int = 0
    """Of three hosts: how many there are at least."""


def soak(options: Options, *, say: Callable[[str], None] = lambda _: None) -> Facts:
    """Run the whole soak on an installation of its own and return what is known afterwards.

    Raises
    ------
    OutOfTimeError
        When not all is done in time; its text says what hangs.
    """
    with tempfile.TemporaryDirectory(prefix="exoplanet soak ", ignore_cleanup_errors=True) as name:
        # Postgres' user has to enter it when root runs this.
        Path(name).chmod(0o755)
        installation = KINDS[options.hosts](Path(name))
        try:
            installation.start()
            say("The server is started.")
            return _Soak(installation, options, say).run()
        finally:
            installation.stop()


class _Soak:
    def __init__(
        self, installation: Installation, options: Options, say: Callable[[str], None]
    ) -> None:
        self._installation = installation
        self._front = installation.hosts[0]
        self._reach = installation.reach()
        self._options = options
        self._say = say
        self._began = time.monotonic()
        self._deadline = self._began + 60 * options.minutes
        self._clients = list(self._made_clients())
        self._harms: list[Harm] = []
        self._disasters = installation.disasters(
            seed=options.seed,
            pause=options.calm,
            outage=options.outage,
            at_least=options.disasters,
        )

    def run(self) -> Facts:
        options = self._options
        first = self._clients[0]
        base = first.begin(BASE).id
        first.follow(BASE, base)
        known, bad = errands(base), bad_requests(base)
        # Undisturbed ones first, of each kind as far as they are a third at most: they warm the
        # server up, and the later ones have to give the same.
        step = math.ceil(len(known) / max(1, options.sessions // 3))
        warm = [(errand, Fate.FOLLOWED) for errand in known[::step]]
        self._all_clients(warm, [])
        self._say(f"{len(warm) + 1} sessions have warmed the server up.")
        rest = plan(known, count=options.sessions - 1 - len(warm), seed=options.seed)
        # A process that was started late, a thread that is needed seldom: half of the sessions
        # have called for all, and the other half must leave things as they are.
        half = options.sessions // 2 - len(warm)
        self._with_sabotage(rest[:half], bad, seed=options.seed)
        before = self._idle_footprint()
        self._say(f"{len(self._accepted())} sessions have ended.")
        self._with_sabotage(rest[half:], bad, seed=options.seed + 1)
        after = self._idle_footprint()
        return self._facts(before, after)

    def _made_clients(self) -> Iterator[Client]:
        folder, count = self._installation.folder, self._options.clients
        files = {
            draw: kepler_file(folder / f"{draw}.csv", draw, rows=size).read_bytes()
            for draw, size in ((TRAINING_DRAW, 300), (TESTING_DRAW, 100))
        }
        self._front.command("shell", "-v0", "-c", _USERS.format(count=count, password=_PASSWORD))
        for number in range(count):
            client = Client(
                number=number,
                reach=self._installation.reach(),
                began=self._began,
                deadline=self._deadline,
                files=files,
            )
            # The first one's model is everybody's to analyse; a half of the others are users.
            if number % 2:
                sent = {"username": f"soak{number}", "password": _PASSWORD}
                client.token = self._reach.ask("POST", "/api/v1/token", json=sent).body["token"]
            yield client

    def _all_clients(self, work: Sequence[tuple[Errand, Fate]], bad: Sequence[BadRequest]) -> None:
        count = len(self._clients)
        with ThreadPoolExecutor(count) as pool:
            running = [
                pool.submit(client.run, work[place::count], bad)
                for place, client in enumerate(self._clients)
            ]
        late = [str(future.exception()) for future in running if future.exception() is not None]
        if late:
            raise OutOfTimeError("\n".join([*late, *self._what_hangs()]))

    def _with_sabotage(
        self, work: Sequence[tuple[Errand, Fate]], bad: Sequence[BadRequest], *, seed: int
    ) -> None:
        enough = len(self._accepted()) + int((1 - _UNDISTURBED) * len(work))
        saboteur = Saboteur(
            hosts=self._installation.hosts,
            round=self._installation.kills,
            seed=seed,
            pause=self._options.pause,
        )
        threads = [threading.Thread(target=self._watch, args=(saboteur, enough), daemon=True)]
        if self._options.kills:
            threads.append(threading.Thread(target=saboteur.run, daemon=True))
        for thread in threads:
            thread.start()
        if self._options.kills and self._disasters is not None:
            threads.append(self._disasters.begin())
        try:
            self._all_clients(work, bad)
        finally:
            self._stop(saboteur)
            for thread in threads:
                thread.join()
            self._harms += saboteur.harms

    def _stop(self, saboteur: Saboteur) -> None:
        saboteur.stop()
        if self._disasters is not None:
            self._disasters.stop()

    def _watch(self, saboteur: Saboteur, enough: int) -> None:
        """Tell how far it is, and stop the saboteur when few sessions are left."""
        said_at = 0.0
        while not saboteur.stopped and len(self._accepted()) < enough:
            if time.monotonic() - said_at > 15:
                said_at = time.monotonic()
                harms = len(self._all_harms()) + len(saboteur.harms)
                self._say(f"{len(self._accepted())} sessions accepted, {harms} harms done.")
            time.sleep(0.2)
        self._stop(saboteur)

    def _all_harms(self) -> list[Harm]:
        return [*self._harms, *(self._disasters.harms if self._disasters else ())]

    def _accepted(self) -> list[object]:
        return [noted for client in self._clients for noted in client.accepted]

    def _await_end(self) -> None:
        def busy() -> bool:
            ready = self._reach.ask("GET", "/api/v1/ready")
            return bool(
                looking.unended(self._front)
                or looking.queue(self._front)
                or looking.incoming(self._installation)
                or (ready.status, ready.body.get("workers")) != (200, self._installation.workers)
            )

        while busy():
            if time.monotonic() > self._deadline:
                raise OutOfTimeError("\n".join(["It does not come to rest.", *self._what_hangs()]))
            time.sleep(0.5)

    def _idle_footprint(self) -> Footprint:
        self._await_end()
        return footprint(self._installation.hosts)

    def _what_hangs(self) -> list[str]:
        return [
            *(f"client {client.number}: {client.doing}" for client in self._clients),
            *looking.unended(self._front),
            *(f"task {key} is in the queue" for key in looking.queue(self._front)),
            *(f"{name} is in media/incoming" for name in looking.incoming(self._installation)),
            *(
                line
                for host in self._installation.hosts
                for line in (host.folder / "log").read_text().splitlines()[-40:]
            ),
        ]

    def _facts(self, before: Footprint, after: Footprint) -> Facts:
        installation, front = self._installation, self._front
        swept: list[str] = []
        if installation.leaves_some_to_the_cleanup:
            swept = [name for host in installation.hosts for name in looking.swept(host)]
        unnamed, missing = looking.store(installation)
        return Facts(
            accepted=tuple(entry for client in self._clients for entry in client.accepted),
            rows=looking.rows(installation),
            before=before,
            after=after,
            refused=sum((client.refused for client in self._clients), start=Counter()),
            trouble=(
                *(entry for client in self._clients for entry in client.trouble),
                *(self._disasters.trouble if self._disasters else ()),
                *looking.lost_evidence(front),
            ),
            harms=tuple(self._all_harms()),
            interruptions=looking.interruptions(front),
            queue=looking.queue(front),
            strays=looking.strays(installation),
            orphans=tuple(name for host in installation.hosts for name in looking.orphans(host)),
            swept=tuple(swept),
            unnamed=unnamed,
            missing=missing,
            minutes=(time.monotonic() - self._began) / 60,
            hosts=len(installation.hosts),
        )
