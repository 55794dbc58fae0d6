"""Secrets, spelled in every way that is promised, and in those ways in each other."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from contract_tests.traffic.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "b3f0c1d27e5a4f68"
PASSWORD = 'c0rrect"h<rse/b&ttery+st%ple'


def hidden(text: str, *secrets: str) -> str:
    known = Secrets()
    for secret in secrets:
        known.add(secret, "<token>")
    return known.replaced(text.encode().decode("latin-1")).encode("latin-1").decode()


def percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode())


def quoted(sign: str) -> str:
    return "".join(f"={byte:02X}" for byte in sign.encode())


def in_json(sign: str) -> str:
    units = sign.encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def in_html(sign: str) -> str:
    return f"&#{ord(sign)};"


def in_html_by_name(sign: str) -> str:
    return html.escape(sign) if html.escape(sign) != sign else f"&#x{ord(sign):x};"


ESCAPES: tuple[Callable[[str], str], ...] = (percent, quoted, in_json, in_html, in_html_by_name)
SPECIAL = frozenset("%=\\&+")
LONGEST = 100_000
"""Characters of an example: ten kinds of escapes in each other would make hundreds of millions of forty."""
PACKINGS: tuple[Callable[[str], str], ...] = (
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    lambda text: text.encode().hex(),
)


@st.composite
def layers(draw: st.DrawFn) -> list[tuple[Callable[[str], str], frozenset[int]]]:
    """Kinds of escapes in each other; each with the places, modulo 7, of the characters that it writes otherwise."""
    kinds = draw(st.lists(st.sampled_from(ESCAPES), max_size=5))
    return [(kind, draw(st.frozensets(st.integers(0, 6), min_size=1))) for kind in kinds]


def written(text: str, kinds: list[tuple[Callable[[str], str], frozenset[int]]]) -> str:
    """A text with its characters escaped: those that a kind of escape is made of always, or it would not be one."""
    for escape, places in kinds:
        signs = []
        for place, sign in enumerate(text):
            signs.append(escape(sign) if sign in SPECIAL or place % 7 in places else sign)
        text = "".join(signs)
        assume(len(text) <= LONGEST)
    return text


signs = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
secrets = st.text(signs, min_size=12, max_size=40) | st.text("abcdefXYZ0123456789_-", min_size=10, max_size=40)
around = st.text("abc {}<>\"'", max_size=8)


@settings(deadline=None, max_examples=80)
@given(secret=secrets, kinds=layers(), before=around, behind=around)
@example(secret="p<ssw&rd-of-m<ne", kinds=[(in_json, frozenset({1, 5}))], before="", behind="")
@example(secret="55b;fc;8e 2/1%e", kinds=[(quoted, frozenset({2, 4, 6}))], before='a>""', behind='a>""')
@example(
    secret="p<ssw&rd-of-m<ne",
    kinds=[(in_json, frozenset({1})), (in_html, frozenset({1})), (percent, frozenset({0}))],
    before="",
    behind="",
)
def test_escapes_in_each_other_hide_nothing(
    secret: str, kinds: list[tuple[Callable[[str], str], frozenset[int]]], before: str, behind: str
) -> None:
    text = written(secret, kinds)
    assert hidden(f"{before}{text}{behind}", secret) == f"{before}<token>{behind}"


@settings(deadline=None, max_examples=80)
@given(
    secret=st.text("abcdefXYZ0123456789_-", min_size=12, max_size=40),
    inner=layers(),
    pack=st.sampled_from(PACKINGS),
    outer=layers(),
    before=around,
)
def test_a_text_in_base64_hides_nothing(
    secret: str,
    inner: list[tuple[Callable[[str], str], frozenset[int]]],
    pack: Callable[[str], str],
    outer: list[tuple[Callable[[str], str], frozenset[int]]],
    before: str,
) -> None:
    told = hidden(written(pack(before + written(secret, inner) + " end"), outer), secret)
    assert "<token>" in told
    assert secret not in "\n".join(readings(told, 12))


def readings(text: str, depth: int) -> list[str]:
    """A text as it stands, decoded in all ways, again and again."""
    told = [text]
    for _ in range(depth):
        text = unquote_to_bytes(text).decode("latin-1")
        text = re.sub("=([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), text)
        text = html.unescape(re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text))
        told.append(text)
        if text == told[-2]:
            break
    for run in re.findall(r"[A-Za-z0-9+/_-]{8,}", text):
        whole = run.translate(str.maketrans("-_", "+/"))
        for start in range(4):
            part = whole[start : start + (len(whole) - start) // 4 * 4]
            inner = base64.b64decode(part).decode("latin-1")
            told += readings(inner, depth - 1) if re.search(r"[%=&\\]", inner) else [inner]
    told += [bytes.fromhex(run).decode("latin-1") for run in re.findall(r"(?:[0-9a-fA-F]{2}){8,}", text)]
    return told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # What stands before takes the beginning of the secret for its own, or the secret's end takes what is behind.
        (f"100%{TOKEN}", "100%<token>"),
        (f"?t={TOKEN}&x=%20", "?t=<token>&x=%20"),
        (f"?t={TOKEN[:-1]}%{ord(TOKEN[-1]):x}", "?t=<token>"),
        (f"x%{TOKEN[:9]}%{ord(TOKEN[9]):x}{TOKEN[10:]}y", "x%<token>y"),
        # Split by the frame of a chunk, or by a soft line break.
        (f"{TOKEN[:5]}\r\n1f;x=y\r\n{TOKEN[5:]}", "<token>"),
        (f"{TOKEN[:5]}=\r\n{TOKEN[5:]}", "<token>"),
        (f"a {percent('b')}", "a %62"),
    ],
)
def test_at_its_ends_a_secret_is_whole(text: str, told: str) -> None:
    assert hidden(text, TOKEN) == told


def test_a_password_of_escapes_is_hidden_as_a_server_may_decode_it() -> None:
    assert hidden("you said: a" + "Ab c-something", "a%41b+c-something") == "you said: <token>"


@pytest.mark.parametrize("text", ['{"a": "b \\u003c %41 &amp; ="}', "", "abc", "0123456789abcdef" * 9, "%%%&&&\\\\\\"])
def test_what_holds_no_secret_stays(text: str) -> None:
    assert hidden(text, TOKEN, PASSWORD, "0123456789abcdeg") == text


def test_a_go_server_writes_html_in_json() -> None:
    text = json.dumps(PASSWORD).replace("<", "\\u003c").replace("&", "\\u0026")
    assert hidden(text, PASSWORD) == '"<token>"'
    assert hidden(html.escape(text), PASSWORD) == "&quot;<token>&quot;"
    assert hidden("".join(map(percent, text)), PASSWORD) == f"{percent(chr(34))}<token>{percent(chr(34))}"


def test_a_text_that_was_clean_is_looked_at_again_when_a_secret_is_learnt() -> None:
    known, text = Secrets(), f"bearer {TOKEN}"
    known.add(PASSWORD, "<password>")
    assert [known.replaced(text), known.replaced(text)] == [text, text]
    known.add(TOKEN, "<token>")
    assert [known.replaced(text), known.replaced(text)] == ["bearer <token>"] * 2


def test_what_is_learnt_while_a_text_is_looked_at_is_hidden_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    known, text = Secrets(), f"bearer {TOKEN}"
    usual = known._found_packed

    def meanwhile(*given: Any) -> Any:
        found = usual(*given)
        known.add(TOKEN, "<token>")
        return found

    monkeypatch.setattr(known, "_found_packed", meanwhile)
    assert known.replaced(text) == text
    monkeypatch.undo()
    assert known.replaced(text) == "bearer <token>"
