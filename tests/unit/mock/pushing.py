"""A client of a running mock that works with files: in `/api`, as plainly as can be."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx

from contract_tests.contract.words import Service

from .speaker import BACKING, sessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

MIB = 2**20
LARGE = bytes(range(256)) * 4 * 3 * 1024  # 3 MiB: more than is kept in memory beside a store

UPDATES = f"/api{sessions(Service.UPDATE)}"
DOWNLOADS = f"/api{sessions(Service.DOWNLOAD)}"


def wait_for(happened: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What `happened` says once it says anything."""
    end = time.monotonic() + seconds
    while not (said := happened()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
    return said


class Pusher:
    """Logged in, with a library and an item."""

    def __init__(self, url: str, kind: str = "iso") -> None:
        self.http = httpx.Client(base_url=url, timeout=120, trust_env=False)
        token = self.http.post("/api/session", auth=("user", "pass")).json()
        self.http.headers["vmware-api-session-id"] = token
        spec: dict[str, Any] = {"name": "l", "storage_backings": [BACKING]}
        self.library = self.made("/api/content/local-library", spec)
        self.item = self.made("/api/content/library/item", {"library_id": self.library, "name": "i", "type": kind})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def made(self, path: str, spec: Any) -> Any:
        answer = self.http.post(path, json=spec)
        assert answer.is_success, answer.text
        return answer.json()

    def begin(self) -> str:
        """The path of a new update session."""
        return f"{UPDATES}/{self.made(UPDATES, {'library_item_id': self.item})}"

    def add(self, session: str, name: str = "a", **spec: Any) -> Any:
        return self.made(f"{session}/file", {"name": name, "source_type": "PUSH"} | spec)

    def address(self, session: str, name: str = "a", **spec: Any) -> str:
        return str(self.add(session, name, **spec)["upload_endpoint"]["uri"])

    def push(self, session: str, content: bytes, name: str = "a") -> None:
        assert self.http.put(self.address(session, name), content=content).status_code == 200

    def read(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def complete(self, session: str) -> httpx.Response:
        return self.http.post(f"{session}?action=complete")

    def filled(self, content: bytes) -> None:
        """Bring content into the item."""
        session = self.begin()
        self.push(session, content)
        assert self.complete(session).status_code == 204

    def prepared(self, name: str = "a", **more: str) -> Any:
        """What a new download session says of a file that it was to prepare."""
        session = self.made(DOWNLOADS, {"library_item_id": self.item})
        return self.made(f"{DOWNLOADS}/{session}/file?action=prepare", {"file_name": name} | more)

    def link(self, name: str = "a") -> str:
        return str(self.prepared(name)["download_endpoint"]["uri"])
