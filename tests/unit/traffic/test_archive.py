from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract_tests.contract.dialects import Op
from contract_tests.problems import UsageProblem
from contract_tests.traffic import inputs
from contract_tests.traffic.archive import (
    FILE,
    PACKED,
    KeptPlay,
    Recording,
    evidence_in,
    read_recording,
    write_recording,
)
from contract_tests.traffic.exchange import DIGEST, Exchange, Unheard
from contract_tests.traffic.har.common import LONGEST_IN_PLACE, OFTEN
from contract_tests.traffic.messages import Request, Response
from tests.unit.driver.recordings import BASE, STARTED, exchanges, recording, sent

from .first_form import first_form

if TYPE_CHECKING:
    from pathlib import Path

_MOMENT = r"^\d{4}-\d\d-\d\dT[\d:.]+Z$"
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
                "pages": {
                    "type": "array",
                    "items": _object(
                        {
                            "startedDateTime": {"type": "string", "pattern": _MOMENT},
                            "id": _TEXT,
                            "title": _TEXT,
                            "pageTimings": _object({}),
                        }
                    ),
                },
                "entries": {
                    "type": "array",
                    "items": _object(
                        {
                            "startedDateTime": {"type": "string", "pattern": _MOMENT},
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
                            "pageref": _TEXT,
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


def read_back(whole: Recording, path: Path, *, packed: bool = False) -> tuple[Recording, dict[str, Any]]:
    """What is read of what was written, and the archive as others see it: valid, and with the digest that was told."""
    digest = write_recording(path, whole, packed=packed)
    text = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    assert hashlib.sha256(text).hexdigest() == digest
    archive = json.loads(text)
    jsonschema.Draft202012Validator(HAR).validate(archive)
    return read_recording(path), archive["log"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plays=plays(), packed=st.booleans(), often=st.sampled_from([1, 2, OFTEN]), longest=st.sampled_from([0, 8, 4000]))
def test_what_was_written_is_read_and_valid(
    *, plays: dict[str, KeptPlay], packed: bool, often: int, longest: int, tmp_path: Path
) -> None:
    whole = Recording({"seed": 7, "tests": {"a": ""}}, plays)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("contract_tests.traffic.har.common.OFTEN", often)
        patch.setattr("contract_tests.traffic.har.common.LONGEST_IN_PLACE", longest)
        assert read_back(whole, tmp_path / "evidence", packed=packed)[0] == whole


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plays=plays())
def test_what_earlier_versions_wrote_is_read(plays: dict[str, KeptPlay], tmp_path: Path) -> None:
    whole = Recording({"seed": 7, "tests": {"a": ""}}, plays)
    path = tmp_path / "evidence.har"
    path.write_text(json.dumps(first_form(whole)))
    assert read_recording(path) == whole


_ASKED = Request("POST", f"{BASE}/api/x", (("content-type", "application/json"), ("Content-Length", "2")), b"{}")
_LONG = b"x" * (LONGEST_IN_PLACE + 1)


def answered(*headers: tuple[str, str], body: bytes = b"", status: int = 200, **more: Any) -> Exchange:
    return Exchange(_ASKED, Response(status, headers, body), STARTED, 0.25, **more)


def unanswered(failure: str | None, **more: Any) -> Exchange:
    return Exchange(_ASKED, None, STARTED, 0.25, failure, **more)


NEIGHBOURS = {
    "no response": unanswered("ReadTimeout: the time was up"),
    "no response and no reason": unanswered(None),
    "a status that was not looked at": answered(status=0),
    "a status that was not looked at, and a failure": answered(status=0, failure="NotKept: no room"),
    "an empty reason": unanswered(""),
    "binary": answered(body=b"\x00\xff"),
    "binary and long": answered(body=b"\xff" * LONGEST_IN_PLACE),
    "long": answered(body=_LONG),
    "as long as may be": answered(body=_LONG[1:]),
    "long and no ASCII": answered(body="ü".encode() * (LONGEST_IN_PLACE + 1)),
    "a body that looks like Base64": answered(body=b"base64"),
    "long in the request": replace(answered(), request=replace(_ASKED, body=_LONG)),
    "binary in the request": replace(answered(), request=replace(_ASKED, body=b"\x00")),
    "binary and long in the request": replace(answered(), request=replace(_ASKED, body=b"\x00" * 4001)),
    "a body that the recorder has cut": answered(
        ("content-length", "9000000"), body=b"begi", failure="NotKept: no room"
    ),
    "a repeated header": answered(("set-cookie", "a=1"), ("set-cookie", "b=2"), ("set-cookie", "a=1")),
    "names in other letters": answered(("Content-Type", "a/b"), ("content-type", "a/b"), ("CONTENT-TYPE", "a/b")),
    "another order": answered(("b", "1"), ("a", "1"), ("b", "1")),
    "a length that is none of the body": answered(("content-length", "3"), ("Content-Length", "0")),
    "no length, and a body": answered(("content-length", "0"), body=b"{}"),
    "lengths that agree": answered(("content-length", "0"), ("Content-Length", "0")),
    "a length in other digits": answered(("content-length", "00")),
    "a length that is no length": answered(("content-length", "")),
    "no headers": replace(answered(), request=Request("GET", BASE)),
    "an empty name": answered(("", "")),
    "another origin": answered(("x", "y"), body=b"secret").as_digest(),
    "the digest of another origin, said by the target": answered((DIGEST, "0" * 64), body=b"{}"),
    "unheard": answered(unheard=Unheard.LATER, status=503),
    "in doubt": answered(in_doubt=True, sequence=0, began=0.0),
    "a cell and an operation": answered(cell="rest-download", operation=Op.KEEP_ALIVE),
}


@pytest.mark.parametrize("beside", [0, OFTEN], ids=["alone", "among many"])
@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbours_are_read_back(name: str, beside: int, tmp_path: Path) -> None:
    """Among many that are equal its headers are told once, too."""
    one = NEIGHBOURS[name]
    kept = tuple(replace(kind, id=f"0123456789-{n}") for n, kind in enumerate((one, *[answered()] * beside, one)))
    whole = Recording({}, {"a": KeptPlay(kept, (), "gw0"), "b": KeptPlay((replace(one, id="other"),))})
    path = tmp_path / "evidence.har"
    back, _ = read_back(whole, path)
    assert back == whole
    assert [seen.request.as_curl() for play in back.plays.values() for seen in play.exchanges] == [
        seen.request.as_curl() for play in whole.plays.values() for seen in play.exchanges
    ]


@pytest.mark.parametrize("like", ["0123456789-{}", "0123456789-{}-gw1", "{}", "#-{}", "a-b-{}-c-d", "-{}", "x-0{}"])
def test_ids_are_read_back(like: str, tmp_path: Path) -> None:
    kept = tuple(replace(answered(), id=like.format(number)) for number in (0, 1, 3, 2, 11))
    whole = Recording({}, {"a": KeptPlay(kept)})
    assert read_back(whole, tmp_path / "evidence.har")[0] == whole


def test_what_is_equal_is_told_once(tmp_path: Path) -> None:
    """A few messages tell all their headers; of many the common ones stand in a table, and the others in place."""
    common = (("accept", "*/*"), ("server", "x"))
    few = Recording({}, {"a": KeptPlay((replace(answered(*common), id="a-0"),))})
    _, log = read_back(few, tmp_path / "evidence.har")
    assert [one["name"] for one in log["entries"][0]["response"]["headers"]] == ["accept", "server"]
    twice = (replace(answered(("x", "y" * LONGEST_IN_PLACE), ("z", "1")), id=f"a-{n}") for n in range(2))
    _, log = read_back(Recording({}, {"a": KeptPlay(tuple(twice))}), tmp_path / "evidence.har")
    assert [entry["response"]["headers"] for entry in log["entries"]] == [[{"name": "z", "value": "1"}]] * 2
    assert sum(len(json.dumps(pattern)) > LONGEST_IN_PLACE for pattern in log["_headers"]) == 1
    long = [replace(answered(*common, ("date", f"{n}"), body=_LONG), id=f"a-{n}") for n in range(OFTEN)]
    _, log = read_back(Recording({}, {"a": KeptPlay(tuple(long))}), tmp_path / "evidence.har")
    for number, entry in enumerate(log["entries"]):
        assert (entry["pageref"], "comment" in entry, "_id" in entry) == ("p0", False, False)
        assert entry["response"]["headers"] == [{"name": "date", "value": str(number)}]
        assert log["_headers"][entry["response"]["_headers"]] == [*map(list, common), None]
        content = entry["response"]["content"]
        assert content["text"] == "x" * 400
        assert content["comment"] == "the beginning of 4001 bytes; the whole stands deflated in _bodies"
        assert content["size"] == len(_LONG)
    assert len(log["_bodies"]) == 1
    (page,) = log["pages"]
    assert (page["title"], page["startedDateTime"]) == ("a", "2026-03-01T12:00:00Z")


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
    assert entry["request"]["url"].endswith("/api/x?a=b%20c&d#e?f=g")
    assert entry["request"]["postData"] == {"mimeType": "x/y", "text": "/w==", "comment": "base64"}
    assert entry["response"]["content"] == {"size": 2, "mimeType": "", "text": "{}"}
    assert (entry["response"]["status"], entry["time"], entry["startedDateTime"]) == (
        200,
        250.0,
        "2026-03-01T12:00:00Z",
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
        (lambda entry: entry.update(pageref="p1"), "p1"),
        (lambda entry: entry.update(_of=1), "1 is no place in a table of 1"),
        (lambda entry: entry.update(_of=-1), "-1 is no place in a table of 1"),
        (lambda entry: entry.update(_of=True), "True is no place in a table of 1"),
        (lambda entry: entry["response"].update(_headers=0), "0 is no place in a table of 0"),
        (lambda entry: entry["response"]["content"].update(_sha256="0" * 64), "0000"),
        (lambda entry: entry.update(time=-1), "no duration"),
        (lambda entry: entry.update(_unheard="x"), "'x' is not a valid Unheard"),
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


def changed_bodies(path: Path, change: Any) -> None:
    """Write an archive with one long body, and change its table of those."""
    write_recording(path, recording(one=[sent(answer=_LONG)]))
    data = json.loads(path.read_bytes())
    change(data["log"], next(iter(data["log"]["_bodies"].values())))
    path.write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda log, _: log.update(_bodies={}), "KeyError"),
        (lambda _, body: body.update(deflated="AAAA"), "a body can't be inflated"),
        (lambda _, body: body.update(size=len(_LONG) - 2), "a body is not the one whose SHA-256 is"),
        (lambda _, body: body.update(size=2**40), "a body is 1099511627776 bytes long"),
        (lambda _, body: body.update(size=-1), "a body is -1 bytes long"),
        (lambda log, _: log.update(_headers=[[["a", "b"]]], entries=[with_pattern(log, [])]), None),
        (lambda log, _: log.update(_headers=[[["a", "b", "c"]]], entries=[with_pattern(log, [])]), "too many values"),
        (
            lambda log, _: log.update(_headers=[[None]], entries=[with_pattern(log, [])]),
            "0 headers of its own, and another",
        ),
        (
            lambda log, _: log.update(_headers=[[["a"]]], entries=[with_pattern(log, ["b"])]),
            "1 headers of its own, and another",
        ),
        (lambda log, _: log["pages"].append(log["pages"][0]), "a page stands in it twice"),
    ],
)
def test_tables_that_were_changed_into_nonsense_are_refused(change: Any, word: str | None, tmp_path: Path) -> None:
    path = tmp_path / "evidence.har"
    changed_bodies(path, change)
    if word is None:
        assert read_recording(path).plays["one"].exchanges[0].request.headers == (("a", "b"),)
    else:
        assert word in _refusal(path)


