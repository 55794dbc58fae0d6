"""Files of update sessions, as far as what is done with them decides what becomes of the session."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Cell, Service
from contract_tests.driver.content import (
    add_file,
    list_files,
    push,
    pushed,
    remove_file,
    transfer,
    upload,
    upload_address,
    validate_files,
)
from contract_tests.problems import NotTested, PremiseFailed
from contract_tests.rules import refusals
from contract_tests.rules.checks import accepted_or_refused, still_active
from contract_tests.rules.checks.contents import gives_content, keeps_files
from contract_tests.rules.checks.flaw import shown
from contract_tests.rules.checks.patches import in_state, not_done
from contract_tests.rules.checks.responses import received_or_refused
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.content import (
    BINARY,
    TEXT,
    as_before,
    download_session,
    fetched,
    seen_by_all,
    update_session,
)
from contract_tests.scenarios.steps import need_active, said, settled

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.driver import Clock, Session, Workspace
    from contract_tests.judging import Judge

_WRONG = "life-cycle.complete-with-wrong-checksum"
_OTHER_SIZE = "life-cycle.complete-with-wrong-size"
_GOES_ON = "life-cycle.files-end-no-session"
_BY_POST = "create.upload-by-post"


def _checked(algorithm: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.new(algorithm.lower(), content, usedforsecurity=False).hexdigest()
    return pushed("checked.bin", content) | {"checksum_info": {"algorithm": algorithm, "checksum": digest}}


@waits
@pytest.mark.parametrize("algorithm", ["SHA1", "MD5"])
@clause(_WRONG)
def test_content_of_another_checksum_is_not_received(
    algorithm: str, cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    right = update_session(workspace, cell)
    added = add_file(right, _checked(algorithm, BINARY))
    if added.status in refusals.ANY:
        need_active(right)
        raise NotTested(f"the server takes no file with a checksum by {algorithm}: {shown(added)}", added)
    upload(right, upload_address(added), BINARY)
    right.complete()
    if in_state(done := settled(right, clock), "DONE"):
        raise PremiseFailed("a session whose content has the right checksum to be completed", shown(done), done)
    session = update_session(workspace, cell)
    _send_otherwise(session, _checked(algorithm, BINARY), BINARY[::-1], clock, partial(judge, _WRONG), judge)


@waits
@pytest.mark.parametrize("content", [BINARY + b"more", BINARY[:-1], b""], ids=["longer", "shorter", "nothing"])
@clause(_OTHER_SIZE)
def test_content_of_another_size_is_not_received(
    content: bytes, cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session = update_session(workspace, cell)
    _send_otherwise(session, pushed("measured.bin", BINARY), content, clock, partial(judge, _OTHER_SIZE), judge)


def _send_otherwise(
    session: Session,
    announced: dict[str, Any],
    content: bytes,
    clock: Clock,
    judged: Callable[..., object],
    judge: Judge,
) -> None:
    """Send other content than was announced, and complete the session."""
    address = upload_address(add_file(session, announced))
    nobody_sees = seen_by_all(session)
    transfer(session, "PUT", address, content)
    session.read()
    answer = session.complete()
    after = settled(session, clock) if answer.status is not None and answer.status < 300 else session.read()
    judged(accepted_or_refused(answer, 400), not_done(after))
    if not not_done(after):
        judge.aside("create.invisible-until-complete", as_before(nobody_sees, session))


@clause(_GOES_ON)
def test_files_may_be_validated_and_removed(cell: Cell, workspace: Workspace, judge: Judge) -> None:
    session = update_session(workspace, cell)
    push(session, "kept.txt", TEXT)
    files = list_files(session)
    address = upload_address(add_file(session, pushed("unwanted.bin", BINARY)))
    validate_files(session)  # too early: a file is not there
    judge(_GOES_ON, still_active(session.read()))
    upload(session, address, BINARY)
    session.read()
    validate_files(session)
    judge(_GOES_ON, still_active(session.read()))
    remove_file(session, "never.added")
    judge(_GOES_ON, still_active(session.read()))
    remove_file(session, "unwanted.bin")
    judge(_GOES_ON, still_active(session.read()), keeps_files(files, list_files(session)))


@waits
@clause(_BY_POST, service=Service.UPDATE)
def test_content_may_come_by_post(cell: Cell, workspace: Workspace, clock: Clock, judge: Judge) -> None:
    session = update_session(workspace, cell)
    address = upload_address(add_file(session, pushed("notes.txt", TEXT)))
    answer = transfer(session.with_headers({}), "POST", address, TEXT)
    judge(_BY_POST, received_or_refused(answer))
    judge.observe(_BY_POST, f"content by POST: {said(answer)}", answer)
    if answer.status in (200, 201, 204):
        session.complete()
        judge(_BY_POST, in_state(settled(session, clock), "DONE"))
        lease = download_session(workspace, cell, session.item)
        judge(_BY_POST, gives_content(fetched(lease, "notes.txt", clock), TEXT))
