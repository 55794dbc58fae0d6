"""A request, parsed once from its bytes: what it asks for, and what it really carried, whoever made it."""

from __future__ import annotations

import html
import json
import re
import uuid
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from math import isinf
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from contract_tests.contract import Cell
from contract_tests.contract.dialects import ACTION_PARAMETERS, CONVENTIONS
from contract_tests.rules.checks.memo import by_exchange

if TYPE_CHECKING:
    from contract_tests.contract import Dialect
    from contract_tests.contract.dialects import Conventions
    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.messages import Request

INT64: Final = range(-(2**63), 2**63)
_NUMBER: Final = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_PRINTED_XML: Final = re.compile(
    r'<\?xml version="1\.0" ?\?>\s*<ns0:KeepAlive-Input'
    r' xmlns:ns0="http://vmware\.com/content/library/item/(?:update|download)_session"'
    r' xmlns:xsi="http://www\.w3\.org/2001/XMLSchema-instance">((?:\s*<(\w+)>[^<]*</\2>)*)\s*</ns0:KeepAlive-Input>'
)
_FORM_SIGN: Final = r"(?:[\w:.~!$'()*,@/?-]|%(?:2[0-9A-F]|3[A-F]|40|[57][B-F]|[56]0|[89A-F][0-9A-F]))"
"""A sign of a value: as it is if a form gives it no meaning, else encoded, as a letter or a digit never is."""
_PRINTED_FORM: Final = re.compile(rf"&?\w+={_FORM_SIGN}+(?:&\w+={_FORM_SIGN}+)*")
_DOCUMENTED: Final = frozenset(
    {"keep-alive", "complete", "cancel", "fail", "create", "get", "list", "delete", "update"}
)
"""Actions that some version of the documents has on these paths: sending one is another operation, no mistake."""


class Unreadable(Enum):
    """Stands for a body that is no JSON."""

    UNREADABLE = "unreadable"


UNREADABLE: Final = Unreadable.UNREADABLE


class Action(Enum):
    """Whether a request names its action as the documents have it."""

    RIGHT = "right"
    MISSING = "missing"
    UNKNOWN = "unknown"
    """One that no document names."""
    OTHER = "other"
    """Something that documents leave open: another operation's, twice, the other dialect's spelling."""


class Kind(Enum):
    """What the progress member of a keep-alive holds."""

    ABSENT = "absent"
    NULL = "null"
    INTEGER = "integer"
    BEYOND = "an integer that 64 bits do not hold"
    EITHER = "480.0 or a text that spells a number: a server may take it for an integer or refuse it"
    WRONG = "no integer"


@dataclass(frozen=True)
class ParsedRequest:
    """A request, read."""

    dialect: Dialect
    request: Request

    @staticmethod
    def of(exchange: Exchange) -> ParsedRequest:
        return _parsed(exchange)

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        return tuple(parse_qsl(urlsplit(self.request.url).query, keep_blank_values=True))

    def values(self, name: str) -> list[str]:
        """The values of one query parameter."""
        return [value for key, value in self.query if key == name]

    def only_asks(self, *names: str) -> bool:
        """Whether the query has these parameters at most, each once: what else is there a server may refuse."""
        keys = [key for key, _ in self.query]
        return set(keys) <= set(names) and len(keys) == len(set(keys))

    @property
    def conventions(self) -> Conventions:
        return CONVENTIONS[self.dialect]

    @property
    def action_name(self) -> str:
        return self.conventions.action

    def action(self, right: str) -> Action:
        """How the request names its action, `right` being the one it should."""
        values = self.values(self.action_name)
        if values == [right] and self.only_asks(self.action_name):
            return Action.RIGHT
        if len(values) > 1 or any(key in ACTION_PARAMETERS - {self.action_name} for key, _ in self.query):
            return Action.OTHER
        if not any(values):
            return Action.MISSING
        if values == ["complete"] and "/download-session/" in urlsplit(self.request.url).path:
            return Action.UNKNOWN  # only an upload is completed
        # Whether an action is spelled with capitals, no document says.
        return Action.OTHER if values[0].lower() in _DOCUMENTED else Action.UNKNOWN

    @property
    def is_spelled_as_in_6_0(self) -> bool:
        """Whether the collection of sessions is told what to do by an action, which later pages do not have."""
        at_collection = urlsplit(self.request.url).path.endswith("-session")
        return self.conventions.acts_on_collection and at_collection and bool(self.values(self.action_name))

    @property
    def media(self) -> str:
        """`json`, `xml`, `form`, `other`; empty if there is no body."""
        if not self.request.body:
            return ""
        media = (self.request.header("content-type") or "").split(";")[0].strip().lower()
        known = {"application/json": "json", "application/xml": "xml", "application/x-www-form-urlencoded": "form"}
        return known.get(media, "other")

    @cached_property
    def value(self) -> Any:
        """The body as JSON: None for `null` and for no body, UNREADABLE for what is none."""
        if not self.request.body:
            return None
        try:
            return json.loads(self.request.body.decode(), parse_constant=_refuse)
        except (ValueError, RecursionError):
            return UNREADABLE

    @cached_property
    def printed(self) -> dict[str, str] | None:
        """The members of a body that is written as the pages of 6.0 print theirs, XML or form; None if it is not."""
        text = self.request.body.decode(errors="replace")
        if self.media == "xml" and (found := _PRINTED_XML.fullmatch(text)):
            pairs = [(name, html.unescape(value)) for name, value in re.findall(r"<(\w+)>([^<]*)</", found[1])]
        elif self.media == "form" and _PRINTED_FORM.fullmatch(text):
            pairs = parse_qsl(text)
        else:
            return None
        return dict(pairs) if len(pairs) == len(dict(pairs)) else None

    def legacy_number(self, member: str) -> int | None:
        """The number that an XML or form body gives for a member, if it is plain to see."""
        text = self.request.body.decode(errors="replace")
        number = r"(\d{1,3})"
        pattern = f"<{member}>{number}</{member}>" if self.media == "xml" else f"(?:^|&){member}={number}(?=&|$)"
        found = re.findall(pattern, text)
        return int(found[0]) if len(found) == 1 else None


@by_exchange
def _parsed(exchange: Exchange) -> ParsedRequest:
    return ParsedRequest(Cell.parse(exchange.cell or "").dialect, exchange.request)


def kind_of(value: Any) -> Kind:
    """What a progress that was given is; `Kind.ABSENT` is for who finds none."""
    if value is None:
        return Kind.NULL
    if isinstance(value, str):
        return Kind.EITHER if _NUMBER.fullmatch(value) else Kind.WRONG
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Kind.WRONG
    if isinstance(value, float) and not isinf(value) and not value.is_integer():
        return Kind.WRONG
    fits = not isinf(value) and int(value) in INT64
    right = Kind.EITHER if isinstance(value, float) else Kind.INTEGER
    return right if fits else Kind.BEYOND


def spelled(value: str | float) -> int | None:
    """The integer that a value spells in another way: 60 for `"60"`, `60.0` and `6e1`; None where that is not sure."""
    number = float(value)
    return int(number) if number.is_integer() and abs(number) <= 2**53 else None


def is_uuid(value: Any) -> bool:
    """Whether a value is a UUID in any form that a lenient server might take."""
    if not isinstance(value, str):
        return False
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(name)
