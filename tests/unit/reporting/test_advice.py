"""What somebody can do about a cell that was not decided."""

from __future__ import annotations

import pytest

from contract_tests.reporting.views.advice import advice


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("the cause is: error bodies carry no messages", "Mend the cause"),
        ("after 8 disagreements nobody looked for more", "the next run looks for more"),
        ("no history came to try an update; a larger --fuzz-examples may", "--fuzz-examples"),
        ("this takes a second user without Content Library privileges; name one", "[second_user]"),
        ("this takes a server with another timeout than 300 s, which it has", "--session-timeout"),
        ("900 s of waiting are needed, and --max-wait allows 0", "--max-wait"),
        ("it holds up to version 6.5, and the server does not say which one it is", "other versions"),
        ("this takes a server that shows id when a session is read, and this one does not", "Nothing on this server"),
    ],
)
def test_each_reason_of_a_full_run_has_advice(reason: str, told: str) -> None:
    assert told in advice(reason)


def test_what_nobody_foresaw_has_none() -> None:
    assert advice("something else") == ""
