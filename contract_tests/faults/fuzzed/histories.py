"""Servers that are wrong in a way that it takes a history, several sessions, or two dialects to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import CELLS, Cell, Dialect, Service
from contract_tests.contract.dialects import Op
from contract_tests.faults.fault import overriding, sessions
from contract_tests.faults.losses import MEMBERS, Loss
from contract_tests.mock import ApiError, Parts
from contract_tests.mock.domain.model import SessionRecord, State
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.http.door import Dispatcher

if TYPE_CHECKING:
    from contract_tests.mock.http.door import Incoming
    from contract_tests.mock.http.operations import Operation
    from contract_tests.mock.http.wire import Reply

UPDATE_CELLS = tuple(cell for cell in CELLS if cell.service is Service.UPDATE)
DOWNLOAD_CELLS = tuple(cell for cell in CELLS if cell.service is Service.DOWNLOAD)
REST_CELLS = tuple(cell for cell in CELLS if cell.dialect is Dialect.REST)


@dataclass(frozen=True)
class HistoryFault:
    """A wrong server, the slug that has to be found, in which cells, and in which variant of the histories.

    `also` are slugs that the one mistake breaks too. `steps` is how long the shortest history is that shows it,
    `most` how many findings are looked for.
    """

    name: str
    parts: Parts
    slug: str
    steps: int
    cells: tuple[Cell, ...] = CELLS
    variant: str = "api"
    also: tuple[str, ...] = ()
    most: int = 1


class LosesTheThird(Sessions):
    """The third progress that a session is told is answered with success, and dropped."""

    def stored_progress(self, session: SessionRecord, value: int | None) -> int:
        told = self.__dict__.setdefault("told", {})
        told[session.id] = told.get(session.id, 0) + (value is not None)
        return session.client_progress if told[session.id] == 3 else super().stored_progress(session, value)


def stored_and_refused(self: Sessions, session: SessionRecord, value: int) -> None:
    try:
        Sessions.check_progress(self, session, value)
    except ApiError:
        session.client_progress = max(session.client_progress, min(100, abs(value)))
        raise


class KnowsItsDialect(Dispatcher):
    """Tells the sessions in which dialect they are asked."""

    def perform(self, operation: Operation, incoming: Incoming) -> Reply:
        self.world.sessions.__dict__["asked_in"] = operation.idiom.dialect
        return super().perform(operation, incoming)


def anything_under_rest(self: Sessions, session: SessionRecord, operation: str) -> None:
    asked_under_rest = self.__dict__.get("asked_in") is Dialect.REST
    if not (asked_under_rest and operation == "keep-alive" and session.state is State.CANCELED):
        Sessions.require_active(self, session, operation)


class OnlyExtendsItsOwn(Sessions):
    """A keep-alive under /rest does nothing for the life of a session that was made under /api."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        made = super().create(service, user, spec, token)
        self.__dict__.setdefault("made_in", {})[made] = self.__dict__["asked_in"]
        return made

    def extended_expiration(self, session: SessionRecord) -> Any:
        asked, made = self.__dict__["asked_in"], self.__dict__["made_in"][session.id]
        foreign = (asked, made) == (Dialect.REST, Dialect.API)
        return session.expiration_time if foreign else super().extended_expiration(session)


def revived(self: Sessions, session: SessionRecord, operation: str) -> None:
    if operation != "keep-alive" or session.state is not State.ACTIVE:
        Sessions.require_active(self, session, operation)


def half_applied(self: Sessions, session_id: str, spec: Any) -> None:
    session = self.find(Service.UPDATE, session_id)
    given = spec.get("warning_behavior") if isinstance(spec, dict) else None
    try:
        Sessions.update(self, session_id, spec)
    except ApiError:
        if isinstance(given, list) and session.state is State.ACTIVE:
            session.warning_behavior = [one for one in given if isinstance(one, dict) and "ignored" in one]
        raise


def forgets_cancelled(self: Sessions, session: SessionRecord, item_id: str | None) -> bool:
    return session.state is not State.CANCELED and Sessions.is_listed_under(self, session, item_id)


def merged(_: Sessions, session: SessionRecord, given: Any) -> None:
    """The list is added to the former one."""
    if given.get("warning_behavior"):
        session.warning_behavior = [*(session.warning_behavior or []), *given["warning_behavior"]]


def both_kept(self: Sessions, session: SessionRecord, value: int | None) -> int:
    """The progress is that of the item, so all its sessions get it... here: all sessions of the service."""
    if value is not None:
        for one in self.by_id.values():
            if one.service is session.service and one.state is State.ACTIVE:
                one.client_progress = max(one.client_progress, value)
    return Sessions.stored_progress(self, session, value)


class EndsAtHundred(Sessions):
    """A session that was told 100 is done."""

    def stored_progress(self, session: SessionRecord, value: int | None) -> int:
        if value == 100:
            session.state = State.CANCELED
        return super().stored_progress(session, value)


def cancelled_twice(self: Sessions, session: SessionRecord, operation: str) -> None:
    """To cancel what is cancelled already does no harm, this server says."""
    if (operation, session.state) != ("cancel", State.CANCELED):
        Sessions.require_active(self, session, operation)


