"""Words on a command line that nobody has: one sentence in the name of the command, which proposes the nearest."""

from __future__ import annotations

import pytest

from .desk import said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["rum"], "cl-contract: error: COMMAND 'rum' is none of run, mock, "),
        (["rum"], "; did you mean run?; see cl-contract --help"),
        (["xyzxyz"], "schema; see cl-contract --help"),
        (["diff", "a", "b", "--markdwn"], "cl-contract diff: error: there is no option --markdwn; did you mean --mark"),
        (["mock", "--session-timeot=3"], "there is no option --session-timeot; did you mean --session-timeout?"),
        (["mock", "--port", "x"], "cl-contract mock: error: argument --port: invalid int value: 'x'"),
        (["schema", "x"], "cl-contract schema: error: there is no argument x; see"),
        (["clauses", "--level", "mus"], "--level 'mus' is none of must, should, advisory; did you mean must?"),
        (["clauses", "--subject", "keepalive"], "did you mean keep-alive?"),
        (["explain", "keep-alive.no-bdy"], "cl-contract explain: error: The ledger has no clause 'keep-alive.no-bdy'"),
        (["explain", "keep-alive.no-bdy"], "did you mean keep-alive.no-body"),
        (["explain", "keep-alive.no-body", "--reports", "nowhere"], "cl-contract explain: error: nowhere"),
    ],
)
def test_one_sentence(capfd: pytest.CaptureFixture[str], words: list[str], sentence: str) -> None:
    ended = said(capfd, *words)
    ended.is_in_order(4)
    assert ended.out == ""
    assert sentence in ended.err
