"""The pages and entries of recordings of form 2: what is equal in many of them is told once.

A play is a page of the archive, and its exchanges are entries that refer to it. What this suite knows of an exchange
stands in members whose names begin with `_`, which HAR gives to whoever writes one:

    of a page   _lane, and _ids: the ids of its exchanges, with # in place of their numbers
    of an entry _of: the place of its cell and operation in the table; _sequence; _began; where they are needed, _id
                (one that is not as the page says), _failure, _unanswered, _unheard, _in_doubt, _note
    of both its messages and their bodies, see `common`: _headers, _sha256

What HAR demands and nobody knows (the size of headers, cookies that are headers anyway, the parts of an address that
stands there whole) is left empty.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Cell
from contract_tests.traffic.exchange import Exchange, Unheard
from contract_tests.traffic.har import values
from contract_tests.traffic.har.common import CommonHeaders, LongBodies, ToldOnce
from contract_tests.traffic.messages import Request, Response, body_from_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from contract_tests.traffic.har.first_form import Gathered

_NUMBERED: Final = re.compile(r"([0-9a-z]+-)([0-9]{1,9})((?:-\w+)?)", re.ASCII)
"""The id of an exchange: of what play it is, its number there, the process."""

_NUMBER: Final = "#"


class EntryWriter:
    """Makes the entries of an archive, and the tables that these refer to."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._headers = CommonHeaders(exchanges)
        self._bodies = LongBodies()
        self._kinds: dict[tuple[str | None, str | None], int] = {}

    def tables(self) -> dict[str, Any]:
        """What the entries that were made refer to."""
        return {
            "_kinds": list(self._kinds),
            "_headers": self._headers.patterns(),
            "_bodies": dict(self._bodies.packed()),
        }

    def entry(self, exchange: Exchange, page: str, expected: str, note: Mapping[str, Any] | None) -> dict[str, Any]:
        """An exchange as an entry of this page; `expected` is the id that a reader takes it to have."""
        milliseconds = round(exchange.seconds * 1000, 3)
        kind = exchange.cell, exchange.operation and str(exchange.operation)
        told: dict[str, Any] = {
            "pageref": page,
            "startedDateTime": utc(exchange.started),
            "time": milliseconds,
            "request": self._request(exchange.request),
            "response": self._response(exchange.response),
            "cache": {},
            "timings": {"send": 0, "wait": milliseconds, "receive": 0},
            "_of": self._kinds.setdefault(kind, len(self._kinds)),
        }
        if exchange.sequence is not None:
            told["_sequence"] = exchange.sequence
        if exchange.began is not None:
            told["_began"] = exchange.began
        if exchange.id != expected:
            told["_id"] = exchange.id
        if exchange.failure is not None:
            told["_failure"] = exchange.failure
        if exchange.response is None:
            told["_unanswered"] = True
        if exchange.unheard:
            told["_unheard"] = exchange.unheard
        if exchange.in_doubt:
            told["_in_doubt"] = True
        if note is not None:
            told["_note"] = note
        return told

    def _request(self, request: Request) -> dict[str, Any]:
        told: dict[str, Any] = {
            "method": request.method,
            "url": request.url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            **self._shared(request),
            "queryString": [],
            "headersSize": -1,
            "bodySize": len(request.body),
        }
        if request.body:
            form, text, digest = self._bodies.told(request.body)
            comment = "; ".join(filter(None, (form if form == "base64" else "", _cut(request.body, digest))))
            told["postData"] = {
                "mimeType": request.header("content-type") or "",
                "text": text,
                **({"comment": comment} if comment else {}),
                **({"_sha256": digest} if digest else {}),
            }
        return told

    def _response(self, response: Response | None) -> dict[str, Any]:
        """An exchange without an answer has status 0, as browsers write it."""
        answer = Response(0) if response is None else response
        content: dict[str, Any] = {"size": len(answer.body), "mimeType": answer.header("content-type") or ""}
        if answer.body:
            form, content["text"], digest = self._bodies.told(answer.body)
            if form == "base64":
                content["encoding"] = form
            if digest:
                content |= {"comment": _cut(answer.body, digest), "_sha256": digest}
        return {
            "status": answer.status,
            "statusText": "",
            "httpVersion": "" if response is None else "HTTP/1.1",
            "cookies": [],
            **self._shared(answer),
            "content": content,
            "redirectURL": answer.header("location") or "",
            "headersSize": -1,
            "bodySize": len(answer.body),
        }

    def _shared(self, message: Request | Response) -> dict[str, Any]:
        own, place = self._headers.told(message)
        told: dict[str, Any] = {"headers": [{"name": name, "value": value} for name, value in own]}
        return told if place is None else told | {"_headers": place}


