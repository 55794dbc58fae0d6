"""Hostile texts in Markdown, as a parser of Markdown sees them."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from contract_tests.reporting.diff import compare
from contract_tests.reporting.views.diff import LONGEST_COMMENT, markdown
from contract_tests.reporting.views.markdown import bounded, code, fenced, plain
from contract_tests.reporting.views.markup import visible
from contract_tests.reporting.views.matrix import markdown as matrix_markdown
from contract_tests.reporting.views.step_summary import LONGEST, step_summary

from .altered import altered
from .sample import HOSTILE, hostile, sample
from .seen import Seen

HARMFUL = (
    HOSTILE,
    "`</code></details>` | a | b |\n\n# Title\n\n* list\n- list\n1. one\n> quote\n---\n",
    "[link](https://evil.example) ![image](https://evil.example/x.png) <https://evil.example>",
    "https://evil.example www.evil.example WWW.evil.example mail@evil.example",
    "@octocat #1 GH-1 octo/repo#1 :smile: **bold** _it_ ~~gone~~ $x^2$ \\`",
    "```\n````\n<script>alert(1)</script>\n~~~",
    "\\| | \\\\| x",
    "- [ ] task",
    "+ plus",
    "1) one",
    "=== \n ===",
    "[a]: https://evil.example",
    "\x1b[31mred\x07\x9b31m \x00 \r over \u202eback",
    "half a pair \ud800",
)
TAGS = {"p", "code", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "pre", "br", "h2", "h3", "h4"}
TAGS |= {"ul", "li", "strong"}


def rendered(text: str) -> Seen:
    """As GitHub would show it."""
    return Seen(MarkdownIt("commonmark").enable("table").enable("strikethrough").render(text))


@pytest.mark.parametrize("text", HARMFUL)
def test_plain_text_stays_plain(text: str) -> None:
    seen = rendered(plain(text))
    assert seen.tags == {"p"}
    assert not seen.attributes
    assert seen.words.rstrip("\n") == visible(" ".join(text.encode("utf-8", "replace").decode().split()))


@pytest.mark.parametrize("text", HARMFUL)
def test_a_cell_of_a_table_holds_it(text: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| {code(text)} | end |\n"
    page = MarkdownIt("commonmark").enable("table").render(table)
    assert page.count("<td>") == 2
    assert "<td>end</td>" in page


@pytest.mark.parametrize("text", HARMFUL)
def test_nothing_leaves_a_fence(text: str) -> None:
    seen = rendered("\n".join([*fenced(text), "after"]))
    assert seen.tags == {"pre", "code", "p"}
    assert seen.words.rstrip().endswith("after")


@pytest.mark.parametrize("text", HARMFUL)
def test_what_github_would_link_is_not_there(text: str) -> None:
    written = code(text)
    assert not re.search(r"://|www\.|(?<!&)#\d|@|:smile:", written, re.IGNORECASE)


def test_long_texts_are_cut() -> None:
    assert plain("x" * 301) == "x" * 299 + "…"
    assert plain("x" * 300) == "x" * 300
    assert "… 7 more characters" in fenced("y" * 2007)


def test_what_does_not_fit_is_said() -> None:
    blocks = [[f"{number} äöü"] for number in range(100)]
    text = bounded(blocks, 200, "There is more.")
    assert len(text.encode()) <= 200
    assert text.startswith("0 äöü\n1 äöü\n")
    assert text.endswith("\nThere is more.\n")
    assert "There is more" not in bounded(blocks, 2000, "There is more.")


def test_documents_of_hostile_reports_hold_no_markup_but_ours() -> None:
    old, new = sample(steps=2), hostile()
    for text in (step_summary(new), markdown(compare(old, new)), matrix_markdown([new, new])):
        seen = rendered(text)
        assert seen.tags <= TAGS
        assert seen.attributes <= {("class", "language-text")}
        assert "window.__pwned" in seen.words
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]", text)


def test_lengths_are_bounded() -> None:
    old, new = hostile(), hostile()
    worst = altered(new, {}, rest="violates")
    comment = markdown(compare(altered(old, {}, rest="conforms"), worst))
    assert LONGEST_COMMENT / 3 < len(comment.encode()) <= LONGEST_COMMENT
    assert len(step_summary(worst).encode()) <= LONGEST
