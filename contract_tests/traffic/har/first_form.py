"""The entries of recordings of form 1: each tells everything by itself, the suite's part as JSON in its comment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.contract import Cell
from contract_tests.traffic.exchange import Exchange, Unheard
from contract_tests.traffic.har import values
from contract_tests.traffic.inputs import parse_json
from contract_tests.traffic.messages import Request, Response, body_from_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.traffic.messages import Headers

Gathered = dict[str, tuple[str, list[Exchange], list[dict[str, Any]]]]
"""Plays by name: the lane of each, its exchanges, and notes."""


def read_entries(entries: Iterable[dict[str, Any]]) -> Gathered:
    """The plays of a recording.

    Raises:
        ValueError, LookupError, TypeError and their like: it is not what this suite wrote.
    """
    gathered: Gathered = {}
    for entry in entries:
        told = parse_json(entry["comment"])
        _, exchanges, notes = gathered.setdefault(values.text(told["play"]), (values.text(told["lane"]), [], []))
        exchanges.append(_exchange(entry, told))
        if "note" in told:
            notes.append(told["note"])
    return gathered


def _exchange(entry: dict[str, Any], told: dict[str, Any]) -> Exchange:
    sent, answer = entry["request"], entry["response"]
    posted, content = sent.get("postData"), answer["content"]
    return Exchange(
        Request(
            values.text(sent["method"]),
            values.text(sent["url"]),
            _pairs(sent["headers"]),
            b"" if posted is None else body_from_data({posted.get("comment") or "text": posted["text"]}),
        ),
        None
        if answer["status"] == 0 and told["failure"] is not None
        else Response(
            values.status(answer["status"]),
            _pairs(answer["headers"]),
            body_from_data({content.get("encoding") or "text": content.get("text", "")}),
        ),
        values.started(entry["startedDateTime"]),
        values.seconds(told["seconds"]),
        values.text_or_none(told["failure"]),
        None if told["cell"] is None else str(Cell.parse(told["cell"])),
        values.text_or_none(told["operation"]),
        values.text(told["id"]),
        values.number(told.get("sequence")),
        values.number(told.get("began")),
        Unheard(told["unheard"]) if told.get("unheard") else None,
        told.get("in_doubt") is True,
    )


def _pairs(records: Iterable[dict[str, str]]) -> Headers:
    return tuple((values.text(record["name"]), values.text(record["value"])) for record in records)
