"""A report as large as that of a full run, with every verdict and plausible exchanges; and one of hostile texts."""

from __future__ import annotations

import base64
import itertools
import json
import random
from functools import cache
from typing import TYPE_CHECKING, Any

from contract_tests.contract import CELLS, Cell, Clause, Level, load_ledger
from contract_tests.judging import Verdict
from contract_tests.reporting.causes import with_causes
from contract_tests.reporting.format import SCHEMA_VERSION, Conformance

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTILE = (
    "<script>window.__pwned = 1</script></script><!-- <img src=x onerror=alert(1)> \"'` {{7*7}} {% raw %} ${7*7}"
    " \x1b[31mred \x07\u2028\u202egnp.exe\u202c &lt;b&gt; ]]> javascript:alert(1) #a=b\u00e9"
)
"""What a server may answer, in the hope that somebody shows it without care."""

KNOWN = "answers 200 with {} since 7.0; reported to the vendor"
REASONS = {
    Verdict.DEVIATES: f"known of this target: {KNOWN}",
    Verdict.BLOCKED: "blocked 1 of 1; its premise failed: the session can't be read any more",
    Verdict.INCONCLUSIVE: "inconclusive 1 of 1; 900 s of waiting are needed, and --max-wait allows 0",
    Verdict.NOT_TESTED: "no second user is named in the profile of the target",
    Verdict.CONFORMS: "held 2 of 2",
}
_BROKEN = (Verdict.VIOLATES, Verdict.DEVIATES, Verdict.ADVISES)
_FINE = (Verdict.CONFORMS, Verdict.NOT_TESTED, Verdict.INCONCLUSIVE)
_BODY = {"client_progress": 40, "id": "50", "state": "ACTIVE", "expiration_time": "2026-03-01T12:05:00.000Z"}


@cache
def sample(*, seed: int = 1, steps: int = 4, conforming: bool = False, **run: Any) -> Conformance:
    """A report of the whole ledger; `steps` exchanges for each test of a cell, and `run` in its run record.

    One object for all who ask for the same: each holds thousands of exchanges.
    """
    return with_causes(Conformance.model_validate(_Maker(seed, steps, conforming=conforming).report(run)))


@cache
def hostile() -> Conformance:
    """The same with hostile characters at the end of every text, in bodies also within JSON and as no UTF-8 at all."""
    data = sample(steps=2).model_dump()
    bodies = itertools.cycle(_hostile_bodies())
    for exchange in data["exchanges"].values():
        exchange["request"]["body"], exchange["response"]["body"] = next(bodies), next(bodies)
    fixed = {key: data.pop(key) for key in ("totals",)}
    return Conformance.model_validate(_poisoned(data) | fixed)


_FIXED = {
    "level",
    "basis",
    "state",
    "verdict",
    "certificate",
    "dialect",
    "service",
    "gate",
    "dialects",
    "cells",
    "cell",
    "base64",
    "text",
}
"""Members whose values are words of the suite (or a code), which no server chooses."""


