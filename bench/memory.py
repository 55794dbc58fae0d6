"""Measures what a run keeps of a server that answers at length: memory, and the size of its reports.

    python bench/memory.py [--mebibytes 8] [-k "keep_alive or progress"]

The same run twice: against the mock, and against one that fills every answer of status 200, but those to logins, with
spaces. An ordinary answer has half a kilobyte.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.mock import MockServer, Parts
from contract_tests.mock.domain.world import DEFAULT_USER
from contract_tests.mock.http.wire import Reply, Wire

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_RUN = "import sys; from contract_tests.cli import main; sys.exit(main())"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mebibytes", type=float, default=8.0)
    parser.add_argument("-k", default="keep_alive or progress")
    options = parser.parse_args()
    for mebibytes in (0.0, options.mebibytes):
        print(f"{mebibytes:g} MiB an answer: {_measured(int(mebibytes * 2**20), options.k)}", flush=True)
    return 0


def _measured(length: int, chosen: str) -> str:
    long = 0

    class Long(Wire):
        async def send(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal long
            # Of a login, no more than 64 KiB are searched for secrets: a longer one is refused.
            if reply.status == 200 and reply.body and length and not scope["path"].endswith("/session"):
                long += 1
                reply = replace(reply, body=reply.body.ljust(length))
            await super().send(reply, scope, receive, send)

    with tempfile.TemporaryDirectory() as folder, MockServer(control=True, parts=Parts(wire=Long)) as server:
        arguments = ["run", "-q", "--target", server.url, "--reports", folder, "--seed", "1", "-k", chosen]
        environment = {"CONTRACT_USERNAME": DEFAULT_USER.name, "CONTRACT_PASSWORD": DEFAULT_USER.password}
        began = time.monotonic()
        run = subprocess.Popen(  # noqa: S603 - of this interpreter
            [sys.executable, "-c", _RUN, *arguments], env={**os.environ, **environment}, stdout=subprocess.DEVNULL
        )
        _, _, used = os.wait4(run.pid, 0)
        seconds = time.monotonic() - began
        sizes = [f"{one.name} {one.stat().st_size / 2**20:.1f}" for one in sorted(Path(folder).iterdir())]
    return f"{long} such answers, {seconds:.0f} s, at most {used.ru_maxrss / 2**10:.0f} MiB; {', '.join(sizes)} MiB"


if __name__ == "__main__":
    sys.exit(main())
