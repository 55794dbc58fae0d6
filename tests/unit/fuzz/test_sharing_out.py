from __future__ import annotations

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
    others = {group_of(f"x/test_create.py::test_b[{cell}-x]") for cell in ("api-update", "rest-update")}
    assert len(others) == 2
