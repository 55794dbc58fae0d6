"""Update (PATCH) of an update session: it sets the warning behaviour, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from contract_tests.checks import accepted_or_refused, unchanged
from contract_tests.scenarios import clause
from contract_tests.scenarios.steps import at_progress, said, whole_error
from contract_tests.target import Session

if TYPE_CHECKING:
    from contract_tests.evidence import Judge

OpenSession = Callable[[], Session]


@pytest.mark.parametrize("state", ["DONE", "CANCELED", "ERROR", "ACTIVE", "NO_SUCH_STATE"])
@clause("update.state-unchanged")
def test_the_state_can_not_be_set(state: str, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    at_progress(session, 5)
    before = session.read()
    answer = session.update({"state": state})
    judge("update.state-unchanged", accepted_or_refused(answer, 400), unchanged(before, session.read()))
    judge.observe("update.state-unchanged", f"state {state} in the specification: {said(answer)}", answer)
    whole_error(judge, answer)
