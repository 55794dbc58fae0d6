"""What comes in over the wire: query, credentials, bodies. Each method is one decision.

What cannot be read is refused here, before the domain is asked anything: the wire knows no sessions. So
malformed JSON is INVALID_REQUEST also for a session that does not exist.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree

from contract_tests.mock.domain import errors
from contract_tests.mock.http.wire import TOKEN_NAME, HttpRefusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.mock.http.operations import Legacy, Operation

XML_TYPES: Final = frozenset({"application/xml", "text/xml"})
FORM_TYPE: Final = "application/x-www-form-urlencoded"
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}")
"""Text that is a number. Longer ones are beyond 64 bits anyhow, and stay the text that is refused later."""


class Reader:
    """Reads requests."""

    # Query

    def query(self, text: str) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return values

    def check_query(self, operation: Operation, query: Mapping[str, list[str]]) -> None:
        """Refuse parameters that the operation does not have, or has once.

        Raises:
            ApiError: INVALID_ARGUMENT.
        """
        known = operation.query | operation.lists
        if operation.action is not None:
            known |= {operation.idiom.action}
        for name, values in query.items():
            if name not in known:
                raise errors.unsupported_property(name)
            if len(values) > 1 and name not in operation.lists:
                raise errors.invalid_argument(f"The parameter {name} is there more than once.", argument=name)

    # Credentials

    def token(self, headers: Mapping[str, str]) -> str | None:
        """The token: of the cookie, or else of the header, as the runtime of real servers looks for it."""
        return self.cookie(headers) or headers.get(TOKEN_NAME)

    def cookie(self, headers: Mapping[str, str]) -> str | None:
        for pair in headers.get("cookie", "").split(";"):
            name, _, value = pair.partition("=")
            if name.strip() == TOKEN_NAME:
                return value.strip().strip('"')
        return None

    def wants_cookie(self, headers: Mapping[str, str]) -> bool:
        """Whether a login gives its token as a cookie, too: a client may say that it sends the header."""
        return headers.get("vmware-use-header-authn", "").lower() != "true"

    def credentials(self, headers: Mapping[str, str]) -> tuple[str, str]:
        """Name and password of Basic authentication.

        Raises:
            ApiError: UNAUTHENTICATED, if there are none.
        """
        scheme, _, encoded = headers.get("authorization", "").partition(" ")
        try:
            text = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise errors.unauthenticated() from None
        name, colon, password = text.partition(":")
        if scheme.lower() != "basic" or not colon:
            raise errors.unauthenticated()
        return name, password

    # Bodies

    def body(self, operation: Operation, headers: Mapping[str, str], content: bytes) -> Any:
        """The value that the body stands for; None if there is no body.

        Raises:
            ApiError: INVALID_REQUEST; HttpRefusal: 415.
        """
        if not content:
            return None
        media, charset = self.content_type(headers)
        if media == "application/json" and charset in {"", "utf-8", "utf8"}:
            return self.json(content)
        if operation.legacy is not None:
            if media in XML_TYPES:
                return self.xml(operation.legacy, content)
            if media == FORM_TYPE:
                return self.form(operation.legacy, content)
        raise HttpRefusal(
            415,
            "unsupportedMediaType",
            f"The content type {media} is not supported.",
        )

    def content_type(self, headers: Mapping[str, str]) -> tuple[str, str]:
        """Media type and charset, both in lower case; a body without Content-Type is taken for JSON."""
        media, *parameters = headers.get("content-type", "application/json").lower().split(";")
        for parameter in parameters:
            name, _, value = parameter.strip().partition("=")
            if name == "charset":
                return media.strip(), value.strip('" ')
        return media.strip(), ""

    def json(self, content: bytes) -> Any:
        """The JSON value, read strictly.

        Refused are, with INVALID_REQUEST: what is not UTF-8 or not JSON, NaN and the infinities, numbers that
        no double holds, members that are there twice, half characters, and nesting that nobody needs.
        """
        try:
            value = json.loads(
                content.decode(),
                object_pairs_hook=_members,
                parse_constant=_no_constant,
                parse_float=_finite,
            )
            if b"\\u" in content:
                json.dumps(value, ensure_ascii=False).encode()
        except RecursionError:
            raise errors.invalid_request("The body is nested too deeply.") from None
        except ValueError as problem:
            raise errors.invalid_request(f"The body is no JSON that can be read: {problem}") from None
        return value

    def xml(self, legacy: Legacy, content: bytes) -> dict[str, Any]:
        """The members of an XML body. No document type, no entities, nothing from outside is ever read."""
        try:
            root = ElementTree.fromstring(content, forbid_dtd=True)
        except (ParseError, ValueError, LookupError):
            # LookupError is an encoding that Python does not know.
            raise errors.invalid_request("The body is no XML that can be read.") from None
        if root.tag not in {legacy.root, f"{{{legacy.namespace}}}{legacy.root}"}:
            raise errors.invalid_request(f"The root of the body is not {legacy.root}.")
        prefix = f"{{{legacy.namespace}}}"
        pairs = []
        for element in root:
            if len(element):
                raise errors.invalid_request("The members of the body have no elements of their own.")
            pairs.append((str(element.tag).removeprefix(prefix), (element.text or "").strip()))
        return self.members(legacy, pairs)

    def form(self, legacy: Legacy, content: bytes) -> dict[str, Any]:
        """The members of a form body."""
        try:
            pairs = parse_qsl(content.decode(), keep_blank_values=True, errors="strict")
        except ValueError:
            raise errors.invalid_request("The body is no form that can be read.") from None
        return self.members(legacy, pairs)

    def members(self, legacy: Legacy, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """Text members as values: numbers where numbers belong, if they are any."""
        typed = [
            (name, int(text) if name in legacy.integers and _INTEGER.fullmatch(text) else text) for name, text in pairs
        ]
        try:
            return _members(typed)
        except ValueError as problem:
            raise errors.invalid_request(f"The body cannot be read: {problem}") from None

    def unwrapped(self, operation: Operation, body: Any) -> tuple[Any, Any]:
        """Specification and client token out of a wrapped body.

        A body that is no object is left as it is: the domain refuses it in its turn.

        Raises:
            ApiError: INVALID_ARGUMENT, for members beside the two.
        """
        if operation.spec is None or not operation.idiom.wraps or not isinstance(body, dict):
            return body, None
        strangers = sorted(body.keys() - {operation.spec, "client_token"})
        if strangers:
            raise errors.invalid_argument(
                f"The body has a member {operation.spec}, and none called {strangers[0]}.",
                argument=strangers[0],
            )
        return body.get(operation.spec), body.get("client_token")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number
