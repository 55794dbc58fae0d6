"""Whatever stands in a word of a script arrives as it is, and runs nothing."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.problems import NotScriptable
from contract_tests.reporting.repro.script import library
from contract_tests.reporting.repro.shell import LONGEST, Hole, comment, printed, text_of, word

REPEATED = next(part for part in library().split("\n\n") if part.startswith("# repeated")) + "\n"
signs = st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.just("\n"), max_size=40)


def run(script: str) -> bytes:
    return subprocess.run(["sh"], input=script.encode(), capture_output=True, check=True, timeout=20).stdout


@settings(max_examples=40, deadline=None)
@given(before=signs, after=signs)
def test_a_word_says_what_it_holds(before: str, after: str) -> None:
    told = run(f"VALUE='a b'\nprintf '%s' {word([before, Hole('$VALUE'), after])}; printf '%s' {word([before])}")
    assert told.decode() == f"{before}a b{after}{before}"


@settings(max_examples=40, deadline=None)
@given(
    body=st.binary(max_size=200)
    | st.builds(lambda one, count: one * count, st.binary(min_size=1, max_size=9), st.integers(40, 90))
)
def test_bytes_are_printed_as_they_are(body: bytes) -> None:
    assert run(REPEATED + "\n".join(printed(body))) == body


@pytest.mark.parametrize("text", ["-", "--", "-n a", "--help", "a-b", "-é"])
def test_no_body_is_an_option(text: str) -> None:
    body = text.encode("latin-1")
    assert run("\n".join(printed(body))) == body
    assert run(f"printf '%s' {word(text_of(text))}") == body


def test_what_repeats_itself_is_told_once() -> None:
    assert printed(b"[" * 100_000) == ["repeated '[' 100000"]


def test_what_is_too_long_to_be_spelt_out_is_refused() -> None:
    long = b"".join(b"%d" % number for number in range(LONGEST))
    with pytest.raises(NotScriptable, match="which no script spells out"):
        printed(long)


def test_a_comment_is_one_line() -> None:
    assert comment("a\nrm -rf /\r\x0bb") == "# a rm -rf / b"
