"""The files that a run writes, beside those of pytest-html and JUnit."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from contract_tests.evidence.conformance import FILE, conformance
from contract_tests.evidence.page import page
from contract_tests.evidence.stepsummary import step_summary
from contract_tests.target import recording
from contract_tests.target.replaying import recorded_settings

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.evidence.conformance import Occasion
    from contract_tests.evidence.format import Conformance
    from contract_tests.evidence.tally import Tally

PAGE = "conformance.html"


def write_reports(tally: Tally, occasion: Occasion, folder: Path, *, exit_code: int, complete: bool) -> Conformance:
    """Write evidence.har, conformance.json and conformance.html; gives what the second holds.

    Raises:
        OSError: one of them can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = recorded_settings(occasion.settings) | {
        "seed": occasion.seed,
        "gate": occasion.gate,
        "tests": tally.lanes,
    }
    har = folder / recording.FILE
    recording.write_recording(har, recording.Recording(settings, tally.plays))
    report = conformance(
        tally,
        occasion,
        exit_code=exit_code,
        complete=complete,
        exchanges_sha256=hashlib.sha256(har.read_bytes()).hexdigest(),
    )
    (folder / FILE).write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(page(report), encoding="utf-8")
    return report


def append_summary(path: Path, report: Conformance) -> None:
    """Add the summary of a run to a file that others write to as well.

    Raises:
        OSError: it can't be written.
    """
    with path.open("a", encoding="utf-8") as file:
        file.write(step_summary(report))
