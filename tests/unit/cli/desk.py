"""A folder with good reports of a small run, which tests spoil, and commands about them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from contract_tests import cli
from contract_tests.driver import Settings
from contract_tests.driver.recordings.opening import recorded_settings
from contract_tests.driver.target import open_target
from contract_tests.traffic.archive import Recording, write_recording
from tests.unit.reporting.altered import plain_report

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PROFILE = """\
target = "http://127.0.0.1:9"
session_timeout = 300
max_wait = 0
rate_limit = 5
datastore = "datastore-11"
[second_user]
username_variable = "A"
[warning_content]
files = ["a.ovf"]
warning = "W"
[[deviations]]
clause = "keep-alive.no-body"
cells = ["api-update"]
reason = "ticket 7"
signature = "client_progress 0$"
expires = 2026-12-31
"""


@dataclass
class Said:
    """How a command ended, what it wrote, and the seconds that it computed."""

    code: int
    out: str
    err: str
    seconds: float

    def is_in_order(self, *codes: int) -> None:
        """Hold the command to what is promised of it, whatever file it was given."""
        assert self.code in codes, (self.code, self.err, self.out[-1000:])
        assert "Traceback" not in self.out + self.err
        assert "INTERNALERROR" not in self.out + self.err
        odd = {one for one in self.out + self.err if not (one.isprintable() or one == "\n")}
        assert not odd, odd
        assert self.seconds < 30
        if self.code == 4:
            (sentence,) = self.err.strip().splitlines()
            assert 10 < len(sentence) < 11_000
        else:
            assert self.err == ""


def said(capture: pytest.CaptureFixture[str], *arguments: str) -> Said:
    began = time.process_time()
    capture.readouterr()
    try:
        code = cli.main(arguments)
    except SystemExit as ended:
        code = int(str(ended.code))
    out, err = capture.readouterr()
    return Said(code, out, err, time.process_time() - began)


def put_reports(folder: Path) -> None:
    """Write a report, the recording of a login, and a profile; they need not belong together."""
    folder.mkdir(parents=True)
    (folder / "conformance.json").write_text(plain_report().model_dump_json())
    (folder / "profile.toml").write_text(PROFILE)
    settings = Settings(today=datetime(2026, 3, 1, tzinfo=UTC).date())
    with open_target(settings, print) as target:
        plays = {name: play.kept() for name, play in target.recorder.plays.items()}
    told = json.loads(json.dumps(recorded_settings(settings) | {"seed": 1, "gate": "should", "tests": {"a": ""}}))
    write_recording(folder / "evidence.har", Recording(told, plays))


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in JSON data."""
    members = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, value in members for place in places(value, (*path, key)))]


def with_value(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """JSON data with another value in one place."""
    if not path:
        return value
    key, *rest = path
    if isinstance(data, dict):
        return {**data, key: with_value(data[key], tuple(rest), value)}
    return [with_value(one, tuple(rest), value) if at == key else one for at, one in enumerate(data)]
