"""The format of conformance.json, as models; its JSON Schema, `conformance.schema.json`, is made from them.

Lists are in the order of the ledger (clauses), of `CELLS` (cells), or sorted (tests, observations, leftovers), so that
two runs of the same seed on the same server differ in times and in `run.id` only. Times are UTC, in ISO 8601;
durations in seconds.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from contract_tests.contract import CELLS, Basis, Cell, Dialect, Level, Service
from contract_tests.judging.outcomes import Gate  # noqa: TC001 - pydantic reads it
from contract_tests.judging.verdicts import Verdict  # noqa: TC001 - pydantic reads it

SCHEMA_VERSION: Final = "4"
"""Raised with every change: a reader that holds itself to the published schema refuses what that does not name."""

FIRST_VERSION: Final = "1"
"""That of reports that say nothing of certificates."""

READABLE: Final = (FIRST_VERSION, "2", "3", SCHEMA_VERSION)
"""Versions that are read. What came with a later one is optional: 2 brought `certificate` and `ca_bundle`, 3 causes.

Up to 3 a deviation named one `clause`.
"""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _utc(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


Instant = Annotated[str, BeforeValidator(_utc), Field(json_schema_extra={"format": "date-time"})]
"""A time, UTC, as ISO 8601 with `Z`."""


def _of_a_cell(name: str) -> str:
    return str(Cell.parse(name))


CellName = Annotated[str, AfterValidator(_of_a_cell), Field(json_schema_extra={"enum": [str(cell) for cell in CELLS]})]
"""A dialect and a service, as `api-update`."""


DeviationState = Literal["seen", "not seen", "not tried", "expired"]
Certificate = Literal["verified", "not verified", "none"]


class SuiteRecord(_Model):
    """Which suite judged, by which contract; both hashes are over the files' contents."""

    name: str
    version: str
    sha256: str
    contract_sha256: str


class TargetRecord(_Model):
    """Which server was judged. `address` is None for the embedded mock.

    `certificate` says how its TLS certificate was checked: `none` without TLS, None in a report of version 1.
    """

    address: str | None
    version: str = Field(description="What the server says of itself.")
    dialects: list[Dialect]
    session_timeout: float
    virtual_clock: bool
    certificate: Certificate | None = None
    ca_bundle: str | None = Field(
        default=None, description="Name of the user's own file of CAs that was trusted, if any."
    )


class RunRecord(_Model):
    """When and how; `complete` is false if the run ended before all its tests had run."""

    id: str = Field(
        default="",
        description="Drawn at random; it stands in all files that the run wrote. Of a merged report: those of its "
        "shards, with + between them. Empty in reports of before there were ids.",
    )
    started: Instant
    seconds: float
    seed: int
    fuzz_examples: int
    max_wait: float
    gate: Gate
    exit_code: int
    complete: bool
    tests: dict[str, int] = Field(description="How many tests had which outcome (passed, failed, skipped, error).")
    selected: str = Field(description="Why not all tests were run (-k, named tests, one dialect); empty if all were.")
    exchanges_sha256: str = Field(description="Over all exchanges of the run, as evidence.har holds them.")
    requests: int = Field(
        default=0, description="How many requests were sent; 0 in reports of before they were counted."
    )
    unheard: dict[str, int] = Field(
        default={},
        description="How often what came of a request was not the server's word on it, by reason (token ended, "
        "connection closed, gateway, asked for later); it was sent again, and decides nothing.",
    )


class BodyRecord(_Model):
    """A body: as text if it is UTF-8, else as base64. `omitted` counts the characters that only evidence.har holds."""

    text: str | None = None
    base64: str | None = None
    omitted: int = 0


