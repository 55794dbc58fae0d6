"""What commands write: nothing that a terminal obeys, and no traceback where nobody can be written to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from contract_tests.cli.printing import LONGEST_LINE, one_line
from contract_tests.driver.deviations import Deviation
from tests.unit.reporting.altered import plain_report
from tests.unit.reporting.sample import hostile

from .desk import said

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\n\u202e\u2066\u2028verified: all"


@pytest.mark.parametrize(
    "words",
    [
        ("diff", "{0}", "{1}"),
        ("diff", "{1}", "{0}", "--markdown"),
        ("merge", "{0}", "{1}", "--matrix", "{1}/m.html"),
        ("merge", "{0}", "{0}", "--reports", "{1}/out"),
        ("summary", "{0}"),
        ("badge", "{0}"),
        ("badge", "{0}", "--json"),
        ("verify", "{0}"),
        ("diff", "{0}/" + ESCAPES, "{1}"),
    ],
)
def test_a_hostile_report_does_nothing_to_a_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], words: Sequence[str]
) -> None:
    report = hostile()
    suite = report.suite.model_copy(update={"name": ESCAPES, "version": ESCAPES})
    places = []
    for name, one in (("a", report.model_copy(update={"suite": suite})), ("b", plain_report())):
        places.append(str(tmp_path / name))
        (tmp_path / name).mkdir()
        (tmp_path / name / "conformance.json").write_text(one.model_dump_json())
    said(capfd, *(word.format(*places) for word in words)).is_in_order(0, 1, 4)


@pytest.mark.parametrize("text", [ESCAPES, "\ud800", "\U000e0041", "a" * 10**6])
def test_a_line_is_one_line(text: str) -> None:
    told = one_line(text)
    assert told.isprintable()
    assert len(told) <= LONGEST_LINE + 1


PROGRAM = "import sys; from contract_tests.cli import main; sys.exit(main())"


@pytest.mark.parametrize("words", [("schema",), ("diff", "{0}", "{0}"), ("mock",)])
@pytest.mark.parametrize("behind", ["full disk", "closed pipe"])
def test_nobody_takes_what_is_written(tmp_path: Path, words: Sequence[str], behind: str) -> None:
    (tmp_path / "conformance.json").write_text(plain_report().model_dump_json())
    if behind == "full disk":
        output = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, output = os.pipe()
        os.close(reader)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, *(word.format(tmp_path) for word in words)],
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            timeout=600,
            check=False,
        )
    finally:
        os.close(output)
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
    if behind == "full disk":
        assert ended.returncode == 4
        assert ended.stderr.endswith("standard output can't be written: No space left on device\n")
        assert len(ended.stderr.splitlines()) == 1
    else:
        assert (ended.returncode, ended.stderr) == (2, "")


def _deviation(signature: str, reason: str = "ticket") -> Deviation:
    return Deviation(clauses=("keep-alive.no-body",), reason=reason, signature=signature, expires=date(2026, 12, 31))


@pytest.mark.parametrize("signature", ["(a+)+$", "(a|a)*$", "(.*)*x$", "(a{1,50}){1,19}b$", "(?:a?){200}a{200}$"])
def test_no_signature_takes_long(signature: str) -> None:
    began = time.process_time()
    _deviation(signature).explains("a" * 2000 + "!")
    assert time.process_time() - began < 5


@pytest.mark.parametrize("signature", ["(?=a)", r"(a)\1", "a{1001}", "((a{1000}){1000}){1000}", "\ud800", "a" * 1001])
def test_a_signature_that_could_take_long_is_refused(signature: str) -> None:
    with pytest.raises(ValidationError, match="signature"):
        _deviation(signature)


def test_a_reason_does_nothing_to_a_terminal() -> None:
    assert _deviation("a", ESCAPES).reason.isprintable()
