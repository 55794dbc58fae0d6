"""What a script reads: `summary --json`, `diff --json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests import cli
from contract_tests.judging import Gate
from contract_tests.reporting.causes import with_causes
from contract_tests.reporting.diff import compare
from contract_tests.reporting.format import Conformance
from contract_tests.reporting.views.data import comparison_data, summary_data
from contract_tests.reporting.views.headline import headline

from .altered import plain_report

if TYPE_CHECKING:
    from pathlib import Path


def broken(count: int, *, verdict: str = "violates", observed: str = "status 418") -> Conformance:
    """A report in which the first clauses that gate a run are broken in one cell."""
    data: dict[str, Any] = json.loads(plain_report(exit_code=1).model_dump_json())
    name = next(iter(data["exchanges"]))
    for clause in [one for one in data["clauses"] if one["level"] == "must"][:count]:
        flaw = {"test": "a", "expected": "status 204", "observed": observed, "exchange": name}
        clause["cells"][0] |= {"verdict": verdict, "reason": "why, in a word", "flaws": [flaw]}
        data["totals"]["conforms"] -= 1
        data["totals"][verdict] = data["totals"].get(verdict, 0) + 1
    return Conformance.model_validate(data)


def test_the_summary_for_a_script(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    report = broken(1)
    (tmp_path / "conformance.json").write_text(report.model_dump_json())
    assert cli.main(["summary", "--json", str(tmp_path)]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["headline"] == "Violates: 1 clause is broken in 1 cell."
    assert told["exit_code"] == 1
    (one,) = told["failing"]
    assert one["flaws"] == [{"expected": "status 204", "observed": "status 418"}]
    assert one["cells"] == ["api-update"]
    assert told["totals"]["violates"] == 1


def test_a_summary_says_of_the_run_what_the_report_has() -> None:
    report = with_causes(broken(1))
    facts = {"complete": False, "seed": 7, "gate": Gate.MUST, "selected": "-k this"}
    run = report.run.model_copy(update={**facts, "id": "an id"})
    report = report.model_copy(update={"run": run, "leftovers": ["an item"]})
    told = summary_data(report)
    assert {name: told[name] for name in facts} == facts
    assert told["run"] == "an id"
    assert told["also"] == list(headline(report).also) != []
    assert told["target"] == report.target.address
    assert told["leftovers"] == ["an item"]
    assert [one["clause"] for one in told["causes"]] == [one.clause for one in report.causes] != []
    (one,) = told["failing"]
    assert one["reason"] == "why, in a word"


def test_a_comparison_says_what_else_differs() -> None:
    old = plain_report()
    seen = old.observations[0].model_copy(update={"choice": "something else"})
    new = old.model_copy(
        update={
            "run": old.run.model_copy(update={"id": "another", "max_wait": 7.0}),
            "observations": [seen, *old.observations[1:]],
        }
    )
    told = comparison_data(compare(old, new))
    assert (told["old"]["run"], told["new"]["run"]) == (old.run.id, "another")
    assert (told["regressed"], told["exit_code"], told["strict_exit_code"]) == (False, 0, 0)
    assert ("time to wait", "7 s") in {(one["what"], one["new"]) for one in told["differences"]}
    assert "something else" in json.dumps(told["choices"])


def test_the_difference_for_a_script(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(plain_report().model_dump_json())
    new.write_text(broken(1).model_dump_json())
    assert cli.main(["diff", str(old), str(new), "--json"]) == 1
    told = json.loads(capfd.readouterr().out)
    assert (told["regressed"], told["exit_code"], told["strict_exit_code"]) == (True, 1, 1)
    (change,) = told["changes"]
    assert (change["kind"], change["old"], change["new"], change["cell"]) == (
        "regressed",
        "conforms",
        "violates",
        "api-update",
    )
    with pytest.raises(SystemExit) as ended:
        cli.main(["diff", str(old), str(new), "--json", "--markdown"])
    assert ended.value.code == 4
