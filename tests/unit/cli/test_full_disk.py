"""A disk that is full: no command leaves half a file, or nothing, in the place of a good one."""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.unit.reporting.altered import CELL, MUST, plain_report

if TYPE_CHECKING:
    from pathlib import Path

GOOD = b"a good one, of an earlier day\n"
PROGRAM = "import sys; from contract_tests.cli import main; sys.exit(main())"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    (folder / "old.json").write_text(plain_report().model_dump_json())
    (folder / "new.json").write_text(plain_report({(MUST, CELL): "violates"}, exit_code=1).model_dump_json())
    return folder


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (("merge", "{old}", "{new}", "--reports", "{out}"), ("conformance.json", "conformance.html")),
        (("merge", "{old}", "{new}", "--matrix", "{out}/matrix.html"), ("matrix.html",)),
        (("merge", "{old}", "{new}", "--reports", "{out}", "--markdown", "{out}/m.md"), ("matrix.html", "m.md")),
        (("badge", "{old}", "--output", "{out}/badge.svg"), ("badge.svg",)),
        (("badge", "{old}", "--json", "--output", "{out}/badge.json"), ("badge.json",)),
        (("diff", "{old}", "{new}", "--html", "{out}/changes.html"), ("changes.html",)),
        (("diff", "{old}", "{new}", "--markdown", "{out}/changes.md"), ("changes.md",)),
        (("schema", "--output", "{out}/schema.json"), ("schema.json",)),
    ],
    ids=lambda value: " ".join(word for word in value if "{" not in word),
)
def test_what_stood_there_stays(
    reports: Path, tmp_path: Path, command: tuple[str, ...], names: tuple[str, ...]
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(GOOD)
    places = {"old": reports / "old.json", "new": reports / "new.json", "out": tmp_path}
    ended = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM, *(word.format_map(places) for word in command)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64)),
    )
    assert ended.returncode == 4, ended.stdout + ended.stderr
    (sentence,) = ended.stderr.splitlines()
    assert sentence.endswith(f"{tmp_path / names[0]} can't be written: File too large")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir() if one.name != ".lock"} == dict.fromkeys(
        names, GOOD
    )
