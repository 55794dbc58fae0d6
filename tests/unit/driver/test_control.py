from __future__ import annotations

import httpx
import pytest

from contract_tests.contract import Cell
from contract_tests.driver import Session
from contract_tests.driver.control import MockControl
from contract_tests.problems import PremiseFailed

from .servers import Server, says


def test_the_mock_is_told_to_raise_a_warning() -> None:
    server = Server({"POST /_control/warnings": says(200, {})})
    MockControl(server.door()).raise_warning(Session(server.door(), Cell.parse("api-update"), "s-1", "i-1"), "KIND")
    assert server.sent() == {"session": "s-1", "type": "KIND"}


def test_the_mock_is_asked_for_a_subscribed_item() -> None:
    server = Server({"POST /_control/subscribed-items": says(200, {"item": "i-7"})})
    assert MockControl(server.door()).subscribed_item() == "i-7"


@pytest.mark.parametrize("answer", [says(404, {}), httpx.ReadTimeout("timed out")])
def test_a_mock_that_does_not_do_it_blocks(answer: httpx.Response | Exception) -> None:
    with pytest.raises(PremiseFailed, match="control door"):
        MockControl(Server({"POST": answer}).door()).subscribed_item()
