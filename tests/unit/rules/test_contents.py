"""What lists of files show, and what comes back at an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.contents import (
    gives_content,
    gives_no_content,
    listed_files,
    same_files,
    shows_files,
    shows_no_files,
)

from .exchanges import answered

if TYPE_CHECKING:
    from contract_tests.traffic.exchange import Exchange

FILE = {"name": "a.txt", "size": 5, "version": "1", "cached": True}


def listed(*files: Any, cell: str = "api-update") -> Exchange:
    return answered(200, {"value": files} if cell.startswith("rest") else files, cell=cell)


@pytest.mark.parametrize("cell", ["api-update", "rest-download"])
def test_files_are_found_by_name(cell: str) -> None:
    assert listed_files(listed(FILE, {"name": "b"}, cell=cell)) == {"a.txt": FILE, "b": {"name": "b"}}


@pytest.mark.parametrize(
    "answer",
    [
        answered(None),
        answered(404, []),
        answered(200, b"no JSON"),
        answered(200, {}),
        answered(200, ["a.txt"]),
        answered(200, [{"size": 5}]),
        answered(200, [{"name": 5}]),
        answered(200, [FILE], cell="rest-update"),
    ],
)
def test_what_is_no_list_of_files_is_a_failed_premise(answer: Exchange) -> None:
    with pytest.raises(PremiseFailed, match="a list of files"):
        listed_files(answer)


@pytest.mark.parametrize("answer", [answered(200, b"null"), answered(200, {"value": None}, cell="rest-update")])
def test_null_is_a_list_without_files(answer: Exchange) -> None:
    assert listed_files(answer) == {}


def test_files_are_shown() -> None:
    answer = listed(FILE, {"name": "b", "size": None}, {"name": "c"}, {"name": "more", "size": 1})
    assert not shows_files(answer, {"a.txt": b"12345", "b": b"x", "c": b"y"})


def test_a_missing_file_is_named() -> None:
    (flaw,) = shows_files(listed(FILE), {"b": b""})
    assert (flaw.expected, flaw.observed) == ("a file called 'b' in the list", "files 'a.txt'")
    (flaw,) = shows_files(listed(), {"b": b""})
    assert flaw.observed == "no files"


def test_another_size_is_a_flaw() -> None:
    (flaw,) = shows_files(listed(FILE), {"a.txt": b"1234"})
    assert (flaw.expected, flaw.observed) == ("'a.txt' with size 4", "size 5")


def test_files_that_should_be_gone_are_named() -> None:
    assert not shows_no_files(listed(FILE), "b")
    (flaw,) = shows_no_files(listed(FILE), "a.txt", "b")
    assert flaw.expected == "no file called 'a.txt' in the list"


def test_files_stay_the_same_in_any_order_and_whatever_is_found_out_about_them() -> None:
    before = listed(FILE, {"name": "b", "version": "2"})
    after = listed({"name": "b", "version": "2", "checksum_info": {}, "size": None}, FILE | {"cached": False})
    assert not same_files(before, after)
    assert not same_files(listed(), listed())


@pytest.mark.parametrize(
    "after",
    [[], [FILE, {"name": "b"}], [FILE | {"size": 6}], [FILE | {"version": "2"}], [FILE | {"name": "A.txt"}]],
)
def test_any_other_file_is_a_flaw(after: list[Any]) -> None:
    (flaw,) = same_files(listed(FILE), listed(*after))
    assert "a.txt" in flaw.expected


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"text"])
def test_content_comes_to_the_last_byte(content: bytes) -> None:
    assert not gives_content(answered(200, content), content)


@pytest.mark.parametrize(
    ("body", "observed"),
    [
        (b"12", "2 bytes, the same up to byte 2"),
        (b"1234", "4 bytes, the same up to byte 3"),
        (b"1x3", "3 bytes, the same up to byte 1"),
        (b"", "0 bytes, the same up to byte 0"),
    ],
)
def test_other_content_is_a_flaw(body: bytes, observed: str) -> None:
    (flaw,) = gives_content(answered(200, body), b"123")
    assert (flaw.expected, flaw.observed) == ("the content, 3 bytes, with 200", observed)


@pytest.mark.parametrize("answer", [answered(None), answered(206, b"123"), answered(404, b"123")])
def test_another_status_brings_no_content(answer: Exchange) -> None:
    assert gives_content(answer, b"123")


@pytest.mark.parametrize("status", [None, 302, 401, 404, 410, 500])
def test_a_refusal_gives_no_content(status: int | None) -> None:
    assert not gives_no_content(answered(status))


@pytest.mark.parametrize("status", [200, 204, 206])
def test_a_success_gives_content(status: int) -> None:
    (flaw,) = gives_no_content(answered(status))
    assert flaw.expected == "no content behind the address"
