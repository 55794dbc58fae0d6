"""The mock over TLS: its certificate, the addresses that it gives, and clients that speak something else."""

from __future__ import annotations

import hashlib
import socket
import ssl
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme

from contract_tests.mock import CONTROL_HEADER, CONTROL_KEY, MockServer, UnusableCertificate, read_certificate
from contract_tests.mock.tls import certified_names

from .speaker import BACKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AUTHORITY = trustme.CA()


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(tls=True, control=True) as server:
        yield server


@pytest.fixture
def client(mock: MockServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=mock.url, verify=mock.trust) as client:
        token = client.post("/api/session", auth=("user", "pass")).json()
        client.headers = httpx.Headers({"vmware-api-session-id": token})
        yield client


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_who_trusts_its_authority_is_answered(mock: MockServer, name: str) -> None:
    assert mock.url == f"https://127.0.0.1:{mock.port}"
    assert httpx.get(f"https://{name}:{mock.port}/api/session", verify=mock.trust).status_code == 401


def test_who_does_not_trust_it_is_not() -> None:
    with MockServer(tls=True) as mock, MockServer(tls=True) as other, pytest.raises(httpx.ConnectError, match="verify"):
        httpx.get(mock.url, verify=other.trust)


def test_a_server_without_tls_is_trusted_as_ever() -> None:
    with MockServer() as mock:
        assert (mock.url[:7], mock.trust, mock.certificate) == ("http://", True, None)


def test_thumbprints_are_digests_of_what_it_shows(mock: MockServer) -> None:
    assert mock.certificate is not None
    shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((mock.host, mock.port)))
    for algorithm in ("sha1", "sha256"):
        thumbprint = mock.certificate.thumbprint(algorithm)
        assert thumbprint.replace(":", "") == hashlib.new(algorithm, shown).hexdigest().upper()
        assert {len(pair) for pair in thumbprint.split(":")} == {2}


def test_the_addresses_that_it_gives_lead_to_it_by_tls(mock: MockServer, client: httpx.Client) -> None:
    library = client.post("/api/content/local-library", json={"name": "l", "storage_backings": [BACKING]}).json()
    item = client.post("/api/content/library/item", json={"library_id": library, "name": "i"}).json()
    update = client.post("/api/content/library/item/update-session", json={"library_item_id": item}).json()
    files = f"/api/content/library/item/update-session/{update}/file"
    places = [client.post(files, json={"name": "f", "source_type": "PUSH"}).json(), client.get(files).json()[0]]
    for place in places:  # httpx sends head and body apart, which h11 reads; without a body it is read in one go
        assert place["upload_endpoint"]["uri"].startswith(f"{mock.url}/cls/upload/")
        assert client.put(place["upload_endpoint"]["uri"], content=bytes(300_000)).status_code == 200


def test_the_control_door_is_open_by_tls(client: httpx.Client) -> None:
    assert client.get("/_control/clock", headers={CONTROL_HEADER: CONTROL_KEY}).json()["shift"] == 0


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\nhost: a\r\n\r\n", bytes(range(200)), b""])
def test_who_speaks_something_else_disturbs_nobody(
    mock: MockServer, capfd: pytest.CaptureFixture[str], said: bytes
) -> None:
    with socket.create_connection((mock.host, mock.port), timeout=10) as stranger:
        stranger.sendall(said)
        if said:
            with suppress(ConnectionError):
                stranger.recv(1)
        assert httpx.get(mock.url, verify=mock.trust).status_code == 404
    with suppress(httpx.ConnectError):
        httpx.get(mock.url, verify=ssl.create_default_context())
    assert httpx.get(mock.url, verify=mock.trust).status_code == 404
    assert capfd.readouterr().err == ""


def test_who_never_ends_a_handshake_keeps_it_from_no_ending(capfd: pytest.CaptureFixture[str]) -> None:
    mock = MockServer(tls=True).start()
    with socket.create_connection((mock.host, mock.port)):
        assert httpx.get(mock.url, verify=mock.trust).status_code == 404
        begun = time.monotonic()
        mock.stop()
        assert time.monotonic() - begun < 5
    assert capfd.readouterr().err == ""


def test_it_is_good_for_the_names_of_the_machine_and_for_no_name_that_is_none() -> None:
    assert certified_names("127.0.0.1") == ["localhost", "127.0.0.1", "::1"]
    assert certified_names("vc.example")[-1] == "vc.example"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
@pytest.mark.parametrize(("machine", "more"), [("build-7", ["build-7"]), ("_odd name", [])])
def test_on_all_addresses_it_is_good_for_the_name_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, host: str, machine: str, more: list[str]
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: machine)
    assert certified_names(host) == ["localhost", "127.0.0.1", "::1", host, *more]


def test_a_server_that_speaks_no_tls_does_not_import_what_makes_certificates() -> None:
    program = "import sys; from contract_tests.mock import MockServer; MockServer().stop(); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"trustme", "cryptography"} & set(told.stdout.split())


def files(folder: Path, certificate: bytes, key: bytes) -> tuple[Path, Path]:
    (folder / "cert.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(key)
    return folder / "cert.pem", folder / "key.pem"


def test_a_certificate_that_is_there_is_shown_with_those_above_it(tmp_path: Path) -> None:
    middle = AUTHORITY.create_child_ca()
    leaf = middle.issue_cert("localhost")
    chain = b"".join(pem.bytes() for pem in leaf.cert_chain_pems)
    certificate = read_certificate(*files(tmp_path, b"# ours\n" + chain, leaf.private_key_pem.bytes()))
    assert (certificate.ca_pem, certificate.der) == (
        None,
        ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode()),
    )
    trust = ssl.create_default_context(cadata=AUTHORITY.cert_pem.bytes().decode())
    with MockServer(tls=certificate) as mock:
        assert httpx.get(f"https://localhost:{mock.port}", verify=trust).status_code == 404


LEAF, OTHER = AUTHORITY.issue_cert("localhost"), AUTHORITY.issue_cert("localhost")
CERT, KEY, FOREIGN = LEAF.cert_chain_pems[0].bytes(), LEAF.private_key_pem.bytes(), OTHER.private_key_pem.bytes()
ENCRYPTED = KEY.replace(b"EC PRIVATE", b"ENCRYPTED PRIVATE")


UNUSABLE = {
    "an empty file": (b"", KEY, "{cert} holds no certificate in PEM form."),
    "no text": (b"\xff\x00", KEY, "{cert} holds no certificate in PEM form."),
    "a key twice": (KEY, KEY, "{cert} holds no certificate in PEM form."),
    "a certificate twice": (CERT, CERT, "{key} holds no private key in PEM form."),
    "another's key": (CERT, FOREIGN, "{key} is not the key of the certificate in {cert}."),
    "a key with a password": (CERT, ENCRYPTED, "{key} is encrypted; give a key without a password."),
    "signs changed": (
        CERT.replace(b"MII", b"MIX"),
        KEY,
        "{cert} and {key} are no certificate with its key that can be read.",
    ),
}


@pytest.mark.parametrize(("certificate", "key", "sentence"), UNUSABLE.values(), ids=UNUSABLE)
def test_files_that_are_no_certificate_with_its_key_are_told(
    tmp_path: Path, certificate: bytes, key: bytes, sentence: str
) -> None:
    named = files(tmp_path, certificate, key)
    with pytest.raises(UnusableCertificate) as told:
        read_certificate(*named)
    assert str(told.value) == sentence.format(cert=named[0], key=named[1])


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableCertificate, match=r"no\.pem cannot be read: no such file or directory\.$"):
        read_certificate(tmp_path / "no.pem", tmp_path / "no.pem")
