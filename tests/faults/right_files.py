"""Servers that look after the files of a session in their own way, and are right all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract_tests.contract import Service
from contract_tests.faults.fault import overriding, sessions
from contract_tests.mock import ApiError, ErrorType, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.model import SessionRecord, State, Transfer, Upload
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.transfers import Uploads
from contract_tests.mock.http.door import Dispatcher, Incoming

from .differences import difference
from .right_sessions import CONTENT

if TYPE_CHECKING:
    from contract_tests.mock.domain.content import Content
    from contract_tests.mock.domain.errors import Message
    from contract_tests.mock.http.operations import Operation
    from contract_tests.mock.http.wire import Reply

FILES: Final = (
    *("life-cycle.complete-with-wrong-checksum", "life-cycle.complete-with-wrong-size"),
    *("life-cycle.files-end-no-session", "create.upload-by-post", "life-cycle.complete-without-content", *CONTENT),
)


def failed_alone(_: Sessions, __: SessionRecord, file: Upload, reason: Message) -> None:
    """The file fails, and may be sent again: its session goes on."""
    file.status, file.error = Transfer.ERROR, reason


class RefusesAtTheAddress(Uploads):
    """Refuses content that is not what was announced where it is sent, and waits on for the right one."""

    def accept(self, session: SessionRecord, upload: Upload, content: Content) -> None:
        former = upload.content
        upload.content = content
        problem = self.defect(upload)
        if problem is not None:
            upload.content = former
            raise ApiError(ErrorType.INVALID_ARGUMENT, problem)
        super().accept(session, upload, content)


class LooksAtCompletion(Uploads):
    """Verifies content when the session is completed, behind the answer to that."""

    def defect(self, _upload: Upload) -> Message | None:
        return None


def failed_behind_the_answer(self: Sessions, session_id: str) -> None:
    session = self.find(Service.UPDATE, session_id)
    uploads = Uploads(self)
    self.when_forgotten.remove(uploads.forget_session)
    wrong = [problem for one in session.uploads.values() if (problem := uploads.defect(one))]
    if wrong and self.state_of(session) is State.ACTIVE and not self.unfinished_files(session):
        self.end(session, State.ERROR, wrong[0])
    else:
        Sessions.complete(self, session_id)


class RemovesOfTheItemOnly(Uploads):
    """Refuses to remove a file that the item has not yet."""

    def remove(self, session_id: str, name: str) -> None:
        session = self._active(session_id, "remove")
        if name not in self.sessions.libraries.item(session.item_id).files:
            raise errors.invalid_argument(f"The item has no file {name}.", argument="file_name")
        super().remove(session_id, name)


class ListsItsOwnOnly(Uploads):
    """Shows in a session what it brings, and not what it leaves as it is."""

    def list_files(self, session_id: str) -> list[Upload]:
        return [*self.sessions.find(Service.UPDATE, session_id).uploads.values()]


def without_validation(self: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
    if operation.action == "validate":
        raise errors.no_such_action("validate")
    return Dispatcher.perform(self, operation, incoming)


DIFFERENCES: Final = [
    difference("a wrong file fails alone", sessions(fail_by_file=failed_alone), *FILES),
    difference("wrong content is refused at its address", Parts(uploads=RefusesAtTheAddress), *FILES),
    difference(
        "wrong content fails its session behind complete",
        Parts(uploads=LooksAtCompletion, sessions=overriding(Sessions, complete=failed_behind_the_answer)),
        *FILES,
    ),
    difference("only the item's files are removed", Parts(uploads=RemovesOfTheItemOnly), *FILES),
    difference("a session lists its own files only", Parts(uploads=ListsItsOwnOnly), *FILES),
    difference("nothing is validated", Parts(door=overriding(Dispatcher, perform=without_validation)), *FILES),
]
