"""Under pytest-xdist: tests that look at the same campaign, or at the same histories, go to the same worker.

So it is run once. The campaigns have the most tests, so they begin first; the histories are the longest of the rest.

Scenarios that wait on a real clock go to one worker, too, which plays them at the same time: so all waits together
take one lifetime, and meanwhile the other workers play all else.

A mock that is not the run's own has one clock for all workers. One of them that moves it would end the sessions of the
others, and accuse the server of it: so there is one worker then.

Private interfaces, as seen in pytest-xdist 3.8.0 and execnet 2.1.2: the plugin
called `dsession` with its `nodemanager`, `NodeManager.group`, and `gateway._io.popen`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import pytest

from contract_tests.plugin.options import is_contract_run
from contract_tests.plugin.run import TARGET

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENDING: Final = 6.0
"""Seconds in which a worker that is ended early has to be done; what it leaves is cleaned up after."""

_SHARED = re.compile(r"test_(campaigns|session_model)\.py::\w+\[(api|rest|mixed)\b")
_SCENARIO = re.compile(r"\bcontract_tests/scenarios/(\w+)\.py::(\w+)")
_CELL = re.compile(r"\[((?:api|rest)-(?:update|download))\b")


def group_of(nodeid: str, *, is_real: bool = False) -> str:
    """What stays together with a test: those of its campaign or histories, or those of its file in its cell.

    Where the clock is real, all that wait on it. Handing out tests one by one would cost more than it evens out: 26 s
    for the scenarios, against 15 s.
    """
    scenario = _SCENARIO.search(nodeid)
    if is_real and scenario and _waits(*scenario.groups()):
        return "waits"
    found = _SHARED.search(nodeid)
    if found:
        return f"{found[1]} {found[2]}"
    cell = _CELL.search(nodeid)
    return f"{nodeid.partition('::')[0]} {cell[1] if cell else ''}"


@cache
def _waits(module: str, function: str) -> bool:
    """Whether a scenario is marked so; who shares tests out knows them by name only, as the workers collect them."""
    found = getattr(import_module(f"contract_tests.scenarios.{module}"), function, None)
    return any(mark.name == "waits" for mark in getattr(found, "pytestmark", ()))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Leave one worker where several would move the same clock; the target is open by now, the workers are not."""
    config = session.config
    target = config.stash.get(TARGET, None)
    if target is None or not config.getoption("tx", None):
        return
    if target.settings.target is not None and not target.clock.is_real:
        config.option.tx = config.option.tx[:1]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share out these groups, the largest first; a `--dist` that was asked for stays.

    Marks for groups would do the same, and put the name of the group into the id of each test.
    """
    if config.getoption("dist") != "load" or not is_contract_run(config):
        return None
    target = config.stash.get(TARGET, None)
    is_real = target is not None and target.clock.is_real
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - it is here whenever it asks

    class Together(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid, is_real=is_real)

    return Together(config, log)


def end_workers(config: pytest.Config, nodes: Iterable[Any], *, early: bool) -> bool:
    """Wait until all workers have ended, and say whether there were any. Where the run ends early a signal tells them.

    pytest-xdist would let each finish the test that it is at, or kill it after 10 s.
    """
    if (session := config.pluginmanager.get_plugin("dsession")) is None:
        return False
    manager = session.nodemanager
    if not early:
        manager.teardown_nodes()
        return True
    for node in nodes:
        with suppress(OSError, AttributeError):  # it has ended, or is no process of this machine
            node.gateway._io.popen.terminate()  # noqa: SLF001
    manager.group.terminate(_ENDING)
    return True
