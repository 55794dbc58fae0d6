"""Content: an update session brings it and nobody sees it before its end; a download session is a lease on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Service
from contract_tests.driver import Clock, Session, Settings, Workspace
from contract_tests.driver.content import (
    add_file,
    download_link,
    item_files,
    list_files,
    push,
    pushed,
    read_item,
    transfer,
    upload,
    upload_address,
)
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import read
from contract_tests.rules.checks.contents import (
    gives_content,
    gives_no_content,
    same_files,
    shows_files,
    shows_no_files,
)
from contract_tests.rules.checks.flaw import Flaws, shown
from contract_tests.rules.checks.times import clock_during
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.content import (
    BINARY,
    CONTENTS,
    TEXT,
    add_if_taken,
    as_before,
    complete,
    content_version,
    download_session,
    fetched,
    filled_item,
    removed,
    seen_by_all,
    update_session,
)
from contract_tests.scenarios.steps import at_progress, need_active, need_end, neglect, wait_almost
from contract_tests.traffic.exchange import Exchange

if TYPE_CHECKING:
    from datetime import datetime

    from contract_tests.contract import Cell
    from contract_tests.judging import Judge

Call = Callable[[Session], Exchange]

each_content = pytest.mark.parametrize("files", CONTENTS.values(), ids=CONTENTS.keys())

INVISIBLE, VISIBLE = "create.invisible-until-complete", "create.visible-once-completed"


# What an update session brings and takes away


@waits
@each_content
@clause(INVISIBLE, VISIBLE, "create.bound-to-item")
def test_pushed_files_are_seen_once_the_session_is_complete(
    files: dict[str, bytes], cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session, other = update_session(workspace, cell), update_session(workspace, cell)
    before, elsewhere = seen_by_all(session), item_files(other)
    # Added; then received; then complete.
    addresses = {name: add_if_taken(session, name, content) for name, content in files.items()}
    judge(INVISIBLE, as_before(before, session))
    for name, content in files.items():
        upload(session, addresses[name], content)
    judge(INVISIBLE, as_before(before, session))
    judge("create.bound-to-item", shows_files(list_files(session), files), shows_no_files(list_files(other), *files))
    complete(session)
    after = item_files(session)
    judge(VISIBLE, shows_files(after, files))
    judge("create.bound-to-item", shows_files(after, files), same_files(elsewhere, item_files(other)))
    lease = download_session(workspace, cell, session.item)
    judge(VISIBLE, *(gives_content(fetched(lease, name, clock), content) for name, content in files.items()))


@waits
@clause(INVISIBLE, VISIBLE)
def test_new_content_of_a_file_is_seen_once_the_session_is_complete(
    cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    item = filled_item(workspace, cell, {"changed.txt": TEXT, "kept.bin": BINARY}, clock)
    session = update_session(workspace, cell, item)
    before = seen_by_all(session)
    push(session, "changed.txt", TEXT + TEXT)
    judge(INVISIBLE, as_before(before, session))
    lease = download_session(workspace, cell, item)
    judge(INVISIBLE, gives_content(fetched(lease, "changed.txt", clock), TEXT))
    complete(session)
    judge(VISIBLE, shows_files(item_files(session), {"changed.txt": TEXT + TEXT, "kept.bin": BINARY}))
    after = read_item(session)
    versions = content_version(before[1]), content_version(after)
    if None not in versions:
        told = "stays as it was" if versions[0] == versions[1] else "is another one"
        judge.observe(VISIBLE, f"content_version of an item with new content {told}", after)
    lease = download_session(workspace, cell, item)
    judge(VISIBLE, gives_content(fetched(lease, "changed.txt", clock), TEXT + TEXT))
    judge(VISIBLE, gives_content(fetched(lease, "kept.bin", clock), BINARY))


@waits
@pytest.mark.parametrize("name", ["leaving.txt", "go away.txt", "größe-日本.txt", "100%41.txt"])
@clause(INVISIBLE, VISIBLE)
def test_a_removed_file_is_seen_until_the_session_is_complete(
    name: str, cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    item = filled_item(workspace, cell, {name: TEXT, "staying.bin": BINARY}, clock)
    session = update_session(workspace, cell, item)
    before = seen_by_all(session)
    removed(session, name)
    judge(INVISIBLE, as_before(before, session))
    lease = download_session(workspace, cell, item)
    judge(INVISIBLE, gives_content(fetched(lease, name, clock), TEXT))
    complete(session)
    after = item_files(session)
    judge(VISIBLE, shows_no_files(after, name), shows_files(after, {"staying.bin": BINARY}))


@waits
@clause(INVISIBLE, VISIBLE)
def test_keep_alives_leave_the_files_of_a_session_alone(
    cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session = update_session(workspace, cell, filled_item(workspace, cell, {"old.txt": TEXT}, clock))
    before = seen_by_all(session)
    push(session, "early.txt", TEXT)
    address = upload_address(add_file(session, pushed("late.bin", BINARY)))
    removed(session, "old.txt")
    for progress in (None, 60, 100):
        session.keep_alive(progress)
        judge(INVISIBLE, as_before(before, session))
    upload(session, address, BINARY)
    judge(INVISIBLE, as_before(before, session))
    complete(session)
    after, brought = item_files(session), {"early.txt": TEXT, "late.bin": BINARY}
    judge(VISIBLE, shows_files(after, brought), shows_no_files(after, "old.txt"))
    lease = download_session(workspace, cell, session.item)
    judge(VISIBLE, *(gives_content(fetched(lease, name, clock), content) for name, content in brought.items()))


@clause(
    *("model.initial-progress", "keep-alive.progress-never-goes-down", "expiry.never-moves-back"),
    service=Service.UPDATE,
)
def test_what_is_uploaded_moves_no_progress_and_takes_no_time(cell: Cell, workspace: Workspace) -> None:
    session = update_session(workspace, cell)
    session.read()
    # It is the client that counts, and not the server what it has received.
    push(session, "early.txt", TEXT)
    session.read()
    session.keep_alive(60)
    session.read()
    push(session, "late.bin", BINARY)
    session.read()


@waits
@clause(VISIBLE)
def test_kept_alive_past_its_first_expiration_a_session_takes_files(
    cell: Cell, workspace: Workspace, clock: Clock, settings: Settings, judge: Judge
) -> None:
    step, rounds = settings.session_timeout * 0.55, 2
    clock.needs(step * rounds)
    session = update_session(workspace, cell)
    push(session, "early.txt", TEXT)
    first = read(session.read()).expiration
    for progress in (20, 40):
        clock.advance(step)
        session.keep_alive(progress)
    _require_life_after(first, session)
    push(session, "late.bin", BINARY)
    complete(session)
    judge(VISIBLE, shows_files(item_files(session), {"early.txt": TEXT, "late.bin": BINARY}))


@waits
@clause("model.initial-progress", "keep-alive.progress-never-goes-down", service=Service.DOWNLOAD)
def test_what_is_downloaded_moves_no_progress(cell: Cell, workspace: Workspace, clock: Clock) -> None:
    session = download_session(workspace, cell, filled_item(workspace, cell, {"notes.txt": TEXT}, clock))
    fetched(session, "notes.txt", clock)
    session.read()
    at_progress(session, 30)
    fetched(session, "notes.txt", clock)
    session.read()


ENDINGS: dict[str, Call] = {"cancel": Session.cancel, "fail": Session.fail}


@waits
@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
@clause(INVISIBLE)
def test_what_was_given_up_is_never_seen(
    ending: Call, cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session, before = _changed(cell, workspace, clock)
    ending(session)
    need_end(session)
    judge(INVISIBLE, as_before(before, session))


@waits
@clause(INVISIBLE)
def test_what_was_left_to_expire_is_never_seen(cell: Cell, workspace: Workspace, clock: Clock, judge: Judge) -> None:
    session, before = _changed(cell, workspace, clock)
    neglect(clock, session)
    need_end(session)
    judge(INVISIBLE, as_before(before, session))


def _changed(cell: Cell, workspace: Workspace, clock: Clock) -> tuple[Session, tuple[Exchange, Exchange]]:
    """An update session that brings a file and removes another; and what everybody saw before it."""
    session = update_session(workspace, cell, filled_item(workspace, cell, {"old.txt": TEXT}, clock))
    before = seen_by_all(session)
    push(session, "new.bin", BINARY)
    removed(session, "old.txt")
    return session, before


# The lease


@waits
@each_content
@clause("create.lease")
def test_a_download_link_gives_the_content(
    files: dict[str, bytes], cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    session = download_session(workspace, cell, filled_item(workspace, cell, files, clock))
    judge("create.lease", shows_files(list_files(session), files))
    for name, content in files.items():
        link = download_link(session, name, clock)
        # Once would do for a link that is used up by its use.
        for _ in range(2):
            judge("create.lease", _leased(session, link, content))


@waits
@clause("create.lease")
def test_kept_alive_the_lease_outlives_its_first_expiration(
    cell: Cell, workspace: Workspace, clock: Clock, settings: Settings, judge: Judge
) -> None:
    step, rounds = settings.session_timeout * 0.55, 2
    clock.needs(step * rounds)
    session = download_session(workspace, cell, filled_item(workspace, cell, {"notes.txt": TEXT}, clock))
    link = download_link(session, "notes.txt", clock)
    first = read(session.read()).expiration
    # At 100 % the client has fetched what it wanted, and may fetch it again.
    for progress in (None, 100):
        clock.advance(step)
        session.keep_alive(progress)
    _require_life_after(first, session)
    judge("create.lease", _leased(session, link, TEXT))


@waits
@clause("create.lease", "create.lease-ends")
def test_the_lease_lasts_to_its_expiration(cell: Cell, workspace: Workspace, clock: Clock, judge: Judge) -> None:
    session = download_session(workspace, cell, filled_item(workspace, cell, {"notes.txt": TEXT}, clock))
    link = download_link(session, "notes.txt", clock)
    wait_almost(clock, session.read())
    judge("create.lease", _leased(session, link, TEXT))
    neglect(clock, session)
    need_end(session)
    after = transfer(session, "GET", link)
    judge("create.lease-ends", gives_no_content(after))
    judge.observe("create.lease-ends", f"link of an expired session: {_told(after)}", after)


@waits
@pytest.mark.parametrize("ending", ["cancel", "fail", "delete"])
@clause("create.lease", "create.lease-ends")
def test_the_lease_ends_with_its_session_and_no_other(
    ending: str, cell: Cell, workspace: Workspace, clock: Clock, judge: Judge
) -> None:
    item = filled_item(workspace, cell, {"notes.txt": TEXT}, clock)
    session, other = (download_session(workspace, cell, item) for _ in range(2))
    link, others = (download_link(one, "notes.txt", clock) for one in (session, other))
    {"cancel": session.cancel, "fail": session.fail, "delete": session.delete}[ending]()
    need_end(session)
    after = transfer(session, "GET", link)
    judge("create.lease-ends", gives_no_content(after))
    judge.observe("create.lease-ends", f"link after {ending}: {_told(after)}", after)
    judge("create.lease", _leased(other, others, TEXT))


def _leased(session: Session, link: str, content: bytes) -> Flaws:
    """The link gives the content, as long as its session is ACTIVE.

    Raises:
        PremiseFailed: the session is not; that it lives so long is a rule of its own.
    """
    flaws = gives_content(transfer(session, "GET", link), content)
    if flaws:
        need_active(session)
    return flaws


def _told(fetched: Exchange) -> str:
    return "no answer" if fetched.status is None else f"answered with {fetched.status}"


def _require_life_after(first: datetime, session: Session) -> None:
    now = read(session.read())
    # What is shown of the server's clock has whole seconds: it stands between two of them.
    if now.state != "ACTIVE" or clock_during(now.exchange).latest <= first:
        raise PremiseFailed("a session kept alive past its first expiration", shown(now.exchange), now.exchange)
