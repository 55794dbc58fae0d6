"""Ansible's collections `vmware.vmware_rest` and `vmware.vmware` over TLS, used as their documentation shows."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from contract_tests.mock import DEFAULT_USER, MockServer

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAYBOOKS: Final = Path(__file__).parent / "playbooks"
PROGRAM: Final = Path(os.environ.get("CONTRACT_ANSIBLE", Path(sys.prefix) / "ansible" / "bin" / "ansible-playbook"))
PATIENCE: Final = 300
"""Seconds that a playbook may take; each task of it starts a Python of its own, and takes one or two."""

DESCRIPTOR: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References><File ovf:id="file1" ovf:href="disk.vmdk"/></References>
  <DiskSection><Info>Disks</Info></DiskSection>
  <VirtualSystem ovf:id="machine"><Info>A machine</Info></VirtualSystem>
</Envelope>
"""

pytestmark = pytest.mark.skipif(
    not PROGRAM.is_file() and "CI" not in os.environ, reason="Ansible is not here; make client-tools installs it"
)


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(tls=True, other_previews="NOT_APPLICABLE") as server:
        yield server


def play(name: str, server: MockServer, folder: Path, **variables: str) -> None:
    """Let Ansible play a playbook; it asserts by itself what its tasks tell."""
    assert server.certificate is not None
    trusted = folder / "trusted.pem"
    trusted.write_text(server.certificate.ca_pem or "")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ANSIBLE_"))}
    environment |= {
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        "REQUESTS_CA_BUNDLE": str(trusted),
        "SSL_CERT_FILE": str(trusted),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    variables |= {"hostname": "127.0.0.1", "listens": str(server.port)}
    variables |= {"username": DEFAULT_USER.name, "password": DEFAULT_USER.password}
    told = [word for name, value in variables.items() for word in ("--extra-vars", f"{name}={value}")]
    words = [str(PROGRAM), str(PLAYBOOKS / f"{name}.yml"), *told]
    ended = subprocess.run(
        words, check=False, env=environment, capture_output=True, text=True, timeout=PATIENCE, cwd=folder
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture
def http(server: MockServer) -> Iterator[httpx.Client]:
    """A client that looks at what Ansible has left."""
    with httpx.Client(base_url=f"{server.url}/api", verify=server.trust) as http:
        token = http.post("/session", auth=(DEFAULT_USER.name, DEFAULT_USER.password)).json()
        http.headers["vmware-api-session-id"] = token
        yield http


def test_local_libraries(server: MockServer, http: httpx.Client, tmp_path: Path) -> None:
    play("libraries", server, tmp_path)
    [library] = http.get("/content/local-library").json()
    shown = http.get(f"/content/local-library/{library}").json()
    assert (shown["name"], shown["description"]) == ("kept", "described anew")


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server that hands out the files of a folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietFiles, directory=str(folder))) as web:
        threading.Thread(target=web.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{web.server_port}"
        finally:
            web.shutdown()


class QuietFiles(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base calls it
        pass


def test_imports(server: MockServer, http: httpx.Client, tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "small.iso").write_bytes(b"iso" * 1000)
    (content / "ovf").mkdir()
    (content / "ovf" / "machine.ovf").write_text(DESCRIPTOR)
    (content / "ovf" / "disk.vmdk").write_bytes(b"disk" * 1000)
    with serving(content) as source:
        play("imports", server, tmp_path, content=str(content), source=source)
    [library] = http.get("/content/local-library").json()
    items = {}
    for one in http.get("/content/library/item", params={"library_id": library}).json():
        files = http.get(f"/content/library/item/{one}/file").json()
        items[http.get(f"/content/library/item/{one}").json()["name"]] = {file["name"]: file["size"] for file in files}
    assert items == {
        "a fetched ISO": {"small.iso": 3000},
        "an ISO": {"small.iso": 3000},
        "an OVF": {"machine.ovf": len(DESCRIPTOR), "disk.vmdk": 4000},
    }
    assert http.get("/content/library/item/update-session").json() == []
