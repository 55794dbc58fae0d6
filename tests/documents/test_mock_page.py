"""The examples of docs/MOCK.md, run as they stand there; Go is compiled, and run too."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import contract_tests
from contract_tests.mock import MockServer

ROOT = Path(contract_tests.__file__).parents[1]
PAGE = (ROOT / "docs" / "MOCK.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"<!-- (run|run tls|compile) -->\n```(\w+)\n(.*?)```", PAGE, re.DOTALL)
GO = shutil.which("go")


def test_each_example_is_run() -> None:
    fenced = re.findall(r"^```(\w+)$", PAGE, re.MULTILINE)
    assert sorted(fenced) == sorted(language for _, language, _ in EXAMPLES)
    assert {"sh", "python", "go"} == set(fenced)


@pytest.mark.parametrize(("how", "language", "text"), EXAMPLES, ids=[f"{i}-{e[1]}" for i, e in enumerate(EXAMPLES)])
def test_an_example_works(how: str, language: str, text: str, tmp_path: Path) -> None:
    if language == "go" and GO is None:
        pytest.skip("no go on this machine")
    with MockServer(control=True, tls=how != "run") as mock:
        ca = tmp_path / "ca.pem"
        if mock.certificate is not None:
            ca.write_text(str(mock.certificate.ca_pem))
        (tmp_path / "main.go").write_text(text)
        command = {
            "sh": ["sh", "-euc", text],
            "python": [sys.executable, "-W", "error", "-c", text],
            "go": [str(GO), "run", str(tmp_path / "main.go")],
        }[language]
        known = {"MOCK_URL": mock.url, "MOCK_USER": mock.username, "MOCK_PASSWORD": mock.password, "MOCK_CA": str(ca)}
        environment = {"GOFLAGS": "", "GO111MODULE": "off", **os.environ, **known, "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    if language == "go":
        assert ran.stdout == "201 Created\n"
