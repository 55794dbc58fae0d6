"""The script that shows a flaw again, written from the chain of exchanges that leads to it."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from contract_tests.contract import Dialect
from contract_tests.contract.dialects import CONVENTIONS
from contract_tests.reporting.repro.commands import CommandWriter
from contract_tests.reporting.repro.observation import observed
from contract_tests.reporting.repro.shell import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.reporting.repro.chain import Chain

MEANING: Final = "1 the flaw is seen again, 0 it is not: the server answers otherwise now, 2 it could not be played"
"""The exit codes of a script."""

_TIMES: Final = re.compile(r"expir|_time|[0-9]T[0-9]|[0-9] s\b|[0-9]:[0-9]")


@dataclass(frozen=True)
class ShownFlaw:
    """What a script is to show: the flaw, in whose name, and where it was found."""

    clause: str
    level: str
    cell: str
    says: str
    expected: str
    observed: str
    test: str
    run: str
    target: str | None
    """The address that is asked where the user names none; None: they have to."""
    timeout: float

    @property
    def is_about_time(self) -> bool:
        """Whether what is wrong is a time, so that those in the answers are compared."""
        return _TIMES.search(f"{self.expected} {self.observed}") is not None


def written(shown: ShownFlaw, chain: Chain) -> str:
    """The whole script.

    Raises:
        NotScriptable: a request of it can't be sent by curl, or holds a secret that nobody knows.
    """
    parts = [*_head(shown, chain), "", "main() {", *_body(shown, chain), "}", "", library(), "", "main"]
    return "\n".join(parts) + "\n"


@cache
def library() -> str:
    """The part that is the same in every script."""
    return Path(__file__).with_name("library.sh").read_text(encoding="utf-8").rstrip("\n")


def _head(shown: ShownFlaw, chain: Chain) -> list[str]:
    waits = sum(chain.waits.values())
    about = [
        f"{shown.clause} ({shown.level}) in {shown.cell}: {shown.says}",
        f"Expected: {shown.expected}",
        f"Observed: {shown.observed}",
        f"Found by {shown.test}, run {shown.run or 'of an old report'}.",
        "Use: CONTRACT_USERNAME=… CONTRACT_PASSWORD=… sh SCRIPT "
        + ("[https://server]" if shown.target else "https://server"),
        "CONTRACT_TARGET names the server too. CONTRACT_INSECURE=1: any certificate. CONTRACT_CA_BUNDLE=FILE: its CAs.",
        f"Exit code: {MEANING}.",
        f"A session of the server lives for {shown.timeout:g} s, as in the run."
        + (f" This lets {waits:g} s pass" if waits else "")
        + (
            ": at once by the clock of the mock server (`cl-contract mock --control`), or else truly."
            if waits and chain.is_virtual
            else "."
            if waits
            else ""
        ),
    ]
    lines = [line for text in about for line in textwrap.wrap(" ".join(text.split())[:1500], 116) or [""]]
    return [
        "#!/bin/sh",
        *(f"# {line}" for line in lines),
        "",
        "# shellcheck disable=SC2317,SC2329 # not every script needs each function",
        "set -u",
        f"TARGET=${{1:-${{CONTRACT_TARGET:-{shown.target or ''}}}}}",
        "TARGET=${TARGET%/}",
    ]


def _body(shown: ShownFlaw, chain: Chain) -> Iterator[str]:
    writer = CommandWriter(chain, shown)
    steps = list(writer.steps())
    dialect = Dialect.REST if shown.cell.startswith("rest") else Dialect.API
    yield f"CLOCK={'virtual' if chain.is_virtual else 'real'}"
    yield f"TIMES={'yes' if shown.is_about_time else 'no'}"
    yield f"LOGIN={CONVENTIONS[dialect].login}"
    yield f"LOGIN_MEMBER={CONVENTIONS[dialect].value_member or repr('')}"
    yield "[ -n \"$TARGET\" ] || give_up 'name the server: as an argument, or in CONTRACT_TARGET'"
    for name in ("CONTRACT_USERNAME", "CONTRACT_PASSWORD"):
        yield f'[ -n "${{{name}:-}}" ] || give_up {name} is not set'
    if writer.is_named_anew:
        yield "RUN=cl-contract-$(printf '%08x' \"$(($(date +%s) + $$))\")"
        yield 'named RUN "$RUN"'
    if writer.is_fresh:
        yield "FRESH=$(printf '%08x' \"$(($(date +%s) + $$))\")"
    yield 'TOKEN=$(log_in user "$CONTRACT_USERNAME" "$CONTRACT_PASSWORD") ||'
    yield '    give_up "the login was refused: $(answer_of user-login)"'
    yield 'named TOKEN "$TOKEN" user-login must'
    if writer.takes_second:
        for name in ("CONTRACT_SECOND_USERNAME", "CONTRACT_SECOND_PASSWORD"):
            yield f'[ -n "${{{name}:-}}" ] || give_up {name} is not set: this takes a user without privileges'
        yield 'SECOND_TOKEN=$(log_in second "$CONTRACT_SECOND_USERNAME" "$CONTRACT_SECOND_PASSWORD") ||'
        yield '    give_up "the login of the second user was refused: $(answer_of second-login)"'
        yield 'named SECOND_TOKEN "$SECOND_TOKEN" second-login must'
    yield from steps
    witnesses = [chain.steps[place] for place in chain.witnesses]
    numbers = " ".join(str(place + 1) for place in chain.witnesses)
    last = chain.deciding + 1
    yield ""
    yield f"# Request {last} shows it."
    yield ""
    yield f"printf '%s\\n' {word(['expected: ' + _short(shown.expected)])}"
    yield f"printf '%s\\n' {word(['in the run: ' + _short(shown.observed)])}"
    yield f"printf 'now: %s\\n' \"$(answer_of {last})\""
    yield f"if same_as_in_the_run {numbers} <<'THEN'"
    yield from observed(witnesses, writer.known, times=shown.is_about_time)
    yield "THEN"
    yield "then"
    yield "    echo 'seen again: what was asked is answered as in the run'"
    yield "    exit 1"
    yield "fi"
    yield 'as_expected "the server answers otherwise than in the run"'


def _short(text: str) -> str:
    told = " ".join(text.split())
    return told if len(told) <= 600 else told[:599] + "…"
