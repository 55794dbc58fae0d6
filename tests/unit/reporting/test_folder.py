"""A reports folder is of one run."""

from __future__ import annotations

import gzip
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from contract_tests import cli
from contract_tests.problems import UsageProblem
from contract_tests.reporting.folder import LOCK, POSSIBLE, locked, new_id, strangers
from contract_tests.reporting.merge import merge
from contract_tests.reporting.reading import load

from .sample import sample

if TYPE_CHECKING:
    from pathlib import Path

ONE, OTHER = new_id(), new_id()

_HOLDER = """
import sys, time
from pathlib import Path
from contract_tests.reporting.folder import locked
with locked(Path(sys.argv[1]), "run of somebody"):
    print("locked", flush=True)
    time.sleep(600)
"""


def filled(folder: Path, **names: str) -> Path:
    """A folder with all files that a run may write, those named of others."""
    folder.mkdir()
    for name in POSSIBLE:
        (folder / name).write_text(f"of {names.get(name.replace('.', '_'), ONE)}")
    (folder / "conformance.json").write_text(sample(steps=1, id=ONE).model_dump_json())
    return folder


def test_a_folder_of_one_run(tmp_path: Path) -> None:
    folder = filled(tmp_path / "one")
    assert strangers(folder, ONE) == []
    assert load(folder).run.id == ONE
    (folder / "junit.xml").unlink()
    assert strangers(folder, ONE) == []


@pytest.mark.parametrize("name", POSSIBLE[1:])
@pytest.mark.parametrize("command", ["diff", "merge", "verify", "badge", "summary"])
def test_a_folder_of_several_runs(tmp_path: Path, name: str, command: str, capfd: pytest.CaptureFixture[str]) -> None:
    folder = filled(tmp_path / "mixed", **{name.replace(".", "_"): OTHER})
    for evidence in ("evidence.har", "evidence.har.gz"):
        if name != evidence:
            (folder / evidence).unlink()
        elif command == "verify":
            recorded = b'{"log": {"comment": "{\\"form\\": 1, \\"settings\\": {}}", "entries": []}}'
            (folder / evidence).write_bytes(gzip.compress(recorded) if name.endswith("gz") else recorded)
    code = cli.main([command, *[str(folder)] * (2 if command == "diff" else 1)])
    _, err = capfd.readouterr()
    (sentence,) = err.splitlines()
    assert (
        code,
        f"{folder} holds files of several runs: conformance.json is of another one than {name}" in sentence,
    ) == (
        4,
        True,
    ), sentence
    assert load(folder / "conformance.json").run.id == ONE


def test_a_report_of_before_there_were_ids_is_read(tmp_path: Path) -> None:
    folder = filled(tmp_path / "old")
    data = sample(steps=1).model_dump()
    assert data["run"].pop("id") == ""
    report = sample(steps=1)
    (folder / "conformance.json").write_text(report.model_dump_json(exclude={"run": {"id"}}))
    assert load(folder) == report


def test_one_shard_does_not_count_twice() -> None:
    one, other = sample(steps=1, id=ONE), sample(steps=1, id=OTHER)
    with pytest.raises(UsageProblem, match="number 1 and number 3 are of the same run"):
        merge([one, other, one])
    both = merge([one, other]).report
    assert both.run.id == f"{ONE}+{OTHER}"
    with pytest.raises(UsageProblem, match="number 1 and number 2 are of the same run"):
        merge([both, other])
    assert merge([sample(steps=1), sample(steps=1)]).report.run.id == ""


def test_a_folder_is_one_writers(tmp_path: Path) -> None:
    with locked(tmp_path, "run 7"):
        with pytest.raises(UsageProblem, match=r"another run writes to .*: run 7, process \d+ on .*, since 2"):
            locked(tmp_path, "run 8").__enter__()
        assert [one.name for one in tmp_path.iterdir()] == [LOCK]
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path, "run 8"):
        pass


def test_a_lock_ends_with_its_process_and_its_file_is_no_lock(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(UsageProblem, match="run of somebody, process"):
            locked(tmp_path, "run 8").__enter__()
        holder.kill()
        holder.wait()
    assert (tmp_path / LOCK).read_text().startswith("run of somebody")
    with locked(tmp_path, "8"):
        assert (tmp_path / LOCK).read_text().startswith("8, process")


def test_what_a_stranger_wrote_into_the_lock_moves_no_cursor(tmp_path: Path) -> None:
    with locked(tmp_path, "a\x1b[2J\nb\u202e"), pytest.raises(UsageProblem) as refused:
        locked(tmp_path, "8").__enter__()
    assert str(refused.value).isprintable()


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / LOCK).symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic"):
        locked(tmp_path, "8").__enter__()
    assert (tmp_path / "victim").read_text() == "precious"


def test_merge_waits_for_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shards = [filled(tmp_path / "one"), filled(tmp_path / "other")]
    (shards[1] / "conformance.json").write_text(sample(steps=1, id=OTHER).model_dump_json())
    reports = tmp_path / "reports"
    reports.mkdir()
    command = ["merge", *(str(shard / "conformance.json") for shard in shards), "--reports", str(reports)]
    with locked(reports, "run 7"):
        assert cli.main(command) == 4
        assert [one.name for one in reports.iterdir()] == [LOCK]
    assert f"cl-contract merge: error: another run writes to {reports}: run 7, " in capfd.readouterr().err
    assert cli.main(command) in (0, 1)
    assert sorted(one.name for one in reports.iterdir()) == ["conformance.html", "conformance.json"]
