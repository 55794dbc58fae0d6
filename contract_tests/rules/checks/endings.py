"""Checks of what a session says about its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.flaw import Flaw, Flaws, check, shown
from contract_tests.rules.checks.readings import read

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange


@check("error_message")
def says_why(after: Exchange) -> Flaws:
    """The session shows an `error_message`, and it is an object; what is in it is another clause's business."""
    try:
        message = read(after).model.get("error_message")
    except PremiseFailed as lost:
        return [Flaw("an error_message", lost.observed, after)]
    return [] if isinstance(message, dict) and message else [Flaw("an error_message", shown(after), after)]
