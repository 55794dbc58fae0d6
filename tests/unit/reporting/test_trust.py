"""That nobody checked who answered is told wherever a run is told of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.driver import Settings
from contract_tests.problems import UsageProblem
from contract_tests.reporting.diff import compare
from contract_tests.reporting.format import Conformance
from contract_tests.reporting.merge import merge
from contract_tests.reporting.reading import load
from contract_tests.reporting.trust import trust_of, trust_told
from contract_tests.reporting.views import diff as changes
from contract_tests.reporting.views import matrix
from contract_tests.reporting.views.page import page
from contract_tests.reporting.views.step_summary import step_summary

from .sample import sample

if TYPE_CHECKING:
    from collections.abc import Callable

ADDRESS = "HTTPS://vc.example"
PATH = Path("/home/release.engineer/vc-ca.pem")


def report(**target: Any) -> Conformance:
    """A report of a target with these members."""
    data = sample(steps=1).model_dump(mode="json")
    data["target"] |= target
    return Conformance.model_validate(data)


WATCHED = report(certificate="verified", ca_bundle=None)
BUNDLED = report(certificate="verified", ca_bundle="vc-ca.pem")
BLIND = report(certificate="not verified", ca_bundle=None)


@pytest.mark.parametrize(
    ("settings", "certificate", "bundle"),
    [
        (Settings(), "none", None),
        (Settings(target="http://vc.example", insecure=True), "none", None),
        (Settings(target=ADDRESS), "verified", None),
        (Settings(target=ADDRESS, ca_bundle=PATH), "verified", "vc-ca.pem"),
        (Settings(target=ADDRESS, insecure=True), "not verified", None),
        (Settings(target=ADDRESS, insecure=None), None, None),
    ],
)
def test_what_is_known_of_the_certificate(settings: Settings, certificate: str | None, bundle: str | None) -> None:
    assert trust_of(settings) == {"certificate": certificate, "ca_bundle": bundle}


def test_each_has_words_of_its_own() -> None:
    told = [trust_told(one.target) for one in (WATCHED, BUNDLED, BLIND, report(certificate="none"))]
    assert told == [
        "certificate verified by the system's trust",
        "certificate verified by the CA bundle vc-ca.pem",
        "certificate NOT verified (--insecure)",
        "no TLS",
    ]
    assert trust_told(report(certificate=None).target) == "not said by this report"


VIEWS: dict[str, Callable[[Conformance], str]] = {
    "conformance.html": page,
    "summary": step_summary,
    "matrix.html": lambda one: matrix.page([one, one]),
    "matrix.md": lambda one: matrix.markdown([one, one]),
    "changes.html": lambda one: changes.page(compare(one, one)),
    "changes.md": lambda one: changes.markdown(compare(one, one)),
    "terminal of diff": lambda one: "\n".join(changes.terminal(compare(one, one))),
}


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_a_report_tells(view: str) -> None:
    assert "NOT verified (--insecure)" in re.sub("<.*?>", "", VIEWS[view](BLIND)).replace("&#45;", "-")
    assert "CA bundle vc-ca.pem" in VIEWS[view](BUNDLED)
    assert "NOT verified" not in VIEWS[view](WATCHED)


def test_the_first_screen_says_it_in_a_sentence() -> None:
    said = "The server&#39;s certificate was not verified"
    assert said in page(BLIND)
    assert said not in page(WATCHED)


def test_runs_that_differ_in_it_are_no_shards_and_are_told_apart() -> None:
    with pytest.raises(UsageProblem, match="number 1 has another TLS than number 2"):
        merge([WATCHED, BLIND])
    (difference,) = compare(WATCHED, BLIND).differences
    assert (difference.what, difference.new) == ("TLS", "certificate NOT verified (--insecure)")


def test_a_report_of_the_first_version_is_read_and_merged_into_this_one(tmp_path: Path) -> None:
    data = sample(steps=1).model_dump(mode="json")
    data["schema_version"] = "1"
    del data["target"]["certificate"], data["target"]["ca_bundle"]
    old = Conformance.model_validate(data)
    (tmp_path / "conformance.json").write_text(old.model_dump_json(exclude={"target": {"certificate", "ca_bundle"}}))
    read = load(tmp_path)
    assert (read.schema_version, read.target.certificate) == ("1", None)
    assert merge([read, read]).report.schema_version == "4"
    assert "not said by this report" in page(read)
