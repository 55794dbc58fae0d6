"""How fast conformance.html is made, opened and filtered, and how large it is.

    python bench/page_speed.py [--report reports/conformance.json] [--rounds 5]

Without a report: one of the whole ledger with about 2,000 exchanges. Times are medians, in milliseconds, in headless
chromium: `load` is from the start of the navigation to the end of its load event, `load, CPU` is what the page's own
thread worked until then, `filter` and `open` are until the frame after the one in which it was painted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from contract_tests.reporting.format import Conformance
from contract_tests.reporting.views.page import page
from tests.unit.reporting.sample import sample

if TYPE_CHECKING:
    from playwright.sync_api import Page

_PAINTED = """async (act) => {
    const started = performance.now();
    eval(act);
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - started;
}"""
_TYPE = "const text = document.getElementById('text'); text.value = '{}'; form.dispatchEvent(new Event('input'))"
_CLICK = "document.querySelectorAll('button.cell')[{}].click()"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    report = Conformance.model_validate(json.loads(options.report.read_text())) if options.report else sample(steps=5)
    started = time.perf_counter()
    html = page(report)
    _print("made", [(time.perf_counter() - started) * 1000])
    print(f"{len(report.exchanges)} exchanges, {len(html.encode()):,} bytes", flush=True)
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "conformance.html"
        file.write_text(html, encoding="utf-8")
        chromium = os.environ.get("CONTRACT_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(options.rounds):
            visit = browser.new_page(bypass_csp=True)  # the measuring itself needs eval
            tracing = visit.context.new_cdp_session(visit)
            tracing.send("Performance.enable", {"timeDomain": "threadTicks"})
            visit.goto(file.as_uri())
            worked = {one["name"]: one["value"] for one in tracing.send("Performance.getMetrics")["metrics"]}
            for name, one in {"load, CPU": worked["TaskDuration"] * 1000, **_measure(visit)}.items():
                times.setdefault(name, []).append(one)
            visit.close()
        browser.close()
    for name, found in times.items():
        _print(name, found)
    return 0


def _measure(visit: Page) -> dict[str, float]:
    load = visit.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    return {
        "load": load,
        "open the first cell": visit.evaluate(_PAINTED, _CLICK.format(0)),
        "open another cell": visit.evaluate(_PAINTED, _CLICK.format(200)),
        "filter by text": visit.evaluate(_PAINTED, _TYPE.format("progress")),
        "show all again": visit.evaluate(_PAINTED, _TYPE.format("")),
    }


def _print(name: str, times: list[float]) -> None:
    print(f"{name}: {statistics.median(times):.0f} ms", flush=True)


if __name__ == "__main__":
    sys.exit(main())
