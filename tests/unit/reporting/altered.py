"""Reports in which some verdicts are others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.contract import load_ledger
from contract_tests.judging.verdicts import Verdict
from contract_tests.reporting.format import Conformance, RunRecord
from contract_tests.reporting.reading import recount

from .sample import sample

if TYPE_CHECKING:
    from collections.abc import Mapping

MUST = "keep-alive.no-body"
ADVISORY = "keep-alive.not-an-object"
CELL = "api-update"
OTHER = "rest-download"
CELLS_IN_ALL = sum(len(clause.cells) for clause in load_ledger().values())
"""Clauses, each in the cells where it applies."""


def plain_report(verdicts: Mapping[tuple[str, str], str] | None = None, **run: Any) -> Conformance:
    """A report in which everything conforms, but for `verdicts`: by clause and cell."""
    return altered(sample(conforming=True, steps=1), verdicts or {}, rest="conforms", **run)


def altered(report: Conformance, verdicts: Mapping[tuple[str, str], str], *, rest: str = "", **run: Any) -> Conformance:
    """The report with other verdicts, and with `rest` in all other cells, if it is given; its totals add up."""
    clauses = [
        clause.model_copy(
            update={
                "cells": [
                    cell.model_copy(
                        update={
                            "verdict": Verdict(
                                verdicts.get((clause.id, f"{cell.dialect}-{cell.service}"), rest or cell.verdict)
                            )
                        }
                    )
                    for cell in clause.cells
                ]
            }
        )
        for clause in report.clauses
    ]
    changed = report.model_copy(
        update={"clauses": clauses, "run": RunRecord.model_validate(report.run.model_dump() | run)}
    )
    return changed.model_copy(update={"totals": _totals(changed)})


def counted(data: dict[str, Any]) -> Conformance:
    """A report of this data, with the totals that it should have."""
    report = Conformance.model_validate(data)
    return report.model_copy(update={"totals": _totals(report)})


def _totals(report: Conformance) -> dict[Verdict, int]:
    counts = recount(report)
    return {verdict: counts[verdict] for verdict in Verdict}
