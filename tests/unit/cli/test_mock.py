"""What the mock says when it has begun."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAM = "import sys; from contract_tests.cli import main; sys.exit(main())"


@contextmanager
def started(*options: str, **how: Any) -> Iterator[subprocess.Popen[Any]]:
    """A mock of its own, which a test that fails leaves no more than one that passes."""
    command = [sys.executable, "-c", _PROGRAM, "mock", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, **how) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("options", [[], ["--session-timeout", "60"]])
def test_the_address_alone_then_who_may_log_in_and_how_to_run_the_suite(options: list[str]) -> None:
    with started(*options, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, user, password, hint = (process.stdout.readline().rstrip("\n") for _ in range(4))
        name, word = user.removeprefix("user: "), password.removeprefix("password: ")
        assert httpx.post(f"{url}/api/session", auth=(name, word)).status_code == 201
        assert hint.startswith(f"to run the suite against it: CONTRACT_USERNAME={name} CONTRACT_PASSWORD={word} ")
        assert hint.endswith(" ".join([f"cl-contract run --target {url}", *options]))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_who_takes_the_address_and_hangs_up_ends_no_server() -> None:
    with started(bufsize=0) as process:
        assert process.stdout is not None
        url = b"".join(iter(lambda: process.stdout.read(1), b"\n")).decode()  # type: ignore[union-attr]
        process.stdout.close()
        assert httpx.get(url).status_code == 404
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
