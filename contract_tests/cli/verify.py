"""cl-contract verify: judge a recording again, offline, and compare with what its report says."""

from __future__ import annotations

import contextlib
import hashlib
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests.cli.parser import Parser
from contract_tests.cli.printing import tell
from contract_tests.cli.reports import or_usage_problem
from contract_tests.cli.run import run
from contract_tests.contract import sha256
from contract_tests.driver.recordings.opening import SCHEME, lost_lanes
from contract_tests.judging.verdicts import NOTHING_DECIDED
from contract_tests.problems import UsageProblem
from contract_tests.reporting.conformance import suite_sha256
from contract_tests.reporting.folder import CONFORMANCE, runs_of
from contract_tests.reporting.reading import load
from contract_tests.reporting.verification import altered, differences
from contract_tests.traffic.archive import FILE, evidence_in, read_recording
from contract_tests.traffic.inputs import read_unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.reporting.format import Conformance
    from contract_tests.traffic.archive import Recording


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="cl-contract verify",
        description="Judge a recording again, offline: the same tests are run, and answered by evidence.har. Exit code "
        "0 if the same verdicts come out; 1 if not, or if the recording was changed since; 4 where it can't be read or "
        "judged again: files of several runs, a run whose worker was killed, a merged report.",
    )
    parser.add_argument(
        "reports", type=Path, metavar="REPORTS", help="the folder with conformance.json and evidence.har (or .gz)"
    )
    options = parser.parse_args(arguments)
    return or_usage_problem("verify", lambda: _verify(options.reports))


def _verify(folder: Path) -> int:
    """Say what differs.

    Raises:
        UsageProblem: there is nothing that can be judged.
    """
    if not folder.is_dir():
        raise UsageProblem(f"{folder} is no folder; give the one that holds conformance.json and {FILE}")
    har = evidence_in(folder)
    recorded = read_recording(har) if har.exists() else None  # one that is damaged is told before anything else
    then = load(folder)
    if len(runs_of(then.run.id)) > 1:
        raise UsageProblem("the report was merged from several, and has no recording of its own; verify each of those")
    recording = recorded or read_recording(har)
    _require_whole(then, recording)
    found = list(_tampered(then, har))
    tell(f"note: {note}" for note in _other_judges(then))
    now = _judged_again(har)
    plays = recording.plays.values()
    found += differences(then, now)
    found += altered(then, (exchange for play in plays for exchange in play.exchanges))
    cells = sum(len(clause.cells) for clause in then.clauses)
    result = (
        f"{len(found)} difference{'s' * (len(found) != 1)}"
        if found
        else f"verified: {cells} cells, {len(then.observations)} observations: the same verdicts come out"
    )
    tell([*found, result])
    return 1 if found else 0


def _require_whole(report: Conformance, recording: Recording) -> None:
    """Raise UsageProblem where what the report says can't come out again."""
    if not report.run.complete and (lost := lost_lanes(recording)):
        raise UsageProblem(
            f"the run is incomplete: what {' and '.join(lost)} had exchanged when it was ended is lost, "
            "so what the report says can't be judged again"
        )


def _tampered(report: Conformance, har: Path) -> Iterator[str]:
    digest = hashlib.sha256(read_unpacked(har)).hexdigest()
    if digest != report.run.exchanges_sha256:
        yield (
            f"{har.name} is not the file that the run wrote: its SHA-256 is {digest}, "
            f"and the report says {report.run.exchanges_sha256 or 'none'}"
        )


def _other_judges(report: Conformance) -> Iterator[str]:
    """Why differences may be nobody's fault, and what there is no word about."""
    if not report.run.complete:
        yield "the run is incomplete: it ended before all its tests had run"
    if report.suite.contract_sha256 != sha256():
        yield "the report was made by another contract than the one here; differences may come from that"
    if report.suite.sha256 != suite_sha256():
        yield f"the report was made by another suite ({report.suite.version}); differences may come from that"


def _judged_again(har: Path) -> Conformance:
    """What the tests say of the recording now.

    Raises:
        UsageProblem: they can't be run on it.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = io.StringIO()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            code = run(["-q", "--target", f"{SCHEME}{har}", "--reports", folder])
        if code == pytest.ExitCode.INTERRUPTED:
            raise KeyboardInterrupt
        if code not in (0, 1) and not (code == NOTHING_DECIDED and (Path(folder) / CONFORMANCE).exists()):
            raise UsageProblem(f"the recording can't be judged: {told.getvalue().strip().rpartition(chr(10))[2]}")
        return load(Path(folder))
