"""cl-contract faults: the catalogue of wrong servers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contract_tests.cli.parser import Parser, did_you_mean
from contract_tests.cli.printing import print_document, tell
from contract_tests.contract import CELLS, load_ledger
from contract_tests.faults.catalogue import catalogue
from contract_tests.problems import UnknownClauseError, UsageProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.faults.catalogue import CatalogueEntry


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="cl-contract faults",
        description="The faults that the mock can be served with, a line each: what finds it, its name, the clauses "
        "that it breaks, and in which cells, if not in all. `cl-contract mock --fault NAME` serves one.",
    )
    parser.add_argument("--clause", metavar="CLAUSE", help="those that break this clause, or these: keep-alive.*")
    parser.add_argument("--json", action="store_true", help="as a JSON list")
    options = parser.parse_args(arguments)
    chosen = list(catalogue().values())
    if options.clause is not None:
        try:
            slugs = set(load_ledger().matching(options.clause))
        except UnknownClauseError as unknown:
            parser.error(str(unknown).rstrip("."))
        chosen = [entry for entry in chosen if slugs & set(entry.clauses)]
    if options.json:
        print_document(json.dumps([_as_data(entry) for entry in chosen], indent=1, ensure_ascii=False) + "\n")
    else:
        tell(_line(entry) for entry in chosen)
    return 0


def named_faults(given: Sequence[str]) -> list[CatalogueEntry]:
    """The faults that `--fault` names, several in one word being separated by commas, of which names may have some.

    Raises:
        UsageProblem: there is no such fault; it names the nearest.
    """
    return [entry for word in given for entry in _split(word)]


def _split(word: str) -> list[CatalogueEntry]:
    pieces, found, known = word.split(","), [], catalogue()
    while pieces:
        for end in range(len(pieces), 0, -1):
            entry = known.get(",".join(pieces[:end]).strip())
            if entry is not None:
                found.append(entry)
                del pieces[:end]
                break
        else:
            name = ",".join(pieces).strip()
            hint = did_you_mean(name, known) or did_you_mean(pieces[0].strip(), known)
            raise UsageProblem(f"there is no fault {name!r}{hint or '; `cl-contract faults` lists them'}")
    return found


def _line(entry: CatalogueEntry) -> str:
    where = "" if len(entry.cells) == len(CELLS) else f" ({', '.join(map(str, entry.cells))})"
    return f"{entry.found_by:<9}  {entry.name}: {', '.join(entry.clauses) or 'no clause'}{where}"


def _as_data(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "clauses": list(entry.clauses),
        "cells": [str(cell) for cell in entry.cells],
        "found_by": entry.found_by,
        "session_timeout": entry.timeout,
    }
