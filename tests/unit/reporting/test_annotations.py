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


def test_hostile_texts_begin_no_other_command() -> None:
    cause = hostile().causes[0].model_copy(update={"fails": True, "says": "a\n::error::b%0A", "clause": "a:b,c::d"})
    (line,) = error_lines(hostile().model_copy(update={"causes": [cause]}))
    assert "\n" not in line
    assert line.startswith("::error title=a%3Ab%2Cc%3A%3Ad (")
    assert "a%0A::error::b%250A" in line
