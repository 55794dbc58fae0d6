"""What only our mock server can be told: to raise a warning, to have a subscribed library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.driver.transport.door import Body
from contract_tests.mock import CONTROL_HEADER, CONTROL_KEY
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.flaw import shown

if TYPE_CHECKING:
    from contract_tests.driver.sessions import Session
    from contract_tests.driver.transport.door import Door
    from contract_tests.traffic.exchange import Exchange


def control_door(anonymous: Door, key: str = CONTROL_KEY) -> Door:
    """A door whose requests the control door of our mock server lets in; `key` is its secret, if it has one.

    A mock of an earlier version does not ask for the header, and is not disturbed by it.
    """
    return anonymous.with_headers({CONTROL_HEADER: key})


class MockControl:
    """The control door of our mock server, beside its clock. `door` is a `control_door`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def raise_warning(self, session: Session, kind: str) -> None:
        """Let the preview of the session's content find something; `kind` is a WarningType."""
        self._ask("/_control/warnings", {"session": session.id, "type": kind})

    def subscribed_item(self) -> str:
        """The id of an item of a subscribed library."""
        answer = self._ask("/_control/subscribed-items", {})
        try:
            return str(answer.response.json["item"] if answer.response else "")
        except (ValueError, LookupError, TypeError):
            raise PremiseFailed("the mock's control door to name an item", shown(answer), answer) from None

    def _ask(self, path: str, body: dict[str, Any]) -> Exchange:
        answer = self._door.send("POST", path, body=Body.json(body))
        if answer.response is None or answer.status != 200:
            raise PremiseFailed("the mock's control door to do it", shown(answer), answer)
        return answer
