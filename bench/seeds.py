"""Runs campaigns and histories with many seeds against right servers: no finding is expected, whatever the seed.

    python -m bench.seeds [--seeds 30] [--first 1] [--fuzz-examples 100] [--right PART-OF-A-NAME] [--busy 0]

Without `--right` the server is the mock as it is; with it, each right server of tests/faults with that in its name
(`--right ""`: all of them). `--busy 2` keeps two cores busy beside it. Ends with 1 if there is a finding, and shows it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from contract_tests.contract import Dialect
from contract_tests.driver import Settings, open_target
from contract_tests.fuzz.campaigns.campaign import Size, run_campaign
from contract_tests.fuzz.campaigns.rulings import unclaimed_text
from contract_tests.fuzz.histories.machine import explore
from contract_tests.mock import MockServer
from contract_tests.mock.domain.world import DEFAULT_USER
from tests.faults.differences import difference
from tests.faults.test_right_servers import DIFFERENCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.fuzz.campaigns.campaign import Campaign
    from tests.faults.differences import Difference


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--fuzz-examples", type=int, default=100)
    parser.add_argument("--right")
    parser.add_argument("--busy", type=int, default=0)
    options = parser.parse_args()
    servers = [None] if options.right is None else [one for one in DIFFERENCES if options.right in one.name]
    found, started = 0, time.monotonic()
    with _busy(options.busy):
        for server in servers:
            for seed in range(options.first, options.first + options.seeds):
                found += _one(server, seed, options.fuzz_examples)
    print(f"{len(servers)} servers, {options.seeds} seeds, {time.monotonic() - started:.0f} s: {found} findings")
    return 1 if found else 0


def _one(right: Difference | None, seed: int, examples: int) -> int:
    """Play one seed against one server; gives how much is said of it that must not be."""
    row = right or difference("the mock", None)
    findings: list[str] = []
    cases = 0
    with MockServer(control=True, parts=row.parts, session_timeout=row.timeout) as server:
        who = DEFAULT_USER
        settings = Settings(target=server.url, username=who.name, password=who.password, session_timeout=row.timeout)
        with open_target(settings, lambda _seconds: None) as target:
            for dialect in Dialect:
                campaign = run_campaign(target, dialect, seed, Size(examples, seconds=600))
                cases += campaign.cases
                findings += (f"  {dialect}: {text}" for text in _findings(campaign, row.advised))
            done = explore(target, tuple(Dialect), seed, examples)
            for finding in done.findings:
                flaw = finding.flaw
                if finding.clause not in row.advised:
                    told = f"expected {flaw.expected}, observed {flaw.observed}"
                    findings.append(f"  history: {finding.clause} [{finding.cell}]: {told}")
    said = f"{cases} cases, {len(done.scripts)} histories, {len(findings)} findings"
    print(f"{row.name}, seed {seed}: {said}", *findings, sep="\n", flush=True)
    return len(findings)


@contextmanager
def _busy(cores: int) -> Iterator[None]:
    """Keep so many cores busy."""
    spinning = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(cores)]
    for process in spinning:
        process.start()
    try:
        yield
    finally:
        for process in spinning:
            process.kill()


def _spin() -> None:
    while True:
        pass


def _findings(campaign: Campaign, advised: frozenset[str]) -> Iterator[str]:
    if campaign.premise is not None:
        yield f"  ended early: {campaign.premise}"
    if unclaimed := unclaimed_text(campaign):
        yield unclaimed
    for (operation, slug), ruling in campaign.findings.rulings.items():
        if ruling.broken is not None and slug not in advised:
            flaws = "; ".join(f"expected {flaw.expected}, observed {flaw.observed}" for flaw in ruling.flaws)
            requests = "\n    ".join(exchange.request.as_curl() for exchange in ruling.broken.history)
            yield f"  {operation} {slug} ({ruling.against} of {ruling.judged}): {flaws}\n    {requests}"


if __name__ == "__main__":
    sys.exit(main())
