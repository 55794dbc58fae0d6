"""Servers that create, end and fill sessions in their own way, and are right all the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Service
from contract_tests.faults.fault import overriding, sessions, views, wire
from contract_tests.mock import ApiError, ErrorType, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.model import Download, Item, ItemFile, SessionRecord, State, Upload
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.transfers import Downloads, Uploads
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.door import Dispatcher, Incoming
from contract_tests.mock.http.wire import Reply, Wire

from .differences import difference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.mock.domain.content import Content
    from contract_tests.mock.http.idioms import Idiom
    from contract_tests.mock.http.operations import Operation

CONTENT: Final = (
    "create.invisible-until-complete",
    "create.visible-once-completed",
    "create.bound-to-item",
    "create.lease",
    "create.lease-ends",
)


UNTOUCHED: Final = (
    "keep-alive.changes-nothing-else",
    "keep-alive.refused-changes-nothing",
    "life-cycle.delete-active-refused",
    "life-cycle.only-named-session",
    "model.reads-change-nothing",
    "update.changes-nothing-else",
    "update.invalid-specification",
)


class PlainNamesOnly(Uploads):
    """Takes no empty file, and no name that is not plain."""

    def add(self, session_id: str, spec: Any) -> Upload:
        if not spec["name"].replace(".", "").isalnum() or not spec["name"].isascii() or not spec.get("size"):
            raise errors.invalid_argument("No such names.")
        return super().add(session_id, spec)


class PreviewsSlowly(Sessions):
    """Looks into files while it is asked about something else, and anew when it is told which warnings to ignore."""

    def preview_of(self, session: SessionRecord) -> dict[str, Any]:
        asked = self.__dict__.setdefault("asked", Counter())
        asked[session.id] += bool(session.uploads)
        if asked[session.id] < 2:
            return {"state": "UNAVAILABLE"}
        shown = super().preview_of(session)
        return {"state": "AVAILABLE", "warnings": []} | shown if asked[session.id] > 3 else {"state": "PREPARING"}

    def apply_update(self, session: SessionRecord, given: Mapping[str, Any]) -> None:
        super().apply_update(session, given)
        if given.get("warning_behavior") is not None:
            self.__dict__.setdefault("asked", Counter())[session.id] = 2


class TakesNoFiles(Uploads):
    """Has no room."""

    def add(self, session_id: str, spec: Any) -> Upload:
        self.sessions.find(Service.UPDATE, session_id)
        raise errors.refused(ErrorType.UNSUPPORTED, "no_room", f"{spec['name']}: no room.")


class PreparesSlowly(Views):
    """Needs a while to make a file ready."""

    def download(self, file: Download, origin: str) -> dict[str, Any]:
        view = super().download(file, origin)
        asked = self.__dict__.setdefault("asked", {})
        asked[file.key] = asked.get(file.key, 0) + 1
        if file.key is not None and asked[file.key] < 3:
            view["status"] = "PREPARING"
            del view["download_endpoint"]
        return view


LOST: Final = errors.Message("x.y", "The content did not come through.")


class LosesUploads(Uploads):
    """Loses the content of every second file, and finds that out behind the answer: the session fails with it."""

    def receive(self, key: str, name: str, content: Content) -> None:
        super().receive(key, name, content)
        received = self.__dict__.setdefault("received", [])
        received.append(name)
        if len(received) % 2 == 0:
            self.sessions.end(self.sessions.by_id[self._sessions_by_key[key][0]], State.ERROR, LOST)


class LosesDownloads(Downloads):
    """Breaks down with what a session has to give, once it has given some."""

    def send(self, key: str, name: str) -> Content:
        content = super().send(key, name)
        self.sessions.end(self.sessions.by_id[self._sessions_by_key[key][0]], State.ERROR, LOST)
        return content


class CompletesBehindTheAnswer(Sessions):
    """Updates the item at once, and takes a moment to end the session, which is ACTIVE meanwhile."""

    takes = timedelta(seconds=3)

    def complete(self, session_id: str) -> None:
        session = self.find(Service.UPDATE, session_id)
        self.require_active(session, "complete")
        if self.unfinished_files(session):
            super().complete(session_id)
        if self.failure_at_completion(session) is None:
            self.libraries.publish(session.item_id, session.uploads.values(), session.removals)
        self.__dict__.setdefault("under_way", {})[session_id] = self.clock.now() + self.takes

    def find(self, service: Service, session_id: str) -> SessionRecord:
        due = self.__dict__.get("under_way", {})
        if session_id in due and self.clock.now() >= due[session_id]:
            del due[session_id]
            session = super().find(service, session_id)
            failure = self.failure_at_completion(session)
            self.end(session, State.ERROR if failure else State.DONE, failure)
        return super().find(service, session_id)


class CompletesInHalfASecond(CompletesBehindTheAnswer):
    """Refuses meanwhile what is refused to a session that is DONE."""

    takes = timedelta(seconds=0.5)

    def require_active(self, session: SessionRecord, verb: str) -> None:
        super().require_active(session, verb)
        if session.id in self.__dict__.get("under_way", {}):
            busy = errors.Message("x.y", "The session is being completed.")
            raise errors.ApiError(errors.ErrorType.NOT_ALLOWED_IN_CURRENT_STATE, busy)


def cancelled_by_failure(self: Sessions, service: Service, session_id: str, body: Any) -> None:
    session = self.find(service, session_id)
    self.require_active(session, "fail")
    self.client_reason(body)
    self.end(session, State.CANCELED)


def one_version(self: Views, item: Item) -> dict[str, Any]:
    return Views.item(self, item) | {"content_version": "1"}


class TokensOfActiveSessions(Sessions):
    """Remembers a token until its session ends."""

    def end(self, session: SessionRecord, state: State, error: errors.Message | None = None) -> None:
        super().end(session, state, error)
        self.tokens._created = {key: id_ for key, id_ in self.tokens._created.items() if id_ != session.id}


class DownloadsAreActivity(Downloads):
    """Lets a session live on whenever content is fetched."""

    def send(self, key: str, name: str) -> Content:
        content = super().send(key, name)
        session = self.sessions.by_id[self._sessions_by_key[key][0]]
        session.expiration_time = self.sessions.extended_expiration(session)
        return content


def at_another_host(self: Views, origin: str, direction: str, key: str, name: str) -> str:
    return Views.address(self, origin.replace("127.0.0.1", "localhost"), direction, key, name)


def with_less(_: Views, file: ItemFile) -> dict[str, Any]:
    return {"name": file.name, "version": str(file.version), "cached": False, "checksum_info": None}


def found_out_later(self: Views, file: ItemFile) -> dict[str, Any]:
    looked = self.__dict__.setdefault("looked", [])
    looked.append(file.name)
    return Views.item_file(self, file) | {
        "cached": len(looked) % 2 == 0,
        "checksum_info": {"checksum": str(len(looked))},
    }


def busy_with_400(self: Wire, idiom: Idiom, error: ApiError) -> int:
    return 400 if error.error_type == ErrorType.RESOURCE_BUSY else Wire.status_of(self, idiom, error)


def deleted_with_204(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    reply = Dispatcher.perform(self, operation, incoming)
    return Reply(204) if operation.method == "DELETE" else reply


def received_with_201(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    reply = Dispatcher.perform(self, operation, incoming)
    return replace(reply, status=201) if operation.method == "PUT" else reply


def no_empty_sessions(self: Sessions, session: SessionRecord) -> list[errors.Message]:
    if not session.uploads and not session.removals:
        return [errors.Message("x.y", "There is nothing to complete.")]
    return Sessions.unfinished_files(self, session)


def without_warning_behavior(self: Views, session: SessionRecord) -> dict[str, Any]:
    return {name: value for name, value in Views.session(self, session).items() if name != "warning_behavior"}


class ShowsIdAndReads(Views):
    """Shows a session's id, as old servers do, and beside it how many reads there were."""

    def session(self, session: SessionRecord) -> dict[str, Any]:
        self.__dict__["reads"] = self.__dict__.get("reads", 0) + 1
        return super().session(session) | {"id": session.id, "reads": self.__dict__["reads"]}


