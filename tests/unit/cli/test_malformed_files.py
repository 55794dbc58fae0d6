"""Files that somebody spoilt on purpose: each command says in one sentence what is wrong, and ends with 4."""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract_tests.driver import load_profile
from contract_tests.driver.recordings.opening import open_recording
from contract_tests.problems import UsageProblem
from contract_tests.reporting.reading import load
from contract_tests.traffic.archive import read_recording

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


READERS: Mapping[str, Callable[[Path], object]] = {
    "conformance.json": load,
    "evidence.har": lambda path: open_recording(f"replay:{path}"),
    "profile.toml": lambda path: load_profile(path, os.environ),
}


def is_refused(name: str, path: Path) -> None:
    began = time.process_time()
    with pytest.raises(UsageProblem) as problem:
        READERS[name](path)
    assert 10 < len(str(problem.value)) < 11_000
    assert time.process_time() - began < 5


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", WHOLE)
def test_what_no_reader_takes(desk: Desk, name: str, kind: str) -> None:
    if name == "profile.toml" and kind in {"empty", "TOML NUL in trust"}:
        return  # it says nothing that can't be; who opens the target will say the rest
    desk.spoil(name, WHOLE[kind]((desk.good / name).read_bytes()))
    is_refused(name, desk.folder / name)


def test_a_bundle_with_a_name_that_can_be_none(desk: Desk) -> None:
    desk.spoil("profile.toml", WHOLE["TOML NUL in trust"](b""))
    desk("run by a profile").is_in_order(4)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ["half", "deep lists", "escapes"])
def test_every_command_says_so_in_a_sentence(desk: Desk, command: str, kind: str) -> None:
    kind = "TOML escapes" if (kind, READS[command]) == ("escapes", "profile.toml") else kind
    desk.spoil(READS[command], WHOLE[kind]((desk.good / READS[command]).read_bytes()))
    desk(command).is_in_order(4)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "endless device", "zeros", "loop"])
def test_what_is_no_file(desk: Desk, name: str, kind: str) -> None:
    path = desk.folder / name
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
    is_refused(name, path)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_refuses_a_pipe_that_nobody_writes_to(desk: Desk, command: str) -> None:
    path = desk.folder / READS[command]
    path.unlink()
    os.mkfifo(path)
    desk(command).is_in_order(4)


@pytest.mark.parametrize("kind", ["half", "twice"])
def test_verify_of_a_spoilt_recording(desk: Desk, kind: str) -> None:
    desk.spoil("evidence.har", WHOLE[kind]((desk.good / "evidence.har").read_bytes()))
    desk("verify").is_in_order(4)


REPORT_COMMANDS = [name for name in COMMANDS if READS[name] == "conformance.json" and name != "verify"]


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_report_with_any_value_spoilt(desk: Desk, data: st.DataObject) -> None:
    good, where = _places(desk.good / "conformance.json")
    path = data.draw(st.sampled_from(where))
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


@cache
def _places(path: Path) -> tuple[Any, list[tuple[Any, ...]]]:
    """A file of JSON, and the path of every value in it."""
    data = json.loads(path.read_bytes())
    return data, places(data)


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
