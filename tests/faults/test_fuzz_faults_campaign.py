"""Every wrong server is caught by a campaign, and accused of nothing that it does not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from contract_tests.contract import Dialect, Service
from contract_tests.driver import Settings, open_target
from contract_tests.faults.fault import sessions, views
from contract_tests.faults.fuzzed.campaigns import CAMPAIGN_FAULTS
from contract_tests.faults.fuzzed.numbers import NUMBER_FAULTS
from contract_tests.fuzz.campaigns import campaign as campaigns
from contract_tests.fuzz.campaigns.campaign import Size, run_campaign
from contract_tests.fuzz.campaigns.engine import load_schema
from contract_tests.fuzz.campaigns.operations import operations
from contract_tests.mock import MockServer
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.views import Views
from contract_tests.mock.domain.world import DEFAULT_USER

from .play import WHOLE
from .right_doors import LATER
from .right_servers import OTHERWISE
from .right_sessions import BEFORE_6_7

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from schemathesis.schemas import BaseSchema

    from contract_tests.driver import Target
    from contract_tests.faults.fuzzed.campaigns import CampaignFault
    from contract_tests.fuzz.campaigns.campaign import Campaign
    from contract_tests.mock import Parts
    from contract_tests.mock.domain.model import SessionRecord

_SEED = 20261120
_SIZE = Size(examples=60, seconds=300)


def _campaign(parts: Parts | None, dialect: Dialect) -> Campaign:
    with MockServer(control=True, parts=parts) as server:
        settings = Settings(target=server.url, username=DEFAULT_USER.name, password=DEFAULT_USER.password)
        with open_target(settings, lambda _seconds: None) as target:
            return run_campaign(target, dialect, _SEED, _SIZE)


def _campaign_over(names: Collection[str], parts: Parts | None, dialect: Dialect) -> Campaign:
    """A campaign over these operations only: the others take most of its time, and can't show what is looked for."""
    others = [name for name in operations(dialect) if name not in names]

    def narrowed(target: Target, dialect: Dialect, seed: int, size: Size) -> BaseSchema:
        return load_schema(target, dialect, seed, size).exclude(operation_id=others)

    with mock.patch.object(campaigns, "load_schema", narrowed):
        return _campaign(parts, dialect)


@pytest.mark.no_cover
@pytest.mark.parametrize("wrong", [*CAMPAIGN_FAULTS, *NUMBER_FAULTS], ids=lambda wrong: wrong.name)
def test_a_wrong_server_is_caught(wrong: CampaignFault) -> None:
    names = operations(wrong.dialect) if WHOLE else {operation for operation, _ in wrong.found}
    findings = _campaign_over(names, wrong.parts, wrong.dialect).findings
    found = {key for table in (findings.rulings, findings.unclaimed) for key, one in table.items() if one.broken}
    assert found >= wrong.found
    assert {slug for _, slug in found} <= {slug for _, slug in wrong.found} | wrong.also


@pytest.mark.no_cover
def test_where_nothing_is_left_of_what_has_ended_all_else_is_decided() -> None:
    parts = sessions(cancel=forgetting_downloads(Sessions.cancel), fail=forgetting_downloads(Sessions.fail))
    campaign = _campaign(parts, Dialect.REST)
    assert campaign.premise is None
    assert {key for key, one in campaign.findings.rulings.items() if one.broken} == set()
    assert {
        ("downloadSession.keepAlive", "keep-alive.stores-progress"),
        ("updateSession.keepAlive", "keep-alive.only-active"),
    } <= campaign.findings.rulings.keys()
    assert ("downloadSession.keepAlive", "keep-alive.only-active") not in campaign.findings.rulings


@pytest.mark.no_cover
def test_where_no_progress_is_shown_all_else_is_decided() -> None:
    def without_progress(self: Views, session: SessionRecord) -> dict[str, Any]:
        return {name: value for name, value in Views.session(self, session).items() if name != "client_progress"}

    campaign = _campaign(views(session=without_progress), Dialect.API)
    assert campaign.premise is None
    findings = campaign.findings
    broken = {
        slug for table in (findings.rulings, findings.unclaimed) for (_, slug), one in table.items() if one.broken
    }
    assert broken == {"model.progress-present", "model.initial-progress"}
    assert ("updateSession.keepAlive", "keep-alive.empty-object") in findings.rulings
    assert ("updateSession.keepAlive", "keep-alive.stores-progress") not in findings.rulings


@pytest.mark.no_cover
@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_form_that_is_advised_against_is_told_and_hides_nothing(dialect: Dialect) -> None:
    campaign = _campaign(views(time=lambda self, moment: Views.time(self, moment).lower()), dialect)
    findings = campaign.findings
    assert campaign.complete
    assert campaign.premise is None
    broken = {key for key, one in findings.rulings.items() if one.broken}
    assert broken == {(f"{service}Session.get", "model.expiration-time-format") for service in Service}
    assert {slug for (_, slug), one in findings.unclaimed.items() if one.broken} <= {"model.expiration-time-format"}
    assert ("updateSession.keepAlive", "keep-alive.stores-progress") in findings.rulings


def forgetting_downloads(end: Callable[..., None]) -> Callable[..., None]:
    """An operation that ends a session; one of a download is gone with it."""

    def ends(self: Sessions, service: Service, session_id: str, *said: Any) -> None:
        if service is Service.UPDATE:
            end(self, service, session_id, *said)
        else:
            self.forget(self.find(service, session_id))

    return ends


# The server that takes every other choice names no error types: under /api that is advised against.
@pytest.mark.parametrize(
    ("parts", "dialect"),
    [
        (None, Dialect.API),
        (None, Dialect.REST),
        pytest.param(OTHERWISE, Dialect.API, marks=pytest.mark.no_cover),
        pytest.param(OTHERWISE, Dialect.REST, marks=pytest.mark.no_cover),
        pytest.param(LATER, Dialect.API, marks=pytest.mark.no_cover),
        pytest.param(LATER, Dialect.REST, marks=pytest.mark.no_cover),
        pytest.param(BEFORE_6_7, Dialect.REST, marks=pytest.mark.no_cover),
    ],
)
def test_a_right_server_is_not_accused(parts: Parts | None, dialect: Dialect) -> None:
    campaign = _campaign(parts, dialect)
    assert campaign.complete
    assert campaign.premise is None
    assert campaign.mishaps == []
    findings = campaign.findings
    broken = {
        slug for table in (findings.rulings, findings.unclaimed) for (_, slug), one in table.items() if one.broken
    }
    assert broken == ({"errors.type-present"} if (parts, dialect) == (OTHERWISE, Dialect.API) else set())
    assert all(findings.successes[name, operation.ops[0]] for name, operation in operations(dialect).items())
