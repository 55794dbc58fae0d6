from __future__ import annotations

from random import Random
from typing import Any

import pytest

from contract_tests.contract import Cell, Dialect, Service, load_ledger
from contract_tests.contract.dialects import Op
from contract_tests.driver import Recorder
from contract_tests.fuzz.campaigns.campaign import Campaign
from contract_tests.fuzz.campaigns.drawing import EDGES, Drawing
from contract_tests.fuzz.campaigns.findings import SAMPLES, Findings
from contract_tests.fuzz.campaigns.operations import operations
from contract_tests.fuzz.campaigns.rulings import judge_one, slugs, unclaimed_text
from contract_tests.fuzz.campaigns.shaping import specification, with_item, with_plain_integers
from contract_tests.judging import Judge
from contract_tests.problems import NotTested
from contract_tests.rules.requests import UNREADABLE, Action, Kind, ParsedRequest, is_uuid, kind_of
from contract_tests.rules.steps import Standing
from contract_tests.rules.updates import is_invalid
from contract_tests.traffic.redaction import Redactor
from tests.unit.rules.steps import error, exchange, keep_alive, reading, update

REFUSED = (400, error("INVALID_ARGUMENT"))


class TestGiven:
    @pytest.mark.parametrize(
        ("query", "action"),
        [
            ("?action=keep-alive", Action.RIGHT),
            ("", Action.MISSING),
            ("?x=1", Action.MISSING),
            ("?action=", Action.MISSING),
            ("?action=nonsense", Action.UNKNOWN),
            ("?action=cancel", Action.OTHER),
            ("?action=keep-alive&x=1", Action.OTHER),
            ("?action=keep-alive&action=keep-alive", Action.OTHER),
            ("?~action=keep-alive", Action.OTHER),
        ],
    )
    def test_reads_the_action(self, query: str, action: Action) -> None:
        assert ParsedRequest.of(exchange(Op.KEEP_ALIVE, 204, query=query)).action("keep-alive") is action

    @pytest.mark.parametrize(
        ("value", "kind"),
        [
            (None, Kind.NULL),
            (0, Kind.INTEGER),
            (2**63 - 1, Kind.INTEGER),
            (2**63, Kind.BEYOND),
            (1e300, Kind.BEYOND),
            (480.0, Kind.EITHER),
            ("10", Kind.EITHER),
            (" 1e3", Kind.EITHER),
            ("", Kind.WRONG),
            ("10%", Kind.WRONG),
            (1.5, Kind.WRONG),
            (True, Kind.WRONG),
            ([], Kind.WRONG),
        ],
    )
    def test_tells_what_a_progress_is(self, value: Any, kind: Kind) -> None:
        assert kind_of(value) is kind

    @pytest.mark.parametrize(
        ("body", "media", "value"),
        [
            (b"", "", None),
            (b"{}", "json", {}),
            (b"{", "json", UNREADABLE),
            (b"NaN", "json", UNREADABLE),
            (b"\xff", "json", UNREADABLE),
        ],
    )
    def test_reads_the_body(self, body: bytes, media: str, value: Any) -> None:
        given = ParsedRequest.of(exchange(Op.KEEP_ALIVE, 204, body=body))
        assert (given.media, given.value) == (media, value)

    @pytest.mark.parametrize(
        ("media", "body", "number"),
        [
            ("application/xml", b"<a><progress>10</progress></a>", 10),
            ("application/xml", b"<a/>", None),
            ("application/x-www-form-urlencoded", b"x=1&progress=7", 7),
            ("application/x-www-form-urlencoded", b"progress=7&progress=8", None),
        ],
    )
    def test_reads_a_number_of_a_legacy_body(self, media: str, body: bytes, number: int | None) -> None:
        assert (
            ParsedRequest.of(exchange(Op.KEEP_ALIVE, 200, body=body, media=media)).legacy_number("progress") == number
        )

    def test_knows_a_uuid(self) -> None:
        assert is_uuid("b8a2a2e3-2314-43cd-a871-6ede0f429751")
        assert not is_uuid("b8a2")
        assert not is_uuid(None)


