"""The file services, spoken to in both dialects over a transport that answers what the test wants."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from contract_tests.contract import Cell, Dialect, Service
from contract_tests.contract.dialects import TOKEN_HEADER
from contract_tests.contract.tolerances import PREPARING
from contract_tests.driver import Door, Recorder, Session
from contract_tests.driver import content as services
from contract_tests.problems import Inconclusive, PremiseFailed
from contract_tests.traffic.redaction import Redactor

BASE = "https://vc.example"
ID = "abc:def"
AWKWARD = "größe 100%/a+b{c}.iso"
QUOTED = "gr%C3%B6%C3%9Fe%20100%25%2Fa%2Bb%7Bc%7D.iso"

Answer = Callable[[httpx.Request], httpx.Response]


class Clock:
    """Counts; a budget of 0 is used up at once."""

    is_real = True

    def __init__(self, budget: float = 100.0) -> None:
        self.budget = budget
        self.waited = 0.0

    def needs(self, seconds: float) -> None:
        """Any need is met."""

    def advance(self, seconds: float) -> None:
        self.waited += seconds
        if self.waited > self.budget:
            raise Inconclusive("the budget is used up")


class Server:
    """Answers requests one after the other with what was prepared, the last one for ever; remembers them."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, httpx.Response):
            return answer
        wraps = request.url.path.startswith("/rest")
        status = 201 if request.url.path.endswith("-session/abc:def/file") and request.url.query == b"" else 200
        return httpx.Response(status, json={"value": answer} if wraps else answer)

    @property
    def last(self) -> tuple[str, str, Any]:
        """Method, address without its host, and the JSON of the body."""
        request = self.asked[-1]
        return request.method, request.url.raw_path.decode(), json.loads(request.content) if request.content else None


def session_on(server: Answer, cell: str, base: str = BASE, *, id_: str = ID, item: str = "item-1") -> Session:
    door = Door(base, Recorder(Redactor()), inner=httpx.MockTransport(server), headers={TOKEN_HEADER: "secret-token"})
    return Session(door, Cell.parse(cell), id_, item)


@pytest.fixture(params=list(Dialect))
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return Dialect(request.param)


def cell(dialect: Dialect, service: Service) -> str:
    return f"{dialect}-{service}"


SPEC = {"name": AWKWARD, "source_type": "PUSH", "size": 3}
API = "/api/content/library/item"
REST = "/rest/com/vmware/content/library/item"
NAMED = {"file_name": AWKWARD}


@pytest.mark.parametrize(
    ("ask", "where", "method", "path", "body"),
    [
        (lambda s: services.add_file(s, SPEC), "api-update", "POST", f"{API}/update-session/{ID}/file", SPEC),
        (services.list_files, "api-update", "GET", f"{API}/update-session/{ID}/file", None),
        (
            lambda s: services.remove_file(s, AWKWARD),
            "api-update",
            "DELETE",
            f"{API}/update-session/{ID}/file/{QUOTED}",
            None,
        ),
        (
            lambda s: services.prepare_file(s, AWKWARD),
            "api-download",
            "POST",
            f"{API}/download-session/{ID}/file?action=prepare",
            NAMED,
        ),
        (services.list_files, "api-download", "GET", f"{API}/download-session/{ID}/file", None),
        (
            lambda s: services.read_file(s, AWKWARD),
            "api-download",
            "GET",
            f"{API}/download-session/{ID}/file?file_name={QUOTED}",
            None,
        ),
        (services.item_files, "api-update", "GET", f"{API}/item-1/file", None),
        (
            lambda s: services.add_file(s, SPEC),
            "rest-update",
            "POST",
            f"{REST}/updatesession/file/id:{ID}?~action=add",
            {"file_spec": SPEC},
        ),
        (
            services.list_files,
            "rest-update",
            "GET",
            f"{REST}/updatesession/file?update_session_id=abc%3Adef",
            None,
        ),
        (
            lambda s: services.remove_file(s, AWKWARD),
            "rest-update",
            "POST",
            f"{REST}/updatesession/file/id:{ID}?~action=remove",
            NAMED,
        ),
        (
            lambda s: services.prepare_file(s, AWKWARD),
            "rest-download",
            "POST",
            f"{REST}/downloadsession/file/id:{ID}?~action=prepare",
            NAMED,
        ),
        (
            services.list_files,
            "rest-download",
            "GET",
            f"{REST}/downloadsession/file?download_session_id=abc%3Adef",
            None,
        ),
        (
            lambda s: services.read_file(s, AWKWARD),
            "rest-download",
            "POST",
            f"{REST}/downloadsession/file/id:{ID}?~action=get",
            NAMED,
        ),
        (services.item_files, "rest-update", "GET", f"{REST}/file?library_item_id=item-1", None),
    ],
)
def test_each_call_is_the_row_of_its_table(
    ask: Callable[[Session], Any], where: str, method: str, path: str, body: Any
) -> None:
    server = Server({})
    exchange = ask(session_on(server, where))
    assert server.last == (method, path, body)
    assert exchange.cell == where
    assert server.asked[0].headers[TOKEN_HEADER] == "secret-token"