def utc(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def ids_like(first: str | None) -> str:
    """How the ids are made of a play whose first exchange has this one; empty if nothing can be said."""
    found = _NUMBERED.fullmatch(first or "")
    return f"{found[1]}{_NUMBER}{found[3]}" if found else ""


def id_at(number: int, like: str) -> str:
    return like.replace(_NUMBER, str(number))


def read_entries(log: Mapping[str, Any]) -> Gathered:
    """The plays of a recording.

    Raises:
        ValueError, LookupError, TypeError and their like: it is not what this suite wrote.
    """
    once = ToldOnce(log["_headers"], log["_bodies"])
    kinds = [(None if cell is None else str(Cell.parse(cell)), values.text_or_none(op)) for cell, op in log["_kinds"]]
    pages = {values.text(page["id"]): page for page in log["pages"]}
    gathered: Gathered = {values.text(page["title"]): (values.text(page["_lane"]), [], []) for page in pages.values()}
    if len(gathered) != len(log["pages"]):
        raise ValueError("a page stands in it twice")
    for entry in log["entries"]:
        page = pages[entry["pageref"]]
        _, exchanges, notes = gathered[page["title"]]
        expected = id_at(len(exchanges), values.text(page["_ids"]))
        cell, operation = values.place(entry["_of"], kinds)
        exchanges.append(
            Exchange(
                _read_request(entry["request"], once),
                None if entry.get("_unanswered") is True else _read_response(entry["response"], once),
                values.started(entry["startedDateTime"]),
                round(values.seconds(entry["time"] / 1000), 6),
                values.text_or_none(entry.get("_failure")),
                cell,
                operation,
                values.text(entry.get("_id", expected)),
                values.number(entry.get("_sequence")),
                values.number(entry.get("_began")),
                Unheard(entry["_unheard"]) if entry.get("_unheard") else None,
                entry.get("_in_doubt") is True,
            )
        )
        if "_note" in entry:
            notes.append(entry["_note"])
    return {name: play for name, play in gathered.items() if play[1]}


def _read_request(sent: Mapping[str, Any], once: ToldOnce) -> Request:
    posted = sent.get("postData")
    if posted is None:
        body = b""
    elif "_sha256" in posted:
        body = once.body(posted["_sha256"])
    else:
        body = body_from_data({posted.get("comment", "text"): posted["text"]})
    headers = once.headers(sent["headers"], sent.get("_headers"), len(body))
    return Request(values.text(sent["method"]), values.text(sent["url"]), headers, body)


def _read_response(answer: Mapping[str, Any], once: ToldOnce) -> Response:
    content = answer["content"]
    if "_sha256" in content:
        body = once.body(content["_sha256"])
    else:
        body = body_from_data({content.get("encoding", "text"): content.get("text", "")})
    headers = once.headers(answer["headers"], answer.get("_headers"), len(body))
    return Response(values.status(answer["status"]), headers, body)


def _cut(body: bytes, digest: str | None) -> str:
    """What a reader is told of a body that does not stand in its place."""
    return f"the beginning of {len(body)} bytes; the whole stands deflated in _bodies" if digest else ""