class TestOperations:
    def test_are_those_of_the_documents(self) -> None:
        api, rest = (operations(dialect) for dialect in Dialect)
        assert len(api) == len(rest) == 11
        assert api["downloadSession.get"].cell == Cell(Dialect.API, Service.DOWNLOAD)
        assert rest["updateSession.createOrKeepAlive"].op({"~action": "keep-alive"}) is Op.KEEP_ALIVE_BY_BODY
        assert rest["updateSession.createOrKeepAlive"].op(None) is Op.CREATE

    @pytest.mark.parametrize(
        ("body", "media", "drawn", "action"),
        [
            ({"create_spec": {"library_item_id": "x"}}, "application/json", None, None),
            ({"create_spec": {"library_item_id": "x"}}, "application/json", "keep-alive", "create"),
            ({"create_spec": {"library_item_id": "x"}}, "application/json", "create", "create"),
            ({"update_session_id": "x"}, "application/json", None, "keep-alive"),
            ({"update_session_id": "x"}, "application/json", "create", "keep-alive"),
            ({}, "application/json", "create", "create"),
            ({"update_session_id": "x"}, "application/xml", None, "keep-alive"),
        ],
    )
    def test_have_the_action_that_the_body_belongs_to(
        self, body: Any, media: str, drawn: str | None, action: str | None
    ) -> None:
        operation = operations(Dialect.REST)["updateSession.createOrKeepAlive"]
        assert operation.action_for(body, media, drawn) == action


class TestDrawing:
    def test_is_the_same_for_the_same_seed(self) -> None:
        drawn = [
            [draw.keep_alive_body({}, "progress", reached=7) for _ in range(50)]
            for draw in (Drawing(Random(1)), Drawing(Random(1)))
        ]
        assert drawn[0] == drawn[1]

    def test_draws_every_edge_soon(self) -> None:
        draw = Drawing(Random(3))
        drawn = [draw.keep_alive_body({}, "progress", reached=7) for _ in range(45)]
        assert {body["progress"] for body in drawn if "progress" in body} >= {*EDGES, None}

    @pytest.mark.parametrize("reached", [0, 7, 99, 100])
    def test_reports_more_and_less_than_was_reached_and_a_half_in_every_nine(self, reached: int) -> None:
        draw = Drawing(Random(3))
        drawn = [draw.keep_alive_body({}, "progress", reached=reached) for _ in range(9)]
        told = [body["progress"] for body in drawn if body.keys() == {"progress"} and body["progress"] is not None]
        assert any(min(reached + 1, 100) <= value <= 100 for value in told)
        assert any(0 <= value < reached for value in told) or reached == 0
        (half,) = [body for body in drawn if body.keys() - {"progress"}]
        assert half["progress"] > reached or reached == 100

    def test_speaks_in_each_representation_as_if_it_were_the_only_one(self) -> None:
        draw = Drawing(Random(3))
        first = [draw.keep_alive_body({}, "progress", media, reached=0) for media in ("json", "xml", "json", "xml")]
        assert first[:2] == [{"progress": EDGES[0]}] * 2
        assert all(1 <= body["progress"] <= 100 for body in first[2:])

    def test_keeps_what_is_wrong_wrong(self) -> None:
        draw = Drawing(Random(3))
        for wrong in (b"\xff", "abc", [1], None, 5, {"a": 1}, {"progress": True}):
            bodies = [draw.wrong_keep_alive_body(wrong, "progress") for _ in range(20)]
            assert all(body == wrong or kind_of(body["progress"]) in (Kind.WRONG, Kind.BEYOND) for body in bodies), (
                wrong
            )

    def test_a_wrong_specification_begins_as_a_right_one(self) -> None:
        draw = Drawing(Random(3))
        drawn = [draw.update_specification({}, valid=False) for _ in range(20)]
        assert all(not spec or is_invalid(spec) for spec in drawn)
        assert any(len(spec.get("warning_behavior", [])) > 1 for spec in drawn)
        assert draw.update_specification(b"\xff", valid=False) == b"\xff"

    def test_a_right_specification_is_right(self) -> None:
        draw = Drawing(Random(3))
        assert not any(is_invalid(draw.update_specification({}, valid=True)) for _ in range(20))


class TestShaping:
    def test_writes_integers_plainly(self) -> None:
        assert repr(with_plain_integers({"a": [480.0, 1.5, True], "b": "1.0"})) == "{'a': [480, 1.5, True], 'b': '1.0'}"

    def test_finds_and_names_the_item(self) -> None:
        assert specification(Dialect.API, {"x": 1}) == {"x": 1}
        assert specification(Dialect.REST, {"create_spec": {"x": 1}}) == {"x": 1}
        assert specification(Dialect.REST, [1]) is None
        assert with_item(Dialect.API, {"x": 1}, "i") == {"x": 1, "library_item_id": "i"}
        assert with_item(Dialect.REST, {"create_spec": {}}, "i") == {"create_spec": {"library_item_id": "i"}}


