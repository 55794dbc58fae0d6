from __future__ import annotations

from contract_tests.contract.words import CELLS
from contract_tests.plugin.distribution import group_of


def test_the_tests_of_a_campaign_stay_together() -> None:
    module = "contract_tests/fuzz/campaigns/test_campaigns.py"
    assert group_of(f"{module}::test_a[api-updateSession.get-model.state]") == "campaigns api"
    assert group_of(f"{module}::test_b[api]") == "campaigns api"
    assert group_of(f"{module}::test_b[rest]") == "campaigns rest"
    histories = [
        f"contract_tests/fuzz/histories/test_session_model.py::test_c[mixed-{cell}]"
        for cell in ("api-update", "rest-update")
    ]
    assert {group_of(test) for test in histories} == {"session_model mixed"}
    assert len({group_of(f"contract_tests/scenarios/test_expiry.py::test_b[{cell}]") for cell in CELLS}) == 4
    others = {group_of(f"x/test_create.py::test_b[{cell}-x]") for cell in ("api-update", "rest-update")}
    assert len(others) == 2


def test_what_waits_on_a_real_clock_stays_together() -> None:
    scenarios = "contract_tests/scenarios/"
    waiting = [
        f"{scenarios}test_expiry.py::test_kept_alive_it_outlives_several_timeouts[api-update]",
        f"{scenarios}test_keep_alive.py::test_expiration_moves_to_a_later_time[rest-download-no-body]",
    ]
    assert {group_of(test, is_real=True) for test in waiting} == {"waits"}
    assert len({group_of(test) for test in waiting}) == 2
    others = [f"{scenarios}test_keep_alive.py::test_a_deleted_session_is_not_found[api-update]", "x/test_y.py::test_z"]
    assert {group_of(test, is_real=True) for test in others} == {group_of(test) for test in others}
