"""What is made of stars' curves to learn from."""

from __future__ import annotations

from mlcore.benchmark.light_curves.collections import FlattenedStar
from mlcore.benchmark.light_curves.made import made_signals
from mlcore.benchmark.light_curves.seconds import noise_curve
from mlcore.datasets.spec import Disposition
from mlcore.parallel import ONE_CORE
from mlcore.progress import silent


def test_a_transit_that_was_put_in_is_a_planet_of_the_star_and_all_else_is_none() -> None:
    stars = [FlattenedStar(host=host, curve=noise_curve(20.0), signals=()) for host in ("1", "2")]
    made = made_signals(stars, 2, cores=ONE_CORE, progress=silent)
    assert list(made) == [
        *("inverted", "scrambled", "injected", "eclipsing binary"),
        *("peaks", "simulated", "by chance"),
    ]
    for kind, signals in made.items():
        label = Disposition.CONFIRMED if kind == "injected" else Disposition.FALSE_POSITIVE
        hosts = {"simulated 0"} if kind == "simulated" else {"1", "2"}
        assert {signal.host for signal in signals} <= hosts
        assert {signal.label for signal in signals} <= {label}
    # Each second star has one more that is as strong as eclipses.
    assert [signal.host for signal in made["injected"]] == ["1", "2", "1", "2", "2"]
