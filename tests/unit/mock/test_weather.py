"""Bad weather: the next requests are refused, delayed or cut; the control door never is."""

from __future__ import annotations

import select
import socket
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from contract_tests.mock import CONTROL_HEADER, CONTROL_KEY, MockServer, Spell
from contract_tests.mock.http.weather import MOST_SPELLS

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARIES = "/api/content/local-library"


@pytest.fixture(params=[False, True], ids=["plain", "TLS"])
def mock(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    with MockServer(control=True, tls=request.param) as server:
        yield server


@pytest.fixture
def client(mock: MockServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=mock.url, verify=mock.trust, headers={CONTROL_HEADER: CONTROL_KEY}) as client:
        token = client.post("/api/session", auth=("user", "pass")).json()
        client.headers["vmware-api-session-id"] = token
        yield client


def brewed(client: httpx.Client, **spell: Any) -> Any:
    answer = client.post("/_control/weather", json=spell)
    assert answer.status_code == 200, answer.text
    return answer.json()["spells"]


@pytest.mark.parametrize(("status", "kind"), [(503, "SERVICE_UNAVAILABLE"), (429, "ERROR")])
def test_the_next_requests_are_refused(client: httpx.Client, status: int, kind: str) -> None:
    brewed(client, status=status, requests=2, retry_after=7)
    for _ in range(2):
        answer = client.get(LIBRARIES)
        assert (answer.status_code, answer.headers["retry-after"]) == (status, "7")
        assert answer.json()["error_type"] == kind
    assert client.get(LIBRARIES).status_code == 200


def test_a_refusal_is_in_the_dialect_and_says_no_time_that_nobody_gave(client: httpx.Client) -> None:
    brewed(client, status=503)
    answer = client.get("/rest/com/vmware/content/local-library")
    assert answer.json()["value"]["messages"][0]["id"].endswith("serviceUnavailable")
    assert "retry-after" not in answer.headers


def test_what_is_refused_is_not_done(mock: MockServer, client: httpx.Client) -> None:
    brewed(client, status=503, method="POST")
    made = {"name": "l", "storage_backings": [{"type": "DATASTORE", "datastore_id": "datastore-11"}]}
    assert client.post(LIBRARIES, json=made).status_code == 503
    assert mock.control.state()["libraries"] == []
    assert client.post(LIBRARIES, json=made).status_code == 201


def test_a_request_is_read_before_it_is_refused() -> None:
    with MockServer() as mock, socket.create_connection((mock.host, mock.port), timeout=10) as connection:
        mock.control.brew(Spell(status=503))
        connection.sendall(b"PUT /cls/upload/k/f HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n")
        assert select.select([connection], [], [], 0.3)[0] == []
        connection.sendall(b"abc")
        assert connection.recv(12) == b"HTTP/1.1 503"


def test_only_requests_that_match_are_befallen(client: httpx.Client) -> None:
    brewed(client, status=503, method="POST", target="keep-alive")
    session = "/api/content/library/item/update-session/x"
    assert client.get(f"{session}?action=keep-alive").status_code == 404
    assert client.post(f"{session}?action=cancel").status_code == 404
    assert client.post(f"{session}?action=keep-alive").status_code == 503
    assert client.post(f"{session}?action=keep-alive").status_code == 404


def test_a_path_is_matched_too(client: httpx.Client) -> None:
    brewed(client, status=503, target="/update-session/x/file")
    assert client.get("/api/content/library/item/update-session/x/file").status_code == 503


def test_of_several_the_first_one_befalls_a_request(client: httpx.Client) -> None:
    brewed(client, status=503)
    assert [one["status"] for one in brewed(client, status=429)] == [503, 429]
    assert [client.get(LIBRARIES).status_code for _ in range(3)] == [503, 429, 200]


def test_the_control_door_has_fine_weather(client: httpx.Client) -> None:
    brewed(client, cut="before", requests=9)
    assert client.get("/_control/clock").status_code == 200
    assert client.get("/_control/weather").json()["spells"][0]["requests"] == 9
    assert client.delete("/_control/weather").json() == {"spells": []}
    assert client.get(LIBRARIES).status_code == 200


def test_slow_requests_are_answered_and_keep_nobody_else_waiting(mock: MockServer, client: httpx.Client) -> None:
    brewed(client, seconds=0.6, target="slow")
    begun = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        client.get("/api/slow", timeout=0.2)
    assert client.get(LIBRARIES).status_code == 200
    assert time.monotonic() - begun < 0.6
    mock.control.brew(Spell(seconds=0.3))
    begun = time.monotonic()
    assert client.get(LIBRARIES).status_code == 200
    assert time.monotonic() - begun >= 0.3


@pytest.mark.parametrize(("cut", "done"), [("before", 0), ("after", 1), ("amid", 1)])
def test_connections_are_cut(
    mock: MockServer, client: httpx.Client, caplog: pytest.LogCaptureFixture, cut: str, done: int
) -> None:
    made = {"name": "l", "storage_backings": [{"type": "DATASTORE", "datastore_id": "datastore-11"}]}
    brewed(client, cut=cut)
    with pytest.raises(httpx.RemoteProtocolError) as broken:
        client.post(LIBRARIES, json=made)
    assert ("without sending a response" in str(broken.value)) == (cut != "amid")
    assert ("without sending complete message body" in str(broken.value)) == (cut == "amid")
    assert len(mock.control.state()["libraries"]) == done
    assert client.get(LIBRARIES).status_code == 200
    assert [one for one in caplog.records if one.name.startswith("uvicorn")] == []


def test_an_answer_without_a_body_is_cut_in_its_first_line(client: httpx.Client) -> None:
    brewed(client, cut="amid")
    with pytest.raises(httpx.RemoteProtocolError):
        client.delete("/api/session")
    assert client.get(LIBRARIES).status_code == 401


def test_there_are_not_too_many_spells(client: httpx.Client) -> None:
    for _ in range(MOST_SPELLS):
        brewed(client, status=503, target="nowhere")
    answer = client.post("/_control/weather", json={"status": 503})
    assert (answer.status_code, answer.json()["error_type"]) == (400, "INVALID_ARGUMENT")


def test_a_spell_can_be_brewed_again(mock: MockServer, client: httpx.Client) -> None:
    busy = Spell(status=503, requests=2)
    for _ in range(2):
        mock.control.brew(busy)
        assert [client.get(LIBRARIES).status_code for _ in range(3)] == [503, 503, 200]


@pytest.mark.parametrize(
    ("spell", "told"),
    [
        ({"requests": 0}, "one request at least, not 0"),
        ({"status": 500}, "429 or 503, not 500"),
        ({"cut": "during"}, "before, after or amid, not during"),
        ({"status": 503, "cut": "after"}, "two spells"),
    ],
)
def test_a_spell_that_can_not_be_is_told_in_python_too(spell: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Spell(**spell)
