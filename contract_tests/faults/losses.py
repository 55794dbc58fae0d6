"""Servers on which a call loses what a session holds: each kind of call with each member that can get lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from contract_tests.contract import CELLS, Cell, Service
from contract_tests.contract.dialects import Op
from contract_tests.faults.fault import DIAGONAL, Fault, door, fault
from contract_tests.mock import ApiError
from contract_tests.mock.domain.model import SessionRecord, State
from contract_tests.mock.http.door import Dispatcher, Incoming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from contract_tests.mock import Parts
    from contract_tests.mock.http.operations import Operation
    from contract_tests.mock.http.wire import Reply


def _no_progress(session: SessionRecord) -> None:
    session.client_progress = 0


def _no_list(session: SessionRecord) -> None:
    session.warning_behavior = None


def _no_warning(session: SessionRecord) -> None:
    session.raised = []


def _no_file(session: SessionRecord) -> None:
    session.uploads.clear()
    session.downloads.clear()


def _no_reason(session: SessionRecord) -> None:
    session.error_message = None


def _no_version(session: SessionRecord) -> None:
    session.content_version = "0"


UPDATES: Final = (Service.UPDATE,)
BOTH: Final = tuple(Service)

MEMBERS: Final[Mapping[str, tuple[Callable[[SessionRecord], None], tuple[Service, ...]]]] = {
    "the progress": (_no_progress, BOTH),
    "the content version": (_no_version, BOTH),
    "the files": (_no_file, BOTH),
    "the warning behaviour": (_no_list, UPDATES),
    "the warnings of the preview": (_no_warning, UPDATES),
    "the error message": (_no_reason, BOTH),
}
"""How each of them is lost, and sessions of which services have it."""

OF_ACTIVE: Final = tuple(name for name in MEMBERS if name != "the error message")
OF_ENDED: Final = ("the progress", "the content version", "the warning behaviour", "the error message")
"""What a session still shows that has ended."""


@dataclass(frozen=True)
class Loss:
    """A kind of call that loses something, and the slug that says that it does not.

    The calls are those of `ops` that succeed, or are `refused`; they name a session that is ACTIVE, or in ERROR when
    it `ended`. Lost is what that session holds, or what the `others` do. `also` are slugs that may be broken by it,
    too, and `unless` what the calls may change. Nothing is lost below the progress `at`, and `after` so many calls.
    """

    name: str
    ops: tuple[Op, ...]
    slug: str
    refused: bool = False
    ended: bool = False
    others: bool = False
    services: tuple[Service, ...] = BOTH
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    only: str = ""
    at: int = 0
    after: int = 0

    @property
    def members(self) -> tuple[str, ...]:
        """What there is to lose."""
        return tuple(name for name in (OF_ENDED if self.ended else OF_ACTIVE) if name not in self.unless)

    def parts(self, lose: Callable[[SessionRecord], None]) -> Parts:
        """The server that loses it."""

        def perform(server: Dispatcher, operation: Operation, incoming: Incoming) -> Reply:
            named = server.world.sessions.by_id.get(incoming.parameters.get("id", ""))
            state = None if named is None else named.state
            try:
                reply = Dispatcher.perform(server, operation, incoming)
            except ApiError:
                if self.refused:
                    self._lose(server, operation, named, state, lose)
                raise
            if not self.refused:
                self._lose(server, operation, named, state, lose)
            return reply

        return door(perform=perform)

    def _lose(
        self,
        server: Dispatcher,
        operation: Operation,
        named: SessionRecord | None,
        state: State | None,
        lose: Callable[[SessionRecord], None],
    ) -> None:
        if (op := _op_of(operation)) not in self.ops:
            return
        sessions = server.world.sessions.by_id.values()
        if self.others:
            made = list(sessions)[-1] if op is Op.CREATE and not self.refused else named
            for other in (one for one in sessions if one is not made):
                lose(other)
        elif named is not None and state is (State.ERROR if self.ended else State.ACTIVE):
            calls: Counter[str] = server.world.sessions.__dict__.setdefault("calls", Counter())
            calls[named.id] += 1
            if calls[named.id] > self.after and named.client_progress >= self.at:
                lose(named)


def _op_of(operation: Operation) -> Op | None:
    """Which operation on sessions it is."""
    service, _, one = operation.path.partition("/item/")[2].partition("/")
    if service not in {"update-session", "download-session"} or "/" in one:
        return None
    if operation.action in set(Op):
        return Op(operation.action)
    is_one = bool(one)
    return {
        ("GET", True): Op.READ,
        ("GET", False): Op.LIST,
        ("POST", False): Op.CREATE,
        ("PATCH", True): Op.UPDATE,
        ("DELETE", True): Op.DELETE,
    }.get((operation.method, is_one))


_KEPT, _REFUSED = "keep-alive.changes-nothing-else", "keep-alive.refused-changes-nothing"
_OTHERS = "life-cycle.only-named-session"
_ENDS: Final = (Op.COMPLETE, Op.CANCEL, Op.FAIL)

LOSSES: Final = (
    Loss("a keep-alive", (Op.KEEP_ALIVE,), _KEPT, unless=("the progress",), only="nothing_else"),
    Loss("a keep-alive at 100", (Op.KEEP_ALIVE,), _KEPT, unless=("the progress",), only="changes_later", at=100),
    Loss("the second keep-alive", (Op.KEEP_ALIVE,), _KEPT, unless=("the progress",), only="changes_later", after=1),
    Loss(
        "an update beyond the half",
        (Op.UPDATE,),
        "update.changes-nothing-else",
        services=UPDATES,
        unless=("the warning behaviour",),
        only="nothing_but",
        at=51,
    ),
    Loss(
        "an update with no list",
        (Op.UPDATE,),
        "update.list-of-a-wrong-type",
        refused=True,
        services=UPDATES,
        only="no_list_of_objects",
    ),
    Loss("a refused keep-alive", (Op.KEEP_ALIVE,), _REFUSED, refused=True, only="refused_call"),
    Loss("a keep-alive too late", (Op.KEEP_ALIVE,), _REFUSED, refused=True, ended=True, only="too_late"),
    Loss(
        "a keep-alive of another session",
        (Op.KEEP_ALIVE,),
        "keep-alive.only-named-session",
        others=True,
        only="no_other_session_loses",
    ),
    Loss(
        "an update",
        (Op.UPDATE,),
        "update.changes-nothing-else",
        services=UPDATES,
        unless=("the warning behaviour",),
    ),
    Loss(
        "a refused update",
        (Op.UPDATE,),
        "update.invalid-specification",
        refused=True,
        services=UPDATES,
        only="without-type",
    ),
    Loss(
        "an update too late",
        (Op.UPDATE,),
        "update.only-active",
        refused=True,
        ended=True,
        services=UPDATES,
        only="not_updated",
    ),
    Loss("a read", (Op.READ,), "model.reads-change-nothing", only="who_looks"),
    Loss("a list", (Op.LIST,), "model.reads-change-nothing", others=True, only="who_looks"),
    Loss(
        "a read too late",
        (Op.READ,),
        "model.reads-change-nothing",
        ended=True,
        unless=("the content version", "the warning behaviour"),
        only="has_failed",
    ),
    Loss(
        "a list too late",
        (Op.LIST,),
        "model.reads-change-nothing",
        ended=True,
        others=True,
        unless=("the content version", "the warning behaviour"),
        only="has_failed",
    ),
    Loss(
        "a complete too early",
        (Op.COMPLETE,),
        "life-cycle.complete-without-content",
        refused=True,
        services=UPDATES,
        only="too_early",
    ),
    Loss("a fail without a reason", (Op.FAIL,), "life-cycle.fail-needs-message", refused=True, only="empty-object"),
    Loss(
        "a delete of an ACTIVE session",
        (Op.DELETE,),
        "life-cycle.delete-active-refused",
        refused=True,
        services=UPDATES,
    ),
    Loss("an end too late", _ENDS, "life-cycle.only-active", refused=True, ended=True, only="end_again"),
    Loss(
        "a create on a busy item",
        (Op.CREATE,),
        "create.second-active-session",
        refused=True,
        others=True,
        services=UPDATES,
        only="takes_one",
    ),
    *(
        Loss(f"{op} of another session", (op,), _OTHERS, others=True, only=f"touched and {op}")
        for op in (Op.CREATE, Op.CANCEL, Op.FAIL, Op.DELETE)
    ),
    *(
        Loss(f"{op} of another session", (op,), _OTHERS, others=True, services=UPDATES, only=f"touched and {op}")
        for op in (Op.UPDATE, Op.COMPLETE)
    ),
)


def _faults() -> Iterator[Fault]:
    for loss in LOSSES:
        for number, member in enumerate(loss.members):
            lose, services = MEMBERS[member]
            of = [service for service in services if service in loss.services]
            cells = DIAGONAL if len(of) > 1 else (_cells(of[0])[number % 2],)
            row = fault(f"{loss.name} loses {member}", loss.parts(lose), loss.slug, tolerated=loss.also, only=loss.only)
            yield replace(row, cells=cells, played_in=cells)


def _cells(service: Service) -> list[Cell]:
    return [cell for cell in CELLS if cell.service is service]


FAULTS: Final = tuple(_faults())
