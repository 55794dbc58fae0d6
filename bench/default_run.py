"""How long the default run takes beside 20,000 bare requests of httpx to the same kind of mock.

    python -m bench.default_run [--requests 20000]

The default run is `make contract` after its installation, from its start to its end; its reports are in reports/. The
bare requests
read one session again and again by one client in one process, and look at no answer. `peak` is the most memory
that one process of the run has held.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import httpx

from contract_tests.contract import CELLS
from contract_tests.driver import Settings, open_target
from contract_tests.reporting.folder import FILES

_RUN = "import sys; from contract_tests.cli import main; sys.exit(main())"
_REPORTS = Path("reports")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000)
    number = parser.parse_args().requests
    began = time.monotonic()
    command = [sys.executable, "-c", _RUN, "run", "-n", "auto"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words
    seconds, used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"the run: {seconds:.1f} s, {busy:.1f} s of {os.cpu_count()} processors, peak {peak:.0f} MiB", flush=True)
    print(", ".join(f"{name} {(_REPORTS / name).stat().st_size / 1e6:.1f} MB" for name in FILES))
    bare = _bare(number)
    print(f"{number} bare requests: {bare:.1f} s")
    print(f"the run / bare requests: {seconds / bare:.2f}")
    return 0


def _bare(number: int) -> float:
    with open_target(Settings(), lambda _seconds: None) as target:
        session = target.workspace.open_session(CELLS[0])
        address, headers = session.read().request.url, session.door.headers
        with httpx.Client(headers=headers) as client:
            began = time.monotonic()
            for _ in range(number):
                client.get(address).raise_for_status()
            return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
