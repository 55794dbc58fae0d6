"""The exceptions of this suite: one tree, by who has to act on what is raised.

The mock has its own (`contract_tests.mock`): a server's refusals, of which the suite knows what is on the wire alone.
"""

from __future__ import annotations

from typing import Any

import httpx

from contract_tests.texts import sentence


class Problem(Exception):
    """The base of what this suite raises."""


# What the user has to mend


class UsageProblem(Problem):
    """Something the user has to mend before a run can start; its text is one clear sentence for them."""


class OutputLost(Problem):
    """Standard output takes no more; the text says why."""


class NotScriptable(Problem):
    """No script of shell and curl can show this flaw again; the text says why, and goes on after "no script: "."""


# What the contract can't be read for


class ContractNotFound(Problem):
    """The folder openapi/, or a document in it, is not where this package looks for it."""


class LedgerError(Problem, ValueError):
    """A file of the ledger says something that cannot be; the message is one sentence.

    Attributes:
        file: name of the file, without folder.
        where: the clause's slug, the document's name, or which entry it is when it has no usable name; empty
            when the file as a whole is wrong.
        member: the wrong member, dotted below the first level (``sources.0.at``); empty if none is.
    """

    def __init__(self, file: str, problem: str, *, where: str = "", member: str = "") -> None:
        place = "".join(f"{part}: " for part in (file, where) if part)
        super().__init__(f"{place}{member}{' ' if member else ''}{problem}.")
        self.file = file
        self.where = where
        self.member = member


class UnknownClauseError(Problem, KeyError):
    """No clause has this slug."""

    def __init__(self, slug: str, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(slug)
        self.slug = slug
        self.nearest = nearest

    def __str__(self) -> str:
        hint = f"; did you mean {' or '.join(self.nearest)}?" if self.nearest else "."
        return f"The ledger has no clause {self.slug!r}{hint}"


class NoSuchSchema(Problem, LookupError):
    """The documents have no component schema of this name."""


# How a test ends that does not simply pass


class Violation(Problem):
    """A test found a gating clause broken, or could not judge it; its text is what a stranger reads."""


class PremiseFailed(Problem):
    """What a check takes for granted did not hold, so it can decide nothing: the cell is blocked.

    `exchange` is the `contract_tests.traffic.exchange.Exchange` that shows it, if one does.
    """

    def __init__(self, expected: str, observed: str, exchange: Any = None) -> None:
        self.expected = sentence(expected)
        self.observed = sentence(observed)
        super().__init__(f"expected {self.expected}; observed {self.observed}")
        self.exchange = exchange


class Inconclusive(Problem):
    """The run may not do what a test needs to decide its clauses (wait that long, say). The text says why."""


class NotTested(Problem):
    """This target lacks what a test needs (a file service, content, another library). The text says what.

    `exchange` is the one that shows it, if one does.
    """

    def __init__(self, why: str, exchange: Any = None) -> None:
        super().__init__(why)
        self.exchange = exchange


class Disagreed(Problem, AssertionError):
    """A history has come to a disagreement that was not known."""


# Mistakes of the suite, never of a server


class ScenarioMistake(Problem):
    """A scenario uses the judge in a way that could hide something; a defect of the suite, not of the server."""


class NoSuchOperation(Problem):
    """The service has no such operation: a test was collected for a cell where it can't apply."""


class Unassigned(Problem):
    """A disagreement belongs to no clause of its cell; a defect of the suite, which must not be lost."""


# Why there is no answer. Their names stand in the failure of an exchange.


class TooLongError(Problem, httpx.TransportError):
    """The answer is longer than anybody reads."""


class NotKept(Problem, httpx.TransportError):
    """The run has kept so many long answers that it keeps no other one: nothing is said of it."""


class NotAsked(Problem, httpx.TransportError):
    """A request that was not sent, since the server has stopped answering."""


class ReusedConnectionClosed(Problem, httpx.RemoteProtocolError):
    """A connection that had been kept open broke before a byte of the answer, maybe before the request was seen.

    Its name stands in the failure of an exchange (`exchange.REUSED`).
    """
