"""What the mock says when it has begun."""

from __future__ import annotations

import hashlib
import signal
import ssl
import subprocess
import sys
from contextlib import contextmanager
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PROGRAM = "import sys; from contract_tests.cli import main; sys.exit(main())"


@contextmanager
def started(*options: str, **how: Any) -> Iterator[subprocess.Popen[Any]]:
    """A mock of its own, which a test that fails leaves no more than one that passes."""
    command = [sys.executable, "-c", _PROGRAM, "mock", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, **how) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("options", [[], ["--session-timeout", "60"]])
def test_the_address_alone_then_who_may_log_in_and_how_to_run_the_suite(options: list[str]) -> None:
    with started(*options, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, user, password, hint = (process.stdout.readline().rstrip("\n") for _ in range(4))
        name, word = user.removeprefix("user: "), password.removeprefix("password: ")
        assert httpx.post(f"{url}/api/session", auth=(name, word)).status_code == 201
        assert hint.startswith(f"to run the suite against it: CONTRACT_USERNAME={name} CONTRACT_PASSWORD={word} ")
        assert hint.endswith(" ".join([f"cl-contract run --target {url}", *options]))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_who_may_log_in_is_for_the_caller_to_say() -> None:
    options = ["--username", "administrator@vsphere.local", "--password", "it's me"]
    with started(*options, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, user, password, hint = (process.stdout.readline().rstrip("\n") for _ in range(4))
        assert (user, password) == (f"user: {options[1]}", f"password: {options[3]}")
        assert "CONTRACT_PASSWORD='it'\"'\"'s me' " in hint
        assert httpx.post(f"{url}/api/session", auth=(options[1], options[3])).status_code == 201
        assert httpx.post(f"{url}/api/session", auth=("user", "pass")).status_code == 401


def test_who_takes_the_address_and_hangs_up_ends_no_server() -> None:
    with started(bufsize=0) as process:
        assert process.stdout is not None
        url = b"".join(iter(lambda: process.stdout.read(1), b"\n")).decode()  # type: ignore[union-attr]
        process.stdout.close()
        assert httpx.get(url).status_code == 404
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_over_tls_what_clients_have_to_trust_is_told_and_saved(tmp_path: Path) -> None:
    saved = tmp_path / "the ca.pem"
    with started("--save-ca", str(saved), stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [line.rstrip("\n") for line in takewhile(lambda line: "END CERT" not in line, process.stdout)]
        trust = ssl.create_default_context(cafile=str(saved))
        assert httpx.post(f"{told[0]}/api/session", auth=("user", "pass"), verify=trust).status_code == 201
        shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", int(told[0].rpartition(":")[2]))))
    assert told[0].startswith("https://127.0.0.1:")
    assert told[3].endswith(f" --ca-bundle '{saved}'")
    assert told[4] == f"SHA1 thumbprint: {hashlib.sha1(shown).digest().hex(':').upper()}"
    assert told[5] == f"SHA256 thumbprint: {hashlib.sha256(shown).digest().hex(':').upper()}"
    assert told[6] == "clients have to trust this certificate:"
    assert "\n".join([*told[7:], "-----END CERTIFICATE-----", ""]) == saved.read_text()


def test_over_tls_with_nothing_saved_the_suite_is_run_without_trust(capsys: pytest.CaptureFixture[str]) -> None:
    with started("--tls", text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(4)]
    assert told[3].endswith(f" --target {told[0].rstrip()} --insecure\n")
    assert capsys.readouterr().err == ""


def test_a_certificate_of_ones_own_has_nothing_to_be_trusted_but_a_thumbprint(tmp_path: Path) -> None:
    leaf = trustme.CA().issue_cert("localhost")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    leaf.cert_chain_pems[0].write_to_path(cert)
    leaf.private_key_pem.write_to_path(key)
    with started("--cert", str(cert), "--key", str(key), text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(6)]
        assert httpx.get(told[0].rstrip(), verify=False).status_code == 404
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == ""
    assert told[3].endswith(f" --target {told[0]}")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--cert", "a"], "a certificate and its key come together; give both --cert and --key; see "),
        (["--key", "a"], "a certificate and its key come together; give both --cert and --key; see "),
        (["--cert", "a", "--key", "a", "--save-ca", "b"], "--save-ca is of a certificate that the mock makes; "),
        (["--cert", "no.pem", "--key", "no.pem"], "no.pem cannot be read: no such file or directory"),
        (["--save-ca", "."], ". cannot be written: is a directory"),
    ],
)
def test_what_is_no_certificate_is_told_in_a_sentence(options: list[str], sentence: str) -> None:
    with started(*options, stderr=subprocess.PIPE, text=True) as process:
        told = process.communicate(timeout=30)
    assert (process.returncode, told[0]) == (4, "")
    assert told[1].startswith(f"cl-contract mock: error: {sentence}")
    assert told[1].count("\n") == 1


def test_files_are_kept_limited_and_previewed_as_it_is_told(tmp_path: Path) -> None:
    store = tmp_path / "store"
    options = ["--store", str(store), "--content-limit", str(3 * 2**20), "--other-previews", "NOT_APPLICABLE"]
    with started(*options, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with httpx.Client(base_url=f"{url}/api", trust_env=False) as client:
            client.headers["vmware-api-session-id"] = client.post("/session", auth=("user", "pass")).json()
            backings = [{"type": "DATASTORE", "datastore_id": "datastore-11"}]
            library = client.post("/content/local-library", json={"name": "l", "storage_backings": backings}).json()
            spec = {"library_id": library, "name": "i", "type": "iso"}
            item = client.post("/content/library/item", json=spec).json()
            every = "/content/library/item/update-session"
            session = f"{every}/{client.post(every, json={'library_item_id': item}).json()}"
            file = client.post(f"{session}/file", json={"name": "a", "source_type": "PUSH"}).json()
            address = file["upload_endpoint"]["uri"]
            assert client.put(address, content=bytes(3 * 2**20 + 1)).status_code == 413
            assert client.put(address, content=bytes(3 * 2**20)).status_code == 200
            assert client.get(session).json()["preview_info"] == {"state": "NOT_APPLICABLE"}
            assert [path.stat().st_size for path in store.glob("*/*")] == [3 * 2**20]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert list(store.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--content-limit", "-1", "give a number of bytes"),
        ("--preview-seconds", "-1", "give seconds from 0"),
        ("--preview-seconds", "nan", "give seconds from 0"),
        ("--username", "a:b", "a name to log in with has no colon"),
        ("--other-previews", "SOON", "UNAVAILABLE, NOT_APPLICABLE"),
    ],
)
def test_what_is_not_possible_is_told(option: str, value: str, told: str) -> None:
    command = [sys.executable, "-c", _PROGRAM, "mock", f"{option}={value}"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert option in ended.stderr
    assert told in ended.stderr
