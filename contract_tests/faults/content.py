"""Servers that are wrong beside what they were asked: in another login or dialect, or in a session next to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Service
from contract_tests.faults.fault import fault, overriding, reader, sessions, views
from contract_tests.faults.keep_alive import DOWNLOAD_CELLS, UPDATE_CELLS
from contract_tests.mock import Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.clienttokens import ClientTokens
from contract_tests.mock.domain.content import NOTHING
from contract_tests.mock.domain.model import SessionRecord, State, Upload
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.transfers import Downloads, Uploads
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.door import Dispatcher, Incoming
from contract_tests.mock.http.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.mock.domain.content import Content
    from contract_tests.mock.domain.model import Item
    from contract_tests.mock.http.operations import Operation
    from contract_tests.mock.http.wire import Reply

INVISIBLE: Final = "create.invisible-until-complete"
VISIBLE: Final = "create.visible-once-completed"
BUSY: Final = "create.second-active-session"
FREE: Final = "life-cycle.item-free-after-end"
NEVER_BACK: Final = "expiry.never-moves-back"


def made_by(all_sessions: Sessions, session: SessionRecord, how: str) -> bool:
    """Whether a session was made by the login, or in the dialect, that asks now."""
    made = all_sessions.__dict__.get(f"made by {how}", {})
    return session.id in made and bool(made[session.id] == all_sessions.__dict__.get(how))


class TellsWhoAsks(Dispatcher):
    """Lets the sessions know by which login and in which dialect they are asked for."""

    def perform(self, operation: Operation, incoming: Incoming) -> Reply:
        self.world.sessions.__dict__["login"] = self.reader.token(incoming.headers)
        self.world.sessions.__dict__["dialect"] = operation.idiom.dialect
        return super().perform(operation, incoming)


class EndsWhatALoginMade(TellsWhoAsks):
    """Cancels the sessions that a login has made when it logs out."""

    def perform(self, operation: Operation, incoming: Incoming) -> Reply:
        reply = super().perform(operation, incoming)
        if operation.method == "DELETE" and operation.path.endswith("/session"):
            for session in self.world.sessions.by_id.values():
                if made_by(self.world.sessions, session, "login"):
                    session.state = State.CANCELED
        return reply


class Remembers(Sessions):
    """Remembers by which login and in which dialect a session was made."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        made = super().create(service, user, spec, token)
        for how in ("login", "dialect"):
            self.__dict__.setdefault(f"made by {how}", {}).setdefault(made, self.__dict__.get(how))
        return made


def remembering(door: type[Dispatcher] = TellsWhoAsks, **decisions: Any) -> Parts:
    return Parts(door=door, sessions=overriding(Remembers, **decisions))


def kept_by_its_login(self: Sessions, service: Service, session_id: str, body: Any = None) -> None:
    session = self.find(service, session_id)
    if made_by(self, session, "login"):
        Sessions.keep_alive(self, service, session_id, body)


def busy_by_dialect(self: Sessions, item: Item) -> bool:
    own = [one for one in self.by_id.values() if one.item_id == item.id and made_by(self, one, "dialect")]
    return Sessions.is_busy(self, item) and any(self.state_of(one) is State.ACTIVE for one in own)


def busy_below_100(self: Sessions, item: Item) -> bool:
    full = any(one.item_id == item.id and one.client_progress == 100 for one in self.by_id.values())
    return Sessions.is_busy(self, item) and not full


def busy_until_deleted(self: Sessions, item: Item) -> bool:
    expired = any(one.item_id == item.id and self.has_expired(one) for one in self.by_id.values())
    return Sessions.is_busy(self, item) or expired


def busy_at_a_price(self: Sessions, item: Item) -> bool:
    busy = Sessions.is_busy(self, item)
    for session in self.by_id.values():
        if busy and session.item_id == item.id:
            session.expiration_time = self.clock.now() + self.timeout / 2
    return busy


class GrowsWithEachUpload(Uploads):
    """Counts a new version of the item with each file that comes."""

    def receive(self, key: str, name: str, content: Content) -> None:
        super().receive(key, name, content)
        session = self.sessions.by_id[self._sessions_by_key[key][0]]
        self.sessions.libraries.item(session.item_id).content_version += 1


def with_uploads(self: Views, item: Item) -> dict[str, Any]:
    """The item with the size of what is uploaded to it."""
    coming = [one for session in self.sessions.by_id.of_item(item.id) for one in session.uploads.values()]
    model = Views.item(self, item)
    return model | {"size": model["size"] + sum(one.content.size for one in coming)}


class RepeatsOnce(ClientTokens):
    """Knows a client token when it comes again, and has forgotten it then."""

    def recall(self, kind: str, user: str, token: str | None) -> str | None:
        known = super().recall(kind, user, token)
        if known is not None and token is not None:
            del self._created[kind, user, token.lower()]
        return known


def with_its_version(self: Sessions, session: SessionRecord, state: State, error: errors.Message | None = None) -> None:
    Sessions.end(self, session, state, error)
    if state is State.DONE:
        session.content_version = self.pinned_version(self.libraries.item(session.item_id))


