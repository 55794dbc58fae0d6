"""A recording, opened like a server: a target for each of its lanes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date  # noqa: TC003 - pydantic reads it
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from contract_tests.contract import Capability, Dialect  # noqa: TC001 - pydantic reads it
from contract_tests.driver.clock import Clock, ControlledClock, RealClock
from contract_tests.driver.control import MockControl, control_door
from contract_tests.driver.deviations import Deviation  # noqa: TC001 - pydantic reads it
from contract_tests.driver.preflight import preflight
from contract_tests.driver.recordings.replay import Replay
from contract_tests.driver.settings import OwnFile, Settings
from contract_tests.driver.target import Target
from contract_tests.driver.transport.door import Door
from contract_tests.driver.transport.recorder import BESIDE, Recorder
from contract_tests.driver.transport.way import Way
from contract_tests.driver.workspace import Workspace
from contract_tests.problems import Inconclusive, UsageProblem
from contract_tests.traffic.archive import FILE, evidence_in, read_recording
from contract_tests.traffic.inputs import UNLIKELY
from contract_tests.traffic.messages import body_from_data
from contract_tests.traffic.redaction import Redactor

if TYPE_CHECKING:
    from contract_tests.traffic.archive import Recording

SCHEME: Final = "replay:"
"""How a target begins that is no address but a recording."""

_SOMEBODY: Final = ("somebody", "<password>")
"""User and password in a replay: the recording has none."""

_MOST_EXAMPLES: Final = 1_000_000
"""Examples that a campaign can have been told to try."""

_PLAIN: Final = (
    *("target", "session_timeout", "max_wait", "fuzz_examples", "rate_limit"),
    *("datastore", "subscribed_item", "strict_deviations"),
)


class _File(BaseModel):
    """A file of the user's, as evidence has it."""

    model_config = ConfigDict(frozen=True, strict=True)

    name: str
    size: int
    sha256: str


class _Told(BaseModel):
    """The settings of a run, as its recording has them; another version of the suite may tell more."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False)

    target: str | None
    session_timeout: float
    max_wait: float
    fuzz_examples: Annotated[int, Field(le=_MOST_EXAMPLES)]
    rate_limit: int | None
    datastore: str | None
    subscribed_item: str | None
    dialect: Annotated[Dialect, Strict(strict=False)] | None
    second_user: bool
    insecure: bool | None = None
    ca_bundle: str | None = None
    warning_files: list[_File | Annotated[tuple[str, dict[str, str]], Strict(strict=False)]]
    warning_kind: str
    today: Annotated[date, Strict(strict=False)]
    deviations: Annotated[tuple[Deviation, ...], Strict(strict=False)]
    strict_deviations: bool = False
    lacks: Annotated[frozenset[Capability], Strict(strict=False)] = frozenset()
    seed: int
    gate: Literal["must", "should", "all"]
    clauses: list[str] = []
    """The slugs that the run was about; empty if it was about all."""
    tests: dict[str, str]
    """The lane of each test, by its id."""


def recorded_settings(settings: Settings) -> dict[str, Any]:
    """The settings of a run as JSON data, without its secrets."""
    return {
        **{name: getattr(settings, name) for name in _PLAIN},
        "dialect": settings.dialect,
        "second_user": settings.second_user is not None,
        "insecure": settings.insecure,
        "ca_bundle": settings.ca_bundle and settings.ca_bundle.name,
        "warning_files": [
            {"name": file.name, "size": file.size, "sha256": file.sha256} for file in settings.warning_files
        ],
        "warning_kind": settings.warning_kind,
        "today": settings.today.isoformat(),
        "lacks": sorted(settings.lacks),
        "deviations": [deviation.model_dump(mode="json") for deviation in settings.deviations],
    }


def open_recording(address: str) -> tuple[Target, Recording]:
    """Open the recording that a target names, `replay:` and a path: of the file, or of the reports directory.

    Raises:
        UsageProblem: it can't be read, or says nothing of a login.
    """
    path = Path(address.removeprefix(SCHEME))
    recording = read_recording(evidence_in(path) if path.is_dir() else path)
    try:
        told = _Told.model_validate(recording.settings)
        return _opened(told, recording, path)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except Inconclusive as problem:
        raise UsageProblem(f"{path} is damaged: {problem}") from None
    except UNLIKELY as problem:
        why = str(problem)
    raise UsageProblem(f"{path} does not say how its run was set, or says what can't be ({why})")


def _file(told: _File | tuple[str, dict[str, str]]) -> OwnFile:
    """A file of the user's; recordings of before 0.1.0 was released hold what was in it."""
    if isinstance(told, _File):
        return OwnFile(told.name, told.size, told.sha256)
    name, content = told
    return OwnFile.of(name, body_from_data(content))


def _opened(told: _Told, recording: Recording, path: Path) -> tuple[Target, Recording]:
    tests = told.tests
    opened = {lane: _open(told, recording, lane) for lane in dict.fromkeys(tests.values())}
    if not opened:
        raise UsageProblem(f"{path} holds no test; give the {FILE} of a run that was")
    lanes = {test: opened[lane] for test, lane in tests.items()}
    return replace(next(iter(opened.values())), lanes=lanes), recording


def lost_lanes(recording: Recording) -> list[str]:
    """The processes that ran tests and were ended before they told how they had logged in."""
    beside = {play.lane for name, play in recording.plays.items() if name.startswith(BESIDE)}
    return sorted({*recording.settings["tests"].values()} - beside)


def _open(told: _Told, recording: Recording, lane: str) -> Target:
    settings = Settings(
        **{name: getattr(told, name) for name in _PLAIN},
        dialect=told.dialect,
        username=_SOMEBODY[0],
        password=_SOMEBODY[1],
        second_user=_SOMEBODY if told.second_user else None,
        insecure=told.insecure,
        ca_bundle=Path(told.ca_bundle) if told.ca_bundle else None,
        warning_files=tuple(map(_file, told.warning_files)),
        warning_kind=told.warning_kind,
        today=told.today,
        deviations=told.deviations,
        lacks=told.lacks,
    )
    replay = Replay(recording, lane)
    recorder = Recorder(Redactor(), replay)
    first = next((play.exchanges[0] for name, play in replay.plays.items() if name.startswith(BESIDE)), None)
    if first is None:
        of = f" of the process {lane}" if lane else ""
        raise UsageProblem(f"the recording holds no login{of}: it is damaged, or the run was interrupted")
    parts = urlsplit(first.request.url)
    before = urlsplit(told.target or "").path.rstrip("/")
    anonymous = Door(f"{parts.scheme}://{parts.netloc}{before}", recorder, way=Way(verify=False))
    controlling = control_door(anonymous)
    facts, access = preflight(settings, anonymous.base, anonymous, controlling)
    workspace = Workspace(access.doors, "cl-contract-00000000", settings.datastore)
    # Nobody waits: all waits overlap, and take no time.
    real = RealClock(settings.max_wait, now=lambda: 0.0, sleep=lambda _seconds: None)
    clock: Clock = ControlledClock(controlling) if facts.controls_clock else real
    control = MockControl(controlling) if facts.controls_clock else None
    return Target(settings, facts, access, workspace, clock, recorder, control)
