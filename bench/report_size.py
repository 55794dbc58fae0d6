"""Which parts of the reports of a run take how many bytes.

    python bench/report_size.py [--reports reports] [--rewrite] [--most 25]

A table for each file: bytes by member of JSON, with names, quotes and commas; of pages, those of the scripts and data
in them. `--rewrite` first reads evidence.har and conformance.json, writes them, and conformance.html, anew by this
version of the suite into a folder of its own, and says what CPU time that takes.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from contract_tests.reporting.files import as_json
from contract_tests.reporting.reading import load
from contract_tests.reporting.views.page import page
from contract_tests.traffic.archive import FILE, PACKED, evidence_in, read_recording, write_recording
from contract_tests.traffic.inputs import read_unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SCRIPT = re.compile(r"<(script|style)[^>]*?(?:id=\"(\w+)\")?[^>]*>(.*?)</\1>", re.DOTALL)
_Made = TypeVar("_Made")
_BLOB = re.compile(r"data-jsonblob=\"(.*?)\"", re.DOTALL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    parser.add_argument("--rewrite", action="store_true")
    parser.add_argument("--most", type=int, default=25, help="rows of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = options.reports
        if options.rewrite:
            place = _rewritten(options.reports, Path(folder))
        for file in sorted(place.iterdir()):
            print(f"\n{file.name}: {file.stat().st_size:,} bytes")
            for name, size in _parts(file).most_common(options.most):
                print(f"  {size:>12,}  {name}")
    return 0


def _rewritten(reports: Path, folder: Path) -> Path:
    recording = _timed(f"read {evidence_in(reports).name}", lambda: read_recording(evidence_in(reports)))
    _timed(f"write {FILE}", lambda: write_recording(folder / FILE, recording))
    _timed(f"write {PACKED}", lambda: write_recording(folder / PACKED, recording, packed=True))
    report = _timed("read conformance.json", lambda: load(reports / "conformance.json"))
    _timed("write conformance.json", lambda: (folder / "conformance.json").write_text(as_json(report)))
    _timed("write conformance.html", lambda: (folder / "conformance.html").write_text(page(report)))
    return folder


def _timed(what: str, work: Callable[[], _Made]) -> _Made:
    began = time.process_time()
    made = work()
    print(f"{what}: {time.process_time() - began:.2f} s of CPU", flush=True)
    return made


def _parts(file: Path) -> Counter[str]:
    if file.suffix in {".har", ".json", ".gz"}:
        return _members(json.loads(read_unpacked(file)))
    text = file.read_text(encoding="utf-8")
    found: Counter[str] = Counter()
    for kind, name, content in _SCRIPT.findall(text):
        found[f"{kind} {name}".strip()] += len(content.encode())
        if content.startswith(("{", "[")):
            found += Counter({f"{name}: {part}": size for part, size in _members(json.loads(content)).items()})
    for blob in _BLOB.findall(text):
        found["the table of pytest-html"] += len(blob)
        found += Counter({f"table: {part}": size for part, size in _members(json.loads(html.unescape(blob))).items()})
    return found


def _members(data: Any) -> Counter[str]:
    """Bytes by member, each with its name."""
    found: Counter[str] = Counter()
    for path, size in _sizes(data, ""):
        found[path] += size
    return found


def _sizes(data: Any, path: str) -> Iterator[tuple[str, int]]:
    if isinstance(data, dict):
        # Where names are data themselves (ids, tests), the members are counted together.
        keyed = len(data) > 50
        for name, value in data.items():
            yield f"{path}.*" if keyed else f"{path}.{name}", len(json.dumps(name)) + 2
            yield from _sizes(value, f"{path}.*" if keyed else f"{path}.{name}")
    elif isinstance(data, list):
        yield path, 2 + len(data)
        for value in data:
            yield from _sizes(value, path)
    else:
        yield path, len(json.dumps(data))


if __name__ == "__main__":
    sys.exit(main())
