"""cl-contract mock: the mock server, alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from contract_tests import mock
from contract_tests.cli.parser import Parser
from contract_tests.cli.printing import whole_output

if TYPE_CHECKING:
    from collections.abc import Sequence

_YEAR = 366 * 86_400.0


def main(arguments: Sequence[str]) -> int:
    parser = Parser(prog="cl-contract mock", description="The mock server, alone.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument(
        "--session-timeout",
        type=float,
        default=300.0,
        metavar="S",
        help="seconds that a session lives unless it is kept alive (default: 300)",
    )
    parser.add_argument(
        "--control", action="store_true", help="open /_control, where clients can move the server's clock"
    )
    options = parser.parse_args(arguments)
    if options.port not in range(65536):
        parser.error(f"--port {options.port} is not possible; give a number from 0 to 65535")
    if not 0 < options.session_timeout <= _YEAR:
        parser.error(
            f"--session-timeout {options.session_timeout:g} is not possible; give seconds above 0, a year at most"
        )
    with whole_output():  # of its address, which is all that it writes
        try:
            return mock.run(
                host=options.host,
                port=options.port,
                session_timeout=options.session_timeout,
                control=options.control,
            )
        except mock.CannotListen as problem:
            sys.stderr.write(f"cl-contract mock: {problem}\n")
            return 4
