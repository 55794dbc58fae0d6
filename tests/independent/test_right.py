"""A right server is accused of nothing, whatever it makes of the freedoms that the documents leave.

Which freedoms are played follows from the commit, so that each commit tries others; `make independent` tries all.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
from dataclasses import fields

import pytest

from tests.independent.freedoms import Freedoms, Switch, chosen, switches
from tests.independent.playing import mixture, play

_FALLBACK = "no commit"


def _commit() -> str:
    try:
        told = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    except OSError:
        return _FALLBACK
    return told.stdout.strip() or _FALLBACK


SEED = int(hashlib.sha256(_commit().encode()).hexdigest()[:6], 16)


def test_there_are_many_freedoms_and_each_says_why() -> None:
    assert len(fields(Freedoms)) >= 40
    assert all(one.metadata["why"] for one in fields(Freedoms))


def test_each_choice_can_be_chosen() -> None:
    for one in switches():
        assert getattr(chosen([str(one)]), one.name) == one.value


@pytest.mark.parametrize("words", [["no_such"], ["lag=yesterday"]])
def test_another_choice_is_refused(words: list[str]) -> None:
    with pytest.raises(ValueError, match=r"there is no switch|has no choice"):
        chosen(words)


def test_a_mixture_is_not_accused() -> None:
    picked = mixture(random.Random(SEED))
    played = play(picked, SEED, examples=10)
    assert not played.accusations, f"seed {SEED}, {' '.join(map(str, picked))}"
    assert played.code == 0, played.printed


def test_a_pair_is_not_accused_by_the_scenarios() -> None:
    picked = random.Random(SEED).sample(list(switches()), 2)
    if picked[0].name == picked[1].name:
        picked.pop()
    played = play(picked, SEED, pytest=["contract_tests/scenarios"])
    assert not played.accusations, f"seed {SEED}, {' '.join(map(str, picked))}"
    assert played.code == 0, played.printed


def test_ids_may_be_counted() -> None:
    """Each service counts its own, so what one has given, the other has given too; and so has what a test alters."""
    borrowing = "nobodys_id or addresses_no_session or unknown_session_is_not_found or can_not_be_ended_or_deleted"
    played = play([Switch("ids", "counted")], SEED, pytest=["contract_tests/scenarios", "-k", borrowing])
    assert not played.accusations
    assert played.code == 0, played.printed
