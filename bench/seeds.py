"""Runs campaigns and histories with many seeds against the unpatched mock: no finding is expected, whatever the seed.

    python bench/seeds.py [--seeds 30] [--first 1] [--fuzz-examples 100]

Ends with 1 if there is one, and shows it.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from contract_tests.contract import Dialect
from contract_tests.driver import Settings, open_target
from contract_tests.fuzz.campaigns.campaign import Size, run_campaign
from contract_tests.fuzz.campaigns.rulings import unclaimed_text
from contract_tests.fuzz.histories.machine import explore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.fuzz.campaigns.campaign import Campaign


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--fuzz-examples", type=int, default=100)
    options = parser.parse_args()
    cases, histories, found, started = 0, 0, 0, time.monotonic()
    for seed in range(options.first, options.first + options.seeds):
        with open_target(Settings(), lambda _seconds: None) as target:
            for dialect in Dialect:
                campaign = run_campaign(target, dialect, seed, Size(options.fuzz_examples, seconds=600))
                findings = list(_findings(campaign))
                cases, found = cases + campaign.cases, found + len(findings)
                said = f"{campaign.cases} cases, {campaign.seconds:.1f} s, {len(findings)} findings"
                print(f"seed {seed} {dialect}: {said}", *findings, sep="\n", flush=True)
            done = explore(target, tuple(Dialect), seed, options.fuzz_examples)
            found, histories = found + len(done.findings), histories + len(done.scripts)
            print(f"seed {seed} histories in both dialects: {len(done.scripts)}, {len(done.findings)} findings")
            for finding in done.findings:
                flaw = finding.flaw
                print(f"  {finding.clause} [{finding.cell}]: expected {flaw.expected}, observed {flaw.observed}")
    seconds = time.monotonic() - started
    tried = f"{cases} cases and {histories} histories in {seconds:.0f} s"
    print(f"{options.seeds} seeds, {tried}: {found} findings")
    return 1 if found else 0


def _findings(campaign: Campaign) -> Iterator[str]:
    if campaign.premise is not None:
        yield f"  ended early: {campaign.premise}"
    if unclaimed := unclaimed_text(campaign):
        yield unclaimed
    for (operation, slug), ruling in campaign.findings.rulings.items():
        if ruling.broken is not None:
            flaws = "; ".join(f"expected {flaw.expected}, observed {flaw.observed}" for flaw in ruling.flaws)
            requests = "\n    ".join(exchange.request.as_curl() for exchange in ruling.broken.history)
            yield f"  {operation} {slug} ({ruling.against} of {ruling.judged}): {flaws}\n    {requests}"


if __name__ == "__main__":
    sys.exit(main())
