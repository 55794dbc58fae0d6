"""Runs the benchmarks, and writes what they measured into bench/README.md, each with its method.

    python -m bench [PART-OF-A-NAME ...]

With names: only those, and the file keeps what it says of the others.
"""

from __future__ import annotations

import argparse
import ast
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PAGE: Final = HERE / "README.md"
MEASURES: Final = (
    "default_run",
    "scenario_speed",
    "campaign_speed",
    "report_size",
    "page_speed",
    "growth",
    "mock_growth",
    "large_file",
    "memory",
)
"""Not `seeds`, which takes hours and asks whether, not how fast."""
_WORDS: Final = {"page_speed": ("--report", "reports/conformance.json")}
_SECTION: Final = re.compile(r"^## bench/(\w+)\.py\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_HEAD: Final = """\
# What was measured

Written by `make bench`; nothing here is a test, and nothing fails when it changes. Compare ratios of one run, and runs
of one machine: a number of seconds says as much about the machine as about the suite. Each section is a script; its
text says what it does and which options it has.

"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="PART-OF-A-NAME")
    wanted = parser.parse_args().names or [""]
    sections = dict(_SECTION.findall(PAGE.read_text(encoding="utf-8"))) if PAGE.exists() else {}
    failed = []
    for name in MEASURES:
        if any(one in name for one in wanted):
            print(f"bench/{name}.py", flush=True)
            told = _measured(name)
            failed += [] if told else [name]
            sections[name] = told or sections.get(name, "")
    parts = [f"## bench/{name}.py\n{sections[name]}" for name in MEASURES if sections.get(name)]
    PAGE.write_text(_HEAD + "".join(parts), encoding="utf-8")
    if failed:
        print(f"not measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _measured(name: str) -> str:
    """The section of a benchmark; empty if it failed."""
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", f"bench.{name}", *_WORDS.get(name, ())],
        cwd=HERE.parent,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(done.stdout, flush=True)
    if done.returncode or not done.stdout.strip():
        return ""
    method = ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))) or ""
    where = f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}"
    when = f"{time.strftime('%Y-%m-%d')}, {where}; it took {time.monotonic() - began:.0f} s"
    return f"\n{method}\n\n{when}:\n\n```text\n{done.stdout.strip()}\n```\n\n"


if __name__ == "__main__":
    sys.exit(main())
