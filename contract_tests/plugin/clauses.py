"""The clauses that a run is about, where it is not about all of them (`--clause`).

Only the tests that cite one of them are run; what such a test finds out about others is left aside, so that a report
says of each clause either all that the suite can say of it, or that it was not chosen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from contract_tests.contract import load_ledger
from contract_tests.plugin.options import is_contract_run
from contract_tests.plugin.spellings import add_option
from contract_tests.problems import UnknownClauseError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.judging import Record

CHOSEN: Final = pytest.StashKey[frozenset[str]]()
"""Their slugs; empty if the run is about all clauses."""


def pytest_addoption(parser: pytest.Parser) -> None:
    add_option(
        parser,
        "--clause",
        action="append",
        default=[],
        metavar="SLUG",
        help="run only what decides this clause, or with keep-alive.* those of a subject; can be given again",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if is_contract_run(config):
        config.stash[CHOSEN] = _slugs(config.option.contract_clause)


def about_chosen(config: pytest.Config, record: Record) -> Record:
    """What a test found out about the clauses that the run is about."""
    if not (chosen := config.stash.get(CHOSEN, frozenset())):
        return record
    return replace(
        record,
        decisions=tuple(one for one in record.decisions if one.clause.id in chosen),
        observations=tuple(one for one in record.observations if one.clause.id in chosen),
    )


def choose_as_recorded(config: pytest.Config, recorded: Iterable[str]) -> None:
    """Keep a replay to the clauses that the recorded run was about, or to those of them that are asked for now."""
    chosen, then = config.stash.get(CHOSEN, frozenset()), frozenset(recorded)
    config.stash[CHOSEN] = chosen & then if chosen and then else chosen or then


def _slugs(patterns: Iterable[str]) -> frozenset[str]:
    """The slugs that patterns stand for.

    Raises:
        pytest.UsageError: one stands for none.
    """
    try:
        return frozenset(slug for pattern in patterns for slug in load_ledger().matching(pattern))
    except UnknownClauseError as unknown:
        raise pytest.UsageError(f"--clause: {unknown}") from None