def _poisoned(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        # The members of `exchanges` are named by ids, and of `tests` by outcomes; all others by the format.
        named = name in {"exchanges", "tests"}
        return {_poisoned(key) if named else key: _poisoned(inner, key) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_poisoned(inner, "" if isinstance(inner, dict) else name) for inner in value]
    return value + HOSTILE if isinstance(value, str) and name not in _FIXED else value


def _hostile_bodies() -> Iterator[dict[str, Any]]:
    member = f"client_progress{HOSTILE}"
    yield {"text": HOSTILE, "base64": None, "omitted": 0}
    yield {"text": None, "base64": base64.b64encode(b"\xff\xfe</script>").decode(), "omitted": 0}
    yield {"text": json.dumps({member: [{HOSTILE: HOSTILE}], "__proto__": 1}), "base64": None, "omitted": 0}


class _Maker:
    def __init__(self, seed: int, steps: int, *, conforming: bool) -> None:
        self.random = random.Random(seed)
        self.steps = steps
        self.conforming = conforming
        self.exchanges: dict[str, Any] = {}
        self.totals = dict.fromkeys(map(str, Verdict), 0)

    def report(self, run: dict[str, Any]) -> dict[str, Any]:
        clauses = [self.clause(clause) for clause in load_ledger().values()]
        deviating = [clause for clause in clauses if any(cell["verdict"] == "deviates" for cell in clause["cells"])]
        return {
            "schema_version": SCHEMA_VERSION,
            "suite": {"name": "cl-contract", "version": "0.1.0", "sha256": "ab" * 32, "contract_sha256": "cd" * 32},
            "target": {
                "address": "https://vc.example",
                "version": "VMware vCenter Server 8.0.2.00000 22617221",
                "dialects": ["api", "rest"],
                "session_timeout": 300.0,
                "virtual_clock": False,
                "certificate": "verified",
                "ca_bundle": "vc-ca.pem",
            },
            "run": {
                "started": "2026-03-01T12:00:00.123456Z",
                "seconds": 341.2,
                "seed": 3897147172,
                "fuzz_examples": 100,
                "max_wait": 700.0,
                "gate": "should",
                "exit_code": 0 if self.conforming else 1,
                "complete": True,
                "tests": {"failed": 0 if self.conforming else 31, "passed": 601, "skipped": 22},
                "selected": "",
                "exchanges_sha256": "ef" * 32,
                **run,
            },
            "totals": self.totals,
            "clauses": clauses,
            "observations": [
                self.observation(clause)
                for clause in clauses
                if clause["basis"] == "policy" and Cell.parse("rest-download") in load_ledger()[clause["id"]].cells
            ],
            "deviations": [self.deviation(clause) for clause in deviating],
            "leftovers": ["item 4c1e of library cl-contract-7f: DELETE was answered with 500"],
            "exchanges": self.exchanges,
        }

    def clause(self, clause: Clause) -> dict[str, Any]:
        self.totals["not applicable"] += len(CELLS) - len(clause.cells)
        return {
            "id": clause.id,
            "subject": clause.subject,
            "level": clause.level,
            "basis": clause.basis,
            "says": clause.says,
            "why": clause.why,
            "sources": list(map(str, clause.sources)),
            "cells": [self.cell(cell, self.verdict(clause.level)) for cell in clause.cells],
        }

    def verdict(self, level: Level) -> Verdict:
        if level is Level.ADVISORY and not self.conforming and not self.totals[Verdict.ADVISES]:
            return Verdict.ADVISES  # the ledger has too few of them to wait for chance
        choices = _FINE if self.conforming else [one for one in Verdict if one is not Verdict.NOT_APPLICABLE]
        found = self.random.choices(choices, [40 if one is Verdict.CONFORMS else 1 for one in choices])[0]
        wrong = Verdict.ADVISES if level is Level.ADVISORY else Verdict.VIOLATES
        return wrong if found in (Verdict.ADVISES, Verdict.VIOLATES) else found

    def cell(self, cell: Cell, verdict: Verdict) -> dict[str, Any]:
        self.totals[verdict] += 1
        tests = [f"contract_tests/scenarios/test_progress.py::test_{name}[{cell}]" for name in ("one", "other")]
        named = list(self.played(tests[0], cell)) if verdict is not Verdict.NOT_TESTED else []
        flaw = {
            "test": tests[0],
            "expected": "status 204, an empty body",
            "observed": "status 200, with the body {}",
            "exchange": named[-1] if named else "",
        }
        broken = verdict in _BROKEN
        return {
            "dialect": cell.dialect,
            "service": cell.service,
            "verdict": verdict,
            "reason": REASONS.get(verdict, ""),
            "summary": REASONS.get(verdict, "broken 1, held 1 of 2"),
            "tests": tests if named else [],
            "flaws": [flaw] if broken else [],
            "exchanges": [
                {
                    "test": tests[0],
                    "exchange": name,
                    "deciding": name == named[-1],
                    "members": ["client_progress"] if name == named[-1] and not broken else [],
                }
                for name in named
            ],
        }

    def played(self, test: str, cell: Cell) -> Iterator[str]:
        """Keep-alives with a rising progress, each read back."""
        prefix = "/api" if cell.dialect == "api" else "/rest/com/vmware"
        url = f"https://vc.example{prefix}/content/library/item/{cell.service}-session/5{len(self.exchanges)}"
        for number, method in zip(range(self.steps), itertools.cycle(("POST", "GET")), strict=False):
            name = f"{len(self.exchanges):05}"
            sent = json.dumps({"progress": 40 + number}) if method == "POST" else ""
            body = json.dumps(_BODY | {"client_progress": 39 + number}) if method == "GET" else ""
            full = url + "?action=keep-alive" * (method == "POST")
            self.exchanges[name] = {
                "test": test,
                "cell": str(cell),
                "operation": "keep-alive" if method == "POST" else "get",
                "started": f"2026-03-01T12:00:{number:02}.500000Z",
                "seconds": 0.0123,
                "failure": None,
                "request": {
                    "method": method,
                    "url": full,
                    "headers": [["vmware-api-session-id", "<token>"], ["content-type", "application/json"]],
                    "body": {"text": sent, "base64": None, "omitted": 0},
                },
                "response": {
                    "status": 200 if body else 204,
                    "headers": [["date", "Sun, 01 Mar 2026 12:00:00 GMT"], ["content-type", "application/json"]],
                    "body": {"text": body, "base64": None, "omitted": 0},
                },
                "curl": f"curl -sS -i -g -X {method} -H \"vmware-api-session-id: $TOKEN\" --data-raw '{sent}' {full}",
            }
            yield name

    def observation(self, clause: dict[str, Any]) -> dict[str, Any]:
        cell = Cell.parse("rest-download")
        test = "contract_tests/scenarios/test_progress.py::test_equal[rest-download]"
        *_, name = self.played(test, cell)
        return {
            "clause": clause["id"],
            "choice": "accepted, and without effect",
            "cells": ["rest-download"],
            "tests": [test],
            "exchange": name,
        }

    def deviation(self, clause: dict[str, Any]) -> dict[str, Any]:
        cells = [cell for cell in clause["cells"] if cell["verdict"] == "deviates"]
        return {
            "clauses": [clause["id"]],
            "cells": [f"{cell['dialect']}-{cell['service']}" for cell in cells],
            "reason": KNOWN,
            "signature": "status 204, an empty body",
            "issue": "https://issues.example/4711",
            "owner": "the storage team",
            "expires": "2027-01-31",
            "state": "seen",
        }
