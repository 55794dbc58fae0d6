"""Where the mock keeps content, for how long, and what that takes of its memory."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from contract_tests.mock import MockServer
from contract_tests.mock.store import FolderStore

from .pushing import LARGE, MIB, Pusher, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.mock.store import StoredFile


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_large_content_is_kept_in_the_store_as_long_as_anybody_has_it(tmp_path: Path) -> None:
    store = tmp_path / "new" / "store"
    with MockServer(store=store) as server, Pusher(server.url) as client:
        client.filled(b"small")
        assert stored(store) == []
        client.filled(LARGE)
        assert [path.read_bytes() for path in stored(store)] == [LARGE]
        link = client.link()
        assert client.http.get(link).content == LARGE
        # A lease keeps it, whatever becomes of the item's file.
        client.filled(b"small")
        assert client.http.get(link).content == LARGE
        client.http.delete(f"/api/content/library/item/{client.item}")
        assert stored(store) == []
        client.item = client.made("/api/content/library/item", {"library_id": client.library, "name": "j"})
        client.filled(LARGE)
        assert len(stored(store)) == 1
    assert list(store.iterdir()) == []


def test_an_upload_that_breaks_leaves_nothing_in_the_store(tmp_path: Path) -> None:
    with MockServer(store=tmp_path) as server, Pusher(server.url) as client:
        session = client.begin()
        url = httpx.URL(client.address(session))
        with socket.create_connection((url.host, url.port or 80), timeout=30) as connection:
            connection.sendall(
                f"PUT {url.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {2 * len(LARGE)}\r\n\r\n".encode()
            )
            connection.sendall(LARGE)
            wait_for(lambda: stored(tmp_path))
        wait_for(lambda: not stored(tmp_path))


def test_what_nobody_waits_for_is_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[object] = []
    new = FolderStore.new

    def counted(store: FolderStore) -> StoredFile:
        places.append(store)
        return new(store)

    monkeypatch.setattr(FolderStore, "new", counted)
    with MockServer(store=tmp_path) as server, Pusher(server.url) as client:
        session = client.begin()
        address = client.address(session)
        assert client.http.put(f"{server.url}/cls/upload/no-such-key/a", content=LARGE).status_code == 404
        client.http.post(f"{session}?action=cancel")
        assert client.http.put(address, content=LARGE).status_code == 400
        assert places == []
        client.push(client.begin(), LARGE)
        assert len(places) == 1


def test_a_store_that_can_not_be_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code = (
        "import sys; from contract_tests.cli import main; sys.argv[1:] = ['mock', '--store', sys.argv[1]]; "
        "sys.exit(main())"
    )
    path = str(tmp_path / "file" / "store")
    ended = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert f"Cannot keep content in {path}: not a directory; choose another with --store." in ended.stderr


def test_a_store_without_room_fails_the_file_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: object, _piece: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("contract_tests.mock.store.StoredFile.write", full)
    with MockServer(store=tmp_path) as server, Pusher(server.url) as client:
        session = client.begin()
        client.http.put(client.address(session), content=LARGE)
        said = client.read(session)
        assert said["state"] == "ERROR"
        assert said["error_message"]["default_message"] == "a could not be stored: no space left on device."


MEASURE = """
import resource, sys
from contract_tests.mock import MockServer
store = sys.argv[1] or None
with MockServer(store=store) as server:
    print(server.url, flush=True)
    for _ in sys.stdin:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
"""


@pytest.mark.parametrize("where", ["a store", "nowhere"])
def test_memory_stays_flat_however_large_a_file_is(tmp_path: Path, where: str) -> None:
    """300 MiB go up and come down again; the server's largest size is that of what it may keep in memory."""
    store = str(tmp_path) if where == "a store" else ""
    piece, number = bytes(MIB), 300
    with subprocess.Popen(
        [sys.executable, "-c", MEASURE, store], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def largest() -> int:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            return int(process.stdout.readline()) * 1024

        with Pusher(process.stdout.readline().strip()) as client:
            client.filled(b"warm")
            client.http.get(client.link())
            before = largest()
            session = client.begin()
            address = client.address(session, "b", size=number * MIB)
            assert client.http.put(address, content=(piece for _ in range(number))).status_code == 200
            assert client.complete(session).status_code == 204
            prepared = client.prepared("b")
            if store:
                with client.http.stream("GET", prepared["download_endpoint"]["uri"]) as answer:
                    assert sum(map(len, answer.iter_raw())) == number * MIB
            else:
                assert prepared["status"] == "ERROR"
                assert "download_endpoint" not in prepared
                assert "--store DIR" in prepared["error_message"]["default_message"]
            assert largest() - before < (16 if store else 96) * MIB
        process.stdin.close()