def cancelled_and_gone(self: Sessions, service: Service, session_id: str) -> None:
    """Cancels a session and deletes it, as pages of 6.5 have it."""
    session = self.find(service, session_id)
    self.require_active(session, "cancel")
    self.forget(session)


LIVES: Final = (
    "expiry.timeout-configurable",
    "expiry.not-before-expiration-time",
    "expiry.never-moves-back",
    "keep-alive.extends-expiration",
    "keep-alive.outlives-timeout",
)

BEFORE_6_7: Final = sessions(cancel=cancelled_and_gone)
"""Only `life-cycle.cancel` may say something of it, and not even that where the server tells its version."""


def used_members_only(self: Sessions, service: Service, spec: Any) -> dict[str, Any]:
    """Refuses a creation with anything in it that it does not use."""
    if unused := set(spec) - {"library_item_id", "warning_behavior"}:
        raise errors.invalid_argument(f"Create does not use {', '.join(sorted(unused))}.")
    return Sessions.checked_creation(self, service, spec)


def gone_when_expired(self: Sessions, session: SessionRecord) -> bool:
    return bool(self.clock.now() > session.expiration_time)


def kept_for_three_lives(self: Sessions, session: SessionRecord) -> bool:
    return bool(self.clock.now() > session.expiration_time + 3 * self.timeout)


