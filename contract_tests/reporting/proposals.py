"""Deviations that a profile may register: one for each cause of a run, as TOML, whose reason is left to a person."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Cell
from contract_tests.driver.deviations import LONGEST_SIGNATURE
from contract_tests.judging.outcomes import Outcome
from contract_tests.judging.symptoms import ID, TIME
from contract_tests.judging.verdicts import fails_run
from contract_tests.reporting.causes import premise_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from contract_tests.judging.tally import Tally
    from contract_tests.reporting.format import CauseRecord, Conformance

DAYS: Final = 90
"""How long a proposed deviation holds: long enough for a fix, short enough that nobody forgets it."""

_HEADS: Final = (60, 30, 15, 8)
"""Characters of what was observed that make up its signature, the first that fits: what comes later differs from one
run to the next."""

_SHORT: Final = 4
"""Words of a list that stand on one line."""

_LEAST: Final = 6
"""Characters that a signature has, even if they are quoted."""

_VARYING: Final = re.compile(
    rf"(?P<time>{TIME.pattern})|(?P<id>{ID.pattern})"
    r"|(?P<status>\b[1-5]\d\d(?= with\b|$))"
    r"|(?P<number>[-+]?\d+(?:\.\d+)?)"
)
_PATTERNS: Final = {"id": "[0-9A-Za-z_:-]+", "time": "[0-9T:.Z+ -]+", "number": "[-+]?[0-9.]+"}
_SPECIAL: Final = re.compile(r"[\\.^$|?*+()\[\]{}]")
_END: Final = re.compile(r"[\[{'\"<]|\d+\.\d+-\d+\.\d+ ms")
"""Where what is quoted begins, or the order of calls at once: it may be anything."""


def proposals(report: Conformance, tally: Tally, today: date) -> str:
    """A TOML document with one deviation for a cause that fails the run, each with an empty reason.

    An entry names all clauses and cells of its cause, and a signature that finds what was observed there.
    """
    lines = [
        "# What violated the contract when this was written, one entry a cause. Copy into a profile what is known and",
        "# accepted, and say in each why that is: an entry without a reason is refused.",
    ]
    for cause in report.causes:
        if entry := list(_entry(cause, report, tally, today)):
            lines += ["", *entry]
    return "\n".join(lines) + "\n"


def _entry(cause: CauseRecord, report: Conformance, tally: Tally, today: date) -> Iterator[str]:
    levels = {clause.id: clause.level for clause in report.clauses}
    places = [(one.clause, one.cell) for one in (*cause.broken, *cause.blocked)]
    failing = [
        (slug, cell)
        for slug, cell in places
        if fails_run(tally.verdict(tally.ledger[slug], Cell.parse(cell)), levels[slug], report.run.gate)
    ]
    signature = _signature([text for place in failing for text in _observed(tally, *place)])
    if not signature:
        return
    yield f"# {cause.says}"
    yield "[[deviations]]"
    yield f"clauses = {_list([slug for slug, _ in failing])}"
    yield f"cells = {_list([cell for _, cell in failing])}"
    yield 'reason = ""'
    yield f"signature = {_text(signature)}"
    yield f"expires = {today + timedelta(days=DAYS)}"


def _observed(tally: Tally, slug: str, cell: str) -> Iterator[str]:
    """What was observed wherever a clause is broken, or its premise failed, in a cell."""
    for _, decision in tally.found.get((slug, Cell.parse(cell)), ()):
        if decision.outcome is Outcome.BROKEN:
            yield from (flaw.observed for flaw in decision.flaws)
        elif decision.outcome is Outcome.BLOCKED and "its premise failed" in decision.reason:
            yield premise_of(decision.reason)[1]


def _signature(observed: Sequence[str]) -> str:
    """A regular expression that finds each of these texts, by how it begins; empty if there is none."""
    for longest in _HEADS:
        heads: list[str] = []
        for head in sorted({_pattern(text, longest) for text in observed}, key=lambda one: (len(one), one)):
            if not any(head.startswith(shorter) for shorter in heads):
                heads.append(head)
        signature = "|".join(f"^{head}" for head in heads)
        if len(signature) <= LONGEST_SIGNATURE:
            return signature
    return ""


def _pattern(text: str, longest: int) -> str:
    """How a text begins, without what differs from one run to the next."""
    quoted = _END.search(text, _LEAST)
    head = text[: min(longest, quoted.start() if quoted else longest)]
    parts, at = [], 0
    for found in _VARYING.finditer(head):
        parts += [_escaped(head[at : found.start()]), _PATTERNS.get(found.lastgroup or "", found.group())]
        at = found.end()
    return "".join([*parts, _escaped(head[at:])])


def _escaped(text: str) -> str:
    """A regular expression that finds this text, no harder to read than it has to be."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _list(words: Sequence[str]) -> str:
    """A list, as TOML; one word a line if there are several."""
    told = [json.dumps(word) for word in dict.fromkeys(words)]
    if len(told) <= _SHORT:
        return f"[{', '.join(told)}]"
    return "".join(["[\n", *(f"    {word},\n" for word in told), "]"])


def _text(told: str) -> str:
    """A text, as TOML: a literal one, if it can be."""
    plain = "'" not in told and told.isprintable()
    return f"'{told}'" if plain else json.dumps(told)
