from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from contract_tests.contract import Cell, Dialect
from contract_tests.driver import Leftover, Workspace
from contract_tests.driver.journal import Journal
from contract_tests.driver.removal import AT_ONCE, at_once
from contract_tests.driver.transport.ending import CLEANS
from contract_tests.problems import NotTested, PremiseFailed

from .servers import Server, says

if TYPE_CHECKING:
    from pathlib import Path

    from .servers import Answer

UPDATE, DOWNLOAD = Cell.parse("api-update"), Cell.parse("api-download")
ROOT = {Dialect.API: "/api/content", Dialect.REST: "/rest/com/vmware/content"}


class Store(Server):
    """Makes what it is asked for and forgets what it is told to; ids are counted."""

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        super().__init__(answers)
        self.made: list[str] = []
        self.gone: set[str] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        key = f"{request.method} {request.url.raw_path.decode()}"
        if key in self.answers or request.method in self.answers:
            return super().__call__(request)
        self.requests.append(request)
        rest = key.split(" ")[1].startswith("/rest")
        if key.endswith("/datastore"):
            return says(200, {"value": [{"datastore": "ds-1"}]} if rest else [{"datastore": "ds-1"}, {}])
        if request.method == "POST" and "action" not in key:
            self.made.append(f"{key.rpartition('/')[2]}-{len(self.made) + 1}")
            return says(200, {"value": self.made[-1]}) if rest else says(201, self.made[-1])
        name = key.rpartition("/")[2].removeprefix("id:")
        if request.method == "DELETE" and name in self.made:
            self.gone.add(name)
            return says(200) if rest else says(204)
        return says(200, {}) if name in {*self.made} - self.gone else says(404, {})


def workspace(server: Server, dialect: Dialect = Dialect.API, datastore: str | None = None) -> Workspace:
    return Workspace({dialect: server.door()}, "cl-contract-run", datastore)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_session_needs_a_library_and_an_item(dialect: Dialect) -> None:
    server, cell = Store(), Cell.parse(f"{dialect}-update")
    session = workspace(server, dialect).open_session(cell)
    root = ROOT[dialect]
    datastore = "/rest/vcenter/datastore" if dialect is Dialect.REST else "/api/vcenter/datastore"
    assert server.asked == [
        f"GET {datastore}",
        f"POST {root}/local-library",
        f"POST {root}/library/item",
        f"POST {root}/library/item/update-session",
    ]
    library = {
        "name": "cl-contract-run",
        "type": "LOCAL",
        "storage_backings": [{"type": "DATASTORE", "datastore_id": "ds-1"}],
    }
    item = {"library_id": "local-library-1", "name": "cl-contract-run-1", "type": "iso"}
    specs = [library, item, {"library_item_id": "item-2"}]
    sent = [server.sent(number) for number in (1, 2, 3)]
    assert sent == ([{"create_spec": spec} for spec in specs] if dialect is Dialect.REST else specs)
    assert (session.id, session.item, session.cell) == ("update-session-3", "item-2", cell)


def test_each_update_session_has_an_item_and_downloads_share_one() -> None:
    server = Store()
    space = workspace(server)
    items = [space.open_session(cell).item for cell in (UPDATE, UPDATE, DOWNLOAD, DOWNLOAD)]
    assert len({*items[:2]}) == 2
    assert items[2] == items[3]
    assert server.asked.count("POST /api/content/local-library") == 1


def test_an_item_a_kind_and_members_may_be_given() -> None:
    server = Store()
    space = workspace(server)
    item = space.new_item(Dialect.API, "ovf")
    assert server.sent()["type"] == "ovf"
    assert space.open_session(UPDATE, {"warning_behavior": []}, item).item == item
    assert server.sent() == {"library_item_id": item, "warning_behavior": []}


def test_the_datastore_may_be_chosen() -> None:
    server = Store()
    workspace(server, datastore="ds-7").new_item(Dialect.API)
    assert server.sent(0)["storage_backings"] == [{"type": "DATASTORE", "datastore_id": "ds-7"}]
    assert not any("datastore" in asked for asked in server.asked)


@pytest.mark.parametrize(
    "answer",
    [
        says(200, []),
        says(200, {}),
        says(200, [7]),
        says(200, [{}]),
        says(200, b"<html>"),
        says(200, b"\xff"),
        says(200, b"[" * 100_000),
        says(404, {}),
        httpx.ConnectError("refused"),
    ],
)
def test_without_a_datastore_nothing_can_be_tried(answer: Answer) -> None:
    with pytest.raises(PremiseFailed, match="a datastore to make a library on"):
        workspace(Server({"GET": answer})).new_item(Dialect.API)


