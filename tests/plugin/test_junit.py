"""junit.xml is what pipelines read: valid, named, with the facts of the run and of each case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from contract_tests import __version__
from contract_tests.mock import MockServer

from .test_closing import CHOSEN, wrong

if TYPE_CHECKING:
    from .runs import Run, Runner

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))


def mistakes(finished: Run) -> list[str]:
    return [f"{one.path}: {one.reason}" for one in SCHEMA.iter_errors(finished.reports / "junit.xml")]


def suite_of(finished: Run) -> ET.Element:
    (suite,) = ET.parse(finished.reports / "junit.xml").getroot()
    return suite


def test_that_of_a_run_that_passes_is_valid(run: Runner) -> None:
    finished = run(*CHOSEN)
    assert finished.code == 0
    assert mistakes(finished) == []
    suite = suite_of(finished)
    assert (int(suite.get("tests", 0)), suite.get("failures")) == (len(finished.cases), "0")


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_that_of_a_run_that_fails_is_valid_and_says_which(run: Runner, workers: tuple[str, ...]) -> None:
    chosen = ("-k", f"({CHOSEN[1]}) or test_expiry or test_no_privilege")  # some of which are skipped on a live server
    with MockServer(control=False, parts=wrong()) as server:
        finished = run.apart(*chosen, "--target", server.url, "--seed", "7", *workers)
        url = server.url
    assert finished.code == 1
    assert mistakes(finished) == []
    suite = suite_of(finished)
    told = {str(one.get("name")): str(one.get("value")) for one in suite.findall("properties/property")}
    assert told["Target"] == url
    assert told["Target says it is"].startswith("cl-contract-mock")
    assert told["Seed"] == "7"
    assert told["Suite"] == f"cl-contract {__version__}"
    assert told["Contract"].startswith("sha256 ")
    results = finished.results
    assert results["failed"] > 0
    assert results["skipped"] > 0
    assert int(suite.get("failures", 0)) == results["failed"]
    assert int(suite.get("skipped", 0)) == results["skipped"]


def test_that_of_a_mistake_of_the_suite_is_valid(run: Runner) -> None:
    finished = run.probe("""
@clause("keep-alive.no-body")
def test_it(open_session, judge):
    raise KeyError("a mistake of ours\\x1b[2J\\x00")
""")
    assert finished.code == 3
    assert mistakes(finished) == []


def test_a_case_says_its_cell_and_what_became_of_its_clauses(run: Runner) -> None:
    with MockServer(control=True, parts=wrong()) as server:
        finished = run(*CHOSEN, "--target", server.url)
    told = [dict(facts) for name, facts in finished.verdicts.items() if "test_a_lower_progress_does_not_show" in name]
    assert {one["cell"] for one in told} == {"api-update"}
    assert "violates" in {value for one in told for name, value in one.items() if name.startswith("clause ")}
