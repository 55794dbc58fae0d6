"""`python -m tests.independent`: serve until killed; the first line is the address."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys

from tests.independent.domain import World
from tests.independent.freedoms import chosen
from tests.independent.server import Server


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.independent", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--switch", action="append", default=[], metavar="NAME[=VALUE]")
    parser.add_argument("--session-timeout", type=float, default=300.0, metavar="S")
    parser.add_argument("--control", action="store_true", help="open /_control, so that time can be moved")
    parser.add_argument("--user", default=os.environ.get("CONTRACT_USERNAME", "user"))
    parser.add_argument("--password", default=os.environ.get("CONTRACT_PASSWORD", "pass"))
    parser.add_argument("--second-user", default=os.environ.get("CONTRACT_SECOND_USERNAME", "second"))
    parser.add_argument("--second-password", default=os.environ.get("CONTRACT_SECOND_PASSWORD", "pass2"))
    told = parser.parse_args()
    try:
        free = chosen(told.switch)
    except ValueError as problem:
        parser.error(str(problem))
    users = {told.user: (told.password, True), told.second_user: (told.second_password, False)}
    server = Server(World(free, told.session_timeout, users), told.port, controlled=told.control)
    print(server.base, flush=True)  # noqa: T201
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