@pytest.mark.parametrize("op", ["add_file", "list_files", "remove_file", "prepare_file", "read_file", "item_files"])
def test_an_id_with_signs_of_an_address_is_one_part_of_it_or_one_parameter(op: str, dialect: Dialect) -> None:
    ask = getattr(services, op)
    more = {"add_file": (SPEC,), "remove_file": ("a",), "prepare_file": ("a",), "read_file": ("a",)}.get(op, ())
    service = Service.DOWNLOAD if op in {"prepare_file", "read_file"} else Service.UPDATE
    seen = []
    for id_ in ("plain", "p/1?x#y z"):
        server = Server({})
        ask(session_on(server, cell(dialect, service), id_=id_, item=id_), *more)
        seen.append(server.asked[0].url)
    plain, odd = ((url.raw_path.decode().replace("plain", quote("p/1?x#y z", safe="")), url.fragment) for url in seen)
    assert odd == plain


def test_a_pushed_file_goes_to_the_address_that_was_given(dialect: Dialect) -> None:
    server = Server({"upload_endpoint": {"uri": f"{BASE}/up/1?x=a%20b"}}, httpx.Response(204))
    services.push(session_on(server, cell(dialect, Service.UPDATE)), "a", b"\x00\xff")
    added, sent = server.asked
    spec = json.loads(added.content)
    assert (spec if dialect is Dialect.API else spec["file_spec"]) == {"name": "a", "source_type": "PUSH", "size": 2}
    assert (sent.method, sent.url.raw_path, sent.content) == ("PUT", b"/up/1?x=a%20b", b"\x00\xff")
    assert sent.headers["content-type"] == "application/octet-stream"


def test_an_empty_file_is_pushed_too() -> None:
    server = Server({"upload_endpoint": {"uri": f"{BASE}/up/1"}}, httpx.Response(200))
    services.push(session_on(server, "api-update"), "empty", b"")
    assert server.asked[1].headers["content-length"] == "0"


@pytest.mark.parametrize(
    "added",
    [
        {},
        [],
        {"upload_endpoint": "up"},
        {"upload_endpoint": {"uri": None}},
        httpx.Response(400, json={"upload_endpoint": {"uri": BASE}}),
        httpx.Response(201, text="no JSON"),
    ],
)
def test_without_an_address_nothing_is_pushed(added: Any) -> None:
    server = Server(added)
    with pytest.raises(PremiseFailed, match="upload_endpoint"):
        services.push(session_on(server, "api-update"), "a", b"")
    # And after a refusal a read, which tells whether the session has failed.
    assert [one.method for one in server.asked] in (["POST"], ["POST", "GET"])


