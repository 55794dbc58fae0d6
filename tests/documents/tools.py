"""The tools of others that read our OpenAPI documents; `make document-tools` installs those that a machine lacks."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
JAR = "openapi-generator.jar"
LONGEST = 120
"""Seconds that a tool may take; the slowest, on two cores that are busy, takes fifteen."""
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def _missing(what: str) -> None:
    why = f"{what} is missing; make document-tools installs what java, node and npm need to run these tests"
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def program(name: str) -> str:
    """A program that the machine has; the test is skipped (in CI: fails) if it does not."""
    found = shutil.which(name)
    if found is None:
        _missing(name)
    return str(found)


def from_npm(name: str) -> str:
    """A program out of package.json; likewise."""
    program("node")
    found = MODULES / ".bin" / name
    if not found.exists():
        _missing(str(found))
    return str(found)


def generator() -> tuple[str, ...]:
    """The command that starts openapi-generator; likewise."""
    package = importlib.util.find_spec("openapi_generator_cli")
    if package is None or package.origin is None:
        _missing("the package openapi-generator-cli")
    assert package is not None
    assert package.origin is not None
    return program("java"), "-XX:TieredStopAtLevel=1", "-jar", str(Path(package.origin).parent / JAR)


def run(*command: str | Path, cwd: Path = HERE, path: Path | None = None) -> str:
    """What a tool says; fails with it if the tool is not content. `path`: where Python shall look first."""
    env = {**os.environ, **QUIET}
    if path is not None:
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(path), os.environ.get("PYTHONPATH"))))
    ended = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    if ended.returncode != 0:
        pytest.fail(f"{Path(command[0]).name} ended with {ended.returncode}:\n{ended.stdout}", pytrace=False)
    return ended.stdout
