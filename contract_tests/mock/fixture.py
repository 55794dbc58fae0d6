"""The pytest fixture `content_library_mock` for tests of clients: a mock server of their own.

`pytest_plugins = ["contract_tests.mock.fixture"]` in a conftest.py. It takes nothing of the suite with it.
"""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.mock.domain.world import MockSettings
from contract_tests.mock.server import MockServer

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "content_library_mock"
_NAMES = {*inspect.signature(MockServer).parameters, *(field.name for field in fields(MockSettings))} - {
    "settings",
    "users",
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"{_MARK}(tls=..., session_timeout=..., ...): options of the server of the fixture {_MARK}"
    )


@pytest.fixture
def content_library_mock(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    """A running mock server, with its control door open.

    `url`, `username`, `password` and `trust` are what a client needs; `control` is the hand of the test. The options
    of `MockServer` come from marks, the nearest one counting: `@pytest.mark.content_library_mock(tls=True)`.
    """
    with MockServer(**_options(request)) as server:
        yield server


@pytest.fixture
def content_library_mock_tls(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    """The same, over TLS, with the options of the same marks: a second server, for a test that takes both."""
    with MockServer(**_options(request) | {"tls": True}) as server:
        yield server


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    options: dict[str, Any] = {"control": True}
    for mark in reversed(list(request.node.iter_markers(_MARK))):
        if mark.args:
            pytest.fail(f"The mark {_MARK} takes its options by name: {_MARK}(session_timeout=30).", pytrace=False)
        unknown = ", ".join(mark.kwargs.keys() - _NAMES)
        if unknown:
            known = ", ".join(sorted(_NAMES))
            pytest.fail(f"The mark {_MARK} has no option {unknown}; its options are {known}.", pytrace=False)
        options |= mark.kwargs
    return options
