"""The files that a run writes, beside those of pytest-html and JUnit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_tests.driver.recordings.opening import recorded_settings
from contract_tests.reporting.conformance import conformance
from contract_tests.reporting.drafts import noting, whole_or_none
from contract_tests.reporting.folder import CONFORMANCE, PAGE
from contract_tests.reporting.repro.embedding import scripts
from contract_tests.reporting.views.page import page
from contract_tests.reporting.views.step_summary import step_summary
from contract_tests.traffic import archive as recording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from contract_tests.judging.tally import Tally
    from contract_tests.reporting.conformance import RunStart
    from contract_tests.reporting.format import Conformance


@dataclass
class Written:
    """What a run has written; `problems` are sentences about the files that it could not write."""

    report: Conformance
    problems: list[str]


def write_reports(  # noqa: PLR0913 - what is known at the end of a run
    tally: Tally,
    occasion: RunStart,
    folder: Path,
    *,
    exit_code: int,
    complete: bool,
    summary: Path | None = None,
    packed: bool = False,
) -> Written:
    """Write evidence.har (`packed`: evidence.har.gz), conformance.json and conformance.html; add to the summary.

    Each is written whole or not at all.

    A file that can't be written keeps none of the others from being written; the exit code in them is then 3.
    """
    problems: list[str] = []
    settings = recorded_settings(occasion.settings) | {
        "seed": occasion.seed,
        "gate": occasion.gate,
        "run": occasion.id,
        "tests": tally.lanes,
    }
    if occasion.clauses:
        settings["clauses"] = sorted(occasion.clauses)
    names = (recording.PACKED, recording.FILE) if packed else (recording.FILE, recording.PACKED)
    (har, other), digest = (folder / name for name in names), ""
    with noting(problems, har), whole_or_none(har, drops_old=True) as draft:
        digest = recording.write_recording(draft, recording.Recording(settings, tally.plays), packed=packed)
    with noting(problems, other):
        if other.is_file():  # of an earlier run: one that judges a recording again removes none before
            other.unlink()
    report = conformance(tally, occasion, exit_code=exit_code, complete=complete, exchanges_sha256=digest)
    if summary is not None:
        with noting(problems, summary):
            append_summary(summary, report)
    if problems:
        report = _failed(report)
    texts = {CONFORMANCE: as_json, PAGE: lambda one: page(one, scripts(one, tally.plays))}
    failed = _write(texts, report, folder)
    if failed and _failed(report) != report:  # what was written says that all went well
        report = _failed(report)
        left = {name: text for name, text in texts.items() if name not in failed}
        failed |= _write(left, report, folder)
    return Written(report, [*problems, *failed.values()])


def _failed(report: Conformance) -> Conformance:
    run = report.run.model_copy(update={"exit_code": incomplete(report.run.exit_code)})
    return report.model_copy(update={"run": run})


INCOMPLETE = 3
"""The exit code of a run that can't tell all that it should have found: pytest's internal error."""


def incomplete(code: int) -> int:
    """The exit code of a run that would have had another one; one that was ended on purpose keeps its own."""
    return code if code in (2, 4) else INCOMPLETE


def _write(texts: Mapping[str, Callable[[Conformance], str]], report: Conformance, folder: Path) -> dict[str, str]:
    """Write the files of these names; gives the problems, by name."""
    failed: dict[str, str] = {}
    for name, text in texts.items():
        problems: list[str] = []
        with noting(problems, folder / name), whole_or_none(folder / name, drops_old=True) as draft:
            draft.write_text(text(report), encoding="utf-8")
        if problems:
            failed[name] = problems[0]
    return failed


def as_json(report: Conformance) -> str:
    return report.model_dump_json(indent=1) + "\n"


def append_summary(path: Path, report: Conformance) -> None:
    """Add the summary of a run to a file that others write to as well.

    Raises:
        OSError: it can't be written.
    """
    with path.open("a", encoding="utf-8") as file:
        file.write(step_summary(report))
