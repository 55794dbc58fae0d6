"""The freedoms: what the documents leave open, each as a switch with the choices that are all right.

Sources: d-N, E-N, K-N and the like are the readings and rules of openapi/README.md and openapi/clauses; the first
choice is the default.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ORDERS = (
    "auth-action-id-media-parse-shape-state",
    "auth-media-parse-shape-action-id-state",
    "auth-id-state-action-media-parse-shape",
    "auth-action-media-parse-id-state-shape",
    "auth-action-shape-id-state-media-parse",
    "action-auth-id-state-shape-media-parse",
    "media-auth-action-id-parse-state-shape",
    "auth-state-shape-action-id-media-parse",
)


def _free(*choices: str, why: str, advisory: bool = False, short_of: str = "") -> Any:
    """A freedom; `short_of` is the clause of level `should` that asks for the first choice, if there is one."""
    metadata = {"choices": choices, "why": why, "advisory": advisory, "short_of": short_of}
    return field(default=choices[0], metadata=metadata)


@dataclass(frozen=True)
class Freedoms:
    """One right server: a choice for each freedom."""

    # Errors
    error_type: str = _free(
        "present",
        *("absent", "null", "api-only"),
        why="d-21: it can be missing or null; advisory under /api",
        advisory=True,
    )
    new_types: str = _free(
        "no", "yes", why="newer versions of the enumeration may contain new values; advisory", advisory=True
    )
    error_data: str = _free("absent", "null", "own", why="E4: data is optional, and its structure the operation's own")
    messages: str = _free("one", "two", why="E3: one or more, the later ones are causes")
    params: str = _free("absent", "filled", "null", "empty", "array", why="E7, d-17: optional; arrays under /rest only")
    localized: str = _free("absent", "string", "null", why="E8: optional; null is the same as left out")
    args: str = _free("empty", "filled", why="E2: empty if there are none")
    rest_errors: str = _free(
        "wrapped", "bare", why="E6: no page shows an error under /rest; should", short_of="errors.rest-wrapping"
    )
    error_members: str = _free("known", "more", why="objects are open")
    challenge: str = _free("absent", "present", "null", why="b.5: optional with UNAUTHENTICATED")
    # Statuses
    busy_status: str = _free("400", "500", why="d-14: both are documented")
    malformed_status: str = _free("400", "415", "422", why="K23: 400, 415 or 422")
    malformed_type: str = _free("INVALID_REQUEST", "INVALID_ARGUMENT", why="K23: no document names the type")
    progress_status: str = _free("400", "422", why="K17 to K22, d-8: a 4xx status")
    object_status: str = _free("400", "422", "415", why="K24: 400, 415 or 422")
    unknown_member_type: str = _free("INVALID_ARGUMENT", "UNEXPECTED_INPUT", why="d-6 names both with 400")
    unknown_action: str = _free("400", "404", "404-operation", why="R7: 400 or 404")
    missing_action: str = _free("400", "404", "405", why="R8: no success")
    method_status: str = _free("405", "404", why="R12: no success")
    route_type: str = _free("NOT_FOUND", "OPERATION_NOT_FOUND", why="a.3: both belong to 404")
    route_auth: str = _free("after", "before", why="a.4: 404 without a token was seen for unknown addresses")
    media: str = _free("415", "400", "ignored", why="d-5: JSON only in newer servers; nobody says how strictly")
    no_media: str = _free("json", "415", why="a body without a Content-Type: RFC 9110 8.3 lets the server guess")
    # How answers are written
    charset: str = _free("none", "lower", "upper", "spaced", why="RFC 9110 8.3.1: parameters and their case are free")
    json_style: str = _free("compact", "pretty", "newline", "spaced", why="RFC 8259: white space is free")
    json_ascii: str = _free("escaped", "raw", why="RFC 8259: escapes are free")
    json_order: str = _free("natural", "sorted", "reversed", why="RFC 8259: members have no order")
    framing: str = _free("length", "chunked", "close", why="RFC 9112: all delimit a body")
    connection: str = _free("keep", "close", why="RFC 9112: a server may close after any answer")
    header_case: str = _free("title", "lower", "upper", why="RFC 9110 5.1: names have no case")
    more_headers: str = _free("none", "gateway", "cookie", why="a gateway adds its own")
    void_headers: str = _free("none", "type", "length", why="K4: no Content-Length other than 0")
    reason: str = _free("usual", "empty", "odd", why="RFC 9112 4: clients ignore it")
    # Models
    id_shown: str = _free("no", "yes", why="d-10: old samples show it; advisory", advisory=True)
    null_members: str = _free("absent", "null", why="null is the same as left out, when read")
    model_members: str = _free("known", "more", why="objects are open")
    fraction: str = _free("3", "0", "1", "2", "6", "9", why="M7: RFC 3339 leaves the digits open")
    zone: str = _free("Z", "+00:00", why="M7: RFC 3339, in UTC")
    ids: str = _free("colon", "uuid", "short", "counted", "pchars", "long", why="d-3: opaque texts")
    version_form: str = _free("number", "text", why="M3: a string")
    warnings_shown: str = _free("yes", "no", why="P2: a server need not show the member")
    preview_shown: str = _free("yes", "no", why="M10: optional even while ACTIVE")
    list_order: str = _free("old-first", "new-first", why="M14: no order is documented")
    # Progress
    lower: str = _free("ignored", "refused", why="d-8")
    equal: str = _free("accepted", "refused", why="d-8")
    above: str = _free("refused", "ignored", "clamped", why="d-8, K19: what it was, or 100")
    negative: str = _free("refused", "ignored", why="d-8, K20")
    integral: str = _free("accepted", "refused", why="d-8: 1.0 is accepted by runtimes; JSON Schema counts it")
    digits: str = _free("refused", "accepted", why="d-8: the runtimes coerce a string of digits")
    null_body: str = _free("accepted", "refused", why="d-7")
    unknown_members: str = _free("ignored", "refused", why="d-6: members that keep-alive does not know")
    nulls_known: str = _free("no", "yes", why="d-6: the Go runtime lets an unknown member pass whose value is null")
    # Other bodies
    patch_unused: str = _free("ignored", "refused", why="d-15")
    patch_no_body: str = _free("refused", "accepted", why="d-15")
    patch_null: str = _free("refused", "accepted", why="d-15")
    patch_warning: str = _free("accepted", "refused", why="d-15: the enumeration is open")
    spec_unknown: str = _free("ignored", "refused", why="nothing is said of members that no document has")
    create_unused: str = _free("unread", "checked", why="C7: no effect; of wrong types nothing is said")
    void_bodies: str = _free("unread", "checked", why="a.1: complete, cancel and delete have no body")
    bare_create: str = _free("refused", "accepted", why="6.0 samples; the wrapper of /rest is a secondary source")
    token_form: str = _free("strict", "lax", why="C4: a UUID; RFC 9562 lets readers be liberal")
    token_memory: str = _free("active", "exists", "for-ever", why="how long a client token is remembered")
    token_reuse: str = _free("same", "refused", why="C5 speaks of the same specification only")
    # Life
    expired_as: str = _free("ERROR", "CANCELED", "gone", "EXPIRED", why="d-4; a new state is advisory", advisory=True)
    expired_kept: str = _free("1", "0.1", "5", why="X3: in timeouts; how long is not said")
    expired_listed: str = _free("yes", "no", why="M14: nothing is said")
    lag: str = _free("0", "1", "30", why="X2: expiration_time is the earliest end, and a sweep comes later")
    ended_kept: str = _free("1.2", "5", why="X7: in timeouts; the period is not said")
    reads_extend: str = _free("no", "yes", why="d-9")
    updates_extend: str = _free("no", "yes", why="d-9, P16")
    uploads_extend: str = _free("no", "yes", why="d-9: upload activity")
    empty_complete: str = _free("accepted", "refused", why="whether a session must have files is not said")
    warned_complete: str = _free(
        "refused", "told-later", why="P14: fails the session; how complete answers is not said"
    )
    done_after: str = _free("0", "0.5", "5", why="L1: seconds; of the item alone it is said when")
    links_end: str = _free("yes", "no", why="that links end with their session is advisory", advisory=True)
    preparing: str = _free("at-once", "polled", why="PREPARING is a documented status")
    upload_status: str = _free("200", "201", "204", why="the upload address is the server's own matter")
    fail_empty: str = _free("accepted", "refused", why="L6: an empty message is a message, or none")
    fail_told: str = _free("yes", "no", why="whether the client's message comes back is not said")
    delete_status: str = _free("200", "204", why="d-18, under /rest")
    foreign: str = _free("served", "hidden", why="d-32: cross-user access is not spelled out; never 403")
    # Addresses
    slash: str = _free("refused", "accepted", why="a slash at the end is another address, or the same")
    portal_path: str = _free("refused", "accepted", why="d-1")
    other_action: str = _free("refused", "accepted", why="d-2: the other dialect's name of the action")
    query: str = _free("ignored", "refused", why="ansible 532 shows a 400; nobody promises it")
    twice: str = _free("refused", "first", why="an action given twice")
    head: str = _free("405", "as-get", why="RFC 9110 9.3.2")
    options: str = _free("405", "204", why="RFC 9110 9.3.7")
    legacy_address: str = _free("404", "400", "accepted", why="d-5: the id in the body, 6.0")
    legacy_form: str = _free("refused", "accepted", why="d-5: forms and XML, 6.0")
    large: str = _free("served", "413", why="RFC 9110 15.5.14")
    duplicate_keys: str = _free("last", "refused", "first", why="RFC 8259 4: unpredictable")
    encodings: str = _free("utf-8", "any", why="RFC 8259 8.1; a reader may be liberal")
    accept: str = _free("ignored", "406", why="RFC 9110 12.5.1: both are allowed")
    unchallenged: str = _free("header", "none", why="RFC 9110 asks for WWW-Authenticate; real servers lack it")
    order: str = _free(*ORDERS, why="when two things are wrong, either refusal is right")


@dataclass(frozen=True)
class Switch:
    """One freedom used: its name, and one of its choices."""

    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


def switches(*, advisory: bool = True) -> Iterator[Switch]:
    """All choices that are no default."""
    for one in fields(Freedoms):
        for value in one.metadata["choices"][1:]:
            if advisory or not one.metadata["advisory"]:
                yield Switch(one.name, value)


def chosen(words: Iterable[str]) -> Freedoms:
    """The freedoms that `NAME=VALUE` words choose; a NAME alone is its second choice.

    Raises:
        ValueError: there is no such freedom, or it has no such choice.
    """
    known = {one.name: one.metadata["choices"] for one in fields(Freedoms)}
    picked = {}
    for word in words:
        name, _, value = word.partition("=")
        if name not in known:
            raise ValueError(f"there is no switch {name}; there are {', '.join(known)}")
        value = value or known[name][1]
        if value not in known[name] and not (name == "order" and sorted(value.split("-")) == sorted(_STEPS)):
            raise ValueError(f"{name} has no choice {value}; it has {', '.join(known[name])}")
        picked[name] = value
    return replace(Freedoms(), **picked)


_STEPS = ORDERS[0].split("-")


def is_advisory(name: str) -> bool:
    """Whether a server that uses this freedom may be advised, though not accused."""
    return any(one.name == name and one.metadata["advisory"] for one in fields(Freedoms))


def recommendations_left_out(chosen: Iterable[Switch]) -> set[str]:
    """The clauses of level `should` that a server breaks which uses these freedoms; it keeps every promise."""
    names = {one.name for one in chosen}
    return {one.metadata["short_of"] for one in fields(Freedoms) if one.name in names} - {""}
