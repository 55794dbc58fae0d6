from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.contract import Dialect
from contract_tests.contract.dialects import Op
from contract_tests.driver import Settings, open_target
from contract_tests.fuzz.campaigns.campaign import run_campaign
from contract_tests.fuzz.campaigns.engine import Size

if TYPE_CHECKING:
    import pytest


def test_has_no_use_for_the_proxies_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with open_target(Settings(), lambda _seconds: None) as target:
        campaign = run_campaign(target, Dialect.API, 1, Size(examples=1, seconds=300))
    assert campaign.mishaps == []
    assert campaign.findings.successes["updateSession.get", Op.READ]
    # The requests without a token are sent by one of schemathesis' checks, on a connection of its own.
    assert not campaign.findings.rulings["updateSession.get", "authentication.token-required"].broken
