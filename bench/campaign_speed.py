"""Cases a second of a campaign beside those of plain `st run`: the same document, a mock each, in one run.

    python bench/campaign_speed.py [--fuzz-examples 100] [--seed 1]

`st run` is the command as a user types it, with the token in a header and the examples that are asked for; it gets no
live ids, and knows nothing of sessions. A campaign also reads the session after each request and judges every clause:
that is in its time, and its reads are no cases.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from contract_tests.contract import Dialect, openapi_dir
from contract_tests.contract.dialects import CONVENTIONS, TOKEN_HEADER
from contract_tests.driver import Settings, open_target
from contract_tests.fuzz.campaigns.campaign import Size, run_campaign


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fuzz-examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for dialect in Dialect:
        for name, run in (("campaign", _campaign), ("st run", _st_run)):
            cases, seconds, found = run(dialect, options.seed, options.fuzz_examples)
            rate = f"{cases} cases in {seconds:.1f} s, {cases / seconds:.0f} a second"
            print(f"{dialect} {name}: {rate}, {found} objections", flush=True)
    return 0


def _campaign(dialect: Dialect, seed: int, examples: int) -> tuple[int, float, int]:
    with open_target(Settings(), lambda _seconds: None) as target:
        campaign = run_campaign(target, dialect, seed, Size(examples, seconds=600))
    against = [one for one in campaign.findings.rulings.values() if one.broken is not None]
    return campaign.cases, campaign.seconds, len(against) + len(campaign.findings.unclaimed)


def _st_run(dialect: Dialect, seed: int, examples: int) -> tuple[int, float, int]:
    """Cases, seconds and distinct failures, as its summary tells them."""
    with open_target(Settings(), lambda _seconds: None) as target, tempfile.TemporaryDirectory() as folder:
        door = target.access.doors[dialect]
        words = ["run", str(openapi_dir() / f"{dialect}.yaml"), "--url", door.base + CONVENTIONS[dialect].root]
        words += ["--header", f"{TOKEN_HEADER}: {door.headers[TOKEN_HEADER]}", "--seed", str(seed)]
        words += ["--max-examples", str(examples), "--continue-on-failure", "--generation-database", "none"]
        words += ["--phases", "examples,coverage,fuzzing"]
        started = time.monotonic()
        done = subprocess.run(  # noqa: S603 - our own words
            [str(Path(sys.executable).with_name("st")), *words], cwd=folder, capture_output=True, check=False, text=True
        )
        seconds = time.monotonic() - started
    return _number(r"([\d,]+) generated", done.stdout), seconds, _number(r"([\d,]+) unique failure", done.stdout)


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1].replace(",", "")) if found else 0


if __name__ == "__main__":
    sys.exit(main())
