"""Fixtures: the official Python SDK, and a client of it that is logged in to a mock of its own over TLS."""

from __future__ import annotations

import importlib
import os
import warnings
from contextlib import contextmanager
from importlib.util import find_spec
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import requests

from contract_tests.mock import DEFAULT_USER, MockServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEEDS_SDK = [
    pytest.mark.skipif(
        find_spec("vmware") is None and "CI" not in os.environ,
        reason="the official SDK is not here; make client-tools installs it",
    ),
    # What it says of its own types while it makes them.
    pytest.mark.filterwarnings("ignore:com.vmware:DeprecationWarning"),
]
MODULES = {
    "client": "vmware.vapi.vsphere.client",
    "content": "com.vmware.content_client",
    "library": "com.vmware.content.library_client",
    "item": "com.vmware.content.library.item_client",
    "uploads": "com.vmware.content.library.item.updatesession_client",
    "downloads": "com.vmware.content.library.item.downloadsession_client",
    "errors": "com.vmware.vapi.std.errors_client",
}


@pytest.fixture(scope="module")
def sdk() -> SimpleNamespace:
    """The modules of the SDK. That they use what Python is about to drop is not ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return SimpleNamespace(**{name: importlib.import_module(path) for name, path in MODULES.items()})


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(tls=True, control=True) as server:
        yield server


@contextmanager
def logged_in(sdk: SimpleNamespace, server: MockServer, folder: Path, **login: str) -> Iterator[Any]:
    """The SDK's client as its documentation makes one, by name and password unless it is told otherwise."""
    assert server.certificate is not None
    trusted = folder / "trusted.pem"
    trusted.write_text(server.certificate.ca_pem or "")
    http = requests.Session()
    http.verify = str(trusted)
    # Else a variable of the environment counts before what was just said.
    http.trust_env = False
    login = login or {"username": DEFAULT_USER.name, "password": DEFAULT_USER.password}
    with sdk.client.create_vsphere_client(f"127.0.0.1:{server.port}", session=http, **login) as client:
        yield client


@pytest.fixture
def client(sdk: SimpleNamespace, server: MockServer, tmp_path: Path) -> Iterator[Any]:
    with logged_in(sdk, server, tmp_path) as client:
        yield client