def with_pattern(log: dict[str, Any], own: list[str]) -> dict[str, Any]:
    """The only entry, its request's headers by the first pattern and these."""
    entry: dict[str, Any] = log["entries"][0]
    entry["request"] |= {"_headers": 0, "headers": [{"name": name, "value": ""} for name in own]}
    return entry


def test_what_stands_for_more_than_can_be_held_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small archive may name a long body, or a long header, once for each of its entries."""
    path = tmp_path / "evidence.har"
    write_recording(path, recording(one=[sent(answer=_LONG)] * 50))
    monkeypatch.setattr("contract_tests.traffic.har.common.LONGEST", 2**20)
    assert len(read_recording(path).plays["one"].exchanges) == 50
    monkeypatch.setattr("contract_tests.traffic.har.common.LONGEST", 50 * len(_LONG) - 1)
    assert "what it tells once stands for more than 0 MiB" in _refusal(path)
    write_recording(path, recording(one=[sent(headers=(("a", "b" * 1000),))] * OFTEN))
    assert "what it tells once stands for more than" not in _refusal_or_none(path)
    monkeypatch.setattr("contract_tests.traffic.har.common.LONGEST", OFTEN * 1000)
    assert "what it tells once stands for more than 0 MiB" in _refusal(path)


def test_a_packed_archive_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    whole = recording(one=[sent(answer=b"{}")])
    for name in (FILE, PACKED, "x"):
        write_recording(tmp_path / name, whole, packed=True)
        assert read_recording(tmp_path / name) == whole
    assert (tmp_path / FILE).read_bytes() == (tmp_path / PACKED).read_bytes()
    assert (tmp_path / PACKED).read_bytes()[4:8] == bytes(4)  # no time: what is equal is packed equal


def test_the_archive_of_a_folder(tmp_path: Path) -> None:
    assert evidence_in(tmp_path).name == FILE
    (tmp_path / PACKED).touch()
    assert evidence_in(tmp_path).name == PACKED
    (tmp_path / FILE).touch()
    assert evidence_in(tmp_path).name == FILE


@pytest.mark.parametrize("part", [0.05, 0.5, 0.99])
def test_a_packed_archive_that_was_cut_or_spoilt_is_refused(part: float, tmp_path: Path) -> None:
    path = tmp_path / PACKED
    write_recording(path, recording(one=[sent(), sent(second=1)]), packed=True)
    whole = path.read_bytes()
    place = int(part * len(whole))
    path.write_bytes(whole[:place])
    assert "can't be unpacked" in _refusal(path)
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
    assert "can't be unpacked" in _refusal(path) or "damaged" in _refusal(path)


def test_a_packed_archive_is_unpacked_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / PACKED
    path.write_bytes(gzip.compress(b" " * (2**20 + 1)))
    monkeypatch.setattr(inputs, "LONGEST", 2**20)
    assert "unpacked, it has more than 1 MiB" in _refusal(path)


def _refusal_or_none(path: Path) -> str:
    try:
        read_recording(path)
    except UsageProblem as problem:
        return str(problem)
    return ""


def _refusal(path: Path) -> str:
    with pytest.raises(UsageProblem) as raised:
        read_recording(path)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 500
    return str(raised.value)
