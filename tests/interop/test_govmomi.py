"""The mock as clients in Go see it: govmomi's REST client, and govc, which asks by SOAP before it asks by REST."""

from __future__ import annotations

import hashlib
import json
import os
import ssl
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
import trustme

from contract_tests.mock import MockServer

from .programs import built, needs_go, ran

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Govc = Callable[..., str]

pytestmark = needs_go

DESCRIPTOR = """<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References><File ovf:id="file1" ovf:href="disk.vmdk" ovf:size="{size}"/></References>
</Envelope>
"""


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory, "govmomi")


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    with MockServer(tls=request.param == "https") as server:
        yield server


@pytest.fixture
def govc(programs: Path, server: MockServer, tmp_path: Path) -> Govc:
    """What a call of govc prints; each is a process, and the sessions are kept in a folder."""
    variables = {
        "GOVC_URL": server.url,
        "GOVC_USERNAME": "user",
        "GOVC_PASSWORD": "pass",
        "GOVMOMI_HOME": str(tmp_path / "sessions"),
    }
    if server.certificate is not None:
        authority = tmp_path / "ca.pem"
        authority.write_text(server.certificate.ca_pem or "")
        variables["GOVC_TLS_CA_CERTS"] = str(authority)

    def call(*words: str, code: int = 0, **others: str) -> str:
        ended = ran([programs / "govc", *words], tmp_path, **variables | others)
        assert ended.returncode == code, f"{' '.join(words)}: {ended.stdout}{ended.stderr}"
        return ended.stdout if code == 0 else ended.stderr

    return call


@pytest.fixture
def disk(tmp_path: Path) -> bytes:
    """The content of a disk, beside its descriptor and an image in the folder of the test."""
    content = os.urandom(3_000_000)
    (tmp_path / "vm.ovf").write_text(DESCRIPTOR.format(size=len(content)))
    (tmp_path / "disk.vmdk").write_bytes(content)
    (tmp_path / "image.iso").write_bytes(os.urandom(100_000))
    return content


@pytest.fixture
def source(server: MockServer, tmp_path: Path) -> Iterator[str]:
    """The address of another server, with the files of the test's folder; it speaks TLS if the mock does."""
    served = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(tmp_path)))
    scheme = urlsplit(server.url).scheme
    if scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        served.socket = context.wrap_socket(served.socket, server_side=True)
    with served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"{scheme}://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


class Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.mark.usefixtures("disk")
def test_the_whole_life_through_the_clients(programs: Path, server: MockServer, source: str, tmp_path: Path) -> None:
    address = urlsplit(server.url)
    url = address._replace(netloc=f"user:pass@{address.netloc}").geturl()
    ended = ran([programs / "lifecycle", url, f"{source}/image.iso"], tmp_path)
    assert (ended.returncode, ended.stdout) == (0, "all as expected\n"), ended.stderr


def test_govc_makes_changes_and_removes_a_library(govc: Govc) -> None:
    first = govc("library.create", "-d", "about it", "first").strip()
    govc("library.create", "-ds", "mock-datastore", "second")
    assert "datastore 'none' not found" in govc("library.create", "-ds", "none", "third", code=1)
    assert govc("library.ls") == "/first\n/second\n"
    (shown,) = json.loads(govc("library.info", "-json", "first"))
    assert (shown["id"], shown["description"], shown["version"]) == (first, "about it", "1")
    assert "Datastore Path:     [mock-datastore] contentlib-" in govc("library.info", "-l", "first")
    govc("library.update", "-n", "renamed", "-d", "new", "first")
    (shown,) = json.loads(govc("library.info", "-json", "/renamed"))
    assert (shown["id"], shown["description"], shown["version"]) == (first, "new", "2")
    govc("library.rm", "/second")
    govc("library.rm", first)
    assert govc("library.ls") == ""


def test_govc_imports_and_exports_a_machine_with_its_disk(govc: Govc, tmp_path: Path, disk: bytes) -> None:
    govc("library.create", "lib")
    govc("library.import", "lib", "vm.ovf")
    assert govc("library.ls", "/lib/vm/*") == "/lib/vm/vm.ovf\n/lib/vm/disk.vmdk\n"
    (item,) = json.loads(govc("library.info", "-json", "/lib/vm"))
    size = len(disk) + (tmp_path / "vm.ovf").stat().st_size
    assert (item["type"], item["size"], item["content_version"]) == ("ovf", size, "2")
    path = govc("library.info", "-L", "/lib/vm/disk.vmdk").strip()
    assert path == f"contentlib-{item['library_id']}/{item['id']}/disk.vmdk"
    assert f" ds:///vmfs/volumes/datastore-11/{path}" in govc("library.info", "-s", "/lib/vm/disk.vmdk")
    (tmp_path / "out").mkdir()
    govc("library.export", "/lib/vm", "out")
    assert (tmp_path / "out" / "disk.vmdk").read_bytes() == disk
    assert (tmp_path / "out" / "vm.ovf").read_bytes() == (tmp_path / "vm.ovf").read_bytes()


