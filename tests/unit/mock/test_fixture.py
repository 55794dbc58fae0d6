"""The pytest fixture, as a stranger uses it: plain pytest, a folder of their own, nothing of the suite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import contract_tests

ROOT = Path(contract_tests.__file__).parents[1]

CONFTEST = 'pytest_plugins = ["contract_tests.mock.fixture"]\n'

TESTS = """
import sys
from contextlib import contextmanager
import httpx
import pytest
from contract_tests.mock import Spell

seen = []

@contextmanager
def login(mock):
    with httpx.Client(base_url=mock.url, verify=mock.trust) as client:
        assert client.post("/api/session", auth=(mock.username, mock.password)).status_code == 201
        yield client

def test_a_session_ends_when_the_server_wants_it(content_library_mock):
    mock = content_library_mock
    seen.append(mock.url)
    with login(mock) as client:
        item = mock.control.create_item().item
        session = client.post("/api/content/library/item/update-session", json={"library_item_id": item}).json()
        mock.clock.advance(299)
        path = f"/api/content/library/item/update-session/{session}"
        assert client.post(f"{path}?action=keep-alive").status_code == 204
        mock.control.fail_session(session, "No.")
        assert client.get(path).json()["error_message"]["default_message"] == "No."
        mock.control.brew(Spell(status=503))
        assert client.get(path).status_code == 503
        assert client.get("/_control/clock", headers={"x-mock-control": "1"}).status_code == 200

def test_each_test_has_a_server_of_its_own(content_library_mock):
    assert content_library_mock.control.state()["items"] == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(seen[0])

@pytest.mark.content_library_mock(tls=True, session_timeout=7, username="me", password="mine")
def test_a_mark_has_options(content_library_mock):
    mock = content_library_mock
    assert mock.url.startswith("https://")
    assert (mock.username, mock.password) == ("me", "mine")
    with login(mock) as client:
        assert "Secure" in client.post("/api/session", auth=("me", "mine")).headers["set-cookie"]

@pytest.mark.content_library_mock(username="outer")
class TestNearest:
    @pytest.mark.content_library_mock(username="inner")
    def test_the_nearest_mark_counts(self, content_library_mock):
        assert content_library_mock.username == "inner"

def test_over_tls_and_plain(content_library_mock_tls, content_library_mock):
    with login(content_library_mock_tls), login(content_library_mock):
        assert (content_library_mock_tls.url[:8], content_library_mock.url[:7]) == ("https://", "http://")

def test_nothing_of_the_suite_came_along(request):
    plugins = {name for name, _ in request.config.pluginmanager.list_name_plugin()}
    assert not {name for name in plugins if name and name.startswith("contract_tests") and "fixture" not in name}
    assert "contract_tests.plugin" not in sys.modules
"""


def test_a_stranger_uses_it_with_plain_pytest(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_client.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-W", "error", "-p", "no:cacheprovider", "-rs"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    run = subprocess.run(
        command,
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "6 passed" in run.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("tsl=True", "The mark content_library_mock has no option tsl; its options are content_limit, control, "),
        ("users=()", "The mark content_library_mock has no option users; "),
        ("30", "The mark content_library_mock takes its options by name: content_library_mock(session_timeout=30)."),
    ],
)
def test_a_mark_that_is_no_option_is_told_in_a_sentence(options: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_client.py").write_text(
        f"import pytest\n\n@pytest.mark.content_library_mock({options})\ndef test_it(content_library_mock): ...\n"
    )
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 1
    assert told in run.stdout
    assert "fixture.py" not in run.stdout
