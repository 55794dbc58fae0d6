"""What people and pipelines read, to the letter: CONTRACT_SNAPSHOTS=write writes the files anew, to be looked at."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from contract_tests.judging import Outcome, explain
from contract_tests.judging.messages import in_short
from contract_tests.reporting.causes import with_causes
from contract_tests.reporting.diff import compare
from contract_tests.reporting.format import Conformance
from contract_tests.reporting.views.diff import markdown as diff_markdown
from contract_tests.reporting.views.diff import terminal as diff_terminal
from contract_tests.reporting.views.headline import headline
from contract_tests.reporting.views.screen import screen
from contract_tests.reporting.views.step_summary import step_summary
from tests.unit.judging.findings import SENT, UNANSWERED, decision

from .sample import sample

FOLDER = Path(__file__).with_name("snapshots")
FEW = ("errors.body", "keep-alive.extends-expiration", "keep-alive.no-body", "expiry.ends-promptly")
WRONG = {
    "errors.body": ("messages, one or more", '404 with {"error_type":"NOT_FOUND"}'),
    "keep-alive.extends-expiration": ("expiration_time after 2026-03-01 12:00", "expiration_time 2026-03-01 12:00"),
}


def small(*, broken: bool) -> Conformance:
    """A report of a few clauses, two of which are broken everywhere and one blocked."""
    data = sample(steps=1, conforming=True).model_dump()
    data["clauses"] = [clause for clause in data["clauses"] if clause["id"] in FEW]
    data |= {"observations": [], "deviations": [], "leftovers": [], "totals": {}}
    for clause in data["clauses"]:
        for cell in clause["cells"]:
            cell |= {"verdict": "conforms", "reason": "", "summary": "held 2 of 2", "flaws": [], "cause": ""}
            if broken and clause["id"] in WRONG:
                expected, observed = WRONG[clause["id"]]
                shown = (
                    cell["exchanges"][-1]
                    if cell["exchanges"]
                    else {"test": "a", "exchange": next(iter(data["exchanges"]))}
                )
                flaw = {
                    "test": shown["test"],
                    "expected": expected,
                    "observed": observed,
                    "exchange": shown["exchange"],
                }
                cell |= {"verdict": "violates", "flaws": [flaw], "summary": "broken 1 of 1"}
            if broken and clause["id"] == "keep-alive.no-body":
                reason = "its premise failed: expected a new session; observed no answer (ReadTimeout)"
                cell |= {"verdict": "blocked", "reason": reason, "summary": f"blocked 1 of 1; {reason}"}
    named = {one["exchange"] for clause in data["clauses"] for cell in clause["cells"] for one in cell["exchanges"]}
    named |= {one["exchange"] for clause in data["clauses"] for cell in clause["cells"] for one in cell["flaws"]}
    data["exchanges"] = {name: one for name, one in data["exchanges"].items() if name in named}
    data["run"] |= {"exit_code": int(broken), "tests": {"failed": 9 * broken, "passed": 31}}
    return with_causes(Conformance.model_validate(data))


def terminal_text(report: Conformance) -> str:
    lines = [*screen(report, Path("/reports"), "4 clauses x 4 cells = 16: …"), headline(report).sentence]
    return "".join(f"{line}\n" for line in lines)


def junit_text() -> str:
    text = explain(
        [decision(outcome=Outcome.BROKEN), decision(outcome=Outcome.BLOCKED, reason="so it is")], [SENT, UNANSWERED]
    )
    failure = ET.Element("failure", message=in_short(text))
    failure.text = text
    return ET.tostring(failure, encoding="unicode") + "\n"


GOOD, BAD = small(broken=False), small(broken=True)
TEXTS = {
    "terminal-red.txt": terminal_text(BAD),
    "terminal-green.txt": terminal_text(GOOD),
    "summary-red.md": step_summary(BAD),
    "summary-green.md": step_summary(GOOD),
    "diff.txt": "".join(f"{line}\n" for line in diff_terminal(compare(GOOD, BAD))),
    "diff.md": diff_markdown(compare(GOOD, BAD)),
    "junit-failure.xml": junit_text(),
}


@pytest.mark.parametrize("name", TEXTS)
def test_it_reads_as_before(name: str) -> None:
    place = FOLDER / name
    if os.environ.get("CONTRACT_SNAPSHOTS") == "write":
        place.write_text(TEXTS[name], encoding="utf-8")
    assert TEXTS[name] == place.read_text(encoding="utf-8")


def test_no_file_is_left_that_nobody_compares() -> None:
    assert {place.name for place in FOLDER.iterdir()} == {*TEXTS}


def test_ten_causes_and_the_rest_of_a_run_fit_one_screen() -> None:
    cause = BAD.causes[0]
    many = BAD.model_copy(
        update={
            "causes": [cause.model_copy(update={"id": f"c{n}", "says": "word " * 60}) for n in range(11)],
            "leftovers": [f"item {n}" for n in range(3000)],
        }
    )
    lines = list(screen(many, Path("/reports"), "totals", width=80))
    assert len(lines) <= 39
    assert max(map(len, lines)) <= 80
    assert "    … and 1 more, in conformance.html" in lines
