"""cl-contract clauses: the clauses of the contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contract_tests.cli.parser import Parser
from contract_tests.cli.printing import print_document, tell
from contract_tests.contract import Level, load_ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.contract import Clause


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="cl-contract clauses",
        description="The clauses of the contract, a line each: level, slug, sentence. `cl-contract explain CLAUSE` "
        "tells all about one.",
    )
    ledger = load_ledger()
    parser.add_argument("--level", choices=[*map(str, Level)], help="those of this level only")
    parser.add_argument("--subject", choices=ledger.subjects, metavar="SUBJECT", help=", ".join(ledger.subjects))
    parser.add_argument("--json", action="store_true", help="as a JSON list, with all that the ledger has")
    options = parser.parse_args(arguments)
    chosen = [
        clause
        for clause in ledger.values()
        if options.level in (None, clause.level) and options.subject in (None, clause.subject)
    ]
    if options.json:
        print_document(json.dumps([_as_data(clause) for clause in chosen], indent=1, ensure_ascii=False) + "\n")
    else:
        width = max((len(clause.id) for clause in chosen), default=0)
        tell(f"{clause.level:<8}  {clause.id:<{width}}  {clause.says}" for clause in chosen)
    return 0


def _as_data(clause: Clause) -> dict[str, Any]:
    return {
        "id": clause.id,
        "subject": clause.subject,
        "level": clause.level,
        "basis": clause.basis,
        "says": clause.says,
        "why": clause.why,
        "sources": [str(source) for source in clause.sources],
        "cells": [str(cell) for cell in clause.cells],
        "since": clause.since,
        "until": clause.until,
        "untested": clause.untested,
    }
