from __future__ import annotations

import pytest

from contract_tests.judging import Outcome, explain
from contract_tests.judging.messages import in_short

from .findings import ADVISORY, MUST, SENT, UNANSWERED, decision


def test_a_stranger_can_understand_and_repeat_it() -> None:
    text = explain([decision(outcome=Outcome.BROKEN)], [SENT, UNANSWERED], whole=True)
    assert text.startswith(f"{MUST.id} (must, stated) is broken in api-update\n  {MUST.says}\n")
    for line in (
        "  expected  status 204",
        "  observed  200 with body",
        "  shown by  POST https://vc.example/api/x?action=keep-alive",
        f"  source    {MUST.sources[0]}",
        f"  1. {SENT.request.as_curl()}",
        "     → 200 with body",
        "     → no answer (ReadTimeout: timed out)",
    ):
        assert line in text.split("\n")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.BLOCKED, "could not be judged"),
        (Outcome.INCONCLUSIVE, "was not decided"),
        (Outcome.NOT_TESTED, "was not tested"),
        (Outcome.HELD, "holds"),
    ],
)
def test_every_outcome_has_words_and_a_reason(outcome: Outcome, words: str) -> None:
    text = explain([decision(outcome=outcome, reason="so it is")], [])
    assert words in text
    assert "  because   so it is" in text


def test_several_decisions_are_told_one_after_the_other() -> None:
    text = explain([decision(outcome=Outcome.BROKEN), decision(ADVISORY, Outcome.BROKEN)], [])
    assert text.index(MUST.id) < text.index(ADVISORY.id)


def test_what_is_told_in_short_shows_the_exchange_of_the_flaw_and_counts_the_others() -> None:
    text = explain([decision(outcome=Outcome.BROKEN)], [UNANSWERED, SENT, UNANSWERED])
    assert "  2. curl" in text
    assert "  1. curl" not in text
    assert text.endswith("  2 more of this test: evidence.har has all of them, by its name")


def test_a_message_is_one_line_of_a_list() -> None:
    text = explain([decision(outcome=Outcome.BROKEN)], [SENT])
    assert in_short(text) == (
        f"{MUST.id} (must, stated) is broken in api-update; expected status 204; observed 200 with body"
    )
    assert len(in_short("word " * 100)) <= 200
