"""Bad weather on the way to a right server accuses nobody; a wrong server is caught in it all the same."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from contract_tests import cli
from contract_tests.driver.transport import limits
from contract_tests.faults import FAULTS
from contract_tests.judging import Verdict
from contract_tests.mock import MockServer
from contract_tests.mock.domain.world import DEFAULT_USER
from contract_tests.mock.http.app import Parts
from contract_tests.mock.http.wire import Wire
from contract_tests.reporting.reading import load

from .weather import Break, Fate, late, one_in, weather

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.mock.http.wire import Headers
    from contract_tests.reporting.format import Conformance

    from .weather import Forecast, Middle

pytestmark = pytest.mark.no_cover

KEEP_ALIVE: Final = "contract_tests/scenarios/test_keep_alive.py"
EXPIRY: Final = "contract_tests/scenarios/test_expiry.py"
CREATE: Final = "contract_tests/scenarios/test_create.py"
FUZZ: Final = "contract_tests/fuzz/histories"


@pytest.fixture(autouse=True)
def _user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRACT_USERNAME", DEFAULT_USER.name)
    monkeypatch.setenv("CONTRACT_PASSWORD", DEFAULT_USER.password)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


def played(folder: Path, middle: Middle, *words: str, code: int = 0, again: bool = True) -> Conformance:
    """The report of a run in the weather; judged again (`again`), its recording says the same."""
    options = ["--reports", str(folder), "-q", "--fuzz-examples", "10", "-p", "no:pytest_html.plugin"]
    assert cli.main(["run", *words, "--target", middle.address, *options]) == code
    if again:
        assert cli.main(["verify", str(folder)]) == 0
    return load(folder)


def cells(report: Conformance, verdict: Verdict) -> set[str]:
    return {one.id for one in report.clauses for cell in one.cells if cell.verdict == verdict}


API: Final = ("-k", "api-download")
SCENARIOS: Final = (KEEP_ALIVE, CREATE, *API)
ALL: Final = (KEEP_ALIVE, FUZZ, *API)
RESETS: Final = one_in(50, Break.BEFORE, Break.AFTER, Break.AMID)

RIGHT: Final[list[Any]] = [
    pytest.param(RESETS, ALL, "connection broken", id="1 in 50 resets"),
    pytest.param(one_in(100, Break.SILENT), (CREATE, *API), "connection broken", id="half-open connections"),
    pytest.param(late(0.3, 0.15), (KEEP_ALIVE, "-k", "empty_object and api-download"), None, id="latency of 300 ms"),
    pytest.param(lambda _number: Fate(rate=50_000), SCENARIOS, None, id="50 kB/s"),
]


@pytest.mark.parametrize(("forecast", "chosen", "why"), RIGHT)
def test_a_right_server_is_accused_of_nothing(
    forecast: Forecast, chosen: tuple[str, ...], why: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ANSWERING", 1.0)
    with MockServer(control=True) as server, weather(server.port, forecast) as middle:
        report = played(tmp_path, middle, *chosen)
    assert cells(report, Verdict.CONFORMS)
    assert not cells(report, Verdict.BLOCKED) | cells(report, Verdict.VIOLATES)
    assert (why is None) or why in report.run.unheard
    assert not report.leftovers


@pytest.mark.parametrize("keeps", [True, False], ids=["its state kept", "all lost"])
def test_a_right_server_may_be_restarted(tmp_path: Path, *, keeps: bool) -> None:
    with (
        MockServer(control=True) as server,
        MockServer(control=True) as other,
        weather(server.port) as middle,
    ):

        def restart() -> None:
            while middle.seen < 300:
                time.sleep(0.01)
            middle.go_down()
            time.sleep(2)
            middle.to = server.port if keeps else other.port
            middle.come_back()

        threading.Thread(target=restart, daemon=True).start()
        # Where all is lost, a recording does not tell when: README says that it can't be judged again.
        report = played(tmp_path, middle, *SCENARIOS, again=keeps)
    assert middle.seen > 500
    assert report.run.unheard.keys() >= ({"not reached"} if keeps else {"not reached", "token ended"})
    assert not cells(report, Verdict.BLOCKED) | cells(report, Verdict.VIOLATES)


class Dateless(Wire):
    """Sends no `Date`."""

    def general_headers(self) -> Headers:
        return tuple(one for one in super().general_headers() if one[0] != "date")


@pytest.mark.parametrize("minutes", [-10, 10])
@pytest.mark.parametrize("wire", [Wire, Dateless])
def test_a_clock_may_be_off(minutes: int, wire: type[Wire], tmp_path: Path) -> None:
    with MockServer(parts=Parts(wire=wire)) as server, weather(server.port) as middle:
        server.clock._origin += timedelta(minutes=minutes)
        report = played(tmp_path, middle, EXPIRY, KEEP_ALIVE, FUZZ, "-k", "api-download")
    assert not cells(report, Verdict.BLOCKED) | cells(report, Verdict.VIOLATES)
    assert ("expiry.default-five-minutes" in cells(report, Verdict.CONFORMS)) is (wire is Wire)


@pytest.mark.parametrize("name", ["keep-alive extends nothing", "keep-alive extends only with a progress"])
def test_a_wrong_server_is_caught_all_the_same(name: str, tmp_path: Path) -> None:
    (fault,) = [one for one in FAULTS if one.name == name]
    with MockServer(control=True, parts=fault.parts) as server, weather(server.port, RESETS) as middle:
        report = played(tmp_path, middle, *SCENARIOS, code=1)
    assert fault.found & cells(report, Verdict.VIOLATES)
    assert "connection broken" in report.run.unheard