def ended_on_the_item(
    self: Sessions, session: SessionRecord, state: State, error: errors.Message | None = None
) -> None:
    Sessions.end(self, session, state, error)
    for other in self.by_id.values():
        if (other.item_id, other.state) == (session.item_id, State.ACTIVE) and other.service is not session.service:
            Sessions.end(self, other, state, error)


class SaysTheLastReason(Sessions):
    """Has one place for the reason of a failure, whichever session failed."""

    def failure_by_client(self, reason: str) -> errors.Message:
        self.__dict__["last"] = super().failure_by_client(reason)
        return super().failure_by_client(reason)

    def error_message_of(self, session: SessionRecord) -> errors.Message | None:
        said = super().error_message_of(session)
        return said and self.__dict__.get("last", said)


def done_only_at_100(self: Sessions, session: SessionRecord) -> list[errors.Message]:
    if 0 < session.client_progress < 100:
        return [errors.Message("x.y", "The progress is not 100.")]
    return Sessions.unfinished_files(self, session)


def done_at_100_anyhow(self: Sessions, session: SessionRecord) -> list[errors.Message]:
    return [] if session.client_progress == 100 else Sessions.unfinished_files(self, session)


def at_each_keep_alive(change: Any) -> Parts:
    """Sessions to which something happens whenever they are kept alive."""

    def stored(self: Sessions, session: SessionRecord, value: int | None) -> int:
        progress = Sessions.stored_progress(self, session, value)
        change(self, session, progress)
        return progress

    return sessions(stored_progress=stored)


def emptied(_: Sessions, session: SessionRecord, __: int) -> None:
    for upload in session.uploads.values():
        upload.content = NOTHING


def seen_at_100(self: Sessions, session: SessionRecord, progress: int) -> None:
    if progress == 100 and session.service is Service.UPDATE:
        self.libraries.publish(session.item_id, session.uploads.values(), session.removals)


class CountsWhatItReceives(Uploads):
    """Takes a file that was received for progress."""

    def receive(self, key: str, name: str, content: Content) -> None:
        super().receive(key, name, content)
        self.sessions.by_id[self._sessions_by_key[key][0]].client_progress = 50


class TakesTimeForAFile(Uploads):
    """Gives a session to which a file is added half a timeout."""

    def add(self, session_id: str, spec: Any) -> Upload:
        upload = super().add(session_id, spec)
        session = self.sessions.find(Service.UPDATE, session_id)
        session.expiration_time = self.sessions.clock.now() + self.sessions.timeout / 2
        return upload


class TakesFilesForOneTimeout(Uploads):
    """Takes no more files once the time is over that a session had at first, however it was kept alive."""

    def add(self, session_id: str, spec: Any) -> Upload:
        ends = self.__dict__.setdefault("ends", {})
        end = ends.setdefault(session_id, self.sessions.find(Service.UPDATE, session_id).expiration_time)
        if self.sessions.clock.now() > end:
            raise errors.not_found("update session", session_id)
        return super().add(session_id, spec)


class CountsWhatItSends(Downloads):
    """Takes a file that was fetched for progress."""

    def send(self, key: str, name: str) -> Content:
        content = super().send(key, name)
        self.sessions.by_id[self._sessions_by_key[key][0]].client_progress = 100
        return content


def leased_below_100(self: Downloads, session: SessionRecord) -> bool:
    return session.client_progress < 100 and Downloads.is_leased(self, session)


def found_by_the_beginning(self: Sessions, service: Service, session_id: str) -> SessionRecord:
    alike = [one for one in self.by_id if one.partition(":")[0] == session_id.partition(":")[0]]
    return Sessions.find(self, service, alike[0] if alike else session_id)


_BODILESS: Final = frozenset({"cancel", "complete", "keep-alive"})


class ReadsNothingAsJson(Reader):
    """Reads a body wherever a content type is, and takes an empty one for JSON that is none."""

    def check_query(self, operation: Operation, query: Mapping[str, list[str]]) -> None:
        super().check_query(operation, query)
        self.__dict__["takes no body"] = operation.action in _BODILESS or operation.method == "DELETE"


class TellsOfTheContentType(Dispatcher):
    def content(self, incoming: Incoming) -> bytes:
        content = super().content(incoming)
        if self.reader.__dict__.get("takes no body") and "content-type" in incoming.headers and not content:
            raise errors.invalid_request("The body is no JSON.")
        return content


def without_white_space(_: Reader, content: bytes) -> Any:
    return Reader.json(Reader(), content) if content.startswith(b"{") else None


class RemembersWarnings(Sessions):
    """Has a new session ignore what the former one of its item did."""

    def end(self, session: SessionRecord, state: State, error: Any = None) -> None:
        super().end(session, state, error)
        if session.warning_behavior:
            self.__dict__.setdefault("former", {})[session.item_id] = session.warning_behavior

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        new = self.by_id[super().create(service, user, spec, token)]
        if service is Service.UPDATE and not new.warning_behavior:
            new.warning_behavior = self.__dict__.get("former", {}).get(new.item_id)
        return new.id


def stumbles_over_no_words(self: Sessions, body: Any) -> str:
    reason = Sessions.client_reason(self, body)
    if not reason:
        raise errors.internal_error()
    return reason


