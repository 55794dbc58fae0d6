"""Reads conformance.json back, whoever wrote it: what can't be relied on is refused with one sentence."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from contract_tests.contract import CELLS
from contract_tests.judging.verdicts import Verdict
from contract_tests.problems import UsageProblem
from contract_tests.reporting.causes import with_causes
from contract_tests.reporting.folder import CONFORMANCE, strangers
from contract_tests.reporting.format import READABLE, SCHEMA_VERSION, Conformance
from contract_tests.reporting.views.markup import visible
from contract_tests.traffic.inputs import UNLIKELY, parse_json, read_input

if TYPE_CHECKING:
    from collections.abc import Iterator


_LAST_EXIT_CODE = 5
_FIRST_YEAR = 1970


class _Head(BaseModel):
    schema_version: str


def load(path: Path) -> Conformance:
    """Read a report: conformance.json, or the folder that holds it.

    Raises:
        UsageProblem: there is none, or it is not of this format, or says what can't be; or the other files in the
            folder are of another run.
    """
    place = path / CONFORMANCE if path.is_dir() else path
    name = one_line(str(place))
    text = read_input(place)
    try:
        report = _parsed(text)
    except UNLIKELY as problem:
        raise UsageProblem(f"{name} is no report of this suite: {one_line(_why(problem))}") from None
    for wrong in _contradictions(report):
        raise UsageProblem(f"{name} can't be relied on: {one_line(wrong)}")
    if path.is_dir() and (others := strangers(path, report.run.id)):
        raise UsageProblem(
            f"{one_line(str(path))} holds files of several runs: {CONFORMANCE} is of another one than "
            f"{' and '.join(others)}; name {CONFORMANCE} itself if that is the report that you mean"
        )
    return report


def published_schema() -> str:
    """The JSON Schema of reports, as the package holds it."""
    return Path(__file__).with_name("conformance.schema.json").read_text(encoding="utf-8")


def one_line(text: str, limit: int = 300) -> str:
    """`text` such that it can be put on one line of a terminal, and does nothing there."""
    told = visible(" ".join(text.split()))
    return told if len(told) <= limit else f"{told[: limit - 1]}…"


def _parsed(text: bytes) -> Conformance:
    data = parse_json(text)
    version = _Head.model_validate(data).schema_version
    if version not in READABLE:
        raise ValueError(f"its schema_version is {version!r}, and this suite reads {' and '.join(map(repr, READABLE))}")
    report = Conformance.model_validate(data)
    return report if version == SCHEMA_VERSION else with_causes(report)


def _why(problem: Exception) -> str:
    if not isinstance(problem, ValidationError):
        return str(problem)
    first = problem.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg'].removeprefix('Value error, ')}"


def _contradictions(report: Conformance) -> Iterator[str]:
    """What the schema allows and a reader could not work with."""
    cells = [cell for clause in report.clauses for cell in clause.cells]
    named = [flaw.exchange for cell in cells for flaw in cell.flaws]
    named += [step.exchange for cell in cells for step in cell.exchanges]
    named += [seen.exchange for seen in report.observations]
    named += [cause.exchange for cause in report.causes if cause.exchange is not None]
    yield from (f"it names the exchange {one!r}, which there is not" for one in named if one not in report.exchanges)
    causes = [cause.id for cause in report.causes]
    if len({*causes}) < len(causes):
        yield "a cause stands in it twice"
    given = [flaw.cause for cell in cells for flaw in cell.flaws] + [cell.cause for cell in cells]
    yield from (f"it names the cause {one!r}, which there is not" for one in given if one and one not in causes)
    for clause in report.clauses:
        if len({(cell.dialect, cell.service) for cell in clause.cells}) < len(clause.cells):
            yield f"the clause {clause.id} has a cell twice"
    if len({clause.id for clause in report.clauses}) < len(report.clauses):
        yield "a clause stands in it twice"
    counted = recount(report)
    if {word: count for word, count in report.totals.items() if count} != {**counted}:
        yield "its totals are not those of its cells"
    try:
        if datetime.fromisoformat(report.run.started).astimezone(UTC).year < _FIRST_YEAR:
            raise ValueError(report.run.started)  # noqa: TRY301 - handled as what is no time at all
    except (ValueError, OverflowError):
        yield f"run.started is no time: {report.run.started}"
    if not 0 <= report.run.exit_code <= _LAST_EXIT_CODE:
        yield f"run.exit_code is none that a run ends with: {report.run.exit_code}"


def recount(report: Conformance) -> Counter[Verdict]:
    """Cells by verdict; those that a clause does not have are not applicable, so that they add up."""
    counted = Counter(cell.verdict for clause in report.clauses for cell in clause.cells)
    counted[Verdict.NOT_APPLICABLE] += len(report.clauses) * len(CELLS) - counted.total()
    return +counted
