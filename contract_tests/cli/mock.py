"""cl-contract mock: the mock server, alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests import mock
from contract_tests.cli.parser import USAGE, Parser, problem_line
from contract_tests.cli.printing import whole_output
from contract_tests.contract import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

_YEAR = 366 * 86_400.0
_IDLE = 1800.0  # seconds; half an hour, as in vCenter Server


def main(arguments: Sequence[str]) -> int:
    parser = Parser(prog="cl-contract mock", description="The mock server, alone.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument(
        "--session-timeout",
        type=float,
        default=DEFAULT_TIMEOUT,
        metavar="S",
        help="seconds that a session lives unless it is kept alive (default: 300)",
    )
    parser.add_argument(
        "--login-timeout",
        type=float,
        metavar="S",
        help="seconds without a request after which a login ends (default: 1800; with --control: never, as a test "
        "that moves the clock would be logged out)",
    )
    parser.add_argument(
        "--control",
        action="store_true",
        help=f"open /_control, where clients that send {mock.CONTROL_HEADER}: {mock.CONTROL_KEY} can move the clock",
    )
    parser.add_argument(
        "--store",
        type=Path,
        metavar="DIR",
        help="folder for content of files that is too large for memory (default: only its size and digests are kept, "
        "and it can not be downloaded again); what is in it goes when the mock ends",
    )
    parser.add_argument(
        "--content-limit",
        type=int,
        default=mock.MockSettings.content_limit,
        metavar="BYTES",
        help="the most bytes of one file (default: %(default)s, 10 GiB)",
    )
    parser.add_argument(
        "--preview-seconds",
        type=float,
        default=mock.MockSettings.preview_seconds,
        metavar="S",
        help="seconds from the last byte of an OVF descriptor until its preview is AVAILABLE (default: %(default)s)",
    )
    parser.add_argument(
        "--other-previews",
        choices=("UNAVAILABLE", "NOT_APPLICABLE"),
        default="UNAVAILABLE",
        help="the state of the preview where no file is an OVF descriptor (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    if options.port not in range(65536):
        parser.error(f"--port {options.port} is not possible; give a number from 0 to 65535")
    if not 0 < options.session_timeout <= _YEAR:
        parser.error(_no_time("--session-timeout", options.session_timeout))
    if options.content_limit < 0:
        parser.error(f"--content-limit {options.content_limit} is not possible; give a number of bytes")
    if not 0 <= options.preview_seconds <= _YEAR:
        parser.error(_no_time("--preview-seconds", options.preview_seconds))
    login_timeout = options.login_timeout
    if login_timeout is None:
        login_timeout = None if options.control else _IDLE
    elif not 0 < login_timeout <= _YEAR:
        parser.error(_no_time("--login-timeout", login_timeout))
    with whole_output():  # of its address, which is all that it writes
        try:
            return mock.run(
                lambda url: _hint(url, options.session_timeout),
                host=options.host,
                port=options.port,
                session_timeout=options.session_timeout,
                login_timeout=login_timeout,
                control=options.control,
                store=options.store,
                content_limit=options.content_limit,
                preview_seconds=options.preview_seconds,
                other_previews=options.other_previews,
            )
        except (mock.CannotListen, mock.CannotStore) as problem:
            sys.stderr.write(problem_line(parser.prog, str(problem)))
            return USAGE


def _hint(url: str, session_timeout: float) -> str:
    """Who may log in, and how the suite is run against the mock."""
    user = mock.DEFAULT_USER
    timeout = "" if session_timeout == DEFAULT_TIMEOUT else f" --session-timeout {session_timeout:g}"
    return (
        f"user: {user.name}\npassword: {user.password}\nto run the suite against it: "
        f"CONTRACT_USERNAME={user.name} CONTRACT_PASSWORD={user.password} cl-contract run --target {url}{timeout}\n"
    )


def _no_time(option: str, seconds: float) -> str:
    return f"{option} {seconds:g} is not possible; give seconds above 0, a year at most"
