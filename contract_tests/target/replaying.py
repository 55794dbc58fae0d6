"""A recording, opened like a server: a target for each of its lanes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from contract_tests.contract import Dialect
from contract_tests.exchange import Redactor, body_as_data, body_from_data
from contract_tests.target.clock import Clock, ControlledClock, RealClock
from contract_tests.target.control import MockControl
from contract_tests.target.deviations import Deviation
from contract_tests.target.door import BESIDE, Door, Recorder
from contract_tests.target.preflight import preflight
from contract_tests.target.recording import FILE, read_recording
from contract_tests.target.replay import Replay
from contract_tests.target.run import Target
from contract_tests.target.settings import Settings, UsageProblem
from contract_tests.target.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.target.recording import Recording

SCHEME: Final = "replay:"
"""How a target begins that is no address but a recording."""

_SOMEBODY: Final = ("somebody", "<password>")
"""User and password in a replay: the recording has none."""

_PLAIN: Final = ("target", "session_timeout", "max_wait", "fuzz_examples", "rate_limit", "datastore", "subscribed_item")


def recorded_settings(settings: Settings) -> dict[str, Any]:
    """The settings of a run as JSON data, without its secrets."""
    return {
        **{name: getattr(settings, name) for name in _PLAIN},
        "dialect": settings.dialect,
        "second_user": settings.second_user is not None,
        "warning_files": [[name, body_as_data(content)] for name, content in settings.warning_files],
        "warning_kind": settings.warning_kind,
        "today": settings.today.isoformat(),
        "deviations": [deviation.model_dump(mode="json") for deviation in settings.deviations],
    }


def open_recording(address: str) -> tuple[Target, Recording]:
    """Open the recording that a target names, `replay:` and a path: of the file, or of the reports directory.

    Raises:
        UsageProblem: it can't be read, or says nothing of a login.
    """
    path = Path(address.removeprefix(SCHEME))
    recording = read_recording(path / FILE if path.is_dir() else path)
    tests: Mapping[str, str] = recording.settings["tests"]
    opened = {lane: _open(recording, lane) for lane in dict.fromkeys(tests.values())}
    if not opened:
        raise UsageProblem(f"{path} holds no test; give the {FILE} of a run that was")
    lanes = {test: opened[lane] for test, lane in tests.items()}
    return replace(next(iter(opened.values())), lanes=lanes), recording


def lost_lanes(recording: Recording) -> list[str]:
    """The processes that ran tests and were ended before they told how they had logged in."""
    beside = {play.lane for name, play in recording.plays.items() if name.startswith(BESIDE)}
    return sorted({*recording.settings["tests"].values()} - beside)


def _open(recording: Recording, lane: str) -> Target:
    told = recording.settings
    settings = Settings(
        **{name: told[name] for name in _PLAIN},
        dialect=told["dialect"] and Dialect(told["dialect"]),
        username=_SOMEBODY[0],
        password=_SOMEBODY[1],
        second_user=_SOMEBODY if told["second_user"] else None,
        warning_files=tuple((name, body_from_data(content)) for name, content in told["warning_files"]),
        warning_kind=told["warning_kind"],
        today=date.fromisoformat(told["today"]),
        deviations=tuple(Deviation.model_validate(one) for one in told["deviations"]),
    )
    replay = Replay(recording, lane)
    recorder = Recorder(Redactor(), replay)
    first = next((play.exchanges[0] for name, play in replay.plays.items() if name.startswith(BESIDE)), None)
    if first is None:
        of = f" of the process {lane}" if lane else ""
        raise UsageProblem(f"the recording holds no login{of}: it is damaged, or the run was interrupted")
    parts = urlsplit(first.request.url)
    anonymous = Door(f"{parts.scheme}://{parts.netloc}", recorder, verify=False)
    facts, access = preflight(settings, anonymous.base, anonymous)
    workspace = Workspace(access.doors, "cl-contract-00000000", settings.datastore)
    # Nobody waits: all waits overlap, and take no time.
    real = RealClock(settings.max_wait, now=lambda: 0.0, sleep=lambda _seconds: None)
    clock: Clock = ControlledClock(anonymous) if facts.controls_clock else real
    control = MockControl(anonymous) if facts.controls_clock else None
    return Target(settings, facts, access, workspace, clock, recorder, control)