EXPIRY: Final = (
    "expiry.not-before-expiration-time",
    "expiry.update-session-deleted",
    "expiry.download-session-ends",
    "expiry.ends-promptly",
    "expiry.expired-refuses-keep-alive",
    "expiry.deleted-in-no-list",
    "expiry.ended-session-deleted",
)


def swept(self: Sessions, session: SessionRecord) -> bool:
    """Sessions are looked at by the clock, twice a minute: at the first time that lies behind the expiration."""
    late = 30 - session.expiration_time.timestamp() % 30
    return session.state is State.ACTIVE and bool(self.clock.now() > session.expiration_time + timedelta(seconds=late))


def kept_when_read(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    session = self.find(service, session_id)
    if self.state_of(session) is State.ACTIVE:
        session.expiration_time = self.extended_expiration(session)
    return session


def without_type(self: Wire, error: ApiError) -> dict[str, Any]:
    return {name: value for name, value in Wire.error_fields(self, error).items() if name != "error_type"}


def without_content_version(self: Views, item: Item) -> dict[str, Any]:
    return {name: value for name, value in Views.item(self, item).items() if name != "content_version"}


DIFFERENCES: Final = [
    difference(
        "no error has a type",
        wire(error_fields=without_type),
        "create.second-active-session",
        advised=("errors.type-present",),
    ),
    difference("RESOURCE_BUSY has 400 everywhere", wire(status_of=busy_with_400), "create.second-active-session"),
    difference(
        "RESOURCE_BUSY is named by the wrapper only",
        wire(
            error_body=lambda self, idiom, error: (
                Wire.error_body(self, idiom, error)
                if not idiom.wraps
                else {
                    "type": f"com.vmware.vapi.std.errors.{error.error_type.lower()}",
                    "value": {"messages": self.error_fields(error)["messages"]},
                }
            )
        ),
        "create.second-active-session",
        "create.missing-item-id",
        "life-cycle.only-active",
    ),
    difference(
        "delete is answered with 204",
        Parts(door=overriding(Dispatcher, perform=deleted_with_204)),
        "life-cycle.delete-download-session",
    ),
    difference(
        "create refuses what it does not use",
        sessions(checked_creation=used_members_only),
        "create.ignored-members",
        "create.returns-id",
        "create.warning-behavior",
        "model.initial-progress",
    ),
    difference("a token is forgotten with its session", Parts(sessions=TokensOfActiveSessions), "create.idempotent"),
    difference(
        "warning_behavior is not shown",
        views(session=without_warning_behavior),
        "create.warning-behavior",
        *UNTOUCHED,
    ),
    difference(
        "a session without files can not be completed",
        sessions(unfinished_files=no_empty_sessions),
        "life-cycle.complete",
        "life-cycle.complete-without-content",
        *CONTENT,
    ),
    difference(
        "a session that a client has failed is CANCELED",
        sessions(fail=cancelled_by_failure),
        "keep-alive.only-active",
        "life-cycle.delete-ended",
        "life-cycle.delete-download-session",
        "life-cycle.fail",
        "life-cycle.fail-shows-error",
        "life-cycle.item-free-after-end",
        "life-cycle.only-active",
        "model.error-message",
        "model.state",
        "update.only-active",
        short_of=("life-cycle.fail-shows-error",),
    ),
    difference(
        "the client's message is not repeated",
        sessions(failure_by_client=lambda *_: errors.Message("x.y", "The client gave up.")),
        "life-cycle.fail",
    ),
    difference(
        "sweeps every 30 s",
        sessions(has_expired=swept),
        *EXPIRY,
        "life-cycle.only-active",
        "life-cycle.item-free-after-end",
        "update.only-active",
        "model.state-values",
        *CONTENT,
    ),
    difference(
        "sweeps every 30 s, and reading is activity",
        sessions(has_expired=swept, get=kept_when_read),
        *EXPIRY,
        "life-cycle.only-active",
    ),
    difference(
        "an expired session is gone at once",
        sessions(is_overdue=gone_when_expired),
        "expiry.download-session-deleted",
        "life-cycle.only-active",
        "life-cycle.delete-download-session",
        "update.only-active",
        *CONTENT,
    ),
    difference(
        "an expired session is kept for three lives",
        sessions(is_overdue=kept_for_three_lives),
        "expiry.download-session-deleted",
        "expiry.update-session-deleted",
        "life-cycle.delete-download-session",
        "update.only-active",
    ),
    difference(
        "reading is activity",
        sessions(get=kept_when_read),
        "create.ignored-members",
        "create.idempotent",
        "create.second-active-session",
        "life-cycle.fail-needs-message",
        "life-cycle.delete-active-refused",
        "life-cycle.only-active",
    ),
    difference(
        "a session shows its id, and what changes by itself",
        Parts(views=ShowsIdAndReads),
        "create.ignored-members",
        "create.idempotent",
        "life-cycle.item-free-after-end",
        "life-cycle.fail-needs-message",
        "life-cycle.only-active",
        "keep-alive.changes-nothing-else",
        "keep-alive.only-named-session",
        "update.empty-object",
    ),
    difference(
        "reading is activity, and a session without files can not be completed",
        sessions(get=kept_when_read, unfinished_files=no_empty_sessions),
        "life-cycle.complete",
    ),
    difference(
        "cancel deletes a session",
        BEFORE_6_7,
        "authentication.token-header",
        "errors.params",
        "expiry.deleted-in-no-list",
        "keep-alive.deleted-id",
        "keep-alive.only-active",
        "life-cycle.item-free-after-end",
        "life-cycle.only-active",
        "life-cycle.unknown-id",
        "model.content-version",
        "model.unknown-id",
        "update.only-active",
        "update.unknown-id",
    ),
    *(
        difference(
            name,
            Parts(sessions=late),
            *CONTENT,
            "create.warning-behavior",
            "expiry.ended-session-deleted",
            "keep-alive.only-active",
            "life-cycle.complete",
            "life-cycle.complete-without-content",
            "life-cycle.delete-ended",
            "life-cycle.item-free-after-end",
            "life-cycle.only-active",
            "model.error-message",
            "model.preview-info",
            "update.only-active",
            "update.raised-warning-fails-complete",
        )
        for name, late in (
            ("an upload completes behind the answer", CompletesBehindTheAnswer),
            ("DONE after half a second", CompletesInHalfASecond),
        )
    ),
    difference(
        "content is lost, and its session fails",
        Parts(uploads=LosesUploads, downloads=LosesDownloads),
        "create.lease",
        "create.warning-behavior",
        "keep-alive.progress-never-goes-down",
        "life-cycle.complete",
        "life-cycle.item-free-after-end",
    ),
    difference("a preview takes its time, and begins anew", Parts(sessions=PreviewsSlowly), *UNTOUCHED),
    difference("no file is taken", Parts(uploads=TakesNoFiles), *UNTOUCHED),
    difference("the content_version of an item stays", views(item=one_version), "model.library-item-id"),
    difference("sessions live four seconds", Parts(), "expiry.default-five-minutes", *LIVES, timeout=4.0),
    difference("odd files are refused", Parts(uploads=PlainNamesOnly), *CONTENT),
    difference("a download takes its time", Parts(views=PreparesSlowly), *CONTENT),
    difference("a download is activity", Parts(downloads=DownloadsAreActivity), *CONTENT),
    difference("content is at another host", views(address=at_another_host), *CONTENT),
    difference("content is received with 201", Parts(door=overriding(Dispatcher, perform=received_with_201)), *CONTENT),
    difference("a list says little of files", views(item_file=with_less), *CONTENT),
    difference(
        "an item does not show content_version",
        views(item=without_content_version),
        "model.content-version",
        "model.initial-progress",
    ),
    difference("a list finds out more and more of files", views(item_file=found_out_later), *CONTENT),
]
