"""A record that was made anew of one file or answer follows the other one of its id too, when that stands again."""

import random
from itertools import permutations

import pytest

from tests.sync.one_run import API, Log

LIST, FIT = "strava_export_activities.csv", "watch.fit"
HISTORIES, STEPS = 30, 8


def stand(log: Log) -> list[str]:
    return sorted({log.names[number] for number, _ in log.standing() if number in log.names})


def one_step(log: Log, dice: random.Random, names: tuple[str, ...]) -> str:
    standing = log.standing()
    imports = [number for number, kind in standing if kind != "revert"]
    undone = [number for number, kind in standing if kind == "revert"]
    what = dice.choice(["load", "load", *(["revert"] * bool(imports)), *(["redo"] * bool(undone))])
    if what == "load":
        name = dice.choice(names)
        log.load(name)
        return name
    number = dice.choice(imports if what == "revert" else undone)
    log.revert([number])
    return f"{what} {number}"


@pytest.mark.parametrize("names", [(API, LIST), (API, LIST, FIT)], ids=", ".join)
def test_after_any_history_a_run_is_as_if_what_stands_had_come_alone(logs, names):
    for seed in range(HISTORIES):
        dice, log, done = random.Random(seed), logs(), []
        for _ in range(STEPS):
            done.append(one_step(log, dice, names))
        plain = []
        for order in permutations(stand(log)):
            one = logs()
            for name in order:
                one.load(name)
            plain.append(one.runs())

        assert log.runs() in plain, (seed, done)
