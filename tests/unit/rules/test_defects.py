"""Two wrongs never accuse a right server: properties of requests that are made of known defects."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest

from contract_tests.contract import load_ledger
from contract_tests.contract.dialects import Op
from contract_tests.rules import defects
from contract_tests.rules.defects import Defect, judged
from contract_tests.rules.keep_alive_defects import defects_of
from contract_tests.rules.oracle import verdicts
from contract_tests.rules.refusals import union
from contract_tests.rules.requests import ParsedRequest
from contract_tests.rules.steps import Standing, Step

from .steps import API, ITEM, error, exchange, reading

QUERIES = ["?action=keep-alive", "", "?action=nonsense", "?action=keep-alive&x=1", "?~action=keep-alive"]
BODIES: list[Any] = [
    *(None, {}, {"client_progress": 40}, {"client_progress": 30}, {"client_progress": 20}, {"client_progress": 101}),
    *({"client_progress": -1}, {"client_progress": "x"}, {"client_progress": 2**63}, {"client_progress": None}),
    *({"client_progress": 60.0}, {"progress": 40}, {"other": 1}, {"client_progress": 40, "other": 1}, [], "x", 1),
    *({"client_progress": 20, "progress": 1, "other": 1}, {"client_progress": -1, "other": 1}),
]
RAW = [b"{", b"null", b"\xff", b"<KeepAlive-Input/>"]
MEDIA = ["application/json", "application/xml", "text/csv"]
STANDINGS = [Standing.ACTIVE, Standing.ENDED, Standing.EXPIRED, Standing.UNKNOWN, Standing.DELETED]


@dataclass(frozen=True)
class Made:
    """What a request is made of."""

    query: str
    body: bytes
    media: str
    standing: Standing

    def answered(self, status: int, kind: str | None = None) -> Step:
        """The request with an answer; a refusal is a whole error and changes nothing."""
        answer = None if status < 400 else error(kind) if kind else _untyped()
        sent = exchange(Op.KEEP_ALIVE, status, answer, query=self.query, body=self.body, media=self.media)
        seen = reading() if self.standing is Standing.ACTIVE else None
        return Step(sent, API, "op", Op.KEEP_ALIVE, self.standing, item=ITEM, before=seen, after=seen)

    @property
    def defects(self) -> list[Defect]:
        step = self.answered(204)
        return list(defects_of(step, ParsedRequest.of(step.exchange)))


def _untyped() -> dict[str, Any]:
    return {name: value for name, value in error("X").items() if name != "error_type"}


def _content(value: Any) -> bytes:
    return b"" if value is None else json.dumps(value).encode()


requests = st.builds(
    Made,
    query=st.sampled_from(QUERIES),
    body=st.sampled_from([*map(_content, BODIES), *RAW]),
    media=st.sampled_from(MEDIA),
    standing=st.sampled_from(STANDINGS),
)


def about_refusals(step: Step) -> set[str]:
    """The clauses that an answer breaks, but for those about the body of an error."""
    return {slug for slug, flaws in verdicts(step) if flaws and not slug.startswith("errors.")}


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(requests, st.data())
def test_any_refusal_that_one_of_the_defects_allows_accuses_nobody(made: Made, data: st.DataObject) -> None:
    hypothesis.assume(made.defects)
    refusals = data.draw(st.sampled_from(made.defects)).refusals
    status = data.draw(st.sampled_from(sorted(refusals.ways)))
    types = refusals.ways[status]
    kind = data.draw(st.none() | st.sampled_from(sorted(types or {"INVALID_ARGUMENT"})))
    assert about_refusals(made.answered(status, kind)) == set()


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(requests)
def test_a_success_accuses_exactly_the_clauses_of_what_had_to_be_refused(made: Made) -> None:
    step = made.answered(204)
    broken = {slug for slug, flaws in judged(step, made.defects) if flaws}
    assert broken == {defect.clause for defect in made.defects if defect.must}


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(requests, requests, st.sampled_from([400, 401, 404, 405, 409, 415, 422, 500]))
def test_one_more_defect_never_makes_an_allowed_answer_wrong(made: Made, other: Made, status: int) -> None:
    step = made.answered(status)
    hypothesis.assume(status in union(one.refusals for one in made.defects))
    more = [*made.defects, *other.defects]
    assert not any(flaws for _, flaws in judged(step, more))


@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(requests)
def test_a_clause_is_found_to_hold_only_by_a_request_that_has_but_this_defect(made: Made) -> None:
    for status in (400, 404):
        step = made.answered(status)
        held = {slug for slug, flaws in judged(step, made.defects) if not flaws}
        assert not held or len(made.defects) == 1


def all_defects() -> list[Defect]:
    return [one for one in vars(defects).values() if isinstance(one, Defect)]


def test_every_clause_of_a_defect_is_in_the_ledger() -> None:
    assert all(load_ledger()[one.clause].cells for one in all_defects() if one.clause)


def test_what_has_to_be_refused_can_be() -> None:
    assert all(one.refusals.ways for one in all_defects())


def test_no_two_defects_have_one_name() -> None:
    names = [one.name for one in all_defects()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("status", [200, 302, 500])
def test_what_no_defect_allows_is_told(status: int) -> None:
    """An answer outside of the union accuses, whatever else is wrong with the request."""
    made = Made("?action=keep-alive", b'{"other": 1}', "application/json", Standing.ENDED)
    assert "keep-alive.only-active" in about_refusals(made.answered(status))


def test_the_answer_of_a_gateway_decides_nothing() -> None:
    step = Made("?action=keep-alive", b"", "application/json", Standing.ACTIVE).answered(204)
    html = replace(step.exchange, response=replace(exchange(Op.KEEP_ALIVE, 502).response, body=b"<html>"))  # type: ignore[type-var]
    assert {slug for slug, _ in verdicts(replace(step, exchange=html))} == {"errors.no-server-error"}
