"""Archives of form 1, as versions before 0.2 wrote them: what readers still have to read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contract_tests.traffic.messages import body_as_data

if TYPE_CHECKING:
    from contract_tests.traffic.archive import KeptPlay, Recording
    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.messages import Headers, Request, Response


def first_form(recording: Recording) -> dict[str, Any]:
    """The archive as JSON data."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "cl-contract", "version": "0.1.0"},
            "browser": {"name": "", "version": ""},
            "comment": json.dumps({"form": 1, "settings": recording.settings}),
            "entries": [
                _entry(name, play, number, exchange)
                for name, play in sorted(recording.plays.items())
                for number, exchange in enumerate(play.exchanges)
            ],
        }
    }


def _entry(name: str, play: KeptPlay, number: int, exchange: Exchange) -> dict[str, Any]:
    notes = {note["exchange"]: note for note in play.notes}
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
    wait = round(exchange.seconds * 1000, 3)
    return {
        "startedDateTime": exchange.started.isoformat(),
        "time": wait,
        "request": _request(exchange.request),
        "response": _response(exchange.response),
        "timings": {"send": 0, "wait": wait, "receive": 0, "blocked": -1, "dns": -1, "connect": -1, "ssl": -1},
        "cache": {},
        "comment": json.dumps(told),
    }


def _request(request: Request) -> dict[str, Any]:
    told: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _records(request.headers),
        "queryString": [],
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        ((form, text),) = body_as_data(request.body).items()
        told["postData"] = {"mimeType": request.header("content-type") or "", "text": text}
        told["postData"] |= {"comment": form} if form == "base64" else {}
    return told


def _response(response: Response | None) -> dict[str, Any]:
    told: dict[str, Any] = {"statusText": "", "cookies": [], "headersSize": -1}
    if response is None:
        content: dict[str, Any] = {"size": 0, "mimeType": ""}
        return told | {"status": 0, "httpVersion": "", "headers": [], "content": content, "redirectURL": ""}
    ((form, text),) = body_as_data(response.body).items()
    content = {"size": len(response.body), "mimeType": response.header("content-type") or "", "text": text}
    return told | {
        "status": response.status,
        "httpVersion": "HTTP/1.1",
        "headers": _records(response.headers),
        "content": content | ({"encoding": form} if form == "base64" else {}),
        "redirectURL": response.header("location") or "",
        "bodySize": len(response.body),
    }


def _records(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]
