"""Right servers that lack something beside the sessions: nothing is accused, and the ledger says what is not tested."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests import cli
from contract_tests.contract import CELLS, Capability, Cell, load_ledger
from contract_tests.faults.fault import door
from contract_tests.mock import MockServer
from contract_tests.mock.domain.world import DEFAULT_USER
from contract_tests.mock.http.door import Dispatcher
from contract_tests.mock.http.wire import Reply
from contract_tests.reporting.reading import load

from .play import BRISKLY, SECOND, cited_under, play

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from contract_tests.mock.http.door import Incoming
    from contract_tests.mock.http.operations import Operation

PAGE = Reply(404, (("content-type", "text/html"),), b"<html><title>404</title></html>")
"""What a server in front says of an address that leads nowhere."""
FILES = [slug for slug, clause in load_ledger().items() if Capability.FILE_SERVICE in clause.takes]

TAKEN = sorted({one for clause in load_ledger().values() for one in clause.takes} - {Capability.FILE_SERVICE})


def without_files(self: Dispatcher, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
    """Has the sessions alone, and neither their file services nor that of items."""
    return PAGE if "/file" in incoming.path else Dispatcher.answer(self, incoming, operations)


def unknown_files(self: Dispatcher, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
    """The same, told as an error of the API."""
    return Dispatcher.answer(self, incoming, () if "/file" in incoming.path else operations)


@pytest.mark.no_cover
@pytest.mark.parametrize("answer", [without_files, unknown_files], ids=["a page", "an error"])
@pytest.mark.parametrize("cell", [CELLS[0], CELLS[3]], ids=str)
def test_a_server_without_file_services_is_not_accused(
    answer: Callable[..., Reply], cell: Cell, tmp_path: Path
) -> None:
    outcome = play(door(answer=answer), cited_under(""), (cell,), tmp_path)
    assert outcome.slugs("violates", "advises", "blocked") == set()
    assert outcome.exit_code == 0
    assert {slug for slug in FILES if outcome.cells(slug, "not tested")} == {
        slug for slug in FILES if cell in load_ledger()[slug].cells
    }


@pytest.mark.no_cover
def test_what_takes_something_is_not_tested_where_that_is_lacking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All clauses that the ledger says take it, and no other one; all scenarios are played in one dialect."""
    profile = tmp_path / "profile.toml"
    profile.write_text(f"lacks = {json.dumps(TAKEN)}\n[second_user]\n")
    with MockServer(control=True, other_users=(SECOND,)) as server:
        named = {"USERNAME": DEFAULT_USER.name, "PASSWORD": DEFAULT_USER.password}
        named |= {"SECOND_USERNAME": SECOND.name, "SECOND_PASSWORD": SECOND.password}
        for name, value in named.items():
            monkeypatch.setenv(f"CONTRACT_{name}", value)
        words = ["contract_tests/scenarios", "--target", server.url, "--profile", str(profile), *BRISKLY]
        assert cli.main(["run", *words, "--dialect", "rest", "--reports", str(tmp_path / "reports")]) == 0
    untested: dict[str, set[str]] = {one: set() for one in TAKEN}
    for clause in load(tmp_path / "reports").clauses:
        told = [cell.reason for cell in clause.cells if cell.verdict == "not tested"]
        for one in TAKEN:
            if any(one.lacking in reason for reason in told):
                untested[one].add(clause.id)
    assert untested == {one: {slug for slug, clause in load_ledger().items() if one in clause.takes} for one in TAKEN}
