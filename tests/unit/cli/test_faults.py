"""cl-contract faults, and the mock that is served with some of them."""

from __future__ import annotations

import json
import subprocess
from collections import Counter

import httpx
import pytest

from contract_tests import cli
from contract_tests.cli.faults import named_faults
from contract_tests.contract import load_ledger
from contract_tests.faults import FAULTS
from contract_tests.faults.catalogue import catalogue, with_all
from contract_tests.faults.fuzzed.campaigns import CAMPAIGN_FAULTS
from contract_tests.faults.fuzzed.histories import HISTORY_FAULTS
from contract_tests.faults.fuzzed.hostile import HOSTILE_FAULTS
from contract_tests.faults.fuzzed.numbers import NUMBER_FAULTS
from contract_tests.faults.fuzzed.races import RACE_FAULTS
from contract_tests.mock import MockServer, Parts
from contract_tests.problems import UsageProblem

from .test_mock import started

ONE, COMMAS, OTHER = "nobody is logged out", "keep-alive wants name and password, too", "an empty token is good"


def listed(capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, object]]:
    assert cli.main(["faults", "--json", *options]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_all_are_listed_with_clauses_of_the_ledger_and_cells(capsys: pytest.CaptureFixture[str]) -> None:
    found, ledger = listed(capsys), load_ledger()
    assert all(one["cells"] and set(one["clauses"]) <= set(ledger) for one in found)  # type: ignore[call-overload]
    blocking = {row.name for row in FAULTS if not row.found}  # what they break is a premise
    assert {one["name"] for one in found if not one["clauses"]} == blocking
    kinds = Counter(one["found_by"] for one in found)
    assert set(kinds) == {"scenarios", "campaigns", "histories", "hostile", "races"}
    assert kinds["scenarios"] == len(FAULTS)
    tables = (FAULTS, CAMPAIGN_FAULTS, NUMBER_FAULTS, HISTORY_FAULTS, HOSTILE_FAULTS, RACE_FAULTS)
    assert len({one["name"] for one in found}) == sum(map(len, tables))
    assert {"name": ONE, "clauses": ["authentication.ended-token"], "found_by": "scenarios"}.items() <= next(
        one.items() for one in found if one["name"] == ONE
    )


def test_those_of_a_clause_and_of_a_subject(capsys: pytest.CaptureFixture[str]) -> None:
    of_one = listed(capsys, "--clause", "authentication.ended-token")
    assert ONE in [one["name"] for one in of_one]
    assert all("authentication.ended-token" in one["clauses"] for one in of_one)  # type: ignore[operator]
    assert len(listed(capsys, "--clause", "authentication.*")) > len(of_one)


def test_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["faults", "--clause", "authentication.ended-token"]) == 0
    assert f"scenarios  {ONE}: authentication.ended-token\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["faults", "--clause", "authentication.ended-tokn"], "did you mean authentication.ended-token"),
        (["mock", "--fault", "nobody is loged out"], f"there is no fault 'nobody is loged out'; did you mean {ONE}?"),
        (["mock", "--fault", f"{ONE},xyz"], "there is no fault 'xyz'; `cl-contract faults` lists them"),
        (["mock", "--fault", f"{ONE}, an empty tokn is good"], f"did you mean {OTHER}?"),
        (["mock", "--fault", ""], "there is no fault ''; "),
    ],
)
def test_a_name_that_is_none_proposes_the_nearest(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    told = capsys.readouterr().err
    assert (ended.value.code, told.count("\n")) == (4, 1)
    assert sentence in told


@pytest.mark.parametrize("given", [[ONE, COMMAS, OTHER], [f"{ONE},{COMMAS}, {OTHER}"], [f"{ONE},{COMMAS}", OTHER]])
def test_names_are_separated_by_commas_and_may_have_some(given: list[str]) -> None:
    assert [entry.name for entry in named_faults(given)] == [ONE, COMMAS, OTHER]


def test_several_faults_of_one_part_and_of_others_are_in_one_server() -> None:
    with MockServer(parts=with_all(named_faults([ONE, OTHER, "a login under /api succeeds with 200"]))) as mock:
        answer = httpx.post(f"{mock.url}/api/session", auth=("user", "pass"))
        headers = {"vmware-api-session-id": answer.json()}
        assert answer.status_code == 200
        assert httpx.delete(f"{mock.url}/api/session", headers=headers).status_code == 204
        assert httpx.get(f"{mock.url}/api/session", headers=headers).status_code == 200
        libraries = f"{mock.url}/api/content/local-library"
        assert httpx.get(libraries, headers={"vmware-api-session-id": ""}).status_code == 200


def test_no_faults_are_the_right_server() -> None:
    assert with_all([]) == Parts()
    assert with_all([catalogue()[ONE], catalogue()[ONE]]) == catalogue()[ONE].parts


def test_two_that_decide_the_same_are_refused() -> None:
    other = "the beginning of a token is enough"
    with pytest.raises(UsageProblem) as refused:
        with_all(named_faults([OTHER, other]))
    told = f"the faults {OTHER!r} and {other!r} can't be combined: both decide recognise in their own way"
    assert str(refused.value) == told


def test_a_fault_brings_the_timeout_that_it_needs_unless_another_is_given() -> None:
    needy = next(entry for entry in catalogue().values() if entry.timeout == 60)
    for options, end in (([], " --session-timeout 60\n"), (["--session-timeout", "300"], "\n")):
        with started("--fault", needy.name, *options, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            told = [process.stdout.readline() for _ in range(4)]
            assert told[3].endswith(f"cl-contract run --target {told[0].rstrip()}{end}")