def revived_at_100(self: Sessions, service: Service, session_id: str, body: Any = None) -> None:
    if self.find(service, session_id).client_progress < 100:
        Sessions.keep_alive(self, service, session_id, body)


FAULTS: Final = [
    # What a client may write otherwise
    fault(
        "a content type without a body is refused",
        Parts(reader=ReadsNothingAsJson, door=TellsOfTheContentType),
        *("life-cycle.cancel", "life-cycle.complete", "life-cycle.delete-ended", "life-cycle.delete-download-session"),
        "keep-alive.no-body",
        only="content_type",
    ),
    fault("JSON that begins with a space is not read", reader(json=without_white_space), "keep-alive.stores-progress"),
    fault(
        "an id is compared to its colon",
        sessions(find=found_by_the_beginning),
        "model.unknown-id",
    ),
    # Another login of the same user, the other dialect
    fault(
        "a list holds what the same login has made",
        remembering(is_listed_for=lambda self, session, _: made_by(self, session, "login")),
        "model.list",
    ),
    fault(
        "a keep-alive by another login does nothing",
        remembering(keep_alive=kept_by_its_login),
        "keep-alive.stores-progress",
    ),
    fault(
        "sessions end with the login that made them",
        remembering(EndsWhatALoginMade),
        "expiry.not-before-expiration-time",
    ),
    fault("an item is busy in one dialect only", remembering(is_busy=busy_by_dialect), BUSY),
    # The item's other sessions
    fault("an item is free at 100 %", sessions(is_busy=busy_below_100), BUSY),
    fault(
        "a refused session takes time from the first",
        sessions(is_busy=busy_at_a_price),
        NEVER_BACK,
        plays=(BUSY,),
        cells=UPDATE_CELLS,
    ),
    fault("an expired session keeps its item until it is deleted", sessions(is_busy=busy_until_deleted), FREE),
    fault("a client token works twice", Parts(tokens=RepeatsOnce), "create.idempotent"),
    fault(
        "a session ends with that of the other service on its item",
        sessions(end=ended_on_the_item),
        "life-cycle.cancel",
        "life-cycle.fail",
        tolerated=("life-cycle.delete-ended", "life-cycle.delete-download-session"),
    ),
    fault(
        "a completed session shows the version that it has brought",
        sessions(end=with_its_version),
        "model.content-version",
        cells=UPDATE_CELLS,
    ),
    fault(
        "every failed session shows the last reason",
        Parts(sessions=SaysTheLastReason),
        "life-cycle.fail",
        only="reason",
    ),
    # What the progress decides, and what decides the progress
    fault("complete needs a progress of 100", sessions(unfinished_files=done_only_at_100), "life-cycle.complete"),
    fault(
        "complete does not wait for content at 100 %",
        sessions(unfinished_files=done_at_100_anyhow),
        "life-cycle.complete-without-content",
    ),
    fault(
        "the content version of the item grows with each upload",
        Parts(uploads=GrowsWithEachUpload),
        INVISIBLE,
        cells=UPDATE_CELLS,
        only="pushed or new_content",
    ),
    fault(
        "the size of the item counts what is uploaded",
        views(item=with_uploads),
        INVISIBLE,
        cells=UPDATE_CELLS,
        only="pushed or new_content",
    ),
    fault("everybody sees the files at 100 %", at_each_keep_alive(seen_at_100), INVISIBLE),
    fault("keep-alive empties the files", at_each_keep_alive(emptied), VISIBLE),
    fault("a link ends at 100 %", Parts(downloads=overriding(Downloads, is_leased=leased_below_100)), "create.lease"),
    fault(
        "a received file is progress",
        Parts(uploads=CountsWhatItReceives),
        "model.initial-progress",
        "keep-alive.progress-never-goes-down",
        plays=("model.initial-progress",),
        cells=UPDATE_CELLS,
    ),
    fault(
        "a fetched file is progress",
        Parts(downloads=CountsWhatItSends),
        "model.initial-progress",
        blocked=("keep-alive.progress-never-goes-down",),
        cells=DOWNLOAD_CELLS,
    ),
    # Files and time
    fault("adding a file takes time away", Parts(uploads=TakesTimeForAFile), NEVER_BACK, cells=UPDATE_CELLS),
    fault(
        "a session takes files for one timeout only",
        Parts(uploads=TakesFilesForOneTimeout),
        plays=(VISIBLE,),
        blocked=(VISIBLE,),
        cells=UPDATE_CELLS,
        only="first_expiration",
    ),
    # The session before, and the end
    fault(
        "a new session has the warnings of the former one",
        Parts(sessions=RemembersWarnings),
        "create.warning-behavior",
        cells=UPDATE_CELLS,
    ),
    fault(
        "an empty message crashes the server",
        sessions(client_reason=stumbles_over_no_words),
        "life-cycle.fail",
        tolerated=("errors.no-server-error",),
    ),
    fault(
        "whatever has reached 100 % is kept alive",
        sessions(keep_alive=revived_at_100),
        "keep-alive.only-active",
        only="at_100",
    ),
]
