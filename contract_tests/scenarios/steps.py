"""Steps that several scenarios share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from contract_tests.contract import Service
from contract_tests.contract.tolerances import APART, FORGOTTEN, IN_TIME, NOTICED, OVERDUE, SETTLING
from contract_tests.driver import Body, Clock, Session, polls
from contract_tests.driver.content import push
from contract_tests.problems import Inconclusive, NotTested, PremiseFailed
from contract_tests.rules.checks import gone, listed_ids, no_longer_active, read, still_active, succeeds
from contract_tests.rules.checks.flaw import shown
from contract_tests.rules.checks.lists import lists_none_of, none_on_item

if TYPE_CHECKING:
    from contract_tests.rules.checks.flaw import Flaws
    from contract_tests.traffic.exchange import Exchange

DELETES: Final = {
    Service.UPDATE: "life-cycle.delete-ended",
    Service.DOWNLOAD: "life-cycle.delete-download-session",
}
"""The clause about a deletion that succeeds, by service."""

_NOTHING: Final = (b"null", b'{"value":null}', b'{"value": null}')


def succeeded(answer: Exchange) -> Exchange:
    """The answer, if it is a success.

    Raises:
        PremiseFailed: it is none, so that what a success does can't be seen.
    """
    if flaws := succeeds(answer):
        raise PremiseFailed(flaws[0].expected, flaws[0].observed, answer)
    return answer


def end(session: Session, state: str) -> Exchange:
    """Bring a session into an end state, CANCELED or ERROR, and read it.

    Raises:
        NotTested: nothing is left of the session, or fail has ended it in another state; that is told by the scenarios
            about what ends it.
        PremiseFailed: the server does not show that state afterwards.
    """
    {"CANCELED": session.cancel, "ERROR": session.fail}[state]()
    return _shown(session.read(), state)


def finish(session: Session, clock: Clock) -> Exchange:
    """Bring an update session to DONE, which may take a moment, and read it.

    Before it is completed it gets a file: whether a session without one can be completed, no document says.

    Raises:
        NotTested: nothing is left of the session; that is wrong, and told by the scenarios about what ends it.
        PremiseFailed: the server does not show that state afterwards.
        Inconclusive: the run may not wait that long.
    """
    push(session, "contract.txt", b"contract")
    session.complete()
    return _shown(settled(session, clock), "DONE")


def _shown(ended: Exchange, state: str) -> Exchange:
    if ended.status == 404:
        raise NotTested(f"this takes a session in state {state}, and on this server one that ended so is gone")
    seen = read(ended).state
    if state == "ERROR" and seen not in {"ERROR", "ACTIVE"}:
        raise NotTested(f"this takes a session in state ERROR, and on this server one that has failed is {seen}")
    if seen != state:
        raise PremiseFailed(f"a session in state {state}", shown(ended), ended)
    return ended


def settled(session: Session, clock: Clock) -> Exchange:
    """Read a session until it is not ACTIVE any more, or has had its time for that; the last read.

    Raises:
        Inconclusive: the run may not wait that long.
    """
    return settling(session, clock)[0]


def settling(session: Session, clock: Clock) -> tuple[Exchange, float]:
    """As `settled`; gives the seconds that it took, too.

    Raises:
        Inconclusive: the run may not wait that long.
    """
    seen = session.read()
    for waited in polls(clock, 1.0, SETTLING):
        if still_active(seen):
            return seen, waited
        seen = session.read()
    return seen, SETTLING


def need_kept(cancelled: Exchange) -> None:
    """Make sure that a session which was cancelled is still there to be looked at.

    Raises:
        NotTested: it is gone.
    """
    if not gone(cancelled):
        raise NotTested("on this server cancel deletes a session, as it did before 6.7, so that none is CANCELED")


def delete(session: Session) -> None:
    """Delete a session, and end it before if it is one for updates: those can't be deleted while they are ACTIVE.

    Raises:
        PremiseFailed: the server does not delete it.
    """
    if session.cell.service is Service.UPDATE:
        try:
            end(session, "CANCELED")
        except NotTested:
            return  # it is gone already
    deleted = session.delete()
    if succeeds(deleted):
        raise PremiseFailed("the session to be deleted", shown(deleted), deleted)


def none_new_on(item: str, lister: Session, before: Exchange, *ours: str) -> Flaws:
    """No session has come to be on the item since `before` was listed, but for `ours`.

    A server that does not filter its lists is wrong in that alone: each new session is read, to see whose it is.
    """
    known = {*_ids_in(before), *ours}
    found = {id_: lister.renamed(id_).read() for id_ in _ids_in(lister.listed(item)) if id_ not in known}
    flaws = none_on_item(item, *found.values())
    gone = [id_ for id_, one in found.items() if one.status == 404]
    # Another worker may have deleted its own meanwhile; what is listed again, and still can't be read, is on the item.
    return [*flaws, *lists_none_of(lister.listed(item), *gone)] if gone else flaws


def _ids_in(listed: Exchange) -> list[str]:
    """The ids in a list; none where it is empty or null, whichever of the two a server says for nothing.

    Raises:
        PremiseFailed: there is no list.
    """
    try:
        return listed_ids(listed)
    except PremiseFailed:
        if listed.status == 200 and listed.response is not None and listed.response.body.strip() in _NOTHING:
            return []
        raise


def neglect(clock: Clock, *sessions: Session) -> float:
    """Let sessions end by themselves; gives the seconds after their time at which none of them was ACTIVE any more.

    Their time is a lower bound, so they are looked at again and again, up to a limit. Nothing else is asked of them
    meanwhile; and as a look may count as activity, the later ones lie further apart than a session lives.

    Raises:
        PremiseFailed: a read shows no session.
    """
    lives = max(read(session.read()).over_in for session in sessions)
    late = OVERDUE
    clock.advance(lives + late)
    for pause in (4.0, 26.0, NOTICED - 30.0, *[lives + NOTICED] * FORGOTTEN):
        if not any(still_active(session.read()) == [] for session in sessions):
            break
        clock.advance(pause)
        late += pause
    return late


def wait_almost(clock: Clock, seen: Exchange) -> None:
    """Let most of the life pass that a read showed, so that there is time for a call before its end.

    Raises:
        PremiseFailed: the read shows no session.
    """
    clock.advance(max(read(seen).lives_for - IN_TIME, 0))


def need_end(session: Session) -> Exchange:
    """Read a session that should have ended.

    Raises:
        PremiseFailed: it has not.
    """
    seen = session.read()
    if no_longer_active(seen):
        raise PremiseFailed("a session that has ended", shown(seen), seen)
    return seen


def need_active(session: Session) -> Exchange:
    """Read a session that should be ACTIVE.

    Raises:
        PremiseFailed: it is not.
    """
    seen = session.read()
    if still_active(seen):
        raise PremiseFailed("an ACTIVE session", shown(seen), seen)
    return seen


def need_quiet_reads(session: Session, clock: Clock) -> None:
    """Make sure that a read does not move `expiration_time`: it may count as activity, the documents do not say.

    Raises:
        Inconclusive: it does, so that what moved the time can't be told.
    """
    first = read(session.read()).expiration
    clock.advance(APART)
    # A server may extend the life only after it has shown the old time: then the second read tells.
    if {read(session.read()).expiration, read(session.read()).expiration} != {first}:
        raise Inconclusive("on this server a read moves expiration_time, so that what else moves it does not show")


def at_progress(session: Session, progress: int) -> Exchange:
    """Bring a session's progress to a value and read it.

    Raises:
        PremiseFailed: the server does not show that progress afterwards.
    """
    session.keep_alive(progress)
    return need_progress(session.read(), progress)


def need_progress(reached: Exchange, progress: int) -> Exchange:
    """A read that shows this progress.

    Raises:
        PremiseFailed: it does not.
    """
    if read(reached).progress != progress:
        raise PremiseFailed(f"a session with client_progress {progress}", shown(reached), reached)
    return reached


def with_progress(session: Session, progress: int) -> Exchange:
    """Report a progress, so that one that gets lost can be seen, and read the session.

    That it was stored is not looked at: on a server that stores or shows none, other rules can still be judged.

    Raises:
        PremiseFailed: the read shows no session.
    """
    session.keep_alive(progress)
    reported = session.read()
    read(reported)
    return reported


def raw(text: str | bytes, content_type: str = "application/json") -> Body:
    """A body made by hand."""
    return Body(text if isinstance(text, bytes) else text.encode(), content_type)


def refuses(answer: Exchange) -> bool:
    """Whether the answer is a refusal, or none at all."""
    return answer.status is None or answer.status >= 400


def said(answer: Exchange) -> str:
    """The answer in the words of an observation, the same in both dialects."""
    if answer.status is not None and answer.status // 100 == 3:
        return f"led elsewhere with {answer.status}"
    return f"refused with {answer.status}" if refuses(answer) else "accepted"
