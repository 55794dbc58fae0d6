"""What the mock says when it has begun."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import httpx
import pytest

_PROGRAM = "import sys; from contract_tests.cli import main; sys.exit(main())"


@pytest.mark.parametrize("options", [[], ["--session-timeout", "60"]])
def test_the_address_alone_then_who_may_log_in_and_how_to_run_the_suite(options: list[str]) -> None:
    command = [sys.executable, "-c", _PROGRAM, "mock", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, user, password, hint = (process.stdout.readline().rstrip("\n") for _ in range(4))
        name, word = user.removeprefix("user: "), password.removeprefix("password: ")
        assert httpx.post(f"{url}/api/session", auth=(name, word)).status_code == 201
        assert hint.startswith(f"to run the suite against it: CONTRACT_USERNAME={name} CONTRACT_PASSWORD={word} ")
        assert hint.endswith(" ".join([f"cl-contract run --target {url}", *options]))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_who_takes_the_address_and_hangs_up_ends_no_server() -> None:
    command = [sys.executable, "-c", _PROGRAM, "mock"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0, env=os.environ) as process:
        assert process.stdout is not None
        url = b"".join(iter(lambda: process.stdout.read(1), b"\n")).decode()  # type: ignore[union-attr]
        process.stdout.close()
        assert httpx.get(url).status_code == 404
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
