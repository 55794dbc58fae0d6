"""What a killed run has left is removed by `cl-contract sweep`, and nothing else."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from contract_tests import cli
from contract_tests.contract import Service
from contract_tests.contract.dialects import TOKEN_HEADER
from contract_tests.driver.journal import left_in
from contract_tests.mock import MockServer
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.domain.world import DEFAULT_USER

from .counting import Counting
from .runs import PATIENCE, Runner, credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contract_tests.mock.domain.model import SessionRecord


class OutliveTheirItems(Sessions):
    """Sessions that deleting their library does not delete, as on some emulators."""

    def forget_items(self, item_ids: list[str]) -> None:
        pass

    def has_preview(self, _session: SessionRecord) -> bool:
        """There may be no item any more to look into."""
        return False


class Client:
    """Somebody else on the server, who makes a library, an item and a session of each service, and looks."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/api", timeout=60)
        self._http.headers[TOKEN_HEADER] = self._http.post(
            "/session", auth=(DEFAULT_USER.name, DEFAULT_USER.password)
        ).json()

    def make(self, name: str) -> None:
        store = self.get("/vcenter/datastore")[0]["datastore"]
        backing = {"type": "DATASTORE", "datastore_id": store}
        library = self.post("/content/local-library", name=name, type="LOCAL", storage_backings=[backing])
        item = self.post("/content/library/item", library_id=library, name="an item", type="iso")
        for service in Service:
            self.post(f"/content/library/item/{service}-session", library_item_id=item)

    def there(self) -> dict[str, list[str]]:
        """The ids of libraries and of the sessions of each service."""
        sessions = {str(one): sorted(self.get(f"/content/library/item/{one}-session")) for one in Service}
        return {"libraries": sorted(self.get("/content/local-library")), **sessions}

    def get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()

    def post(self, path: str, **body: Any) -> Any:
        return self._http.post(path, json=body).raise_for_status().json()

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as mock:
        yield mock


@pytest.fixture
def client(server: MockServer) -> Iterator[Client]:
    with closing(Client(server.url)) as client:
        yield client


KILLED, HURRIED, ENDED = (signal.SIGKILL,), (signal.SIGINT, signal.SIGINT), (signal.SIGTERM,)
_DRAW = random.Random("moments")
MOMENTS = [(35, KILLED), (60, KILLED), (150, KILLED), (400, KILLED), (120, HURRIED), (300, ENDED)]
MOMENTS += [
    (_DRAW.randrange(5, 900), _DRAW.choice((KILLED, HURRIED, ENDED)))
    for _ in range(int(os.environ.get("CONTRACT_KILLS", "0")))
]
"""After how many requests a run is sent which signals; `make kills` draws more of them."""


@pytest.mark.parametrize(("after", "signals"), MOMENTS)
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_after_it_nothing_of_a_run_that_was_ended_is_left_and_all_of_others_is(
    run: Runner,
    after: int,
    signals: tuple[signal.Signals, ...],
    workers: tuple[str, ...],
    capfd: pytest.CaptureFixture[str],
) -> None:
    counting = Counting(after)
    parts = replace(counting.parts, sessions=OutliveTheirItems)
    with MockServer(parts=parts) as server, closing(Client(server.url)) as others:
        for name in ("somebody's", "cl-contract-by-hand"):
            others.make(name)
        before = others.there()
        chosen = ("-k", "not fuzz and not waits", *workers)
        with run.started("--target", server.url, *chosen, start_new_session=True) as process:
            assert counting.begun.wait(PATIENCE)
            for number in signals:
                os.killpg(process.pid, number)
                time.sleep(0.05)
            process.communicate(timeout=PATIENCE)
        is_killed = signals == KILLED
        assert left_in(run.reports) or not is_killed
        capfd.readouterr()
        assert cli.main(["sweep", "--reports", str(run.reports)]) == 0
        told = capfd.readouterr().out
        assert others.there() == before
    assert "removed: " in told or not is_killed
    assert not list(run.reports.glob("journal*"))


