"""Servers that store a wrong progress, or take for progress what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.faults.fault import Decision, fault, reader, sessions, views
from contract_tests.faults.keep_alive import DOWNLOAD_CELLS, UPDATE_CELLS
from contract_tests.mock import Parts
from contract_tests.mock.domain.errors import ApiError, Message
from contract_tests.mock.domain.model import RULES, SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.transfers import Downloads, Uploads
from contract_tests.mock.http.reader import Reader
from contract_tests.mock.http.wire import HttpRefusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contract_tests.mock.domain.content import Content
    from contract_tests.mock.http.operations import Operation

INT64 = 2**64

STORING = ("keep-alive.progress-member-name",)
"""What is played for a server that stores wrongly: the random walks would take their time to shrink."""


def lenient_about(*kinds: type) -> Decision:
    """A `body_problems` that lets a progress of these JSON types pass."""

    def body_problems(self: Sessions, session: SessionRecord, body: Any) -> list[str]:
        value = body.get(session.rules.progress_member) if isinstance(body, dict) else None
        return [] if type(value) in kinds else Sessions.body_problems(self, session, body)

    return body_problems


def reset_by_null(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    if isinstance(body, dict) and body and None in body.values():
        session.client_progress = 0
    return Sessions.requested_progress(self, session, body)


def reset_by_empty_object(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    if body == {}:
        session.client_progress = 0
    return Sessions.requested_progress(self, session, body)


def done_at_hundred(self: Sessions, session: SessionRecord, value: int | None) -> int:
    if value == 100:
        self.end(session, State.DONE)
    return Sessions.stored_progress(self, session, value)


def either_member(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    own = session.rules.progress_member
    names = {rules.progress_member for rules in RULES.values()}
    if isinstance(body, dict):
        body = {own if name in names else name: value for name, value in body.items()}
    return Sessions.requested_progress(self, session, body)


def refusing_with(status: int, is_bad: Callable[[SessionRecord, int], bool]) -> Decision:
    """A `check_progress` that refuses a bad progress, and no other, with this status."""

    def check_progress(_: Sessions, session: SessionRecord, value: int) -> None:
        if is_bad(session, value):
            raise HttpRefusal(status, "progress", "No such progress.")

    return check_progress


def member_of_downloads(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    if isinstance(body, dict) and session.rules.progress_member != "progress":
        value = body.get("progress")
        body = {} if value is None else {session.rules.progress_member: value}
    return Sessions.requested_progress(self, session, body)


def crash_if_lower(self: Sessions, session: SessionRecord, value: int) -> bool:
    if value < session.client_progress:
        raise ArithmeticError("a progress that goes down")
    return Sessions.accepts_progress(self, session, value)


def crash_if_equal(self: Sessions, session: SessionRecord, value: int) -> bool:
    if value == session.client_progress:
        raise ZeroDivisionError("no progress at all")
    return Sessions.accepts_progress(self, session, value)


def crash_beyond_int64(self: Sessions, value: float) -> int:
    if not -INT64 // 2 <= value < INT64 // 2:
        raise OverflowError("a number that no database takes")
    return Sessions.as_integer(self, value)


def store_when_refusing(self: Sessions, session: SessionRecord, value: int) -> None:
    try:
        Sessions.check_progress(self, session, value)
    except ApiError:
        session.client_progress = min(max(value, 0), 100)
        raise


def forgetful(self: Sessions, session: SessionRecord, value: int | None) -> int:
    count = self.__dict__.setdefault("without", {})
    count[session.id] = count.get(session.id, 0) + (value is None)
    return 0 if value is None and count[session.id] == 2 else Sessions.stored_progress(self, session, value)


def refuse_hundred(self: Sessions, value: int) -> bool:
    return value < 100 and Sessions.is_within_limits(self, value)


def wrapped_around(_: Sessions, value: float) -> int:
    return (int(value) + INT64 // 2) % INT64 - INT64 // 2


def misread_if_float(self: Sessions, session: SessionRecord, body: Any) -> int | None:
    value = body.get(session.rules.progress_member) if isinstance(body, dict) else None
    whole = isinstance(value, float) and value.is_integer()
    return 77 if whole else Sessions.requested_progress(self, session, body)


def no_charset(self: Reader, operation: Operation, headers: Mapping[str, str], content: bytes) -> Any:
    if content and "charset" in headers.get("content-type", "").lower() and "json" in self.content_type(headers)[0]:
        raise HttpRefusal(415, "media", "The media type is application/json.")
    return Reader.body(self, operation, headers, content)


CLIENTS: Final = "model.progress-is-the-clients"


def ending(state: State, progress: int) -> Decision:
    """An `end` in this state that sets the progress."""

    def end(self: Sessions, session: SessionRecord, to: State, error: Message | None = None) -> None:
        Sessions.end(self, session, to, error)
        if to is state:
            session.client_progress = progress

    return end


class CountsWhatItReceives(Uploads):
    """Moves the progress with each file that has come."""

    def receive(self, key: str, name: str, content: Content) -> None:
        super().receive(key, name, content)
        session = self.sessions.by_id[self._sessions_by_key[key][0]]
        session.client_progress = max(session.client_progress, 50)


class CountsWhatItSends(Downloads):
    """Moves the progress with each file that has gone."""

    def send(self, key: str, name: str) -> Content:
        content = super().send(key, name)
        session = self.sessions.by_id[self._sessions_by_key[key][0]]
        session.client_progress = max(session.client_progress, 50)
        return content


FAULTS: Final = [
    fault(
        "60.0 is stored as 77",
        sessions(requested_progress=misread_if_float),
        "keep-alive.progress-never-goes-down",
    ),
    fault(
        "a lower progress is stored",
        sessions(accepts_progress=lambda *_: True),
        "keep-alive.progress-never-goes-down",
        plays=("keep-alive.lower-progress",),
    ),
    fault(
        "a lower progress is refused and stored",
        sessions(check_progress=store_when_refusing),
        "keep-alive.lower-progress",
        "keep-alive.progress-never-goes-down",
        plays=("keep-alive.lower-progress",),
        tolerated=("keep-alive.stores-progress", "keep-alive.refused-changes-nothing"),
    ),
    fault(
        "a lower progress crashes the server",
        sessions(accepts_progress=crash_if_lower),
        "keep-alive.lower-progress",
        "errors.no-server-error",
        plays=("keep-alive.lower-progress",),
    ),
    fault(
        "an equal progress crashes the server",
        sessions(accepts_progress=crash_if_equal),
        "keep-alive.equal-progress",
        "errors.no-server-error",
        plays=("keep-alive.equal-progress",),
    ),
    fault(
        "an equal progress resets it",
        sessions(
            stored_progress=lambda self, session, value: (
                0 if value == session.client_progress else Sessions.stored_progress(self, session, value)
            )
        ),
        "keep-alive.equal-progress",
    ),
    fault(
        "no progress resets it",
        sessions(stored_progress=lambda _, __, value: value or 0),
        "keep-alive.unspecified-progress-unchanged",
        "keep-alive.null-progress",
        tolerated=("keep-alive.other-service-member",),
    ),
    fault(
        "a null progress resets it",
        sessions(requested_progress=reset_by_null),
        "keep-alive.null-progress",
    ),
    fault(
        "an empty object resets the progress",
        sessions(requested_progress=reset_by_empty_object),
        "keep-alive.unspecified-progress-unchanged",
    ),
    fault(
        "no progress is stored",
        sessions(stored_progress=lambda _, session, __: session.client_progress),
        "keep-alive.stores-progress",
        "keep-alive.progress-member-name",
        plays=STORING,
    ),
    fault(
        "the progress is one less",
        sessions(stored_progress=lambda _, session, value: session.client_progress if not value else value - 1),
        "keep-alive.stores-progress",
        "keep-alive.progress-member-name",
        plays=STORING,
    ),
    fault(
        "the progress is shown as a string",
        views(client_progress=lambda _, session: str(session.client_progress)),
        "model.progress-present",
        blocked=("keep-alive.stores-progress", "keep-alive.progress-member-name"),
        plays=(*STORING, "model.progress-present"),
    ),
    fault(
        "the progress stops at 99",
        sessions(stored_progress=lambda self, session, value: min(Sessions.stored_progress(self, session, value), 99)),
        "keep-alive.accepts-100",
        "keep-alive.stores-progress",
        "keep-alive.progress-member-name",
        plays=(*STORING, "keep-alive.accepts-100"),
    ),
    fault(
        "a hundred is refused",
        sessions(is_within_limits=refuse_hundred),
        "keep-alive.accepts-100",
        "keep-alive.stores-progress",
        "keep-alive.progress-member-name",
        plays=(*STORING, "keep-alive.accepts-100"),
    ),
    fault(
        "a hundred completes the session",
        sessions(stored_progress=done_at_hundred),
        "keep-alive.hundred-does-not-end-session",
    ),
    fault(
        "a progress above 100 is stored",
        sessions(is_within_limits=lambda _, value: value >= 0),
        "keep-alive.above-100",
        "model.progress-range",
        plays=("keep-alive.above-100",),
    ),
    fault(
        "JSON that names its charset is not understood",
        reader(body=no_charset),
        "keep-alive.stores-progress",
    ),
    fault(
        "a progress is cut to 32 bits",
        sessions(
            is_within_limits=lambda _, value: 0 <= value % 2**32 <= 100,
            stored_progress=lambda _, session, value: session.client_progress if value is None else value % 2**32,
        ),
        "keep-alive.above-100",
    ),
    fault(
        "a negative progress is stored",
        sessions(
            is_within_limits=lambda _, value: value <= 100,
            accepts_progress=lambda _, session, value: value < 0 or value >= session.client_progress,
        ),
        "keep-alive.negative-progress",
        "model.progress-not-negative",
        plays=("keep-alive.negative-progress",),
    ),
    fault(
        "a progress that is no greater is refused with 404",
        sessions(check_progress=refusing_with(404, lambda session, value: value <= session.client_progress)),
        "keep-alive.lower-progress",
        "keep-alive.equal-progress",
        tolerated=("keep-alive.negative-progress",),
    ),
    fault(
        "a progress out of range is refused with 404",
        sessions(check_progress=refusing_with(404, lambda _, value: not 0 <= value <= 100)),
        "keep-alive.above-100",
        "keep-alive.negative-progress",
    ),
    fault(
        "true is the progress 1",
        sessions(body_problems=lenient_about(bool)),
        "keep-alive.progress-not-an-integer",
        only="true",
    ),
    fault(
        "a fraction is cut off",
        sessions(body_problems=lenient_about(float)),
        "keep-alive.progress-not-an-integer",
        only="40.25",
    ),
    fault(
        "words crash the server",
        sessions(body_problems=lenient_about(str)),
        "keep-alive.progress-not-an-integer",
        "errors.no-server-error",
        plays=("keep-alive.progress-not-an-integer",),
        only="abc",
    ),
    fault(
        "numbers beyond int64 wrap around",
        sessions(body_problems=lenient_about(int), as_integer=wrapped_around),
        "keep-alive.progress-beyond-int64",
    ),
    fault(
        "numbers beyond int64 crash the server",
        sessions(body_problems=lenient_about(int), as_integer=crash_beyond_int64),
        "keep-alive.progress-beyond-int64",
        "errors.no-server-error",
        plays=("keep-alive.progress-beyond-int64",),
    ),
    fault(
        "the second keep-alive without progress resets it",
        sessions(stored_progress=forgetful),
        "keep-alive.progress-never-goes-down",
        tolerated=("keep-alive.stores-progress",),
    ),
    fault(
        "either service's member is taken",
        sessions(requested_progress=either_member),
        "keep-alive.unspecified-progress-unchanged",
        "keep-alive.other-service-member",
    ),
    fault(
        "update sessions take the member of download sessions",
        sessions(requested_progress=member_of_downloads),
        "keep-alive.progress-member-name",
        cells=UPDATE_CELLS,
        tolerated=("keep-alive.stores-progress",),
    ),
    *(
        fault(name, sessions(end=ending(state, progress)), CLIENTS, cells=cells)
        for name, state, progress, cells in (
            ("complete sets the progress to 100", State.DONE, 100, UPDATE_CELLS),
            ("cancel takes the progress back to 0", State.CANCELED, 0, None),
            ("fail takes the progress back to 0", State.ERROR, 0, None),
        )
    ),
    fault("the server counts what it receives", Parts(uploads=CountsWhatItReceives), CLIENTS, cells=UPDATE_CELLS),
    fault("the server counts what it hands out", Parts(downloads=CountsWhatItSends), CLIENTS, cells=DOWNLOAD_CELLS),
]
