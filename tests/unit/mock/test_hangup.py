"""A mock whose terminal is closed."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .pushing import LARGE, Pusher

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("handling", ["SIG_DFL", "SIG_IGN"])
def test_a_closed_terminal_ends_the_server_unless_it_was_told_not_to_mind(tmp_path: Path, handling: str) -> None:
    program = (
        "import signal, sys\n"
        "from contract_tests.cli import main\n"
        f"signal.signal(signal.SIGHUP, signal.{handling})\n"
        "sys.argv[1:] = ['mock', '--store', sys.argv[1]]\n"
        "sys.exit(main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        with Pusher(process.stdout.readline().strip()) as client:
            session = client.begin()
            client.push(session, LARGE)
            assert list(tmp_path.iterdir()) != []
            process.send_signal(signal.SIGHUP)
            if handling == "SIG_IGN":
                assert client.complete(session).status_code == 204
                process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""
    assert list(tmp_path.iterdir()) == []
