"""Ways to a server: a path before the API, proxies, certificates of clients, a gateway's headers; nobody is accused."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Final

import pytest
import trustme

from contract_tests import cli
from contract_tests.judging import Verdict
from contract_tests.mock import MockServer
from contract_tests.mock.domain.world import DEFAULT_USER
from contract_tests.reporting.reading import load

from . import ways
from .ways import below, forward_proxy, gateway, wanting

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.reporting.format import Conformance

pytestmark = pytest.mark.no_cover

SOME: Final = ("contract_tests/scenarios/test_keep_alive.py", "contract_tests/fuzz", "-k", "api-download")
"""A scenario's ordinary requests, raw bytes, hostile ones, a race: whatever there is of ways to send one."""
SECRET: Final = "s3cret-of-the-gateway"


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.fixture(autouse=True)
def _user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRACT_USERNAME", DEFAULT_USER.name)
    monkeypatch.setenv("CONTRACT_PASSWORD", DEFAULT_USER.password)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def played(folder: Path, *words: str) -> Conformance:
    """The report of a run that found nothing wrong, and is the same when its recording is judged again."""
    reports = folder / "reports"
    assert cli.main(["run", *words, "--reports", str(reports), "--fuzz-examples", "5"]) == 0
    assert cli.main(["verify", str(reports)]) == 0
    return load(reports)


def test_the_api_may_lie_below_a_path(tmp_path: Path) -> None:
    with MockServer(control=True) as server, gateway(server.port, below("/vc1")) as address:
        report = played(tmp_path, *SOME, "--target", f"{address}/vc1/")
    assert report.totals[Verdict.CONFORMS] > 30
    assert report.target.address == f"{address}/vc1/"


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no address of IPv6")
def test_a_server_may_have_an_address_of_ipv6(tmp_path: Path) -> None:
    with MockServer(control=True, host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        played(tmp_path, *SOME, "--target", server.url)


def test_a_gateway_gets_the_headers_that_a_profile_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONTRACT_GATEWAY_KEY", SECRET)
    profile = tmp_path / "profile.toml"
    profile.write_text('[gateway_headers]\nX-Gateway-Key = "CONTRACT_GATEWAY_KEY"\n')
    with MockServer(control=True) as server, gateway(server.port, wanting("x-gateway-key", SECRET)) as address:
        played(tmp_path, *SOME, "--target", address, "--profile", str(profile))
    assert f"contract: {address} with X-Gateway-Key for a gateway (cl-contract-mock/" in capsys.readouterr().out
    for report in (tmp_path / "reports").iterdir():
        assert SECRET.encode() not in report.read_bytes()


def test_a_proxy_passes_requests_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with MockServer(control=True) as server, forward_proxy(server.port) as (proxy, seen):
        monkeypatch.setenv("HTTP_PROXY", proxy)
        played(tmp_path, *SOME, "--target", "http://vc.example")
    assert f"contract: http://vc.example by way of the proxy {proxy} (cl-contract-mock/" in capsys.readouterr().out
    assert len(seen.requests) > 100
    assert all(one.startswith("http://vc.example/") for one in seen.requests)


def test_a_proxy_opens_tunnels_for_tls_and_the_client_shows_its_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = trustme.CA()
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("vc.example").configure_cert(trust)
    authority.configure_trust(trust)
    trust.verify_mode = ssl.CERT_REQUIRED
    ca, mine = tmp_path / "ca.pem", tmp_path / "mine.pem"
    authority.cert_pem.write_to_path(ca)
    authority.issue_cert("somebody@example").private_key_and_cert_chain_pem.write_to_path(mine)
    with (
        MockServer(control=True) as server,
        gateway(server.port, lambda raw: raw, trust) as address,
        forward_proxy(int(address.rpartition(":")[2])) as (proxy, seen),
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        words = [*SOME, "--target", "https://vc.example", "--ca-bundle", str(ca)]
        report = played(tmp_path, *words, "--client-cert", str(mine))
        code = cli.main(["run", *words, "--reports", str(tmp_path / "others")])
    assert report.target.certificate == "verified"
    assert set(seen.tunnels) == {"vc.example:443"}
    assert code == 4
    sentence = capsys.readouterr().err
    assert "https://vc.example asks for a certificate of the client (" in sentence
    assert "; give --client-cert FILE with one that it knows" in sentence


def test_a_redirection_is_named_and_not_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[bytes] = []

    def redirect(raw: bytes) -> None:
        asked.append(raw)

    moved = b"HTTP/1.1 308 Moved\r\nLocation: https://elsewhere.example/api/session\r\nContent-Length: 0\r\n\r\n"
    with pytest.MonkeyPatch.context() as patch, MockServer() as server, gateway(server.port, redirect) as address:
        patch.setattr(ways, "PAGE", moved)
        assert cli.main(["run", *SOME, "--target", address, "--reports", str(tmp_path / "reports")]) == 4
    sentence = capsys.readouterr().err
    assert "redirects to https://elsewhere.example" in sentence
    assert "give that as --target" in sentence
    assert asked
