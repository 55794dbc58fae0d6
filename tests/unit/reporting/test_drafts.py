"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from contract_tests.reporting import drafts
from contract_tests.reporting.drafts import noting, whole_or_none

if TYPE_CHECKING:
    from pathlib import Path


def left(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_what_is_written_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.write_text("old")
    with whole_or_none(place) as draft:
        draft.write_text("new")
        assert place.read_text() == "old"
    assert (place.read_text(), left(tmp_path)) == ("new", ["a"])


@pytest.mark.parametrize("drops_old", [True, False])
@pytest.mark.parametrize("problem", [OSError(28, "full"), RuntimeError("a bug"), KeyboardInterrupt()], ids=repr)
def test_what_fails_leaves_no_half(tmp_path: Path, problem: BaseException, *, drops_old: bool) -> None:
    place = tmp_path / "a"
    place.write_text("old")

    def write() -> None:
        with whole_or_none(place, drops_old=drops_old) as draft:
            draft.write_text("ne")
            raise problem

    with pytest.raises(type(problem)):
        write()
    assert left(tmp_path) == ([] if drops_old else ["a"])
    assert drops_old or place.read_text() == "old"


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("of somebody else")
    (tmp_path / "a").symlink_to(tmp_path / "other")
    with whole_or_none(tmp_path / "a") as draft:
        draft.write_text("new")
    assert (tmp_path / "other").read_text() == "of somebody else"
    assert not (tmp_path / "a").is_symlink()


def test_a_draft_is_nobody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert drafts.new_draft(tmp_path / "a") != drafts.new_draft(tmp_path / "a")
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    (tmp_path / ".a.guessed.part").symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError), whole_or_none(tmp_path / "a"):
        pass
    assert not (tmp_path / "victim").exists()


def test_a_file_may_be_read_by_whom_the_machine_lets(tmp_path: Path) -> None:
    former = os.umask(0o027)
    try:
        with whole_or_none(tmp_path / "a") as draft:
            draft.write_text("new")
    finally:
        os.umask(former)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_device_is_written_to_and_stays(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with whole_or_none(tmp_path / "pipe") as draft:
        assert draft == tmp_path / "pipe"
    assert left(tmp_path) == ["pipe"]


def test_what_can_not_be_replaced_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    problems: list[str] = []
    with noting(problems, tmp_path / "a"), whole_or_none(tmp_path / "a", drops_old=True):
        pass
    (line,) = problems
    assert line.startswith(f"{tmp_path / 'a'} can't be written: ")
    assert line.endswith("; what stands there is not of this run")
    assert left(tmp_path) == ["a"]
