from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract import Dialect, Service
from contract_tests.contract.documents import load
from contract_tests.problems import PremiseFailed
from contract_tests.rules.checks.model import (
    SHOWN,
    does_not_show,
    error_message_only_in_error,
    error_message_tells,
    expires_in_utc,
    is_written_as_usual,
    known_states,
    member_fits,
    preview_fits,
    preview_only_while_active,
    progress_is_at_most_100,
    progress_is_not_negative,
    shows,
    shows_progress,
    shows_string,
    state_is_known,
)

from .exchanges import MESSAGE, NO_SESSIONS, answered, session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contract_tests.rules.checks import Flaw
    from contract_tests.traffic.exchange import Exchange

CERTIFICATE = {"issuer": "CN=a", "subject": "CN=a", "self_signed": True, "x509": "eA=="}
WARNING = {"type": "SELF_SIGNED_CERTIFICATE", "message": MESSAGE, "ignored": False}
AVAILABLE = {"state": "AVAILABLE", "warnings": [WARNING], "certificate_info": CERTIFICATE}

OF_ANY_READ: list[Callable[[Exchange], object]] = [
    *(check for slug, check in SHOWN.items() if slug != "model.error-message"),  # that one is about ERROR alone
    lambda exchange: shows_string(exchange, "library_item_id", "item"),
    state_is_known,
    lambda exchange: does_not_show(exchange, "id"),
    preview_only_while_active,
    lambda exchange: preview_fits(exchange, has_files=False),
]


def observed(flaws: Iterable[Flaw]) -> list[str]:
    return [flaw.observed for flaw in flaws]


@pytest.mark.parametrize("cell", ["api-update", "api-download", "rest-update", "rest-download"])
@pytest.mark.parametrize("check", OF_ANY_READ)
def test_a_whole_session_has_no_flaw(check: Callable[[Exchange], object], cell: str) -> None:
    assert not check(session(cell=cell))


@pytest.mark.parametrize("check", OF_ANY_READ)
@pytest.mark.parametrize("exchange", [one for one in NO_SESSIONS if one.cell is not None])
def test_what_is_no_session_is_a_premise_that_failed(check: Callable[[Exchange], object], exchange: Exchange) -> None:
    with pytest.raises(PremiseFailed):
        check(exchange)


def test_every_member_of_the_documents_has_a_check() -> None:
    schemas: Any = load(Dialect.API)["components"]["schemas"]
    # What is added here needs a clause, and a line in `of_reading` of the oracle.
    assert {name for kind in ("Update", "Download") for name in schemas[f"{kind}SessionModel"]["properties"]} == {
        *("id", "library_item_id", "library_item_content_version", "error_message", "client_progress", "state"),
        *("expiration_time", "preview_info", "warning_behavior"),
    }


@pytest.mark.parametrize(
    ("member", "value", "problem"),
    [
        ("state", None, "the whole: state is missing"),
        ("state", 1, "/state: 1 is not of type string"),
        ("library_item_content_version", 1, "/library_item_content_version: 1 is not of type string"),
        ("expiration_time", "soon", '/expiration_time: "soon" is no date-time'),
        ("warning_behavior", {}, "/warning_behavior: {} is not of type array or null"),
        ("warning_behavior", [{"type": "X"}], "/warning_behavior/0: ignored is missing"),
    ],
)
def test_a_member_is_told_by_its_name(member: str, value: Any, problem: str) -> None:
    exchange = session(**{member: value})
    assert observed(member_fits(exchange, member)) == [problem]
    assert not member_fits(exchange, "library_item_id")


def test_only_the_member_itself_is_meant() -> None:
    assert not member_fits(session(library_item_content_version=1), "library_item")
    assert not member_fits(answered(200, {"value": {}}, cell="rest-update", operation="read"), "id")


def test_another_text_than_expected_is_a_flaw() -> None:
    assert observed(shows_string(session(), "library_item_id", "other")) == ["library_item_id 'item'"]
    assert observed(shows_string(session(library_item_id=5), "library_item_id", "5")) == [
        "/library_item_id: 5 is not of type string"
    ]


def test_a_member_that_is_null_is_not_shown() -> None:
    null = answered(200, {"id": None}, operation="read")
    assert not shows(null, "id")
    assert not does_not_show(null, "id")
    assert observed(does_not_show(session(id="x"), "id")) == ["id 'x'"]
    assert shows_string(null, "id", "x")


@pytest.mark.parametrize("value", [None, "30", True, 1.5, [30]])
def test_progress_is_an_integer(value: Any) -> None:
    assert len(shows_progress(session(client_progress=value))) == 1
    assert not progress_is_at_most_100(session(client_progress=value))
    assert not progress_is_not_negative(session(client_progress=value))


@pytest.mark.parametrize(
    ("value", "flaws"),
    [(0, (0, 0)), (100, (0, 0)), (30.0, (0, 0)), (-1, (0, 1)), (-1.0, (0, 1)), (101, (1, 0)), (2**62, (1, 0))],
)
def test_either_end_of_the_range_of_progress_is_a_rule_of_its_own(value: float, flaws: tuple[int, int]) -> None:
    exchange = session(client_progress=value)
    assert not shows_progress(exchange)
    assert (len(progress_is_at_most_100(exchange)), len(progress_is_not_negative(exchange))) == flaws


