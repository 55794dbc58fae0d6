"""A step: one request with what is needed to judge it: which session it was for, and how that was before and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from contract_tests.contract.dialects import Op
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks import read
from contract_tests.rules.checks.times import clock_during

if TYPE_CHECKING:
    from contract_tests.contract import Cell
    from contract_tests.traffic.exchange import Exchange


class Standing(StrEnum):
    """How what a request names, a session or (for create and list) an item, stood when it was sent."""

    ACTIVE = "an ACTIVE session"
    ENDED = "a session that has ended"
    FREE = "an item that may have a session"
    BUSY = "an item with an ACTIVE session"
    EXPIRED = "a session whose time is over"
    UNKNOWN = "an id that nothing has"
    DELETED = "a session that was deleted"
    NONE = "nothing, or a text that was made up"


@dataclass(frozen=True)
class Step:
    """A request and its answer.

    `operation` is the operationId of the document, `op` what was asked for (a path of `/rest` has two operations).
    `wrong` are the parts of the request that were made wrong on purpose: path, query, header, body.
    `item` is the item of the session; `before` and `after` are reads of it, where there was something to read.
    `complaints` are the names of schemathesis' own checks that objected.
    """

    exchange: Exchange
    cell: Cell
    operation: str
    op: Op
    standing: Standing = Standing.NONE
    wrong: frozenset[str] = frozenset()
    item: str = ""
    before: Exchange | None = None
    after: Exchange | None = None
    complaints: tuple[str, ...] = field(default=())
    may_have_files: bool = False
    """Whether somebody may have added a file to the session."""
    on_the_wire: bool = False
    """Whether it was sent once more as bytes, and the body of the answer is all that followed the headers."""
    is_first: bool = False
    """Whether the session was just created, and this is the first request that names it."""
    is_untold: bool = False
    """Whether nobody has reported a progress to the session since its creation, which was seen."""

    @property
    def succeeded(self) -> bool:
        return self.exchange.status is not None and 200 <= self.exchange.status < 300

    @property
    def is_on_an_active_session(self) -> bool:
        """Whether the session was ACTIVE, was read before and after, and can't have ended by itself meanwhile."""
        return (
            self.standing is Standing.ACTIVE
            and self.before is not None
            and self.after is not None
            and not self.may_have_ended
        )

    @property
    def is_refused_after_its_end(self) -> bool:
        """Whether a session that had ended was refused it, and was read before and after.

        When it is deleted is the server's choice, so that it may be gone by then.
        """
        return (
            self.standing is Standing.ENDED
            and not self.succeeded
            and self.before is not None
            and self.after is not None
            and self.after.status == 200
        )

    @property
    def may_have_ended(self) -> bool:
        """Whether the time that the read before showed may have been up, by the server's clock, before the last answer.

        What is wrong with a time that can't be read is told elsewhere.
        """
        if self.before is None:
            return False
        try:
            up = read(self.before).expires.earliest
        except PremiseFailed:
            return False
        return clock_during(self.after or self.exchange).latest >= up

    @property
    def progress_before(self) -> int | None:
        """What the read before showed of the progress; None if there is none, or it shows none."""
        return None if self.before is None or self.before.status != 200 else read(self.before).shown_progress

    @property
    def hides_progress(self) -> bool:
        """Whether the read after shows a progress that is no integer: what came of it, that read does not say."""
        if self.after is None or self.after.status != 200:
            return False
        try:
            return read(self.after).hides_progress
        except PremiseFailed:
            return False

    @property
    def is_void(self) -> bool:
        """Whether a success of what was asked for has nothing to say."""
        return self.op not in (Op.CREATE, Op.READ, Op.LIST)

    @property
    def size(self) -> tuple[int, str]:
        """How much a reader has to read; the smallest of several findings is the one that is shown."""
        request = self.exchange.request
        return len(request.url) + len(request.body), request.body.decode("latin-1")

    @property
    def history(self) -> tuple[Exchange, ...]:
        """The request between the reads around it."""
        return tuple(one for one in (self.before, self.exchange, self.after) if one is not None)
