"""Clients that openapi-generator makes of the documents work, as they are, on the mock."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from contract_tests.contract.dialects import CONVENTIONS, TOKEN_HEADER
from contract_tests.contract.documents import openapi_dir
from contract_tests.contract.words import Dialect
from contract_tests.mock import MockServer
from contract_tests.mock.domain.world import DEFAULT_USER

from .tools import HERE, MODULES, from_npm, generator, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENTS = HERE / "clients"
BACKING = {"type": "DATASTORE", "datastore_id": "datastore-11"}
both = pytest.mark.parametrize("dialect", Dialect)


@pytest.fixture
def where() -> Iterator[tuple[str, str, str]]:
    """Address of a mock, a token for it, and a library item there."""
    with MockServer() as server, httpx.Client(base_url=f"{server.url}/api") as client:
        token: str = client.post("/session", auth=(DEFAULT_USER.name, DEFAULT_USER.password)).json()
        client.headers[TOKEN_HEADER] = token
        library = client.post("/content/local-library", json={"name": "library", "storage_backings": [BACKING]}).json()
        item: str = client.post("/content/library/item", json={"library_id": library, "name": "item"}).json()
        yield server.url, token, item


def generate(language: str, dialect: Dialect, folder: Path) -> Path:
    """The client for one document, in `folder`; a document that refers to another one is bundled first."""
    start = generator()
    document = openapi_dir() / f"{dialect}.yaml"
    if dialect is Dialect.REST:
        bundled = folder.parent / document.name
        run(from_npm("redocly"), "bundle", document, "--output", bundled)
        document = bundled
    said = run(*start, "generate", "--generator-name", language, "--input-spec", document, "--output", folder)
    assert " ERROR " not in said
    assert [path.name for path in folder.rglob("*") if "allof" in path.name.lower().replace("_", "")] == []
    return folder


@both
def test_a_client_in_python(dialect: Dialect, where: tuple[str, str, str], tmp_path: Path) -> None:
    client = generate("python", dialect, tmp_path / "client")
    url, token, item = where
    address = url + CONVENTIONS[dialect].root
    run(sys.executable, CLIENTS / "use.py", dialect, address, token, item, path=client)


@both
def test_a_client_in_typescript(dialect: Dialect, where: tuple[str, str, str], tmp_path: Path) -> None:
    compiler = from_npm("tsc")
    generate("typescript-axios", dialect, tmp_path / "client")
    for name in (f"{dialect}.ts", "common.ts"):
        shutil.copy(CLIENTS / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(MODULES)
    options = ("--strict", "--skipLibCheck", "--target", "es2022", "--module", "commonjs", "--outDir", "out")
    run(compiler, *options, f"{dialect}.ts", cwd=tmp_path)
    url, token, item = where
    run("node", f"out/{dialect}.js", url + CONVENTIONS[dialect].root, token, item, cwd=tmp_path)
