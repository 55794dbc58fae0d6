"""Wrong on purpose: each fault is one override, put in from outside, and seen over the wire.

The eight that every suite should notice come first.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract.words import Dialect, Service
from contract_tests.mock import Parts
from contract_tests.mock.domain.model import RULES, State
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.door import Dispatcher
from contract_tests.mock.http.reader import Reader
from contract_tests.mock.http.wire import Reply, Wire

from .speaker import Speaker, sessions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from contract_tests.mock import ApiError
    from contract_tests.mock.domain.access import ApiSession
    from contract_tests.mock.domain.model import Item, SessionRecord
    from contract_tests.mock.http.idioms import Idiom
    from contract_tests.mock.http.operations import Operation

UPDATE = Service.UPDATE


class Forgetful(Sessions):
    def extended_expiration(self, session: SessionRecord) -> datetime:
        return session.expiration_time


class Retreating(Sessions):
    def accepts_progress(self, session: SessionRecord, value: int) -> bool:  # noqa: ARG002 - it looks at neither
        return True


class Undead(Sessions):
    def require_active(self, session: SessionRecord, operation: str) -> None:
        if operation != "keep-alive":
            super().require_active(session, operation)


class Speechless(Wire):
    def error_fields(self, error: ApiError) -> dict[str, Any]:
        return super().error_fields(error) | ({"messages": []} if error.error_type == "NOT_FOUND" else {})


class Inventive(Wire):
    def error_fields(self, error: ApiError) -> dict[str, Any]:
        return super().error_fields(error) | {"error_type": "SESSION_OVER"}


class Meddling(Sessions):
    def apply_update(self, session: SessionRecord, given: Any) -> None:
        super().apply_update(session, given)
        session.state = State(given.get("state") or session.state)


class Chatty(Wire):
    def void_reply(self, idiom: Idiom) -> Reply:  # noqa: ARG002 - it is the same in both
        return Reply(200)


class Trusting(Dispatcher):
    def authenticated(self, operation: Operation, token: str | None) -> ApiSession | None:  # noqa: ARG002 - it trusts
        return None


class Crashing(Sessions):
    def body_problems(self, session: SessionRecord, body: Any) -> list[str]:  # noqa: ARG002 - it looks at no body
        return []

    def as_integer(self, value: Any) -> int:
        return int.from_bytes(int(value).to_bytes(8, signed=True), signed=True)


class Unfiltered(Sessions):
    def listed_among(self, user: str, item_id: str | None) -> Iterable[SessionRecord]:  # noqa: ARG002 - all that there are
        return self.by_id.values()

    def is_listed_under(self, session: SessionRecord, item_id: str | None) -> bool:  # noqa: ARG002 - it does not filter
        return True


class Crowded(Sessions):
    def is_busy(self, item: Item) -> bool:  # noqa: ARG002 - nothing is ever busy
        return False


class Shy(Views):
    def session(self, session: SessionRecord) -> dict[str, Any]:
        return {name: value for name, value in super().session(session).items() if value != 0}


class Lenient(Dispatcher):
    def unknown_action(self, action: str | None, of_method: Any) -> Operation:  # noqa: ARG002 - any will do
        found: Operation = of_method[0]
        return found


class Lax(Reader):
    def json(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except ValueError:
            return None


def speaking(**parts: Any) -> tuple[Speaker, str]:
    """A client of such a server, and an update session on it."""
    speaker = Speaker(Dialect.API, Parts(**parts))
    return speaker, speaker.session(UPDATE)


def progress(speaker: Speaker, session: str) -> int:
    return int(speaker.read(UPDATE, session)["client_progress"])


def test_keep_alive_that_does_not_extend() -> None:
    speaker, session = speaking(sessions=Forgetful)
    before = speaker.read(UPDATE, session)
    speaker.clock.advance(2)
    assert speaker.act(UPDATE, session, "keep-alive").status_code == 204
    assert speaker.read(UPDATE, session) == before


def test_progress_going_down() -> None:
    speaker, session = speaking(sessions=Retreating)
    for value in (50, 20):
        speaker.act(UPDATE, session, "keep-alive", json={"client_progress": value})
    assert progress(speaker, session) == 20


def test_success_for_a_cancelled_session_and_only_there() -> None:
    speaker, session = speaking(sessions=Undead)
    speaker.act(UPDATE, session, "cancel")
    assert speaker.act(UPDATE, session, "keep-alive").status_code == 204
    assert speaker.act(UPDATE, session, "cancel").status_code == 400


def test_an_expired_session_that_is_revived() -> None:
    speaker, session = speaking(sessions=Undead)
    speaker.clock.advance(301)
    assert speaker.read(UPDATE, session)["state"] == "ERROR"
    assert speaker.act(UPDATE, session, "keep-alive").status_code == 204
    assert speaker.read(UPDATE, session)["state"] == "ACTIVE"


def test_errors_without_messages() -> None:
    speaker, _ = speaking(wire=Speechless)
    assert speaker.act(UPDATE, "x", "keep-alive").json()["messages"] == []


def test_an_error_type_that_does_not_exist() -> None:
    speaker, _ = speaking(wire=Inventive)
    assert speaker.act(UPDATE, "x", "keep-alive").json()["error_type"] == "SESSION_OVER"


def test_a_patch_that_changes_the_state() -> None:
    speaker, session = speaking(sessions=Meddling)
    speaker.http.patch(speaker.path(sessions(UPDATE), session), json={"state": "DONE"})
    assert speaker.read(UPDATE, session)["state"] == "DONE"


def test_the_wrong_success() -> None:
    speaker, session = speaking(wire=Chatty)
    assert speaker.act(UPDATE, session, "keep-alive").status_code == 200


def test_a_token_that_is_not_checked() -> None:
    speaker, session = speaking(door=Trusting)
    del speaker.http.headers["vmware-api-session-id"]
    assert speaker.act(UPDATE, session, "keep-alive").status_code == 204


def test_a_crash_at_big_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    speaker, session = speaking(sessions=Crashing)
    answer = speaker.act(UPDATE, session, "keep-alive", json={"client_progress": 2**63})
    assert answer.status_code == 500
    assert "OverflowError" in capsys.readouterr().err


def test_a_list_without_its_filter() -> None:
    speaker, session = speaking(sessions=Unfiltered)
    other = speaker.item()
    listed = speaker.http.get(speaker.path(sessions(UPDATE)), params={"library_item_id": other})
    assert listed.json() == [session]


def test_two_update_sessions_on_an_item() -> None:
    speaker, session = speaking(sessions=Crowded)
    item = speaker.read(UPDATE, session)["library_item_id"]
    assert speaker.session(UPDATE, item) != session


def test_a_progress_of_zero_that_is_left_out() -> None:
    speaker, session = speaking(views=Shy)
    assert "client_progress" not in speaker.read(UPDATE, session)


def test_an_action_that_nobody_knows_succeeds() -> None:
    speaker, session = speaking(door=Lenient)
    assert speaker.act(UPDATE, session, "nonsense").is_success


def test_malformed_json_that_is_taken_for_no_body() -> None:
    speaker, session = speaking(reader=Lax)
    assert speaker.act(UPDATE, session, "keep-alive", content=b"{").status_code == 204


def test_faults_combine() -> None:
    class Both(Forgetful, Retreating):
        pass

    speaker, session = speaking(sessions=Both, wire=Chatty)
    before = speaker.read(UPDATE, session)["expiration_time"]
    speaker.clock.advance(2)
    for value in (50, 20):
        assert speaker.act(UPDATE, session, "keep-alive", json={"client_progress": value}).status_code == 200
    assert progress(speaker, session) == 20
    assert speaker.read(UPDATE, session)["expiration_time"] == before


@pytest.mark.parametrize("service", list(Service))
def test_without_parts_it_is_right(service: Service) -> None:
    speaker = Speaker(Dialect.API, Parts())
    session = speaker.session(service)
    answer = speaker.act(service, session, "keep-alive", json={RULES[service].progress_member: 1})
    assert answer.status_code == 204
