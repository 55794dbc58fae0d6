from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract_tests.problems import UsageProblem
from contract_tests.traffic.archive import KeptPlay, Recording, read_recording, write_recording
from tests.unit.driver.recordings import exchanges, recording, sent

if TYPE_CHECKING:
    from pathlib import Path

_NUMBER, _TEXT = {"type": "number"}, {"type": "string"}
_PAIRS = {
    "type": "array",
    "items": {"required": ["name", "value"], "properties": {"name": _TEXT, "value": _TEXT, "comment": _TEXT}},
}


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object with these members and no others: HAR allows more only where their names begin with `_`."""
    return {
        "type": "object",
        "required": list(required),
        "properties": required | optional | {"comment": _TEXT},
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


HAR = _object(
    {
        "log": _object(
            {
                "version": {"const": "1.2"},
                "creator": _object({"name": _TEXT, "version": _TEXT}),
                "entries": {
                    "type": "array",
                    "items": _object(
                        {
                            "startedDateTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$"},
                            "time": _NUMBER | {"minimum": 0},
                            "request": _object(
                                {
                                    "method": _TEXT,
                                    "url": _TEXT,
                                    "httpVersion": _TEXT,
                                    "cookies": _PAIRS,
                                    "headers": _PAIRS,
                                    "queryString": _PAIRS,
                                    "headersSize": _NUMBER,
                                    "bodySize": _NUMBER,
                                },
                                postData=_object({"mimeType": _TEXT, "text": _TEXT}),
                            ),
                            "response": _object(
                                {
                                    "status": {"type": "integer"},
                                    "statusText": _TEXT,
                                    "httpVersion": _TEXT,
                                    "cookies": _PAIRS,
                                    "headers": _PAIRS,
                                    "content": _object(
                                        {"size": _NUMBER, "mimeType": _TEXT}, text=_TEXT, encoding={"const": "base64"}
                                    ),
                                    "redirectURL": _TEXT,
                                    "headersSize": _NUMBER,
                                    "bodySize": _NUMBER,
                                }
                            ),
                            "cache": _object({}),
                            "timings": _object(
                                dict.fromkeys(("send", "wait", "receive"), _NUMBER | {"minimum": 0}),
                                **dict.fromkeys(("blocked", "dns", "connect", "ssl"), _NUMBER | {"minimum": -1}),
                            ),
                        }
                    ),
                },
            },
            browser=_object({"name": _TEXT, "version": _TEXT}),
        )
    }
)
"""HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), as far as this suite writes it."""


def plays() -> st.SearchStrategy[dict[str, KeptPlay]]:
    """Plays of exchanges with ids, some with notes on one of them."""

    def numbered(given: list[tuple[str, list[Any], str]]) -> dict[str, KeptPlay]:
        made = {}
        for name, drawn, lane in given:
            kept = tuple(replace(one, id=f"{name}-{number}") for number, one in enumerate(drawn))
            made[name] = KeptPlay(kept, ({"exchange": len(kept) - 1, "said": name},), lane)
        return made

    play = st.tuples(st.text(max_size=8), st.lists(exchanges(), min_size=1, max_size=3), st.sampled_from(["", "gw0"]))
    return st.lists(play, max_size=3, unique_by=lambda one: one[0]).map(numbered)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plays=plays())
def test_what_was_written_is_read_and_valid(plays: dict[str, KeptPlay], tmp_path: Path) -> None:
    whole = Recording({"seed": 7, "tests": {"a": ""}}, plays)
    path = tmp_path / "evidence.har"
    write_recording(path, whole)
    assert read_recording(path) == whole
    jsonschema.Draft202012Validator(HAR).validate(json.loads(path.read_bytes()))


def test_plays_are_in_the_order_of_their_names(tmp_path: Path) -> None:
    path = tmp_path / "evidence.har"
    write_recording(path, recording(b=[sent(second=1)], a=[sent(second=2)]))
    assert list(read_recording(path).plays) == ["a", "b"]
    first = path.read_bytes()
    write_recording(path, recording(a=[sent(second=2)], b=[sent(second=1)]))
    assert path.read_bytes() == first


def test_a_reader_of_archives_finds_what_it_knows(tmp_path: Path) -> None:
    path = tmp_path / "evidence.har"
    asked = sent("POST", "/api/x?a=b%20c&d#e?f=g", b"\xff", headers=(("Content-Type", "x/y"),), answer=b"{}")
    write_recording(path, recording(one=[asked]))
    (entry,) = json.loads(path.read_bytes())["log"]["entries"]
    assert entry["request"]["queryString"] == [{"name": "a", "value": "b c"}, {"name": "d", "value": ""}]
    assert entry["request"]["postData"] == {"mimeType": "x/y", "text": "/w==", "comment": "base64"}
    assert entry["response"]["content"] == {"size": 2, "mimeType": "", "text": "{}"}
    assert (entry["response"]["status"], entry["time"], entry["startedDateTime"]) == (
        200,
        250.0,
        "2026-03-01T12:00:00+00:00",
    )


FOREIGN = {"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "entries": []}}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "is no recording of this suite, or is damaged"),
        (b"\xff\xfe", "is no recording of this suite, or is damaged"),
        (b"[]", "is no recording of this suite, or is damaged"),
        (b"{}", "is no recording of this suite, or is damaged"),
        pytest.param(b"[" * 100_000, "is no recording of this suite, or is damaged", id="deep"),
        (json.dumps(FOREIGN).encode(), "is no recording of this suite, or is damaged"),
        (json.dumps({"log": FOREIGN["log"] | {"comment": "made by hand"}}).encode(), "is no recording"),
        (json.dumps({"log": FOREIGN["log"] | {"comment": '{"form": 99}'}}).encode(), "another version of the suite"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_sentence(content: bytes, word: str, tmp_path: Path) -> None:
    path = tmp_path / "evidence.har"
    path.write_bytes(content)
    assert word in _refusal(path)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    assert "can't be read: No such file" in _refusal(tmp_path / "evidence.har")
    assert "can't be read: Is a directory" in _refusal(tmp_path)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_file_that_was_cut_is_refused(part: float, tmp_path: Path) -> None:
    path = tmp_path / "evidence.har"
    write_recording(path, recording(one=[sent(), sent(second=1)]))
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    assert "is damaged" in _refusal(path)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda entry: entry.pop("request"), "request"),
        (lambda entry: entry.update(comment="{}"), "play"),
        (lambda entry: entry.update(comment="no JSON"), "it is no JSON"),
        (lambda entry: entry.update(startedDateTime="today"), "today"),
        (lambda entry: entry.update(startedDateTime="2026-03-01T12:00:00"), "no time zone"),
        (lambda entry: entry["response"]["content"].update(encoding="base64", text="a"), "base64-encoded"),
        (lambda entry: entry["response"].update(status="no number"), "no number"),
    ],
)
def test_an_entry_that_was_changed_into_nonsense_is_refused(change: Any, word: str, tmp_path: Path) -> None:
    path = tmp_path / "evidence.har"
    write_recording(path, recording(one=[sent(answer=b"{}")]))
    data = json.loads(path.read_bytes())
    change(data["log"]["entries"][0])
    path.write_text(json.dumps(data))
    assert word in _refusal(path)


def _refusal(path: Path) -> str:
    with pytest.raises(UsageProblem) as raised:
        read_recording(path)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 500
    return str(raised.value)
