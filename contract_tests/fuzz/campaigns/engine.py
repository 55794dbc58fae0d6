"""The engine of schemathesis, configured: nothing is left to defaults that look around on the machine.

It is driven by its phases: no public call leaves out its probes, which are undeclared requests. So the version of
schemathesis is pinned, and `internals` names all that is used of it beyond its public interface.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import hypothesis
import schemathesis

from contract_tests.contract import openapi_dir
from contract_tests.contract.dialects import CONVENTIONS, TOKEN_HEADER, Op
from contract_tests.fuzz.campaigns.interactions import answer_of, prepared, request_of
from contract_tests.fuzz.campaigns.internals import (
    REQUESTS_TRANSPORT,
    EngineContext,
    ExecutionPlan,
    Phase,
    PhaseName,
)
from contract_tests.fuzz.campaigns.operations import operations
from contract_tests.seeding import without_constants_of_this_project

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping

    import requests
    from schemathesis.config import ProjectConfig
    from schemathesis.schemas import BaseSchema

    from contract_tests.contract import Dialect
    from contract_tests.driver import Target
    from contract_tests.fuzz.campaigns.internals import Answer, Case, events
    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.messages import Request

LIVE: Final = "id-of-a-live-session"
"""Stands in every path until a session is supplied."""

ID_PARAMETERS: Final = ("updateSessionId", "downloadSessionId", "update_session_id", "download_session_id")
"""What the documents call the id in a path."""

_RANDOM: Final[Mapping[Op, float]] = MappingProxyType({Op.KEEP_ALIVE: 0.5, Op.UPDATE: 0.25})
_RANDOM_IN_OTHERS: Final = 0.1
"""Random cases for each example that is asked for. The examples of the documents and the boundary cases come on top,
so that keep-alive is sent about as often as was asked for."""

_SECONDS_PER_EXAMPLE: Final = 1.0
_LEAST_SECONDS: Final = 60.0
"""The time limit of a campaign: about ten times what it takes on the mock, a request on a live server being slower."""


@dataclass(frozen=True)
class Size:
    """How much a campaign does: examples for keep-alive, seconds at most."""

    examples: int
    seconds: float = _LEAST_SECONDS

    @classmethod
    def of(cls, target: Target) -> Size:
        """As the settings say; gentle where the server is not our mock."""
        asked = target.settings.fuzz_examples
        examples = asked if target.control is not None else max(1, asked // 5)
        return cls(examples, max(_LEAST_SECONDS, _SECONDS_PER_EXAMPLE * asked))


def load_schema(target: Target, dialect: Dialect, seed: int, size: Size) -> BaseSchema:
    """The document of a dialect, with the engine's configuration."""
    door = target.access.doors[dialect]
    random_cases = {
        name: max(1, round(size.examples * _RANDOM.get(operation.ops[0], _RANDOM_IN_OTHERS)))
        for name, operation in operations(dialect).items()
    }
    options: dict[str, Any] = {
        "seed": seed,
        "base-url": door.base + CONVENTIONS[dialect].root,
        "continue-on-failure": True,
        "workers": 1,
        "max-redirects": 0,
        "headers": {
            TOKEN_HEADER: door.headers[TOKEN_HEADER],
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        },
        "cache": {"enabled": False},
        "analysis": {"constants": {"enabled": False}},
        "parameters": {f"path.{name}": LIVE for name in ID_PARAMETERS},
        "generation": {"database": "none", "allow-x00": False},
        "operations": [
            {"include-operation-id": name, "generation": {"max-examples": number}}
            for name, number in random_cases.items()
        ],
        "phases": {
            "examples": {"extra-data-sources": {"responses": False}},
            "coverage": {"unexpected-methods": [], "extra-data-sources": {"responses": False}},
            "fuzzing": {"extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}},
            "stateful": {"enabled": False},
        },
        # Whether a session is ACTIVE, or a token was really left out, these can't know; the rules here do.
        "checks": {
            name: {"enabled": False}
            for name in ("positive_data_acceptance", "negative_data_rejection", "missing_required_header")
        },
    }
    config = schemathesis.Config.from_dict(options)
    schema = schemathesis.openapi.from_path(openapi_dir() / f"{dialect}.yaml", config=config)
    _generate_only(schema.config)
    _put_together_once(schema.config)
    return schema


def _generate_only(config: ProjectConfig) -> None:
    """Have cases made by the seed alone: the engine else steers towards what the server accepts.

    There is no option for that, and it spends half of the examples on repeating the simplest request.
    """
    usual = config.get_hypothesis_settings

    def settings(**options: Any) -> hypothesis.settings:
        return hypothesis.settings(usual(**options), phases=[hypothesis.Phase.generate])

    config.get_hypothesis_settings = settings  # type: ignore[method-assign]


def _put_together_once(config: ProjectConfig) -> None:
    """Have the options for an operation put together once: the engine does it for each case, and they never change."""
    for name in ("generation_for", "phases_for", "checks_config_for"):
        setattr(config, name, _remembering(getattr(config, name)))


def _remembering(options_for: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[tuple[str | None, str | None], Any] = {}

    def remembering(*, operation: Any = None, **phase: str | None) -> Any:
        asked = None if operation is None else operation.label, phase.get("phase")
        if asked not in known:
            known[asked] = options_for(operation=operation, **phase)
        return known[asked]

    return remembering


def events_of(
    schema: BaseSchema, stop: threading.Event, send: Callable[[Case[Any], Request], Exchange]
) -> Iterator[events.EngineEvent]:
    """Make all cases, have `send` send each, and tell what happens; `stop` ends it before the next case."""
    # A NUL in a header does not get through most servers to the API; it would say nothing of it.
    schema.adapt_to_null_byte_in_header_failure()
    phases = [Phase(name) for name in (PhaseName.EXAMPLES, PhaseName.COVERAGE, PhaseName.FUZZING)]
    with without_constants_of_this_project(), _sending_by(send):
        yield from ExecutionPlan(phases).execute(EngineContext(schema=schema, stop_event=stop))


@contextmanager
def _sending_by(send: Callable[[Case[Any], Request], Exchange]) -> Iterator[None]:
    """Have everything sent through the door: the cases, and what schemathesis' own checks send without a token."""

    def through(case: Case[Any], *, session: requests.Session | None = None, **options: Any) -> Answer:
        request = prepared(case, session, options)
        return answer_of(send(case, request_of(request)), request, options)

    with mock.patch.object(REQUESTS_TRANSPORT, "send", through):
        yield
