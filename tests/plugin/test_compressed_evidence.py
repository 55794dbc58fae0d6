"""evidence.har.gz stands in the place of evidence.har where that was asked for, and every reader takes it for that."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.reporting.folder import FILES, POSSIBLE

from .runs import files
from .test_verify import assert_verified, changed, verified
from .test_whatever_happens import PASSING

if TYPE_CHECKING:
    from .runs import Runner

CHOSEN = ("-k", "without_a_body_it_succeeds and api-update")
PACKED = {*POSSIBLE} - {"evidence.har"}


def test_a_folder_has_one_of_them(run: Runner) -> None:
    """Whatever an earlier run has left there."""
    for options, names in (((), {*FILES}), (("--compress-evidence",), PACKED), ((), {*FILES})):
        assert run(*CHOSEN, *options).code == 0
        assert {one.name for one in files(run.reports)} == names
        assert_verified(run)


def test_what_an_earlier_run_left_is_gone_while_tests_are_run(run: Runner) -> None:
    """However this one ends, nobody takes it for its own."""
    run.reports.mkdir()
    for name in POSSIBLE:
        (run.reports / name).write_text("of an earlier run")
    looking = f"""\
    from pathlib import Path

    assert not [name for name in {POSSIBLE!r} if Path({str(run.reports)!r}, name).exists()]
"""
    assert run.probe(PASSING + looking).results == {"passed": 1}


def test_it_is_verified_packed_and_unpacked(run: Runner) -> None:
    assert run(*CHOSEN, "--compress-evidence").code == 0
    packed = run.reports / "evidence.har.gz"
    plain = run.reports / "evidence.har"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    assert_verified(run)
    packed.unlink()
    assert_verified(run)
    changed(plain, lambda data: data["log"]["entries"][0].update(_sequence=10**6))
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    assert verified(run).out.startswith("evidence.har.gz is not the file that the run wrote: its SHA-256 is ")


@pytest.mark.parametrize("named", ["", "/evidence.har.gz"])
def test_it_is_a_target_like_any_other(run: Runner, named: str) -> None:
    """And what judges it again leaves one archive in the folder that it writes to, too."""
    assert run(*CHOSEN, "--compress-evidence").code == 0
    finished = run("--target", f"replay:{run.reports}{named}", *CHOSEN)
    assert (finished.code, finished.results) == (0, {"passed": 1})
    assert {one.name for one in files(run.reports)} == {*FILES}
    assert json.loads((run.reports / "evidence.har").read_bytes())["log"]["version"] == "1.2"
