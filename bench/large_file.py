"""How much memory the mock takes for a large file, and how long.

    python bench/large_file.py [--gibibytes 2] [--store DIR]

A client sends a file in chunks to a mock in a process of its own, completes, and fetches it; once with a store, in a
folder of its own inside DIR, and once without. Memory is the most that the mock had resident, and how much more that is
than after a file of a few bytes. Ends with 1 if it is more than 128 MiB.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time

import httpx

SERVER = """
import resource, sys
from contract_tests.mock import MockServer
with MockServer(store=sys.argv[1] or None) as server:
    print(server.url, flush=True)
    for _ in sys.stdin:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
"""
MIB = 2**20
LIMIT = 128


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gibibytes", type=float, default=2.0)
    parser.add_argument("--store", default=tempfile.gettempdir(), metavar="DIR")
    options = parser.parse_args()
    mebibytes = int(options.gibibytes * 1024)
    print(f"{mebibytes} MiB        up, MiB/s  down, MiB/s  resident, MiB  more, MiB")
    grown = []
    with tempfile.TemporaryDirectory(dir=options.store) as folder:
        for name, store in (("with a store", folder), ("without", "")):
            up, down, resident, more = measured(mebibytes, store)
            print(f"{name:14}{up:13.0f}{down or '-':>13}{resident:15.0f}{more:11.0f}", flush=True)
            grown.append(more)
    return 1 if max(grown) > LIMIT else 0


def measured(mebibytes: int, store: str) -> tuple[float, str, float, float]:
    """MiB a second up and down, the most resident, and how much of that is due to the file."""
    piece = bytes(MIB)
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-c", SERVER, store], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ask, answers = process.stdin, process.stdout

        def resident() -> float:
            ask.write("\n")
            ask.flush()
            return int(answers.readline()) / 1024

        with httpx.Client(base_url=answers.readline().strip(), timeout=600, trust_env=False) as client:
            item = begun(client)
            sent(client, item, iter([b"small"]))
            before = resident()
            up = mebibytes / sent(client, item, (piece for _ in range(mebibytes)))
            down = "" if not store else f"{mebibytes / fetched(client, item, mebibytes * MIB):.0f}"
            after = resident()
        ask.close()
    return up, down, after, after - before


def made(client: httpx.Client, path: str, spec: object) -> str:
    answer = client.post(f"/api/content/{path}", json=spec)
    answer.raise_for_status()
    return str(answer.json())


def begun(client: httpx.Client) -> str:
    """The id of a new item."""
    client.headers["vmware-api-session-id"] = client.post("/api/session", auth=("user", "pass")).json()
    backing = {"type": "DATASTORE", "datastore_id": "datastore-11"}
    library = made(client, "local-library", {"name": "l", "storage_backings": [backing]})
    return made(client, "library/item", {"library_id": library, "name": "i", "type": "iso"})


def sent(client: httpx.Client, item: str, pieces: object) -> float:
    """How many seconds it takes to send a file."""
    session = f"/api/content/library/item/update-session/{made_session(client, 'update', item)}"
    file = client.post(f"{session}/file", json={"name": "a", "source_type": "PUSH"}).json()
    began = time.monotonic()
    client.put(file["upload_endpoint"]["uri"], content=pieces).raise_for_status()  # type: ignore[arg-type]
    took = time.monotonic() - began
    client.post(f"{session}?action=complete").raise_for_status()
    return took


def fetched(client: httpx.Client, item: str, size: int) -> float:
    """How many seconds it takes to fetch it."""
    session = f"/api/content/library/item/download-session/{made_session(client, 'download', item)}"
    file = client.post(f"{session}/file?action=prepare", json={"file_name": "a"}).json()
    began = time.monotonic()
    with client.stream("GET", file["download_endpoint"]["uri"]) as answer:
        assert sum(map(len, answer.iter_raw())) == size
    return time.monotonic() - began


def made_session(client: httpx.Client, service: str, item: str) -> str:
    return made(client, f"library/item/{service}-session", {"library_item_id": item})


if __name__ == "__main__":
    sys.exit(main())