def test_govc_imports_an_archive_and_copies_what_was_in_it(govc: Govc, tmp_path: Path, disk: bytes) -> None:
    names = ["vm.ovf", "disk.vmdk"]
    sums = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in names}
    (tmp_path / "vm.mf").write_text("".join(f"SHA256({name})= {sums[name]}\n" for name in names))
    with tarfile.open(tmp_path / "vm.ova", "w") as archive:
        for name in ("vm.ovf", "vm.mf", "disk.vmdk"):
            archive.add(tmp_path / name, name)
    govc("library.create", "lib")
    govc("library.create", "other")
    govc("library.import", "-m", "lib", "vm.ova")
    files = json.loads(govc("library.info", "-json", "/lib/vm/"))
    assert {one["name"]: one["checksum_info"]["checksum"] for one in files} == sums
    govc("library.cp", "-n", "copied", "/lib/vm", "other")
    govc("library.rm", "lib")
    govc("library.export", "/other/copied/disk.vmdk", "got")
    assert (tmp_path / "got").read_bytes() == disk
    # A digest that is wrong in the manifest.
    (tmp_path / "vm.mf").write_text(f"SHA256(disk.vmdk)= {'0' * 64}\n")
    assert "in state ERROR" in govc("library.import", "other", "vm.ovf", code=1)
    assert govc("library.ls", "/other/vm/") == ""
    assert "ERROR" in govc("library.session.ls")


def test_govc_imports_an_image_under_another_name_and_removes_it(govc: Govc, tmp_path: Path, disk: bytes) -> None:
    govc("library.create", "lib")
    govc("library.import", "-n", "named", "lib", "image.iso")
    govc("library.update", "-n", "renamed", "/lib/named")
    assert govc("library.export", "/lib/renamed/image.iso", "got.iso")
    assert (tmp_path / "got.iso").read_bytes() == (tmp_path / "image.iso").read_bytes()
    # An item that is there gets new content.
    (tmp_path / "image.iso").write_bytes(disk)
    govc("library.import", "/lib/renamed", "image.iso")
    govc("library.export", "/lib/renamed/image.iso", "got.iso")
    assert (tmp_path / "got.iso").read_bytes() == disk
    govc("library.rm", "/lib/renamed")
    assert govc("library.ls", "/lib/*") == ""


def test_govc_lets_the_server_pull(govc: Govc, source: str, tmp_path: Path, disk: bytes) -> None:
    govc("library.create", "lib")
    # So it takes the certificate of the source as it is, and tells the server its thumbprint.
    pull = partial(govc, "library.import", "-pull", GOVC_INSECURE="1")
    pull("lib", f"{source}/disk.vmdk")
    assert govc("library.export", "/lib/disk/disk.vmdk", "got")
    assert (tmp_path / "got").read_bytes() == disk
    pull("-n", "checked", "-c", hashlib.sha256(disk).hexdigest(), "lib", f"{source}/disk.vmdk")
    assert govc("library.ls", "/lib/checked/") == "/lib/checked/disk.vmdk\n"
    told = pull("-n", "wrong", "-c", "00" * 32, "lib", f"{source}/disk.vmdk", code=1)
    assert "does not have the checksum" in told
    assert govc("library.ls", "/lib/wrong/") == ""
    assert "404" in pull("-n", "missing", "lib", f"{source}/nowhere.iso", code=1)


@pytest.mark.usefixtures("disk")
def test_govc_lists_and_removes_sessions(govc: Govc, server: MockServer) -> None:
    govc("library.create", "lib")
    govc("library.import", "lib", "image.iso")
    listed = govc("library.session.ls")
    assert "/lib/image  Update  1        0         DONE" in listed
    govc("library.export", "/lib/image")
    assert "/lib/image  Download  2        0         ACTIVE" in govc("library.session.ls")
    sessions: Any = json.loads(govc("library.session.ls", "-json").partition("}\n{")[0] + "}")
    assert sessions["sessions"][0]["state"] == "DONE"
    # Which they are it does not show: the documents leave the id out of what is read of a session.
    done, active = (only_session(server, kind) for kind in ("update", "download"))
    govc("library.session.rm", done)
    govc("library.session.rm", "-f", active)
    assert govc("library.session.ls") == ""
    assert "404 Not Found" in govc("library.session.rm", done, code=1)


def only_session(server: MockServer, kind: str) -> str:
    with httpx.Client(base_url=server.url, verify=server.trust) as client:
        token = client.post("/api/session", auth=("user", "pass")).json()
        asked = client.get(f"/api/content/library/item/{kind}-session", headers={"vmware-api-session-id": token})
    (session,) = asked.json()
    return str(session)


def test_govc_is_told_that_a_password_is_wrong(govc: Govc) -> None:
    assert "password is wrong" in govc("about", code=1, GOVC_PASSWORD="no")
    assert "401 Unauthorized" in govc("library.ls", code=1, GOVC_PASSWORD="no")
    assert "VirtualCenter" in govc("about")
    assert "VirtualCenter" in govc("about", GOVC_VIM_VERSION="-")