def test_a_refused_upload_is_a_failed_premise() -> None:
    server = Server({"upload_endpoint": {"uri": f"{BASE}/up/1"}}, httpx.Response(403))
    with pytest.raises(PremiseFailed, match="upload to be taken"):
        services.push(session_on(server, "api-update"), "a", b"")


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("https://vc.example", "https://vc.example/f"),
        ("https://vc.example", "https://vc.example:443/f"),
        ("https://vc.example:443", "https://VC.EXAMPLE/f"),
        ("http://vc.example:80", "http://vc.example/f"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/f"),
    ],
)
def test_the_token_goes_to_the_target_itself(base: str, address: str) -> None:
    server = Server(httpx.Response(200, content=b"x"))
    fetched = services.transfer(session_on(server, "api-download", base), "GET", address)
    assert server.asked[0].headers[TOKEN_HEADER] == "secret-token"
    assert server.asked[0].url == httpx.URL(base).join("/f")
    assert fetched.response is not None
    assert fetched.response.body == b"x"


@pytest.mark.parametrize(
    "address",
    [
        "https://esx.example/f",
        "https://vc.example:8443/f",
        "http://vc.example/f",
        "https://vc.example.org/f",
    ],
)
def test_the_token_goes_nowhere_else(address: str) -> None:
    server = Server(httpx.Response(200))
    services.transfer(session_on(server, "api-download"), "GET", address)
    assert TOKEN_HEADER not in server.asked[0].headers
    assert str(server.asked[0].url) == address


def test_any_kind_of_content_is_asked_for() -> None:
    server = Server(httpx.Response(200))
    services.transfer(session_on(server, "api-download"), "GET", BASE)
    assert server.asked[0].headers["accept"] == "*/*"


@pytest.mark.parametrize("address", ["/f", "", "ds:///vmfs/volumes/x", "https:///f", "https://vc.example:port/f"])
def test_what_is_no_address_of_http_is_a_failed_premise(address: str) -> None:
    server = Server(httpx.Response(200))
    with pytest.raises(PremiseFailed, match="absolute address"):
        services.transfer(session_on(server, "api-download"), "GET", address)
    assert not server.asked


READY = {"status": "PREPARED", "download_endpoint": {"uri": f"{BASE}/down/1"}}


def test_a_file_that_is_ready_at_once_is_not_waited_for(dialect: Dialect) -> None:
    server, clock = Server(READY), Clock()
    link = services.download_link(session_on(server, cell(dialect, Service.DOWNLOAD)), "a", clock)
    assert (link, len(server.asked), clock.waited) == (f"{BASE}/down/1", 1, 0)


def test_a_file_that_is_being_prepared_is_waited_for(dialect: Dialect) -> None:
    server = Server({"status": "PREPARE_REQUESTED"}, {"status": "PREPARING", "download_endpoint": None}, READY)
    clock = Clock()
    link = services.download_link(session_on(server, cell(dialect, Service.DOWNLOAD)), "a", clock)
    assert (link, len(server.asked), clock.waited) == (f"{BASE}/down/1", 3, 1)


@pytest.mark.parametrize(
    "last",
    [
        {"status": "ERROR", "error_message": {}},
        {"status": "PREPARED"},
        httpx.Response(404),
        httpx.Response(200, text="no JSON"),
    ],
)
def test_a_file_that_is_never_ready_is_a_failed_premise(last: Any) -> None:
    server, clock = Server({"status": "PREPARING"}, last), Clock()
    with pytest.raises(PremiseFailed, match="download_endpoint"):
        services.download_link(session_on(server, "api-download"), "a", clock)
    assert clock.waited <= PREPARING


def test_without_time_the_wait_is_inconclusive() -> None:
    server = Server({"status": "PREPARING"})
    with pytest.raises(Inconclusive):
        services.download_link(session_on(server, "api-download"), "a", Clock(budget=0))
