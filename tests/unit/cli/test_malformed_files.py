"""Files that somebody spoilt on purpose: each command says in one sentence what is wrong, and ends with 4."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract_tests.target import UsageProblem, load_profile
from contract_tests.target.recording import read_recording
from contract_tests.target.replaying import open_recording

from .desk import PROFILE, Said, places, put_reports, said, with_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

DEEP = 100_000
HOSTILE: list[Any] = [
    None,
    True,
    -1,
    2**64,
    1e308,
    "",
    "\x1b]0;owned\x07\x1b[2J\r\n\x00\u202e\u2066evil\u2028",
    "9" * 5001,
    "a" * 100_000,
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-03-01T12:00:00",
    "http://[bad",
    "(a+)+$",
    "\ufeff",
    [],
    {},
    [[]],
    {"a": {"\x1b": "\x1b"}},
]
"""Values that are of the wrong kind somewhere, or do something to those who show or compute them."""

WHOLE: Mapping[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "half": lambda good: good[: len(good) // 2],
    "NUL": lambda _: b"\x00" * 1000,
    "BOM": lambda good: b"\xef\xbb\xbf" + good,
    "UTF-16": lambda good: good.decode().encode("utf-16"),
    "latin-1": lambda _: b'{"\xe9": 1}',
    "deep lists": lambda _: b"[" * DEEP + b"]" * DEEP,
    "deep objects": lambda _: b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep TOML": lambda _: b"target = " + b"[" * DEEP + b"]" * DEEP,
    "deep TOML names": lambda _: b"a." * 20_000 + b"a = 1",
    "long number": lambda _: b'{"schema_version": ' + b"9" * 5001 + b"}",
    "long TOML number": lambda _: b"rate_limit = " + b"9" * 5001,
    "long hexadecimal TOML number": lambda _: b"rate_limit = 0x" + b"f" * 5001,
    "long TOML time": lambda _: b"session_timeout = 0x" + b"f" * 5001,
    "TOML nan": lambda _: b"session_timeout = nan",
    "TOML inf": lambda _: b"max_wait = inf",
    "NaN": lambda _: b'{"schema_version": "1", "x": NaN}',
    "Infinity": lambda _: b'{"schema_version": -Infinity}',
    "exponent": lambda _: b'{"log": {"comment": 1e999999}}',
    "surrogate": lambda _: b'{"log": {"comment": "\\ud800"}, "schema_version": "\\ud800"}',
    "twice": lambda _: b'{"schema_version": "1", "schema_version": "1"}',
    "TOML twice": lambda _: b"target = 'a'\ntarget = 'b'",
    "escapes": lambda _: b'{"schema_version": "\\u001b[2J\\u202e", "log": {"comment": "{\\"form\\": \\"\\u001b\\"}"}}',
    "TOML escapes": lambda _: b'target = "\\u001B[2J\\u202E"',
    "TOML escapes in a name": lambda _: b'"\\u001B[2J\\u202E\\n" = 1',
    "TOML NUL": lambda _: b'[warning_content]\nwarning = "W"\nfiles = ["\\u0000"]',
    "TOML NUL in trust": lambda _: b'target = "https://127.0.0.1:9"\nca_bundle = "\\u0000"',
}

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "diff": ("diff", "{folder}", "{good}"),
    "diff to": ("diff", "{good}", "{folder}", "--markdown"),
    "merge": ("merge", "{folder}", "{good}", "--reports", "{out}"),
    "matrix": ("merge", "{good}", "{folder}", "--matrix", "{out}/matrix.html"),
    "verify": ("verify", "{folder}"),
    "summary": ("summary", "{folder}"),
    "badge": ("badge", "{folder}"),
    "badge data": ("badge", "{folder}", "--json"),
    "run of a recording": ("run", "-k", "nothing", "--reports", "{out}", "--target", "replay:{folder}"),
    "run by a profile": ("run", "-k", "nothing", "--reports", "{out}", "--profile", "{folder}/profile.toml"),
}
READS = dict.fromkeys(COMMANDS, "conformance.json") | {
    "run of a recording": "evidence.har",
    "run by a profile": "profile.toml",
}


class Desk:
    """Good reports in one folder, spoilt ones in another."""

    def __init__(self, good: Path, place: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.good, self.folder, self.out = good, place / "spoilt", place / "out"
        shutil.copytree(self.good, self.folder)
        self._capture = capture

    def __call__(self, command: str) -> Said:
        names = {"folder": str(self.folder), "good": str(self.good), "out": str(self.out)}
        return said(self._capture, *(word.format_map(names) for word in COMMANDS[command]))

    def spoil(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports") / "good"
    put_reports(folder)
    return folder


@pytest.fixture
def desk(good: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    for variable in ("CONTRACT_USERNAME", "CONTRACT_PASSWORD", "A", "CONTRACT_SECOND_PASSWORD"):
        monkeypatch.setenv(variable, "x")
    return Desk(good, tmp_path, capfd)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", WHOLE)
def test_a_spoilt_file(desk: Desk, command: str, kind: str) -> None:
    if command.startswith("run") and "TOML" in kind and READS[command] != "profile.toml":
        return  # for a recording that is no JSON like any other
    desk.spoil(READS[command], WHOLE[kind]((desk.good / READS[command]).read_bytes()))
    desk(command).is_in_order(4)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "endless device", "zeros", "loop"])
def test_what_is_no_file(desk: Desk, command: str, kind: str) -> None:
    path = desk.folder / READS[command]
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "zeros":
        with path.open("wb") as file:
            file.truncate(2**30)
    else:
        path.symlink_to({"device": "/dev/null", "endless device": "/dev/zero", "loop": path.name}[kind])
    desk(command).is_in_order(4)


@pytest.mark.parametrize("kind", ["half", "deep lists", "NUL", "twice"])
def test_verify_of_a_spoilt_recording(desk: Desk, kind: str) -> None:
    desk.spoil("evidence.har", WHOLE[kind]((desk.good / "evidence.har").read_bytes()))
    desk("verify").is_in_order(4)


REPORT_COMMANDS = [name for name in COMMANDS if READS[name] == "conformance.json" and name != "verify"]


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_report_with_any_value_spoilt(desk: Desk, data: st.DataObject) -> None:
    good = json.loads((desk.good / "conformance.json").read_bytes())
    path = data.draw(st.sampled_from(places(good)))
    spoilt = with_value(good, path, data.draw(st.sampled_from(HOSTILE)))
    desk.spoil("conformance.json", json.dumps(spoilt).encode())
    desk(data.draw(st.sampled_from(REPORT_COMMANDS))).is_in_order(0, 1, 4)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_recording_with_any_value_spoilt(desk: Desk, data: st.DataObject) -> None:
    """It is opened, or refused with a sentence; what is spoilt in a comment is spoilt within its JSON, too."""
    good = json.loads((desk.good / "evidence.har").read_bytes())
    path, value = data.draw(st.sampled_from(places(good["log"]))), data.draw(st.sampled_from(HOSTILE))
    if path[-1:] == ("comment",) and data.draw(st.booleans()):
        comment = json.loads(_at(good["log"], path))
        value = json.dumps(with_value(comment, data.draw(st.sampled_from(places(comment))), value))
    desk.spoil("evidence.har", json.dumps({"log": with_value(good["log"], path, value)}).encode())
    _is_read_or_refused(lambda: open_recording(f"replay:{desk.folder}"))


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


TOML_VALUES = ["0x" + "f" * 5001, "9" * 5001, "nan", "-inf", "1e999", "true", "0001-01-01T00:00:00+14:00", "[[]]", "{}"]
TOML_TEXTS = [json.dumps(one).replace("\\u0000", "\\u0001") for one in HOSTILE if isinstance(one, str)]


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    line=st.sampled_from([line for line in PROFILE.splitlines() if " = " in line]),
    value=st.sampled_from([*TOML_VALUES, *TOML_TEXTS, '"\\u0000"', "[" * DEEP]),
)
def test_a_profile_with_any_value_spoilt(desk: Desk, line: str, value: str) -> None:
    desk.spoil("a.ovf", b"<Envelope/>")
    spoilt = PROFILE.replace(line, f"{line.partition(' = ')[0]} = {value}")
    desk.spoil("profile.toml", spoilt.encode())
    _is_read_or_refused(lambda: load_profile(desk.folder / "profile.toml", os.environ))


def _is_read_or_refused(read: Callable[[], object]) -> None:
    with suppress(UsageProblem):
        read()


def test_a_good_recording_is_read(desk: Desk) -> None:
    assert read_recording(desk.good / "evidence.har").plays
    open_recording(f"replay:{desk.good}")