def test_states_are_known_by_service() -> None:
    assert set(known_states(Service.UPDATE)) - set(known_states(Service.DOWNLOAD)) == {"DONE"}
    assert not state_is_known(session(state="DONE"))
    assert observed(state_is_known(session(state="DONE", cell="rest-download"))) == ["state 'DONE'"]
    assert not state_is_known(session(state=5))


@pytest.mark.parametrize(
    "text", ["2026-03-01T12:05:00Z", "2026-03-01T12:05:00.123456789+00:00", "2026-03-01t12:05:00z"]
)
def test_a_time_in_utc(text: str) -> None:
    assert not expires_in_utc(session(expiration_time=text))


@pytest.mark.parametrize("text", ["2026-03-01T12:05:00+02:00", "2026-03-01T12:05:00.000-00:30"])
def test_a_time_that_is_not_in_utc_is_a_time(text: str) -> None:
    assert len(expires_in_utc(session(expiration_time=text))) == 1
    assert not member_fits(session(expiration_time=text), "expiration_time")


@pytest.mark.parametrize("text", ["2026-03-01T12:05:00", "2026-03-01 12:05:00Z", "", None])
def test_what_is_no_time_is_told_as_that_alone(text: str | None) -> None:
    assert not expires_in_utc(session(expiration_time=text))
    assert len(member_fits(session(expiration_time=text), "expiration_time")) == 1


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("2026-03-01T12:05:00Z", True),
        ("2026-03-01T12:05:00.1Z", True),
        ("2026-03-01T12:05:00.123456789Z", True),
        ("2026-03-01T12:05:00.123456789+00:00", True),
        ("2026-03-01t12:05:00Z", False),
        ("2026-03-01T12:05:00z", False),
        ("2026-03-01T12:05:00.1234567890Z", False),
        ("2026-03-01T12:05:00.1234567890+02:00", False),
        ("2026-03-01 12:05:00z", True),  # no date-time: another rule
        ("soon, at ten past", True),
        (1772366700, True),
        (None, True),
    ],
)
def test_a_time_is_written_as_parsers_of_clients_take_it(text: object, *, usual: bool) -> None:
    exchange = session(expiration_time=text)
    assert observed(is_written_as_usual(exchange)) == ([] if usual else [f"expiration_time {text!r}"])


def test_a_failed_session_says_why() -> None:
    assert not error_message_tells(session(state="ERROR", error_message=MESSAGE))
    assert observed(error_message_tells(session(state="ERROR"))) == ["no error_message"]
    assert observed(error_message_tells(session(state="ERROR", error_message=MESSAGE | {"default_message": " "}))) == [
        "default_message ' '"
    ]
    assert observed(error_message_tells(session(state="ERROR", error_message={"id": "a", "args": []}))) == [
        "/error_message: default_message is missing"
    ]
    assert error_message_tells(session(state="ERROR", error_message="It failed."))


@pytest.mark.parametrize("state", ["ACTIVE", "DONE", "CANCELED", "NEW"])
def test_no_other_session_has_an_error_message(state: str) -> None:
    (flaw,) = error_message_only_in_error(session(state=state, error_message=MESSAGE))
    assert flaw.expected == f"no error_message in state {state}"


def test_a_preview_ends_with_the_session() -> None:
    assert not preview_only_while_active(session(preview_info=AVAILABLE))
    assert preview_only_while_active(session(state="DONE", preview_info=AVAILABLE))


@pytest.mark.parametrize(
    ("preview", "has_files"),
    [
        ({"state": "UNAVAILABLE"}, False),
        ({"state": "UNAVAILABLE", "warnings": None, "certificate_info": None}, True),
        ({"state": "PREPARING"}, True),
        ({"state": "AVAILABLE", "warnings": [], "certificate_info": None, "cert_chain": None}, True),
        (AVAILABLE, True),
    ],
)
def test_a_preview_that_is_right(preview: Any, has_files: bool) -> None:  # noqa: FBT001 - a column
    assert not preview_fits(session(preview_info=preview), has_files=has_files)


@pytest.mark.parametrize(
    ("preview", "flaw"),
    [
        ("UNAVAILABLE", '/preview_info: "UNAVAILABLE" is not of type object or null'),
        ({}, "/preview_info: state is missing"),
        ({"state": "AVAILABLE"}, "no warnings"),
        ({"state": "PREPARING", "warnings": []}, "warnings []"),
        ({"state": "PREPARING", "certificate_info": CERTIFICATE}, f"certificate_info {CERTIFICATE!r}"),
        (
            AVAILABLE | {"certificate_info": {**CERTIFICATE, "x509": 1}},
            "/preview_info/certificate_info/x509: 1 is not of type string",
        ),
        (AVAILABLE | {"warnings": [{"type": "X", "ignored": True}]}, "/preview_info/warnings/0: message is missing"),
    ],
)
def test_a_preview_that_is_wrong(preview: Any, flaw: str) -> None:
    assert observed(preview_fits(session(preview_info=preview), has_files=True)) == [flaw]


def test_a_preview_without_files_is_unavailable() -> None:
    assert observed(preview_fits(session(preview_info=AVAILABLE), has_files=False)) == ["preview_info AVAILABLE"]
