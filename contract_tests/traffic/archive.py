"""evidence.har: everything that a run exchanged, as an HTTP Archive (HAR 1.2), written and read back.

HAR has no place for what this suite knows of an exchange, but every entry may carry a comment: here a JSON text with
the id of the exchange, the play that it belongs to (the id of a test, a campaign, or log-in and clean-up), the lane
(the worker process that sent it), the cell and operation of the contract, the number of the request in its lane (time
may go back, numbers don't), and notes. The comment of the whole log says how the run was set, without its secrets.
"""

from __future__ import annotations

import json
import reprlib
from dataclasses import dataclass
from datetime import MAXYEAR, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import harfile

from contract_tests import __version__
from contract_tests.contract import Cell
from contract_tests.problems import UsageProblem
from contract_tests.traffic.exchange import STATUSES, Exchange, Request, Response, Unheard, body_as_data, body_from_data
from contract_tests.traffic.inputs import UNLIKELY, parse_json, read_input

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from contract_tests.traffic.exchange import Headers

FILE: Final = "evidence.har"

_FORM: Final = 1
"""The form of the comments; another one cannot be read."""

_LONGEST_RUN: Final = 366 * 86_400.0
"""Seconds that an answer may have taken: a year."""


@dataclass(frozen=True)
class KeptPlay:
    """What was exchanged under one name, with notes of its maker; `lane` is the process that sent it."""

    exchanges: tuple[Exchange, ...]
    notes: tuple[dict[str, Any], ...] = ()
    lane: str = ""


@dataclass(frozen=True)
class Recording:
    """A run, as evidence.har has it: how it was set, and its plays by name."""

    settings: Mapping[str, Any]
    plays: Mapping[str, KeptPlay]


def write_recording(path: Path, recording: Recording) -> None:
    """Write the archive; plays are sorted by name, so that two runs differ in times and ids only."""
    about = json.dumps({"form": _FORM, "settings": recording.settings})
    creator = harfile.Creator(name="cl-contract", version=__version__)
    with (
        path.open("w", encoding="utf-8", newline="\n") as file,
        harfile.HarFile.open(file, creator=creator, comment=about) as har,
    ):
        for name, play in sorted(recording.plays.items()):
            notes = {note["exchange"]: note for note in play.notes}
            for number, exchange in enumerate(play.exchanges):
                told = {
                    "id": exchange.id,
                    "play": name,
                    "lane": play.lane,
                    "cell": exchange.cell,
                    "operation": exchange.operation and str(exchange.operation),
                    "failure": exchange.failure,
                    "seconds": round(exchange.seconds, 6),
                    "sequence": exchange.sequence,
                    "began": exchange.began,
                    **({"unheard": exchange.unheard} if exchange.unheard else {}),
                    **({"in_doubt": True} if exchange.in_doubt else {}),
                    **({"note": notes[number]} if number in notes else {}),
                }
                har.add_entry(
                    startedDateTime=exchange.started.isoformat(),
                    time=round(exchange.seconds * 1000, 3),
                    request=_request(exchange.request),
                    response=_response(exchange.response),
                    timings=harfile.Timings(send=0, wait=round(exchange.seconds * 1000, 3), receive=0),
                    comment=json.dumps(told),
                )


def read_recording(path: Path) -> Recording:
    """Read an archive that `write_recording` has written.

    Raises:
        UsageProblem: there is none, or it is another's.
    """
    try:
        log = parse_json(read_input(path))["log"]
        about = parse_json(log["comment"])
        if about["form"] != _FORM:
            raise UsageProblem(f"{path} was written by another version of the suite ({log['creator']['version']})")
        return Recording(about["settings"], _plays(log["entries"]))
    except UNLIKELY as problem:
        raise UsageProblem(
            f"{path} is no recording of this suite, or is damaged ({type(problem).__name__}: {problem}); "
            f"give the {FILE} of a reports directory"
        ) from None


