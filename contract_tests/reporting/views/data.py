"""A summary of a run and a comparison of two as JSON data, for scripts that gate on more than the exit code."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from contract_tests.reporting.views.failing import failing
from contract_tests.reporting.views.headline import headline

if TYPE_CHECKING:
    from contract_tests.reporting.diff import Comparison
    from contract_tests.reporting.format import Conformance


def summary_data(report: Conformance) -> dict[str, Any]:
    """What `cl-contract summary --json` prints: the headline, the run, totals, and each clause that fails the run."""
    said = headline(report)
    return {
        "headline": said.sentence,
        "also": list(said.also),
        "exit_code": report.run.exit_code,
        "complete": report.run.complete,
        "run": report.run.id,
        "target": report.target.address,
        "seed": report.run.seed,
        "gate": report.run.gate,
        "selected": report.run.selected,
        "totals": {str(verdict): count for verdict, count in report.totals.items()},
        "failing": [
            {
                "clause": one.clause.id,
                "level": one.clause.level,
                "says": one.clause.says,
                "verdict": one.verdict,
                "cells": list(one.cells),
                "reason": one.reason,
                "flaws": [{"expected": flaw.expected, "observed": flaw.observed} for flaw in one.flaws],
            }
            for one in failing(report)
        ],
        "causes": [one.model_dump(mode="json") for one in report.causes],
        "leftovers": report.leftovers,
    }


def comparison_data(found: Comparison) -> dict[str, Any]:
    """What `cl-contract diff --json` prints: each member of a comparison, and the exit codes that come of it."""
    return {
        "old": {"run": found.old.run.id, "headline": headline(found.old).sentence},
        "new": {"run": found.new.run.id, "headline": headline(found.new).sentence},
        "regressed": found.regressed,
        "exit_code": found.exit_code,
        "strict_exit_code": found.strict_exit_code,
        "differences": [asdict(one) for one in found.differences],
        "changes": [asdict(one) for one in found.changes],
        "choices": [asdict(one) for one in found.choices],
    }
