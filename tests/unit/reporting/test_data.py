"""What a script reads: `summary --json`, `diff --json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests import cli
from contract_tests.reporting.format import Conformance

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