def _plays(entries: Iterable[dict[str, Any]]) -> dict[str, KeptPlay]:
    gathered: dict[str, tuple[str, list[Exchange], list[dict[str, Any]]]] = {}
    for entry in entries:
        told = parse_json(entry["comment"])
        _, exchanges, notes = gathered.setdefault(_text(told["play"]), (_text(told["lane"]), [], []))
        exchanges.append(_exchange(entry, told))
        if "note" in told:
            notes.append(told["note"])
    return {name: KeptPlay(tuple(exchanges), tuple(notes), lane) for name, (lane, exchanges, notes) in gathered.items()}


def _request(request: Request) -> harfile.Request:
    body = body_as_data(request.body)
    media = request.header("content-type") or ""
    query = request.url.partition("#")[0].partition("?")[2]  # by hand: an address may be one that is none
    return harfile.Request(
        method=request.method,
        url=request.url,
        httpVersion="HTTP/1.1",
        headers=_records(request.headers),
        queryString=[harfile.Record(*pair) for pair in parse_qsl(query, keep_blank_values=True)],
        postData=harfile.PostData(
            mimeType=media,
            text=body.get("text", body.get("base64")),
            comment="base64" if "base64" in body else None,
        )
        if request.body
        else None,
        bodySize=len(request.body),
    )


def _response(response: Response | None) -> harfile.Response:
    """An exchange without an answer has status 0, as browsers write it."""
    if response is None:
        return harfile.Response(status=0, statusText="", httpVersion="", content=harfile.Content())
    body = body_as_data(response.body)
    return harfile.Response(
        status=response.status,
        statusText="",
        httpVersion="HTTP/1.1",
        headers=_records(response.headers),
        content=harfile.Content(
            size=len(response.body),
            mimeType=response.header("content-type") or "",
            text=body.get("text", body.get("base64")),
            encoding="base64" if "base64" in body else None,
        ),
        redirectURL=response.header("location") or "",
        bodySize=len(response.body),
    )


def _exchange(entry: dict[str, Any], told: dict[str, Any]) -> Exchange:
    sent, answer = entry["request"], entry["response"]
    posted, content = sent.get("postData"), answer["content"]
    return Exchange(
        Request(
            _text(sent["method"]),
            _text(sent["url"]),
            _pairs(sent["headers"]),
            b"" if posted is None else body_from_data({posted.get("comment") or "text": posted["text"]}),
        ),
        None
        if answer["status"] == 0 and told["failure"] is not None
        else Response(
            _status(answer["status"]),
            _pairs(answer["headers"]),
            body_from_data({content.get("encoding") or "text": content.get("text", "")}),
        ),
        _started(entry["startedDateTime"]),
        _seconds(told["seconds"]),
        _text_or_none(told["failure"]),
        None if told["cell"] is None else str(Cell.parse(told["cell"])),
        _text_or_none(told["operation"]),
        _text(told["id"]),
        _number(told.get("sequence")),
        _number(told.get("began")),
        Unheard(told["unheard"]) if told.get("unheard") else None,
        told.get("in_doubt") is True,
    )


def _number(told: Any) -> Any:
    """What an exchange is put in order by; nothing, in recordings of before it was kept."""
    if told is not None and (isinstance(told, bool) or not isinstance(told, int | float) or not isfinite(told)):
        raise ValueError(f"{told!r} is no number of an exchange")
    return told


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{reprlib.repr(value)} is no text")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _status(value: Any) -> int:
    if type(value) is not int or value not in STATUSES:
        raise ValueError(f"{reprlib.repr(value)} is no status")
    return value


def _seconds(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= _LONGEST_RUN:
        raise ValueError(f"{reprlib.repr(value)} is no duration in seconds")
    return float(value)


def _started(value: Any) -> datetime:
    started = datetime.fromisoformat(value)
    # A year that is neither the first nor the last: what is computed with it must be a time, too.
    if started.tzinfo is None or not 1 < started.year < MAXYEAR:
        raise ValueError(f"{started} has no time zone, or is in no year in which a run can be")
    return started


def _records(headers: Headers) -> list[harfile.Record]:
    return [harfile.Record(name, value) for name, value in headers]


def _pairs(records: Iterable[dict[str, str]]) -> Headers:
    return tuple((_text(record["name"]), _text(record["value"])) for record in records)
