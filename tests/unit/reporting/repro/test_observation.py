"""What answers are compared by is the same in Python and in the shell."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contract_tests.reporting.repro.observation import observed
from contract_tests.reporting.repro.script import library
from contract_tests.traffic.messages import Response
from tests.unit.judging.findings import SENT

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.traffic.exchange import Exchange

ONE = "11111111-2222-3333-4444-555555555555"
OTHER = "99999999-2222-3333-4444-555555555555:88888888-2222-3333-4444-555555555555"
DATE = ("date", "Sun, 29 Nov 2026 19:47:31 GMT")
JSON = ("content-type", "application/json")

ANSWERS = {
    "an id that is known and one that is not": f'{{"a":"{ONE}","b":"{OTHER}"}}',
    "a list of both": f'["{OTHER}","{ONE}","{OTHER}"]',
    "a list of others": f'{{"value":["{OTHER}"]}}',
    "an address": '{"uri":"https://[::1]:8443/a/b?c=d","x":1}',
    "times": '{"a":"2026-11-29T19:52:31.603Z","b":"2026-11-29T20:52:31+01:00","c":"2024-02-29T00:00:00Z"}',
    "a long hexadecimal text": '{"token":"0123456789abcdef0123456789abcdef"}',
    "odd bytes": "\x00\xff\n\tä",
    "nothing": "",
    "more than is compared": "x" * 5000,
}


def answered(body: str, *headers: tuple[str, str]) -> Exchange:
    return replace(SENT, response=Response(200, headers or (DATE, JSON), body.encode("latin-1", "replace")))


def by_shell(exchange: Exchange, folder: Path, times: str = "yes") -> str:
    """The same answer as the functions of the script tell it."""
    assert exchange.response is not None
    head = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in exchange.response.headers) + "\r\n"
    (folder / "1.head").write_bytes(head.encode())
    (folder / "1.body").write_bytes(exchange.response.body)
    (folder / "1.status").write_text("200")
    (folder / "1.began").write_text("1")
    (folder / "names").write_text(f"ITEM\t{ONE}\n")
    script = f"{library()}\nrm -rf \"$FOLDER\"; trap - EXIT; FOLDER='{folder}'; TIMES={times}\n"
    script += 'same_as_in_the_run 1 </dev/null; cat "$FOLDER/now"\n'
    told = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True, timeout=20)
    assert not told.stderr
    return told.stdout.removesuffix("\n")


@pytest.mark.parametrize("times", [True, False], ids=["with times", "without times"])
@pytest.mark.parametrize("body", ANSWERS.values(), ids=ANSWERS.keys())
def test_both_tell_the_same(body: str, times: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter
    exchange = answered(body)
    assert observed([exchange], {ONE: "ITEM"}, times=times) == [by_shell(exchange, tmp_path, "yes" if times else "no")]


@pytest.mark.parametrize("body", ["", "a", "\x00\xff" * 300])
def test_of_content_the_checksum_is_told(body: str, tmp_path: Path) -> None:
    exchange = answered(body, DATE, ("content-type", "application/octet-stream"))
    assert observed([exchange], {}) == [by_shell(exchange, tmp_path)]
    assert observed([exchange], {})[0].endswith(f" {len(body)}")


def test_of_an_answer_without_a_body_the_length_is_told(tmp_path: Path) -> None:
    exchange = answered("", DATE, ("content-length", "2"))
    assert observed([exchange], {}) == ["200 [content-length: 2] "] == [by_shell(exchange, tmp_path)]


def test_what_is_known_is_named_and_what_is_not_is_left_out_of_lists() -> None:
    told = observed([answered(ANSWERS["a list of both"])], {ONE: "ITEM"})
    assert told == ['200 [content-type: application/json] ["<ITEM>"]']


def test_a_time_is_told_from_its_answer_and_from_the_one_before() -> None:
    told = observed([answered('["2026-11-29T19:52:31.5Z","2026-11-29T19:52:33.5Z"]')], {})
    assert told == ['200 [content-type: application/json] ["<time 300.500 0.000>","<time 302.500 2.000>"]']
