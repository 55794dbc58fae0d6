"""Servers that are wrong in what becomes of files, or of a session by what is done with its files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Service
from contract_tests.faults.fault import door, fault, overriding
from contract_tests.faults.keep_alive import REST_CELLS
from contract_tests.mock import Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.content import Content
from contract_tests.mock.domain.model import State, Upload
from contract_tests.mock.domain.transfers import Uploads
from contract_tests.mock.http.door import Dispatcher, Incoming
from contract_tests.mock.http.idioms import idiom_of
from contract_tests.mock.http.wire import JSON_TYPE, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.mock.http.operations import Operation

CHECKED: Final = "life-cycle.complete-with-wrong-checksum"
SIZED: Final = "life-cycle.complete-with-wrong-size"
GOES_ON: Final = "life-cycle.files-end-no-session"
_ENDS: Final = frozenset({"cancel", "fail", "complete"})


def with_an_empty_object(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    reply = Dispatcher.perform(self, operation, incoming)
    if operation.idiom.wraps and operation.action in _ENDS:
        return Reply(reply.status, (JSON_TYPE,), b"{}")
    return reply


def stumbles_over_post(self: Dispatcher, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
    if incoming.method == "POST" and incoming.path.startswith("/cls/"):
        return self.wire.error_reply(idiom_of(incoming.path), errors.internal_error())
    return Dispatcher.answer(self, incoming, operations)


def loses_post(self: Dispatcher, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
    if incoming.method == "POST" and incoming.path.startswith("/cls/"):
        return Reply(200)
    return Dispatcher.answer(self, incoming, operations)


def changes_post(self: Dispatcher, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
    if incoming.method == "POST" and incoming.path.startswith("/cls/") and incoming.arrived is not None:
        return Dispatcher.answer(self, replace(incoming, arrived=Content.of(bytes(incoming.arrived.size))), operations)
    return Dispatcher.answer(self, incoming, operations)


def sha1_only(self: Uploads, content: Content, checksum: Mapping[str, str]) -> bool:
    return checksum.get("algorithm") == "MD5" or Uploads.matches(self, content, checksum)


class EndsByValidation(Uploads):
    """Cancels a session whose files are validated."""

    def validate(self, session_id: str) -> tuple[set[str], dict[str, errors.Message]]:
        told = super().validate(session_id)
        self.sessions.end(self.sessions.find(Service.UPDATE, session_id), State.CANCELED)
        return told


class EndsByRefusedValidation(Uploads):
    """Cancels a session whose files are validated before all are there."""

    def validate(self, session_id: str) -> tuple[set[str], dict[str, errors.Message]]:
        try:
            return super().validate(session_id)
        except errors.ApiError:
            self.sessions.end(self.sessions.find(Service.UPDATE, session_id), State.CANCELED)
            raise


class EndsByRemoval(Uploads):
    """Deletes a session of which a file is removed, as a well-known simulator does."""

    def remove(self, session_id: str, name: str) -> None:
        super().remove(session_id, name)
        self.sessions.forget(self.sessions.find(Service.UPDATE, session_id))


class RemovesAll(Uploads):
    """Takes all files out of a session, whichever is named."""

    def remove(self, session_id: str, name: str) -> None:
        super().remove(session_id, name)
        self.sessions.find(Service.UPDATE, session_id).uploads.clear()


class EndsByRefusedRemoval(Uploads):
    """Cancels a session of which a file is to be removed that nobody knows."""

    def remove(self, session_id: str, name: str) -> None:
        try:
            super().remove(session_id, name)
        except errors.ApiError:
            self.sessions.end(self.sessions.find(Service.UPDATE, session_id), State.CANCELED)
            raise


class TakesAnySize(Uploads):
    """Looks at no size that was announced."""

    def defect(self, upload: Upload) -> errors.Message | None:
        return super().defect(replace(upload, size=None))


class TakesWhatIsShorter(Uploads):
    """Refuses more than was announced, and takes less for the whole."""

    def defect(self, upload: Upload) -> errors.Message | None:
        shorter = upload.size is not None and upload.content.size < upload.size
        return super().defect(replace(upload, size=None) if shorter else upload)


FAULTS: Final = [
    fault("a checksum is not verified", Parts(uploads=overriding(Uploads, matches=lambda *_: True)), CHECKED),
    fault(
        "only SHA-1 is verified",
        Parts(uploads=overriding(Uploads, matches=sha1_only)),
        CHECKED,
        only="MD5",
    ),
    fault("the size of content is not verified", Parts(uploads=TakesAnySize), SIZED),
    fault("half a file is taken for the whole", Parts(uploads=TakesWhatIsShorter), SIZED, only="shorter"),
    fault("validation ends the session", Parts(uploads=EndsByValidation), GOES_ON),
    fault("a validation that is refused ends the session", Parts(uploads=EndsByRefusedValidation), GOES_ON),
    fault("removing a file deletes the session", Parts(uploads=EndsByRemoval), GOES_ON),
    fault("a removal that is refused ends the session", Parts(uploads=EndsByRefusedRemoval), GOES_ON),
    fault("removing a file removes all", Parts(uploads=RemovesAll), GOES_ON),
    fault(
        "what ends a session answers an empty object under /rest",
        door(perform=with_an_empty_object),
        "life-cycle.cancel",
        "life-cycle.fail",
        "life-cycle.complete",
        cells=REST_CELLS,
    ),
    fault("content by POST crashes the server", door(answer=stumbles_over_post), "create.upload-by-post"),
    fault("content by POST is lost", door(answer=loses_post), "create.upload-by-post"),
    fault("content by POST is changed", door(answer=changes_post), "create.upload-by-post"),
]