def reset_by_update(self: Sessions, session: SessionRecord, given: Any) -> None:
    Sessions.apply_update(self, session, given)
    session.client_progress = 0


class ForgetsAfterFailure(Sessions):
    """A delete that is refused has happened all the same."""

    def is_deletable(self, session: SessionRecord) -> bool:
        deletable = super().is_deletable(session)
        if not deletable:
            self.forget(session)
        return deletable


def of_either(_: Sessions, _session: SessionRecord, _service: Service) -> bool:
    """The ids of both services are those of one table."""
    return True


class LivesOnAfterRefusal(Sessions):
    """A keep-alive moves the end back when its progress is refused."""

    def check_progress(self, session: SessionRecord, value: int) -> None:
        try:
            super().check_progress(session, value)
        except ApiError:
            session.expiration_time -= self.timeout / 2
            raise


def _loses_the_list(*, refused: bool) -> Parts:
    lose, _ = MEMBERS["the warning behaviour"]
    return Loss("", (Op.KEEP_ALIVE,), "", refused=refused).parts(lose)


HISTORY_FAULTS: Final = [
    HistoryFault(
        "a keep-alive loses the warning behaviour",
        _loses_the_list(refused=False),
        "keep-alive.changes-nothing-else",
        steps=2,
        cells=UPDATE_CELLS,
    ),
    HistoryFault(
        "a refused keep-alive loses the warning behaviour",
        _loses_the_list(refused=True),
        "keep-alive.refused-changes-nothing",
        steps=2,
        variant="rest",
        cells=UPDATE_CELLS,
    ),
    HistoryFault(
        "the third keep-alive of a session loses its progress",
        Parts(sessions=LosesTheThird),
        "keep-alive.stores-progress",
        steps=4,
    ),
    HistoryFault(
        "a refused call stores its progress",
        sessions(check_progress=stored_and_refused),
        "keep-alive.refused-changes-nothing",
        steps=2,
    ),
    HistoryFault(
        "a keep-alive after cancel succeeds under /rest",
        Parts(door=KnowsItsDialect, sessions=overriding(Sessions, require_active=anything_under_rest)),
        "keep-alive.only-active",
        steps=3,
        variant="mixed",
        cells=REST_CELLS,
    ),
    HistoryFault(
        "a keep-alive under /rest does not extend a session made under /api",
        Parts(door=KnowsItsDialect, sessions=OnlyExtendsItsOwn),
        "keep-alive.extends-expiration",
        steps=3,
        variant="mixed",
        also=("keep-alive.extends-by-timeout",),
        cells=REST_CELLS,
    ),
    HistoryFault(
        "a keep-alive revives an expired session",
        sessions(require_active=revived),
        "expiry.expired-refuses-keep-alive",
        steps=6,
        also=(
            "expiry.update-session-deleted",
            "expiry.download-session-ends",
        ),
    ),
    HistoryFault(
        "an update that is refused is half applied",
        sessions(update=half_applied),
        "update.invalid-specification",
        steps=3,
        cells=UPDATE_CELLS,
    ),
    HistoryFault(
        "a list forgets a session that was cancelled",
        sessions(is_listed_under=forgets_cancelled),
        "model.list",
        steps=3,
    ),
    HistoryFault(
        "an update adds to the list",
        sessions(apply_update=merged),
        "update.list-replaced",
        steps=3,
        cells=UPDATE_CELLS,
    ),
    HistoryFault(
        "a progress is stored for other sessions too",
        sessions(stored_progress=both_kept),
        "keep-alive.only-named-session",
        steps=4,
        variant="mixed",
    ),
    HistoryFault(
        "a progress of 100 ends the session",
        Parts(sessions=EndsAtHundred),
        "keep-alive.hundred-does-not-end-session",
        steps=2,
        variant="rest",
    ),
    HistoryFault(
        "a session can be cancelled twice",
        sessions(require_active=cancelled_twice),
        "life-cycle.only-active",
        steps=3,
        variant="rest",
    ),
    HistoryFault(
        "an update takes the progress back to 0",
        sessions(apply_update=reset_by_update),
        "update.other-members-unchanged",
        steps=5,
        variant="rest",
        cells=UPDATE_CELLS,
    ),
    HistoryFault(
        "a delete that is refused happens all the same",
        Parts(sessions=ForgetsAfterFailure),
        "life-cycle.delete-active-refused",
        steps=2,
        variant="rest",
        cells=UPDATE_CELLS,
    ),
    HistoryFault(
        "a refused progress costs half of the life",
        Parts(sessions=LivesOnAfterRefusal),
        "expiry.never-moves-back",
        steps=2,
        variant="rest",
        also=("keep-alive.refused-changes-nothing",),
    ),
    HistoryFault(
        "a lower progress is stored",
        sessions(accepts_progress=lambda *_: True),
        "keep-alive.progress-never-goes-down",
        steps=3,
    ),
    HistoryFault(
        "a session can be named as one of the other service",
        sessions(is_of=of_either),
        "addressing.other-services-id",
        steps=2,
        variant="mixed",
        also=("life-cycle.unknown-id", "model.list"),
    ),
]
