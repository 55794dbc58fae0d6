from __future__ import annotations

import subprocess
import sys

import pytest

from .pace import Pace


@pytest.mark.parametrize(
    ("program", "waited", "computed"),
    [
        ("import time; time.sleep(2)", (1.0, 3.0), (0.0, 1.0)),
        ("import time\nwhile time.process_time() < 2: pass", (0.0, 1.0), (1.0, 3.0)),
    ],
    ids=["waits", "computes"],
)
def test_waiting_and_computing_are_told_apart(
    program: str, waited: tuple[float, float], computed: tuple[float, float]
) -> None:
    with (
        subprocess.Popen([sys.executable, "-c", program], start_new_session=True) as process,
        Pace(process.pid) as pace,
    ):
        process.wait(60)
    assert waited[0] <= pace.waited <= waited[1]
    assert computed[0] <= pace.computed <= computed[1]
