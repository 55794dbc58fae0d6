"""Servers that mean well: what is odd they repair, or take for something else, or stumble over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from contract_tests.contract import CELLS, Service
from contract_tests.faults.fault import reader, sessions
from contract_tests.faults.fuzzed.played import PlayedFault
from contract_tests.mock.domain.errors import ApiError
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.http.operations import Success
from contract_tests.mock.http.reader import Reader

if TYPE_CHECKING:
    from contract_tests.mock.domain.model import SessionRecord
    from contract_tests.mock.http.operations import Operation


def lenient_json(self: Reader, content: bytes) -> Any:
    """Takes what Python's reader takes, and NaN for nothing."""
    try:
        return json.loads(content, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return Reader.json(self, content)


def first_object(self: Reader, content: bytes) -> Any:
    """Reads the first value and does not look further."""
    try:
        return json.JSONDecoder().raw_decode(content.decode())[0]
    except (ValueError, RecursionError):
        return Reader.json(self, content)


def deep_crash(self: Reader, content: bytes) -> Any:
    if content.count(b"[") > 1000:
        raise RecursionError
    return Reader.json(self, content)


def cut_at_nul(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    return Sessions.find(self, service, session_id.partition("\x00")[0])


def decoded_twice(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    return Sessions.find(self, service, unquote(session_id))


def dropped_after_mark(self: Reader, content: bytes) -> Any:
    """What begins with a byte order mark is taken for an empty object."""
    return {} if content.startswith(b"\xef\xbb\xbf") else Reader.json(self, content)


def progress_of_any_type(self: Reader, operation: Operation, headers: Any, content: bytes) -> Any:
    """What is sent as another type is answered with success, and dropped."""
    if content and headers.get("content-type", "").startswith("text/plain"):
        return None
    return Reader.body(self, operation, headers, content)


def as_double(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    """Numbers of any size are cut to what is allowed, before anybody looks."""
    if isinstance(body, dict):
        body = {
            name: min(value, 100) if isinstance(value, int | float) and not isinstance(value, bool) else value
            for name, value in body.items()
        }
    return Sessions.requested_progress(self, session, body)


def stored_too_soon(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    """Stores the progress, and then looks whether there is anything else in the body."""
    value = body.get(session.rules.progress_member) if isinstance(body, dict) else None
    if type(value) is int and session.client_progress < value <= 100:
        session.client_progress = value
    return Sessions.requested_progress(self, session, body)


def crash_on_odd_text(self: Reader, content: bytes) -> Any:
    content.decode()  # what is no UTF-8 ends in an error of the server
    return Reader.json(self, content)


def void_unless_it_is_json(self: Reader, operation: Operation, headers: Any, content: bytes) -> Any:
    """What can't be read is taken for nothing at all by an update, and for some message by fail."""
    try:
        return Reader.body(self, operation, headers, content)
    except ApiError:
        if operation.method == "PATCH":
            return {} if operation.spec is None else {operation.spec: {}}
        if operation.action == "fail":
            return {"client_error_message": content.decode(errors="replace") or "none"}
        raise


def creation_stumbles(self: Reader, operation: Operation, headers: Any, content: bytes) -> Any:
    if operation.success is Success.CREATED and b"NaN" in content:
        raise RecursionError
    return Reader.body(self, operation, headers, content)


def moved_before_it_is_refused(self: Sessions, session_id: str, spec: Any) -> None:
    """An update that is refused for its list has moved the session's progress by then."""
    if isinstance(spec, dict) and not isinstance(spec.get("warning_behavior"), list | None):
        self.find(Service.UPDATE, session_id).client_progress = 1
    Sessions.update(self, session_id, spec)


HOSTILE_FAULTS: Final = [
    PlayedFault(
        "a lower progress is stored, however it is written",
        sessions(accepts_progress=lambda *_: True),
        "hostile/test_hostile.py::test_hostile_bodies",
        "keep-alive.progress-never-goes-down",
    ),
    PlayedFault(
        "a specification that can't be read is an empty one",
        reader(body=void_unless_it_is_json),
        "hostile/test_hostile.py::test_hostile_bodies_of_an_update",
        "update.invalid-specification",
        cells=(CELLS[0], CELLS[2]),
    ),
    PlayedFault(
        "a body that can't be read is a message",
        reader(body=void_unless_it_is_json),
        "hostile/test_hostile.py::test_hostile_bodies_of_fail",
        "life-cycle.fail-needs-message",
    ),
    PlayedFault(
        "creation stumbles over NaN",
        reader(body=creation_stumbles),
        "hostile/test_hostile.py::test_hostile_bodies_of_create",
        "errors.no-server-error",
    ),
    PlayedFault(
        "an update that is refused leaves a progress behind",
        sessions(update=moved_before_it_is_refused),
        "hostile/test_hostile.py::test_hostile_bodies_of_an_update",
        "update.invalid-specification",
        cells=(CELLS[0], CELLS[2]),
    ),
    PlayedFault(
        "NaN is a number",
        reader(json=lenient_json),
        "hostile/test_hostile.py",
        "keep-alive.malformed-json",
        also=("update.invalid-specification",),
    ),
    PlayedFault(
        "what follows the body is not read",
        reader(json=first_object),
        "hostile/test_hostile.py",
        "keep-alive.malformed-json",
        also=("life-cycle.fail-needs-message", "update.invalid-specification"),
    ),
    PlayedFault(
        "what is nested deeply crashes the server",
        reader(json=deep_crash),
        "hostile/test_hostile.py",
        "errors.no-server-error",
    ),
    PlayedFault("an id ends at a NUL", sessions(find=cut_at_nul), "hostile/test_hostile.py", "keep-alive.unknown-id"),
    PlayedFault(
        "an id is decoded twice", sessions(find=decoded_twice), "hostile/test_hostile.py", "keep-alive.unknown-id"
    ),
    PlayedFault(
        "a body with a byte order mark is dropped",
        reader(json=dropped_after_mark),
        "hostile/test_hostile.py",
        "keep-alive.stores-progress",
    ),
    PlayedFault(
        "plain text is taken, and dropped",
        reader(body=progress_of_any_type),
        "hostile/test_hostile.py",
        "keep-alive.stores-progress",
    ),
    PlayedFault(
        "numbers of any size are cut",
        sessions(requested_progress=as_double),
        "hostile/test_hostile.py",
        "keep-alive.progress-beyond-int64",
    ),
    PlayedFault(
        "what is no UTF-8 crashes the server",
        reader(json=crash_on_odd_text),
        "hostile/test_hostile.py",
        "errors.no-server-error",
    ),
    PlayedFault(
        "a refused body leaves its progress behind",
        sessions(requested_progress=stored_too_soon),
        "hostile/test_hostile.py",
        "keep-alive.refused-changes-nothing",
    ),
]
