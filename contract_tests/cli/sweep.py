"""cl-contract sweep: remove what runs that were killed have left on a server."""

from __future__ import annotations

import argparse
import os
import re
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from contract_tests.cli.parser import Parser
from contract_tests.cli.printing import tell
from contract_tests.cli.reports import or_usage_problem
from contract_tests.driver import Settings
from contract_tests.driver.control import control_door
from contract_tests.driver.journal import Entry, left_in
from contract_tests.driver.preflight import preflight
from contract_tests.driver.sweeping import Found, Sweep
from contract_tests.driver.transport.door import Door
from contract_tests.driver.transport.recorder import Recorder
from contract_tests.mock import CONTROL_KEY
from contract_tests.problems import UsageProblem
from contract_tests.traffic.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="cl-contract sweep",
        description="Remove what runs that were killed have left on a server: by the journals that lie beside their "
        "reports, and with --target also libraries of the names that runs draw, if nobody has changed them for a day. "
        "What it finds is shown first. User name and password: CONTRACT_USERNAME and CONTRACT_PASSWORD. Exit code 0 "
        "if nothing is left, 1 if something is, 4 where a server can't be asked.",
    )
    parser.add_argument(
        "--reports", type=Path, default=Path("reports"), help="the folder of the run (default: reports)"
    )
    parser.add_argument("--target", metavar="URL", help="look on this server alone, also where no journal names it")
    parser.add_argument(
        "--older-than",
        type=_span,
        default=timedelta(days=1),
        metavar="SPAN",
        help="how long a library that no journal names must not have changed: 90m, 12h, 2d (default: 1d)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be removed, and remove nothing")
    parser.add_argument("--ca-bundle", type=Path, metavar="FILE", help="PEM certificates to trust")
    parser.add_argument("--insecure", action="store_true", help="do not verify the TLS certificate")
    options = parser.parse_args(arguments)
    return or_usage_problem("sweep", lambda: _sweep(options))


def _span(text: str) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no span; give a number and s, m, h or d, like 12h")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _sweep(options: argparse.Namespace) -> int:
    entries = left_in(options.reports)
    by_target: dict[str, list[Entry]] = {options.target.rstrip("/"): []} if options.target else {}
    for one in entries:
        if not options.target or one.target in by_target:
            by_target.setdefault(one.target, []).append(one)
    if not by_target:
        tell([f"no journal in {options.reports} tells of a run that was not cleaned up; --target asks a server itself"])
    return max((_swept(options, target, known) for target, known in by_target.items()), default=0)


def _swept(options: argparse.Namespace, target: str, entries: Sequence[Entry]) -> int:
    """Sweep one server.

    Raises:
        UsageProblem: it can't be asked.
    """
    settings = Settings(
        target=target,
        ca_bundle=options.ca_bundle,
        insecure=options.insecure,
        username=os.environ.get("CONTRACT_USERNAME", ""),
        password=os.environ.get("CONTRACT_PASSWORD", ""),
    )
    if not settings.username or not settings.password:
        raise UsageProblem(f"no user name or password for {target}; set CONTRACT_USERNAME and CONTRACT_PASSWORD")
    with ExitStack() as stack:
        anonymous = Door(target, Recorder(Redactor()), way=settings.way(target))
        stack.callback(anonymous.close)
        _, access = preflight(settings, target, anonymous, control_door(anonymous, CONTROL_KEY))
        stack.callback(access.log_out)
        sweep = Sweep(access.doors, entries, options.older_than)
        found = sweep.look()
        tell(_told(target, found))
        if options.dry_run:
            return 0
        left = sweep.remove(found)
    tell([f"still there: {one}" for one in left])
    if left:
        return 1
    for one in entries:
        one.path.unlink(missing_ok=True)
    if found:
        tell([f"removed: {_counted(found)}"])
    return 0


def _told(target: str, found: Found) -> list[str]:
    if not found:
        return [f"{target}: nothing of ours is left"]
    named = [f"  library {name} ({id_})" for id_, name in found.libraries.items()]
    return [
        f"{target}: {_counted(found)}",
        *named,
        *(f"  {one.cell.service} session {one.id}" for one in found.sessions),
    ]


def _counted(found: Found) -> str:
    libraries, sessions = len(found.libraries), len(found.sessions)
    return (
        f"{libraries} librar{'y' if libraries == 1 else 'ies'} with all that is in them, "
        f"{sessions} session{'s' * (sessions != 1)}"
    )