SEVERAL = 30
"""Sessions that the run makes when its journal can't grow any more."""


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="this system can't bound the files of another process")
def test_a_full_disk_loses_nothing_that_sweep_needs(run: Runner, capfd: pytest.CaptureFixture[str]) -> None:
    """The journal can't grow any more after a few lines; the library, which stands in the first, holds all else."""
    counting = Counting(20)
    parts = replace(counting.parts, sessions=OutliveTheirItems)
    with MockServer(parts=parts) as server, closing(Client(server.url)) as others:
        others.make("somebody's")
        before = others.there()
        with run.started("--target", server.url, "-k", "not fuzz and not waits", start_new_session=True) as process:
            assert counting.begun.wait(PATIENCE)
            (journal,) = run.reports.glob("journal*")
            size = journal.stat().st_size
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, size))
            while len(others.there()["update"]) < SEVERAL:
                assert process.poll() is None, "a journal that can't be written ends no run"
                time.sleep(0.05)
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate(timeout=PATIENCE)
        assert others.there() != before
        capfd.readouterr()
        assert cli.main(["sweep", "--reports", str(run.reports)]) == 0
        assert others.there() == before, capfd.readouterr().out


def test_a_run_that_cleans_up_leaves_no_journal(run: Runner, server: MockServer) -> None:
    ended = run("--target", server.url, "-k", "no-body and api-update and not fuzz and not waits")
    assert ended.code == 0, ended.out
    assert not list(run.reports.glob("journal*"))


@pytest.fixture
def journal(tmp_path: Path, server: MockServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The journal of a run that was killed when it had made its library; gives its folder."""
    credentials(monkeypatch)
    began = {"run": "cl-contract-0123abcd", "target": server.url, "began": "2026-11-29T12:00:00Z"}
    (tmp_path / "journal-cl-contract-0123abcd.jsonl").write_text(json.dumps(began) + '\n{"making": "libr')
    return tmp_path


def test_a_dry_run_shows_and_removes_nothing(journal: Path, client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    client.make("cl-contract-0123abcd")
    before = client.there()
    assert cli.main(["sweep", "--reports", str(journal), "--dry-run"]) == 0
    told = capfd.readouterr().out
    assert "1 library with all that is in them, 2 sessions" in told
    assert "library cl-contract-0123abcd (" in told
    assert client.there() == before
    assert left_in(journal)


def test_the_next_run_tells_of_what_is_left(journal: Path, run: Runner) -> None:
    ended = run("--reports", str(journal), "-k", "no-body and api-update and not fuzz and not waits")
    assert "cl-contract-0123abcd of 2026-11-29T12:00:00Z was never cleaned up" in ended.out
    assert f"cl-contract sweep --reports {journal}" in ended.out


def test_without_a_journal_only_what_is_old_and_has_a_drawn_name_goes(
    server: MockServer, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch)
    for name in ("cl-contract-89abcdef", "cl-contract-89abcdef-gw1", "cl-contract-89abcdef-copy", "mine"):
        client.make(name)
    before = client.there()
    asked = ["sweep", "--reports", str(tmp_path), "--target", server.url]
    assert cli.main(asked) == 0
    assert client.there() == before  # they are new: their run may go on
    assert cli.main([*asked, "--older-than", "0s"]) == 0
    names = sorted(client.get(f"/content/local-library/{one}")["name"] for one in client.there()["libraries"])
    assert names == ["cl-contract-89abcdef-copy", "mine"]
    assert [len(found) for found in client.there().values()] == [2, 2, 2]


def test_where_there_is_no_journal_and_no_target_it_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sweep", "--reports", str(tmp_path)]) == 0
    assert f"no journal in {tmp_path}" in capfd.readouterr().out


def test_the_journal_of_a_run_that_goes_on_is_left_alone(run: Runner) -> None:
    counting = Counting(40)
    with (
        MockServer(parts=counting.parts) as server,
        run.started("--target", server.url, "-k", "not fuzz and not waits") as process,
    ):
        assert counting.begun.wait(PATIENCE)
        assert list(run.reports.glob("journal*"))
        assert left_in(run.reports) == []
        process.terminate()
        process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize("span", ["1", "h", "-1h", "1w", ""])
def test_a_span_that_is_none_is_one_sentence(span: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["sweep", f"--older-than={span}"])
    assert ended.value.code == 4
    assert "is no span; give a number and s, m, h or d, like 12h" in capfd.readouterr().err
