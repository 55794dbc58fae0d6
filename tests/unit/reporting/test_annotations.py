from __future__ import annotations

from contract_tests.reporting.views.annotations import MOST, error_lines

from .sample import hostile, sample
from .test_snapshots import BAD, GOOD


def test_each_cause_that_fails_the_run_is_an_error() -> None:
    assert list(error_lines(GOOD)) == []
    first, *_ = error_lines(BAD)
    assert first == (
        "::error title=errors.body (must)::error bodies carry no messages: "
        'expected messages, one or more; observed 404 with {"error_type":"NOT_FOUND"}'
    )
    assert len(list(error_lines(sample(steps=2)))) <= MOST


def test_of_many_the_first_are_errors_and_the_last_line_says_how_many_more() -> None:
    causes = [BAD.causes[0].model_copy(update={"says": f"cause {number}"}) for number in range(MOST + 1)]
    exactly = list(error_lines(BAD.model_copy(update={"causes": causes[:MOST]})))
    assert len(exactly) == MOST
    assert "cause 9" in exactly[-1]
    *first, last = error_lines(BAD.model_copy(update={"causes": causes}))
    assert len(first) == MOST - 1
    assert last == "::error title=and more::2 more causes fail the run: conformance.html has all of them"


def test_a_cause_that_fails_no_run_is_no_error() -> None:
    causes = [one.model_copy(update={"fails": False}) for one in BAD.causes]
    assert list(error_lines(BAD.model_copy(update={"causes": causes}))) == []


def test_hostile_texts_begin_no_other_command() -> None:
    cause = hostile().causes[0].model_copy(update={"fails": True, "says": "a\n::error::b%0A", "clause": "a:b,c::d"})
    (line,) = error_lines(hostile().model_copy(update={"causes": [cause]}))
    assert "\n" not in line
    assert line.startswith("::error title=a%3Ab%2Cc%3A%3Ad (")
    assert "a%0A::error::b%250A" in line