@pytest.mark.parametrize(
    "answer", [says(403, {}), says(201), says(201, 7), says(201, ""), says(200, "id"), says(201, b"<")]
)
@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("local-library", "create library"),
        ("library/item", "create item"),
        ("library/item/update-session", "a new session"),
    ],
)
def test_a_server_that_gives_nothing_fails_a_premise(path: str, wanted: str, answer: httpx.Response) -> None:
    with pytest.raises(PremiseFailed, match=wanted):
        workspace(Store({f"POST /api/content/{path}": answer})).open_session(UPDATE)


@pytest.mark.parametrize(
    ("place", "token", "header", "body"),
    [
        ("api-update", "uuid", "uuid", {"a": 1}),
        ("api-update", None, None, {"a": 1}),
        ("rest-update", "uuid", None, {"client_token": "uuid", "create_spec": {"a": 1}}),
        ("rest-update", None, None, {"create_spec": {"a": 1}}),
    ],
)
def test_the_client_token_is_where_the_dialect_has_it(
    place: str, token: str | None, header: str | None, body: Any
) -> None:
    server, cell = Store(), Cell.parse(place)
    created = workspace(server, cell.dialect).create_session(cell, {"a": 1}, token)
    assert server.requests[0].headers.get("client-token") == header
    assert server.sent() == body
    assert (created.cell, created.operation) == (place, "create")


def test_a_specification_need_not_be_an_object() -> None:
    server = Store()
    space = workspace(server)
    space.create_session(UPDATE, [1])
    assert space.clean_up() == []
    assert "DELETE /api/content/library/item/update-session/update-session-1" in server.asked


def test_another_user_may_create_and_we_clean_up() -> None:
    server, other = Store(), Store()
    space = workspace(server)
    server.made.append("update-session-1")
    space.create_session(UPDATE, {}, door=other.door())
    assert len(other.requests) == 1
    assert space.clean_up() == []
    one = "/api/content/library/item/update-session/update-session-1"
    assert server.asked == [f"POST {one}?action=cancel", f"DELETE {one}"]


def test_an_unknown_session_is_another_each_time_and_looks_like_one() -> None:
    space = workspace(Store())
    one, other = space.unknown_session(UPDATE), space.unknown_session(UPDATE)
    assert one.id != other.id
    assert one.id.count(":") == 1


def test_everything_is_removed_newest_kind_first() -> None:
    server = Store()
    space = workspace(server)
    space.open_session(UPDATE)
    space.open_session(DOWNLOAD)
    server.requests.clear()
    assert space.clean_up() == []
    item = "/api/content/library/item"
    assert server.asked == [
        f"DELETE {item}/download-session/download-session-5",
        f"POST {item}/update-session/update-session-3?action=cancel",
        f"DELETE {item}/update-session/update-session-3",
        f"DELETE {item}/item-2",
        f"DELETE {item}/item-4",
        "DELETE /api/content/local-library/local-library-1",
        "GET /api/content/local-library/local-library-1",
    ]
    assert space.clean_up() == []
    assert len(server.requests) == 7


@pytest.mark.parametrize(
    ("answers", "kinds"),
    [
        ({"DELETE": says(500, {"a": "\x1b"})}, ["update session", "item", "library"]),
        ({"DELETE": httpx.ReadTimeout("timed out")}, ["update session", "item", "library"]),
        ({"DELETE /api/content/library/item/item-2": says(404, {})}, ["item"]),
        ({"GET /api/content/local-library/local-library-1": says(401, {})}, ["library"]),
    ],
)
def test_what_stays_is_told(answers: dict[str, Answer], kinds: list[str]) -> None:
    space = workspace(Store(answers))
    space.open_session(UPDATE)
    left = space.clean_up()
    assert [leftover.kind for leftover in left] == kinds
    assert all(str(leftover).startswith(f"{leftover.kind} {leftover.id}: ") for leftover in left)
    assert all(leftover.reason.isprintable() for leftover in left)


def test_a_leftover_reads_as_a_sentence() -> None:
    assert str(Leftover("item", "i-1", "500 with an empty body")) == "item i-1: 500 with an empty body"


def test_nothing_made_is_nothing_to_clean_up() -> None:
    server = Store()
    assert workspace(server).clean_up() == []
    assert server.requests == []


def test_a_session_may_be_dismissed_before_the_end() -> None:
    server = Store()
    space = workspace(server)
    gone, kept = space.open_session(UPDATE), space.open_session(UPDATE)
    assert space.dismiss(gone)
    server.requests.clear()
    space.clean_up()
    assert [gone.id in asked for asked in server.asked].count(True) == 0
    assert [kept.id in asked for asked in server.asked].count(True) == 2


def test_a_session_that_stays_is_not_dismissed() -> None:
    space = workspace(Store({"DELETE": says(500, {})}))
    assert not space.dismiss(space.open_session(UPDATE))
    assert "update session" in {leftover.kind for leftover in space.clean_up()}


def test_a_session_of_somebody_else_may_be_adopted() -> None:
    server = Store()
    space = workspace(server)
    space.adopt(space.unknown_session(DOWNLOAD))
    assert space.clean_up() == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("dialect", list(Dialect))
