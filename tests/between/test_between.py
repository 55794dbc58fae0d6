"""What stands between the suite and a right server accuses nobody; what a wrong server does is caught all the same."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

from contract_tests import cli
from contract_tests.mock import MockServer
from contract_tests.mock.domain.world import DEFAULT_USER

from .proxy import HTML_502, Passing, answer_of, between

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .proxy import Meddle

pytestmark = pytest.mark.no_cover

NO_SERVER_ERROR: Final = "errors.no-server-error"
MODEL: Final = "contract_tests/fuzz/histories/test_session_model.py"
EXPIRY: Final = "contract_tests/scenarios/test_expiry.py"
UPDATE: Final = "contract_tests/scenarios/test_update.py"


class Ran:
    """What a run said, and what `verify` says of it."""

    def __init__(self, code: int, folder: Path) -> None:
        self.code = code
        self.report: Any = json.loads((folder / "conformance.json").read_text())
        self.unheard: dict[str, int] = self.report["run"]["unheard"]
        self.page = (folder / "conformance.html").read_text()
        self.verified = cli.main(["verify", str(folder)])

    def slugs(self, verdict: str) -> set[str]:
        return {one["id"] for one in self.report["clauses"] for cell in one["cells"] if cell["verdict"] == verdict}


def error(passing: Passing, status: int, type_: str) -> bytes:
    """An answer with the error body of the dialect that was spoken."""
    inner = {"error_type": type_, "messages": [{"id": "x.y", "default_message": "No.", "args": []}]}
    wrapped = {"type": f"com.vmware.vapi.std.errors.{type_.lower()}", "value": inner}
    return answer_of(status, json.dumps(inner if " /api/" in passing.line else wrapped).encode())


def ending_after(requests: int) -> Meddle:
    """Each token is good for so many requests."""
    used: Counter[str] = Counter()
    lock = threading.Lock()

    def meddle(passing: Passing) -> bytes | None:
        if (token := passing.token) is None:
            return None
        with lock:
            used[token] += 1
            return error(passing, 401, "UNAUTHENTICATED") if used[token] > requests else None

    return meddle


def idle(seconds: float) -> Meddle:
    """A load balancer, which closes connections that were idle for so long when the next request comes."""
    return lambda passing: b"" if passing.number_here > 1 and passing.idle > seconds else None


def after_every(requests: int) -> Meddle:
    return lambda passing: b"" if passing.number_here % requests == 0 else None


def page_of_every(requests: int, phase: int) -> Meddle:
    return lambda passing: HTML_502 if passing.number % requests == phase else None


def unavailable_of_every(requests: int) -> Meddle:
    return lambda one: error(one, 503, "SERVICE_UNAVAILABLE") if one.number % requests == 0 else None


def passes(_: Passing) -> bytes | None:
    return None


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Plays some tests through a proxy; nothing may be left behind."""
    monkeypatch.setenv("CONTRACT_USERNAME", DEFAULT_USER.name)
    monkeypatch.setenv("CONTRACT_PASSWORD", DEFAULT_USER.password)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def played(meddle: Meddle, *arguments: str, login_timeout: float | None = None) -> Ran:
        with MockServer(control=True, login_timeout=login_timeout) as server, between(server.port, meddle) as url:
            code = cli.main(
                ["run", "--target", url, "--reports", str(tmp_path), "-qq", "-p", "no:pytest_html.plugin", *arguments]
            )
        return Ran(code, tmp_path)

    return played


RIGHT: Final[list[Any]] = [
    pytest.param(ending_after(20), None, "token ended", id="a token is good for 20 requests"),
    pytest.param(passes, 5.0, "token ended", id="a login ends after 5 s"),
    pytest.param(idle(0.03), None, "connection closed", id="idle connections are closed"),
    pytest.param(after_every(7), None, "connection closed", id="each connection ends with its 7th request"),
    pytest.param(page_of_every(50, 0), None, "gateway", id="a page of a gateway, 1 in 50"),
    pytest.param(unavailable_of_every(50), None, "gateway", id="a gateway that speaks as the API does, 1 in 50"),
    pytest.param(page_of_every(50, 23), None, "gateway", id="a page of a gateway, 1 in 50, others"),
]


@pytest.mark.parametrize(("meddle", "login_timeout", "why"), RIGHT)
@pytest.mark.parametrize(("test", "chosen"), [(EXPIRY, "api-update or rest-download"), (MODEL, "api-update")])
def test_a_right_server_is_accused_of_nothing(
    meddle: Meddle,
    login_timeout: float | None,
    why: str,
    test: str,
    chosen: str,
    play: Callable[..., Ran],
) -> None:
    options = ["--fuzz-examples", "30", "--seed", str(len(why))]
    ran = play(meddle, test, "-k", chosen, *options, login_timeout=login_timeout)
    assert (ran.code, ran.slugs("violates"), ran.slugs("blocked"), ran.report["leftovers"]) == (0, set(), set(), [])
    assert ran.slugs("conforms")
    assert ran.unheard.keys() <= {why}
    if ran.unheard:
        assert f"the server&#39;s word was missing {ran.unheard[why]} time" in ran.page
    assert ran.verified == 0


def on_keep_alive(answer: Callable[[Passing], bytes]) -> Meddle:
    return lambda passing: answer(passing) if passing.asks_to_keep_alive else None


def test_a_401_to_every_keep_alive_is_the_servers_word(play: Callable[..., Ran]) -> None:
    ran = play(on_keep_alive(lambda one: error(one, 401, "UNAUTHENTICATED")), EXPIRY, "-k", "outlives and api-update")
    assert (ran.code, ran.slugs("violates"), ran.unheard) == (1, {"keep-alive.outlives-timeout"}, {})
    assert ran.verified == 0


def test_a_connection_that_is_closed_on_each_update_is_the_servers_word(play: Callable[..., Ran]) -> None:
    ran = play(lambda one: b"" if one.line.startswith("PATCH") else None, UPDATE, "-k", "empty and update")
    assert ran.code == 1
    assert {NO_SERVER_ERROR, "update.empty-object"} <= ran.slugs("violates")
    assert ran.verified == 0


def test_a_502_with_an_error_of_this_api_is_the_servers_word(play: Callable[..., Ran]) -> None:
    ran = play(on_keep_alive(lambda one: error(one, 502, "ERROR")), EXPIRY, "-k", "outlives and api-update")
    assert (ran.code, ran.unheard) == (1, {})
    assert {NO_SERVER_ERROR, "keep-alive.outlives-timeout"} <= ran.slugs("violates")
    assert ran.verified == 0


@pytest.mark.parametrize(
    "answer", [lambda _: HTML_502, lambda one: error(one, 503, "SERVICE_UNAVAILABLE")], ids=["page", "error"]
)
def test_a_gateway_that_never_reaches_the_server_is_told_once(
    answer: Callable[[Passing], bytes], play: Callable[..., Ran]
) -> None:
    ran = play(on_keep_alive(answer), EXPIRY, "-k", "outlives and api-update")
    assert (ran.code, ran.slugs("violates"), ran.slugs("blocked")) == (
        1,
        {NO_SERVER_ERROR},
        {"keep-alive.outlives-timeout"},
    )
    (cell,) = [
        cell
        for clause in ran.report["clauses"]
        for cell in clause["cells"]
        if clause["id"] == NO_SERVER_ERROR and cell["verdict"] == "violates"
    ]
    assert len({flaw["test"] for flaw in cell["flaws"]}) == 1
    assert ran.unheard["gateway"] > 3
    assert ran.verified == 0
