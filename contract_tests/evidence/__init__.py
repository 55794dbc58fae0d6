"""Verdicts and reports: from what the tests found to what a reader can rely on."""

from contract_tests.evidence.judge import Decision, Gate, Judge, Observation, Outcome
from contract_tests.evidence.messages import explain
from contract_tests.evidence.records import Record
from contract_tests.evidence.tally import Tally
from contract_tests.evidence.verdicts import Verdict

__all__ = [
    "Decision",
    "Gate",
    "Judge",
    "Observation",
    "Outcome",
    "Record",
    "Tally",
    "Verdict",
    "explain",
]
