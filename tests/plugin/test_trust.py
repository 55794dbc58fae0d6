"""Each report of a run, and the terminal, say whether it was made sure who answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from contract_tests.reporting.reading import load

from .test_testpage import environment

if TYPE_CHECKING:
    from pathlib import Path

    from .runs import Run, Runner

ADDRESS = "https://vc.example"


@pytest.fixture
def recording(run: Runner, tmp_path: Path) -> Path:
    """What a short run has exchanged; nobody needs a server with TLS to tell of one."""
    assert run("-k", "without_a_body_it_succeeds and api-update").code == 0
    return (run.reports / "evidence.har").rename(tmp_path / "evidence.har")


def played(run: Runner, recording: Path, settings: dict[str, Any]) -> Run:
    """A run on the recording, as if it had been made with these settings; None leaves one out."""
    whole = json.loads(recording.read_text())
    about = json.loads(whole["log"]["comment"])
    changed = about["settings"] | {"target": ADDRESS} | settings
    about["settings"] = {name: value for name, value in changed.items() if value is not None or name in _OPTIONAL}
    whole["log"]["comment"] = json.dumps(about)
    recording.write_text(json.dumps(whole))
    finished = run("--target", f"replay:{recording}", "--summary", str(recording.with_name("summary.md")))
    assert finished.code == 0, finished.err
    return finished


_OPTIONAL = {"rate_limit", "datastore", "subscribed_item", "dialect"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"insecure": True, "ca_bundle": None}, "certificate NOT verified (--insecure)"),
        ({"insecure": False, "ca_bundle": "vc-ca.pem"}, "certificate verified by the CA bundle vc-ca.pem"),
        ({"insecure": False, "ca_bundle": None}, "certificate verified by the system's trust"),
        ({"insecure": None, "ca_bundle": None}, "not said by this report"),
    ],
)
def test_it_is_told_everywhere(run: Runner, recording: Path, settings: dict[str, Any], words: str) -> None:
    finished = played(run, recording, settings)
    (header,) = [line for line in finished.out.splitlines() if line.startswith(f"contract: {ADDRESS}")]
    assert header.endswith(f", {words}")
    assert environment((finished.reports / "report.html").read_text())["TLS"] == words.replace("'", "&#x27;")
    properties = {
        one.get("name"): one.get("value") for one in ET.parse(finished.reports / "junit.xml").iter("property")
    }
    assert properties["TLS"] == words
    target = load(finished.reports).target
    certificate = {None: None, True: "not verified", False: "verified"}[settings["insecure"]]
    assert (target.certificate, target.ca_bundle) == (certificate, settings["ca_bundle"])
    assert (
        f"<dt>TLS</dt><dd>{words.replace(chr(39), '&#39;')}</dd>" in (finished.reports / "conformance.html").read_text()
    )
    assert words.split(" (", maxsplit=1)[0].split("'", maxsplit=1)[0] in recording.with_name("summary.md").read_text()