def test_what_another_process_has_made_is_found_by_its_name(dialect: Dialect) -> None:
    names = {"a": "of somebody else", "b": "cl-contract-run-gw1", "c": "cl-contract-run"}
    answers: dict[str, Answer] = {f"GET {ROOT[dialect]}/local-library": _in(dialect, [*names, "d"])}
    prefix = "id:" if dialect is Dialect.REST else ""
    for id_, name in names.items():
        answers[f"GET {ROOT[dialect]}/local-library/{prefix}{id_}"] = _in(dialect, {"name": name})
    server = Store(answers)
    left = workspace(server, dialect).removal.of_run("cl-contract-run-gw1")
    assert [asked for asked in server.asked if asked.startswith("DELETE")] == [
        f"DELETE {ROOT[dialect]}/local-library/{prefix}b"
    ]
    # It is not in the store, and this one goes on showing it.
    (still,) = left
    assert (still.kind, still.id) == ("library", "b")


@pytest.mark.parametrize("answer", [says(403, {}), says(200, b"<html>"), says(200, None)])
def test_where_libraries_can_not_be_listed_the_name_is_told(answer: httpx.Response) -> None:
    server = Store({"GET /api/content/local-library": answer})
    (left,) = workspace(server).removal.of_run("cl-contract-run-gw1")
    assert (left.kind, left.id) == ("library", "cl-contract-run-gw1")


def _in(dialect: Dialect, value: Any) -> httpx.Response:
    return says(200, {"value": value} if dialect is Dialect.REST else value)


def test_a_library_that_may_have_been_made_twice_is_looked_for_by_its_name() -> None:
    """A gateway spoke for the server at first; the creation may have been done then, and nobody was told the id."""
    answers = [says(502, b"<h1>502</h1>"), says(201, "library-2")]
    libraries = {"library-1": "cl-contract-run", "library-2": "cl-contract-run", "library-3": "somebody's"}
    gone: list[str] = []

    def remove(request: httpx.Request) -> httpx.Response:
        gone.append(request.url.path.rpartition("/")[2])
        return says(204)

    def read(request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        if name in libraries and name not in gone:
            return says(200, {"name": libraries[name]})
        return says(200, [one for one in libraries if one not in gone]) if name == "local-library" else says(404, {})

    server = Store({"POST /api/content/local-library": lambda _: answers.pop(0), "DELETE": remove, "GET": read})
    made = workspace(server, datastore="ds-1")
    made._library_id()
    assert made.clean_up() == []
    assert set(gone) == {"library-1", "library-2"}


def test_where_ids_are_counted_none_is_borrowed_for_it_may_be_given() -> None:
    used = workspace(Server({"POST": says(201, "session-12")}))
    used.create_session(UPDATE, {"library_item_id": "x"})
    with pytest.raises(NotTested, match="may count its own: session-12, session-9"):
        used.borrowing_session(UPDATE, "session-9")


def test_a_borrowed_id_is_one_that_the_service_does_not_give() -> None:
    used, id_ = workspace(Store()), "5f0c6bb8-7f4d-4d06-9f22-0a4b7ce1d4a1"
    borrowed = used.borrowing_session(UPDATE, id_)
    assert (borrowed.cell, borrowed.id) == (UPDATE, id_)


def test_dismissing_a_session_keeps_that_of_the_other_service_with_the_same_id() -> None:
    used = workspace(server := Server({"POST": says(201, "1"), "DELETE": says(204), "GET": says(404, {})}))
    update = used.session_from(used.create_session(UPDATE, {"library_item_id": "x"}), "x")
    used.create_session(DOWNLOAD, {"library_item_id": "x"})
    assert update is not None
    assert used.dismiss(update)
    used.clean_up()
    assert [one for one in server.asked if one == "DELETE /api/content/library/item/download-session/1"]


def test_what_was_made_is_removed_several_at_once_and_what_is_left_is_told_in_order() -> None:
    together = threading.Barrier(AT_ONCE)
    seen: list[bool] = []

    def remove(one: int) -> list[Leftover]:
        together.wait(timeout=30)
        seen.append(CLEANS.get())
        return [Leftover("item", str(one), "locked")] if one % 2 else []

    left = at_once(remove, range(AT_ONCE))
    assert [one.id for one in left] == ["1", "3", "5", "7"]
    assert seen == [True] * AT_ONCE
    assert not CLEANS.get()


def test_a_creation_that_was_broken_off_is_told_where_there_is_a_journal(tmp_path: Path) -> None:
    def breaks_off(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    store = Store({"POST /api/content/library/item/update-session": breaks_off})
    made = workspace(store)
    made.journal = Journal.beside(tmp_path, "https://vc.example", made.run)
    with pytest.raises(KeyboardInterrupt):
        made.open_session(UPDATE)
    told = "what was being made cl-contract-run: nobody knows whether it was: sweep looks for it"
    assert [str(one) for one in made.clean_up()] == [told]