class RequestRecord(_Model):
    """What was sent; secrets are replaced."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    body: BodyRecord


class ResponseRecord(_Model):
    """What came back; secrets are replaced."""

    status: int
    headers: list[tuple[str, str]]
    body: BodyRecord


class ExchangeRecord(_Model):
    """One request with its response, or `failure`: why there is none."""

    test: str
    cell: str | None
    operation: str | None
    started: Instant
    seconds: float
    failure: str | None
    request: RequestRecord
    response: ResponseRecord | None
    curl: str = Field(description="A shell command that repeats the request; secrets stand as $TOKEN and the like.")


class ProofRecord(_Model):
    """One step of a test that stands for its cell; a deciding one is what the verdict was read from.

    `members` are the names of the members of the answer that were looked at; empty if it was the status, or all of it.
    """

    test: str
    exchange: str
    deciding: bool
    members: list[str]


class FlawRecord(_Model):
    """What was wrong, and the exchange that shows it."""

    test: str
    expected: str
    observed: str
    exchange: str
    cause: str = Field(default="", description="Id of the cause that it belongs to; empty if it is registered.")


class CellRecord(_Model):
    """One clause in one cell: its verdict, why in a sentence, and what proves it.

    `reason` is why it was not decided, or is excused; empty where it was. `summary` also counts the tests by outcome.
    `tests` are all that decided it, `exchanges` the steps of those few that stand for them: those that found it broken,
    or else the first. What the others exchanged is in evidence.har, by the name of the test.
    """

    dialect: Dialect
    service: Service
    verdict: Verdict
    reason: str
    summary: str
    tests: list[str]
    flaws: list[FlawRecord]
    exchanges: list[ProofRecord]
    cause: str = Field(default="", description="Id of the cause that blocks it, where it is blocked.")


class ClauseRecord(_Model):
    """One clause, with the cells where it applies."""

    id: str
    subject: str
    level: Level
    basis: Basis
    says: str
    why: str | None
    sources: list[str]
    cells: list[CellRecord]


class CauseCell(_Model):
    """A clause in a cell."""

    clause: str
    cell: CellName


class CauseRecord(_Model):
    """Flaws and blocked cells that look like one fault of the server.

    `clause`, `cell`, `expected`, `observed`, `test` and `exchange` are those of the finding that shows it best.
    `broken` are the cells in which it was seen, `blocked` those that could not be judged for it. `seen` counts flaws.
    """

    id: str = Field(description="The clause that it breaks above all, with a number if that is the case of several.")
    says: str = Field(description="What the server does wrong, in a few words.")
    level: Level = Field(description="The highest one of what it breaks, or blocks if it breaks nothing.")
    fails: bool = Field(description="Whether it fails the run.")
    clause: str
    cell: CellName
    expected: str
    observed: str
    test: str
    exchange: str | None
    seen: int
    broken: list[CauseCell]
    blocked: list[CauseCell]


class ObservationRecord(_Model):
    """A choice that the server made where the documents leave room, and an exchange that shows it."""

    clause: str
    choice: str
    cells: list[CellName]
    tests: list[str]
    exchange: str


class DeviationRecord(_Model):
    """A fault that the profile of the target registers as known: what it breaks or blocks.

    `state`: `seen` (its cells deviate instead of violating), `not seen` (nothing of the kind was found: it can go),
    `not tried` (no test of the run was about it), `expired` (it excuses nothing any more).
    """

    clauses: list[str]
    cells: list[CellName]
    reason: str
    issue: str | None = Field(default=None, description="Where the owners of the target follow it.")
    owner: str | None = Field(default=None, description="Who has to act.")
    signature: str
    expires: str
    state: DeviationState

    @model_validator(mode="before")
    @classmethod
    def _of_one_clause(cls, told: Any) -> Any:
        if not isinstance(told, dict) or "clause" not in told or "clauses" in told:
            return told
        return {**{name: value for name, value in told.items() if name != "clause"}, "clauses": [told["clause"]]}


class OriginRecord(_Model):
    """Another origin than the target, which the server named for content; of its answers only digests are kept."""

    origin: str
    asked: int = Field(description="How many requests were sent there.")
    refused: int = Field(description="How many were not, as only the machine of the suite reaches such an address.")


class LimitsRecord(_Model):
    """What was not done or kept since the suite bounds what a server may take of a run."""

    not_kept: int = Field(default=0, description="Answers of which only length, digest and head are kept.")
    waited_out: int = Field(
        default=0, description="Processes that waited so long for 429 and 503 in all that they wait no more."
    )


class Conformance(_Model):
    """The whole file."""

    schema_version: str
    suite: SuiteRecord
    target: TargetRecord
    run: RunRecord
    totals: dict[Verdict, int] = Field(description="Cells by verdict; they add up to clauses times cells.")
    causes: list[CauseRecord] = Field(
        default=[], description="What looks like one fault each, the highest level first, then what reaches farthest."
    )
    clauses: list[ClauseRecord]
    observations: list[ObservationRecord]
    deviations: list[DeviationRecord]
    leftovers: list[str] = Field(description="What the run made on the target and could not remove.")
    origins: list[OriginRecord] = Field(
        default=[], description="Other origins that the server named for content, sorted by name."
    )
    limits: LimitsRecord = Field(default=LimitsRecord(), description="Bounds of the suite that the run reached.")
    exchanges: dict[str, ExchangeRecord] = Field(description="Those that the other parts name, by id.")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the format."""
    schema = Conformance.model_json_schema()
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:cl-contract:conformance:{SCHEMA_VERSION}",
        "title": f"conformance.json of cl-contract, version {SCHEMA_VERSION}",
    }
    return about | {name: value for name, value in schema.items() if name != "title"}


def schema_text() -> str:
    """The JSON Schema as the package holds it."""
    return json.dumps(json_schema(), indent=1) + "\n"


class ClauseCells(NamedTuple):
    """A clause, and those of its cells that are spoken of."""

    clause: ClauseRecord
    cells: list[CellRecord]
