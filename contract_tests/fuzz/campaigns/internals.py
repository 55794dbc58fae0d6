"""What is used of schemathesis beyond its public interface, in one place: as seen in version 4.32.5, which is pinned.

Its engine, the data that it makes cases with, its transport for `requests`, and the dispatcher of its global hooks.
"""

from schemathesis.core import NOT_SET
from schemathesis.core.transport import Response as Answer
from schemathesis.engine import events
from schemathesis.engine.context import EngineContext
from schemathesis.engine.core import ExecutionPlan
from schemathesis.engine.run import Phase, PhaseName
from schemathesis.generation.case import Case
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario, TestPhase
from schemathesis.generation.overrides import Override
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER, HookContext
from schemathesis.transport.requests import REQUESTS_TRANSPORT

__all__ = [
    "GLOBAL_HOOK_DISPATCHER",
    "NOT_SET",
    "REQUESTS_TRANSPORT",
    "Answer",
    "Case",
    "CoveragePhaseData",
    "CoverageScenario",
    "EngineContext",
    "ExecutionPlan",
    "HookContext",
    "Override",
    "Phase",
    "PhaseName",
    "TestPhase",
    "events",
    "phase_data_of",
]


def phase_data_of(case: Case) -> object:  # type: ignore[type-arg]  # whatever its authentication is
    """What the phase that made a case says of it, and None for a case that somebody else made."""
    # Not `meta`: reading that has the case validated again.
    return case._meta.phase.data if case._meta is not None else None  # noqa: SLF001
