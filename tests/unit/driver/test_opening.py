from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.driver import Settings, open_target
from contract_tests.driver.content import push_own
from contract_tests.driver.deviations import Deviation
from contract_tests.driver.recordings.opening import open_recording, recorded_settings
from contract_tests.driver.settings import OwnFile
from contract_tests.driver.transport.recorder import BESIDE
from contract_tests.problems import Inconclusive, UsageProblem
from contract_tests.traffic.archive import KeptPlay, Recording, write_recording

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.driver import Target

SETTINGS = Settings(
    dialect=Dialect.REST,
    session_timeout=60,
    max_wait=5,
    fuzz_examples=7,
    rate_limit=3,
    datastore="datastore-11",
    subscribed_item="item-7",
    warning_files=(OwnFile.of("a.ovf", b"<Envelope/>"), OwnFile.of("b.mf", b"\x00\xff")),
    warning_kind="KIND",
    deviations=(Deviation(clauses=("keep-alive.no-body",), reason="x", signature="x", expires=date(2026, 12, 31)),),
    strict_deviations=True,
    today=date(2026, 3, 1),
)
"""Nothing of it is as it would be by default."""


def kept(target: Target, lane: str = "") -> dict[str, KeptPlay]:
    """What a target has exchanged, as a run keeps it."""
    return {f"{name} {lane}".strip(): replace(play.kept(), lane=lane) for name, play in target.recorder.plays.items()}


def written(folder: Path, settings: Settings, tests: dict[str, str], plays: dict[str, KeptPlay]) -> str:
    told = json.loads(json.dumps(recorded_settings(settings) | {"tests": tests, "seed": 1, "gate": "should"}))
    write_recording(folder / "evidence.har", Recording(told, plays))
    return f"replay:{folder}"


def test_it_is_opened_like_the_server_that_it_was_made_of(tmp_path: Path) -> None:
    with open_target(SETTINGS, print) as target:
        item = target.workspace.new_item(Dialect.REST)
        plays = kept(target)
    again, recording = open_recording(written(tmp_path, SETTINGS, {"one": ""}, plays))
    assert recording.settings["seed"] == 1
    assert again.facts == target.facts
    assert list(again.access.doors) == [Dialect.REST]
    assert again.clock.is_real == target.clock.is_real
    assert (again.control is None) == (target.control is None)
    assert again.workspace.new_item(Dialect.REST) == item
    with pytest.raises(Inconclusive, match="no \\(further\\) answer"):
        again.workspace.new_item(Dialect.REST)
    assert replace(again.settings, username="", password="", second_user=None) == SETTINGS


def test_each_process_has_its_own_lane(tmp_path: Path) -> None:
    plays: dict[str, KeptPlay] = {}
    items = {}
    for lane in ("gw0", "gw1"):
        with open_target(Settings(), print) as target:
            items[lane] = target.workspace.new_item(Dialect.API)
            plays |= kept(target, lane)
    again, _ = open_recording(written(tmp_path, Settings(), {"one": "gw0", "two": "gw1", "three": "gw0"}, plays))
    assert again.of("one") is again.of("three")
    assert again.of("one").workspace.new_item(Dialect.API) == items["gw0"]
    assert again.of("two").workspace.new_item(Dialect.API) == items["gw1"]
    assert again.of("unheard of") is again


def test_what_holds_no_test_or_no_login_can_not_be_opened(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="holds no test"):
        open_recording(written(tmp_path, Settings(), {}, {}))
    with pytest.raises(UsageProblem, match="holds no login of the process gw1: "):
        open_recording(written(tmp_path, Settings(), {"one": "gw1"}, {f"{BESIDE} gw0": KeptPlay(())}))


def test_a_file_of_the_user_is_pushed_again_without_what_was_in_it(tmp_path: Path) -> None:
    def pushed(target: Target) -> None:
        session = target.workspace.open_session(Cell(Dialect.REST, Service.UPDATE))
        for file in target.settings.warning_files:
            push_own(session, file)

    with open_target(SETTINGS, print) as target:
        pushed(target)
        plays = kept(target)
    address = written(tmp_path, SETTINGS, {"one": ""}, plays)
    evidence = (tmp_path / "evidence.har").read_text()
    assert "Envelope" not in evidence
    assert SETTINGS.warning_files[0].mark.decode() in evidence
    again, _ = open_recording(address)
    assert [file.content for file in again.settings.warning_files] == [b"", b""]
    pushed(again)


def test_a_recording_of_before_has_what_was_in_the_files(tmp_path: Path) -> None:
    with open_target(Settings(), print) as target:
        plays = kept(target)
    told = json.loads(json.dumps(recorded_settings(Settings()))) | {"tests": {"one": ""}, "seed": 1, "gate": "must"}
    del told["insecure"], told["ca_bundle"]
    told["warning_files"] = [["a.ovf", {"text": "<Envelope/>"}], ["b.mf", {"base64": "AP8="}]]
    write_recording(tmp_path / "evidence.har", Recording(told, plays))
    settings = open_recording(f"replay:{tmp_path}")[0].settings
    assert settings.warning_files == SETTINGS.warning_files
    assert settings.insecure is None