class TestFindings:
    def test_keep_the_smallest_request_against_a_clause(self) -> None:
        findings = Findings()
        for body in ({"client_progress": "long text"}, {"client_progress": ""}, {"client_progress": "text"}):
            findings.add(keep_alive(body))
        ruling = findings.rulings["updateSession.keepAlive", "keep-alive.progress-not-an-integer"]
        assert (ruling.judged, ruling.against) == (3, 3)
        assert ruling.broken is not None
        assert ruling.broken.exchange.request.body == b'{"client_progress": ""}'

    def test_keep_few_of_those_that_hold(self) -> None:
        findings = Findings()
        for _ in range(10):
            findings.add(keep_alive({}))
        ruling = findings.rulings["updateSession.keepAlive", "keep-alive.empty-object"]
        assert (ruling.judged, len(ruling.samples), ruling.broken) == (10, SAMPLES, None)

    def test_tell_what_belongs_to_no_clause(self) -> None:
        campaign = Campaign(Dialect.API)
        campaign.findings.add(keep_alive(None, *REFUSED))  # a clause, which a test of the operation tells
        objected = keep_alive({})
        campaign.findings.add(type(objected)(**{**vars(objected), "complaints": ("content_type_conformance",)}))
        campaign.mishaps.append("something")
        text = unclaimed_text(campaign)
        assert "keep-alive.no-body" not in text
        assert "its check content_type_conformance objects" in text
        assert "could not be tried: something" in text
        assert "curl" in text
        assert unclaimed_text(Campaign(Dialect.API)) == ""

    def test_an_objection_to_what_a_clause_has_told_is_not_told_again(self) -> None:
        findings = Findings()
        wrong = keep_alive({}, *REFUSED)
        findings.add(type(wrong)(**{**vars(wrong), "complaints": ("content_type_conformance",)}))
        assert findings.unclaimed == {}


class TestOneTest:
    """What a test of one operation and clause says of a campaign."""

    slug = "keep-alive.empty-object"

    def _judged(self, campaign: Campaign, slug: str = slug) -> tuple[Judge, list[Any]]:
        judge = Judge(Cell(Dialect.API, Service.UPDATE), [load_ledger()[slug]])
        recorder = Recorder(Redactor())
        with recorder.recording() as kept, judge.watching():
            judge_one(campaign, "updateSession.keepAlive", slug, judge, recorder)
        return judge, kept

    def test_passes_with_exchanges_that_show_it(self) -> None:
        campaign = Campaign(Dialect.API)
        campaign.findings.add(keep_alive({}))
        judge, kept = self._judged(campaign)
        assert [decision.outcome for decision in judge.decisions] == ["held"]
        assert len(kept) == 3

    def test_fails_with_the_request_between_its_reads(self) -> None:
        campaign = Campaign(Dialect.API)
        campaign.findings.add(keep_alive({}, *REFUSED))
        judge, kept = self._judged(campaign)
        assert [decision.outcome for decision in judge.decisions] == ["broken"]
        assert [one.request.method for one in kept] == ["GET", "POST", "GET"]

    def test_the_first_one_of_an_operation_tells_of_clauses_that_have_none_there(self) -> None:
        campaign = Campaign(Dialect.API)
        campaign.findings.add(keep_alive({}))
        campaign.findings.add(keep_alive(None, *REFUSED))
        first, *others = slugs(operations(Dialect.API)["updateSession.keepAlive"])
        told = {slug: self._judged(campaign, slug) for slug in (first, *others)}
        aside = {slug: [one.clause.id for one in judge.decisions if one.aside] for slug, (judge, _) in told.items()}
        assert aside == {first: ["keep-alive.no-body"], **{slug: [] for slug in others}}
        assert "POST" in [one.request.method for one in told[first][1]]

    def test_is_blocked_if_the_operation_never_succeeded(self) -> None:
        campaign = Campaign(Dialect.API)
        campaign.findings.add(keep_alive({"x": 1}, *REFUSED))
        judge, _ = self._judged(campaign)
        assert [decision.outcome for decision in judge.decisions] == ["blocked"]
        assert "at least once" in judge.decisions[0].reason

    def test_is_not_tested_if_no_case_was_about_it(self) -> None:
        campaign = Campaign(Dialect.API)
        campaign.findings.add(keep_alive({"client_progress": 40}, after=reading(40)))
        judge, _ = self._judged(campaign)
        assert [decision.outcome for decision in judge.decisions] == ["not tested"]
        with pytest.raises(NotTested):
            judge_one(campaign, "updateSession.keepAlive", self.slug, judge, Recorder(Redactor()))

    def test_is_not_tested_if_the_server_is_older_than_the_operation(self) -> None:
        campaign = Campaign(Dialect.API)
        campaign.findings.add(update({}, 404, error("OPERATION_NOT_FOUND"), standing=Standing.NONE))
        for version, outcome in (((6, 7), "not tested"), ((6, 8), "blocked"), (None, "blocked")):
            judge = Judge(Cell(Dialect.API, Service.UPDATE), [load_ledger()["errors.body"]], api_version=version)
            with judge.watching():
                judge_one(campaign, "updateSession.update", "errors.body", judge, Recorder(Redactor()))
            assert [decision.outcome for decision in judge.decisions] == [outcome]
