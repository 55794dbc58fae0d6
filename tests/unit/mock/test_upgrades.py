"""Clients that offer another protocol, as the one of Java's standard library does with each request."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import httpx

OFFER = {"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2-settings": "AAEAAEAAAAIAAAABAAMAAABk"}


def test_an_offer_is_passed_over_in_silence() -> None:
    program = "import sys; from contract_tests.mock import run; sys.exit(run())"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        answer = httpx.post(f"{url}/api/session", auth=("user", "pass"), headers=OFFER, content=b"{}")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert (answer.status_code, process.stderr.read()) == (201, "")
