"""The examples of docs/MOCK.md, run as they stand there; Go is compiled, and run too.

The comment before an example says what it takes: `tls`, `govc`, or `sdk`, the official one, which is for TLS only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import contract_tests
from contract_tests.mock import MockServer
from tests.interop.programs import built

ROOT = Path(contract_tests.__file__).parents[1]
PAGE = (ROOT / "docs" / "MOCK.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"<!-- ((?:run|compile)[a-z ]*) -->\n```(\w+)\n(.*?)```", PAGE, re.DOTALL)
GO = shutil.which("go")


def test_each_example_is_run() -> None:
    fenced = re.findall(r"^```(\w+)$", PAGE, re.MULTILINE)
    assert sorted(fenced) == sorted(language for _, language, _ in EXAMPLES)
    assert {"sh", "python", "go"} == set(fenced)


@pytest.mark.parametrize(("how", "language", "text"), EXAMPLES, ids=[f"{i}-{e[1]}" for i, e in enumerate(EXAMPLES)])
def test_an_example_works(
    how: str, language: str, text: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    takes = set(how.split())
    if (language == "go" or "govc" in takes) and GO is None:
        pytest.skip("no go on this machine")
    if "sdk" in takes and find_spec("vmware") is None and "CI" not in os.environ:
        pytest.skip("the official SDK is not here; make client-tools installs it")
    path = os.environ["PATH"]
    if "govc" in takes:
        path = f"{built(tmp_path_factory, 'govmomi')}{os.pathsep}{path}"
    with MockServer(control=True, tls=not takes.isdisjoint({"tls", "sdk", "compile"})) as mock:
        ca = tmp_path / "ca.pem"
        if mock.certificate is not None:
            ca.write_text(str(mock.certificate.ca_pem))
        (tmp_path / "main.go").write_text(text)
        # What the SDK does that Python is about to drop is not ours to mend.
        strict = "ignore" if "sdk" in takes else "error"
        command = {
            "sh": ["sh", "-euc", text],
            "python": [sys.executable, "-W", strict, "-c", text],
            "go": [str(GO), "run", str(tmp_path / "main.go")],
        }[language]
        known = {"MOCK_URL": mock.url, "MOCK_USER": mock.username, "MOCK_PASSWORD": mock.password, "MOCK_CA": str(ca)}
        known |= {"PATH": path, "GOVMOMI_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
        environment = {"GOFLAGS": "", "GO111MODULE": "off", **os.environ, **known}
        ran = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    if language == "go":
        assert ran.stdout == "201 Created\n"
