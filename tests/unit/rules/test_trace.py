"""What a test has exchanged, read as steps: creations on items, and calls on sessions that have ended."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from contract_tests.contract.dialects import Op
from contract_tests.rules.oracle import watched
from contract_tests.rules.steps import Standing
from contract_tests.rules.trace import steps_of
from contract_tests.traffic.exchange import Exchange
from contract_tests.traffic.messages import Request, Response

from .exchanges import MESSAGE

SESSIONS: Final = "/api/content/library/item/update-session"
JSON: Final = (("content-type", "application/json"),)
ITEM: Final = "item-1"
TOKEN: Final = "b8a2a2e3-2314-43cd-a871-6ede0f429751"
BUSY: Final = {"error_type": "RESOURCE_BUSY", "messages": [MESSAGE]}
NOT_ACTIVE: Final = {"error_type": "NOT_ALLOWED_IN_CURRENT_STATE", "messages": [MESSAGE]}
NOT_FOUND: Final = {"error_type": "NOT_FOUND", "messages": [MESSAGE]}


def asked(
    method: str,
    path: str,
    status: int,
    answer: Any = None,
    *,
    op: Op | None = None,
    body: Any = None,
    token: str | None = None,
) -> Exchange:
    content = b"" if answer is None else json.dumps(answer).encode()
    headers = (("vmware-api-session-id", "<token>"), *((("Client-Token", token),) if token else ()))
    headers += JSON if body is not None else ()
    sent = b"" if body is None else json.dumps(body).encode()
    return Exchange(
        Request(method, f"http://host{path}", headers, sent),
        Response(status, JSON if content else (), content),
        datetime(2026, 1, 1, tzinfo=UTC),
        0.01,
        cell=None if op is None else "api-update",
        operation=op,
    )


def item_made() -> Exchange:
    return asked("POST", "/api/content/library/item", 201, ITEM, body={"name": "x"})


def created(status: int = 201, answer: Any = "session-1", *, token: str | None = None, **spec: Any) -> Exchange:
    body = {"library_item_id": ITEM} | spec
    return asked("POST", SESSIONS, status, answer, op=Op.CREATE, body=body, token=token)


def seen(state: str | None = "ACTIVE", id_: str = "session-1", **members: Any) -> Exchange:
    """A read of a session; in no state: there is none."""
    model = {
        "library_item_id": ITEM,
        "library_item_content_version": "1",
        "client_progress": 0,
        "state": state,
        "expiration_time": "2026-01-01T00:05:00.000Z",
    } | members
    return asked("GET", f"{SESSIONS}/{id_}", 404 if state is None else 200, model if state else NOT_FOUND, op=Op.READ)


def called(op: Op, status: int = 204, answer: Any = None, body: Any = None) -> Exchange:
    method = "DELETE" if op is Op.DELETE else "POST"
    query = "" if op is Op.DELETE else f"?action={op}"
    return asked(method, f"{SESSIONS}/session-1{query}", status, answer, op=op, body=body)


def acted(status: int, action: str = "") -> Exchange:
    """A POST to a session with an action that may be none."""
    answer = NOT_ACTIVE if status >= 400 else None
    return replace(asked("POST", f"{SESSIONS}/session-1?action={action}", status, answer), cell="api-update")


def in_turn(*exchanges: Exchange) -> list[Exchange]:
    """The exchanges one after the other, a second apart."""
    return [
        replace(one, started=one.started + timedelta(seconds=number), id=f"e-{number}")
        for number, one in enumerate(exchanges)
    ]


def steps(op: Op, *exchanges: Exchange) -> list[tuple[Standing, bool, bool]]:
    """How it stood with each call of one operation, and whether there is a read before and after."""
    found = (step for step in steps_of(in_turn(*exchanges)) if step.op is op)
    return [(step.standing, step.before is not None, step.after is not None) for step in found]


def broken(*exchanges: Exchange) -> set[str]:
    return {slug for slug, _, flaws in watched(in_turn(*exchanges)) if flaws}


FREE, BUSY_ITEM = Standing.FREE, Standing.BUSY


@pytest.mark.parametrize(
    ("exchanges", "found"),
    [
        ([item_made(), created(), seen()], [(FREE, False, True)]),
        ([item_made(), created()], [(FREE, False, False)]),
        ([item_made(), created(), item_made(), seen()], [(FREE, False, False)]),
        ([item_made(), created(400, BUSY)], [(FREE, False, False)]),
        ([item_made(), created(), asked("POST", "/_control/clock/advance", 200), seen()], [(FREE, False, True)]),
        # An item that others may have made: nobody knows how it stands.
        ([created(), seen()], []),
        ([item_made(), created(), created(400, BUSY)], [(FREE, False, False)]),
        ([item_made(), created(), seen(), created(400, BUSY), seen()], [(FREE, False, True), (BUSY_ITEM, True, True)]),
        ([item_made(), created(), seen(), created(400, BUSY)], [(FREE, False, True), (BUSY_ITEM, True, False)]),
        # A repetition is another rule's business.
        ([item_made(), created(token=TOKEN), seen(), created(token=TOKEN), seen()], [(FREE, False, True)]),
        # Nobody knows what came of the first.
        ([item_made(), created(503, BUSY), created(400, BUSY)], [(FREE, False, False)]),
        (
            [item_made(), created(), called(Op.CANCEL), seen("CANCELED"), created(201, "session-2")],
            [(FREE, False, False), (FREE, False, False)],
        ),
        ([item_made(), created(), called(Op.CANCEL), created(201, "session-2")], [(FREE, False, False)]),
        # Of a creation that names no item, it is known what is wrong with it.
        ([created(400, BUSY, library_item_id=None)], [(Standing.NONE, False, False)]),
        ([created(201, library_item_id=None)], [(Standing.NONE, False, False)]),
    ],
)
def test_creations_are_read_from_the_traffic(
    exchanges: list[Exchange], found: list[tuple[Standing, bool, bool]]
) -> None:
    assert steps(Op.CREATE, *exchanges) == found


@pytest.mark.parametrize(
    ("exchanges", "found"),
    [
        ([created(), seen(), called(Op.DELETE, 400, NOT_ACTIVE), seen()], [(Standing.ACTIVE, True, True)]),
        (
            [created(), called(Op.CANCEL), seen("CANCELED"), called(Op.DELETE), seen(None)],
            [(Standing.ENDED, True, True)],
        ),
        ([created(), called(Op.CANCEL), seen("CANCELED"), called(Op.DELETE)], [(Standing.ENDED, True, False)]),
        ([created(), seen("CANCELED"), called(Op.DELETE), seen(None)], [(Standing.EXPIRED, True, True)]),
        ([created(), called(Op.DELETE)], []),
    ],
)
def test_a_deletion_is_judged_by_the_read_after_it(
    exchanges: list[Exchange], found: list[tuple[Standing, bool, bool]]
) -> None:
    assert steps(Op.DELETE, *exchanges) == found


BEGUN: Final = (item_made(), created(), seen())
ANSWERS_BY_THEMSELVES: Final = {"errors.type-fits-status", "errors.unlisted-status"}
WARNED: Final[dict[str, Any]] = {"warning_behavior": [{"type": "SELF_SIGNED_CERTIFICATE", "ignored": True}]}
FAILED: Final = "life-cycle.fail-shows-error"
MESSAGED: Final = {"client_error_message": "The disk is full."}


@pytest.mark.parametrize(
    ("exchanges", "slugs"),
    [
        ([item_made(), created(400, BUSY)], {"create.returns-id"}),
        ([item_made(), created(400, BUSY, **WARNED)], {"create.returns-id", "create.warning-behavior"}),
        ([item_made(), created(201, "session-2", id="session-2")], {"create.ignored-members"}),
        ([*BEGUN, created(201, "session-2"), seen()], {"create.second-active-session"}),
        ([*BEGUN, created(400, BUSY), seen(client_progress=5)], {"create.second-active-session"}),
        (
            [*BEGUN, created(400, BUSY), seen(expiration_time="2026-01-01T00:04:00.000Z")],
            {"expiry.never-moves-back"},
        ),
        ([*BEGUN, called(Op.CANCEL), seen(None)], {"life-cycle.cancel"}),
        (
            [*BEGUN, called(Op.FAIL, body=MESSAGED), seen("ERROR")],
            {FAILED, "model.error-message"},
        ),
        ([*BEGUN, called(Op.FAIL, body=MESSAGED), seen()], {FAILED}),
        ([*BEGUN, called(Op.FAIL, 400, NOT_ACTIVE), seen(client_progress=5)], {"life-cycle.fail-needs-message"}),
        ([*BEGUN, called(Op.FAIL, 422, NOT_ACTIVE), seen()], {"life-cycle.fail-needs-message"}),
        (
            [*BEGUN, called(Op.CANCEL), seen("CANCELED"), called(Op.CANCEL, 400, NOT_ACTIVE), seen("DONE")],
            {"life-cycle.only-active"},
        ),
        (
            [*BEGUN, called(Op.CANCEL), seen("CANCELED"), called(Op.DELETE), seen("CANCELED")],
            {"life-cycle.delete-ended"},
        ),
        ([*BEGUN, seen("CANCELED"), called(Op.DELETE, 400, NOT_ACTIVE), seen(None)], {"life-cycle.delete-ended"}),
        ([*BEGUN, acted(204), seen()], {"addressing.missing-action"}),
        ([*BEGUN, acted(400), seen(client_progress=5)], {"addressing.missing-action"}),
        ([*BEGUN, acted(204, "revive"), seen()], {"addressing.unknown-action"}),
        ([*BEGUN, acted(405, "revive"), seen()], {"addressing.unknown-action"}),
        ([*BEGUN, acted(400, "revive"), seen(client_progress=5)], {"addressing.unknown-action"}),
    ],
)
def test_what_is_wrong_is_told_by_the_clause_about_it(exchanges: list[Exchange], slugs: set[str]) -> None:
    assert broken(*exchanges) - ANSWERS_BY_THEMSELVES == slugs


@pytest.mark.parametrize(
    "exchanges",
    [
        [*BEGUN, created(400, BUSY), seen()],
        [*BEGUN, created(500, BUSY), seen()],
        # Its time may be over by then, so that the item is free.
        [item_made(), created(), seen(expiration_time="2026-01-01T00:00:02.000Z"), created(201, "session-2"), seen()],
        [*BEGUN, acted(405), seen()],
        [*BEGUN, acted(404, "revive"), seen()],
        [*BEGUN, called(Op.FAIL, 400, NOT_ACTIVE), seen()],
        [*BEGUN, called(Op.FAIL, 400, NOT_ACTIVE, body={"client_error_message": ""}), seen()],
        [created(), seen(None), called(Op.DELETE, 404, NOT_FOUND), seen(None)],
        [*BEGUN, seen("CANCELED"), called(Op.DELETE), seen(None)],
        [*BEGUN, called(Op.CANCEL), seen("CANCELED"), called(Op.CANCEL, 400, NOT_ACTIVE), seen("CANCELED")],
        # What a client has ended may be ACTIVE for a moment more.
        [*BEGUN, called(Op.COMPLETE), seen(), called(Op.CANCEL, 400, NOT_ACTIVE), seen("DONE")],
        [*BEGUN, called(Op.COMPLETE), seen(), called(Op.CANCEL), seen("CANCELED")],
    ],
)
def test_what_is_right_accuses_nobody(exchanges: list[Exchange]) -> None:
    assert broken(*exchanges) - ANSWERS_BY_THEMSELVES == set()


SHORT, LONG = "session-7", "update-session:5f0c6bb8-7f4d-4d06-9f22-0a4b7ce1d4a1"


def test_what_was_never_given_is_nobodys_if_nobody_can_guess_it() -> None:
    assert "model.unknown-id" in broken(seen(id_=LONG))


def test_what_may_be_a_number_may_be_somebodys() -> None:
    """Where ids are counted, one that a client made up is another client's."""
    assert "model.unknown-id" not in broken(seen(id_=SHORT), seen(id_=SHORT))
    cancelled = asked("POST", f"{SESSIONS}/{SHORT}?action=cancel", 204, op=Op.CANCEL)
    assert steps(Op.CANCEL, cancelled) == []
    assert steps(Op.CANCEL, seen(id_=SHORT), cancelled, seen(id_=SHORT)) == [(Standing.ACTIVE, True, True)]
    assert steps(Op.CANCEL, seen(None, id_=SHORT), cancelled) == [(Standing.UNKNOWN, False, False)]


@pytest.mark.parametrize("written", [LONG, LONG.replace(":", "\\u003a"), LONG.replace("-", "\\/")])
def test_a_listed_id_is_somebodys_however_it_is_written(written: str) -> None:
    listed = asked("GET", SESSIONS, 200, op=Op.LIST)
    assert listed.response is not None
    listed = replace(listed, response=replace(listed.response, headers=JSON, body=f'["{written}"]'.encode()))
    id_ = LONG.replace("-", "%2F") if "/" in written else LONG
    assert "model.unknown-id" not in broken(listed, seen(id_=id_))
