from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from contract_tests.contract import CELLS, Cell, Dialect
from contract_tests.driver import RealClock, Settings, open_target
from contract_tests.mock import MockServer, Parts
from contract_tests.mock.domain import errors
from contract_tests.mock.domain.access import Logins
from contract_tests.mock.domain.libraries import Libraries
from contract_tests.problems import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.mock.domain.model import Datastore


def unannounced(_seconds: float) -> None:
    raise AssertionError("a virtual clock makes nobody wait")


def test_without_an_address_the_mock_is_opened_and_left_empty() -> None:
    with open_target(Settings(session_timeout=60), unannounced) as target:
        assert target.facts.dialects == (Dialect.API, Dialect.REST)
        assert (target.clock.is_real, target.control is not None) == (False, True)
        assert {*target.access.second} == {Dialect.API, Dialect.REST}
        for cell in CELLS:
            session = target.workspace.open_session(cell)
            target.clock.advance(30)
            assert session.keep_alive().status in (200, 204)
            assert session.keep_alive_on_the_wire().status in (200, 204)
    assert target.left == []


@pytest.mark.parametrize(("control", "real"), [(True, False), (False, True)])
def test_a_server_that_runs_is_left_as_it_was(control: bool, real: bool) -> None:  # noqa: FBT001 - columns of a table
    with MockServer(username="me", password="p", control=control) as server:
        settings = Settings(target=f"{server.url}/", username="me", password="p", max_wait=1)
        with open_target(settings, unannounced) as target:
            assert target.facts.base == server.url
            assert isinstance(target.clock, RealClock) is real
            assert (target.control is None) is real
            former = target.access.doors[Dialect.API].headers
            target.workspace.open_session(Cell.parse("api-download"))
        assert target.left == []
        with open_target(settings, unannounced) as again:
            assert again.access.doors[Dialect.API].send("GET", "/api/session").status == 200
            assert again.access.anonymous.with_headers(former).send("GET", "/api/session").status == 401


def test_what_several_tests_look_at_is_made_once() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("made")
        return "it"

    with open_target(Settings(), unannounced) as target:
        assert [target.once("a", make), target.once("a", make), target.once("b", make)] == ["it"] * 3
    assert len(made) == 2


def test_a_failure_inside_cleans_up_all_the_same() -> None:
    with MockServer() as server:
        settings = Settings(target=server.url, username="user", password="pass")
        with suppress(ZeroDivisionError), open_target(settings, unannounced) as target:
            target.workspace.new_item(Dialect.API)
            _ = 1 / 0
        assert target.left == []
        token = httpx.post(f"{server.url}/api/session", auth=("user", "pass")).json()
        listed = httpx.get(f"{server.url}/api/content/local-library", headers={"vmware-api-session-id": token})
        assert listed.json() == []


@pytest.mark.parametrize(("username", "password"), [("", "p"), ("u", "")])
def test_without_credentials_nobody_is_asked(username: str, password: str) -> None:
    settings = Settings(target="http://127.0.0.1:1", username=username, password=password)
    with (
        pytest.raises(UsageProblem, match=r"set CONTRACT_USERNAME and CONTRACT_PASSWORD$"),
        open_target(settings, unannounced),
    ):
        pass


def test_where_nothing_listens_is_one_sentence() -> None:
    with MockServer() as server:
        url = server.url
    settings = Settings(target=url, username="u", password="p")
    with pytest.raises(UsageProblem, match="can't be reached"), open_target(settings, unannounced):
        pass


def test_tls_is_not_spoken_by_a_plain_server() -> None:
    with MockServer() as server:
        settings = Settings(target=server.url.replace("http", "HTTPS"), username="u", password="p", insecure=True)
        with pytest.raises(UsageProblem, match="does not speak TLS as expected"), open_target(settings, unannounced):
            pass


def test_a_server_without_datastores_has_to_be_told_one() -> None:
    class NoDatastores(Libraries):
        def datastores(self, filters: Mapping[str, Iterable[str]]) -> list[Datastore]:
            del filters
            return []

    with MockServer(username="me", password="p", parts=Parts(libraries=NoDatastores)) as server:
        settings = Settings(target=server.url, username="me", password="p")
        with (
            pytest.raises(UsageProblem, match=r"lists no datastore .* name one with --datastore$"),
            open_target(settings, unannounced),
        ):
            pass
        with open_target(replace(settings, datastore="datastore-11"), unannounced) as target:
            target.workspace.open_session(Cell.parse("api-download"))
        assert target.left == []


def test_logins_that_could_not_be_ended_are_told() -> None:
    class Lasting(Logins):
        def log_out(self, token: str | None) -> None:
            del token
            raise errors.refused(errors.ErrorType.ERROR, "session", "It goes on.")

    with MockServer(username="me", password="p", parts=Parts(access=Lasting)) as server:
        settings = Settings(target=server.url, username="me", password="p")
        with open_target(settings, unannounced) as target:
            pass
    assert [str(left).partition(":")[0] for left in target.left] == ["login <token>", "login <token>"]
