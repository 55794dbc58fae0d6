"""Judging: what a test may do, the outcomes that it leaves, and the verdicts that follow."""

from contract_tests.judging.judge import Judge
from contract_tests.judging.messages import explain
from contract_tests.judging.outcomes import Decision, Gate, Observation, Outcome
from contract_tests.judging.records import Record
from contract_tests.judging.tally import Tally
from contract_tests.judging.verdicts import Verdict

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
