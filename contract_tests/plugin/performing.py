"""Fixtures, and how one scenario is played and concluded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from contract_tests.judging import Judge, Outcome, Record, explain
from contract_tests.judging.stage import Performance, Stage, perform, perform_together
from contract_tests.judging.verdicts import fails_run, verdict_of
from contract_tests.plugin.clauses import about_chosen
from contract_tests.plugin.collection import cited, parameters
from contract_tests.plugin.crashes import note
from contract_tests.plugin.internals import OF_THE_SERVER, argument_names
from contract_tests.plugin.run import TARGET
from contract_tests.problems import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from contextlib import AbstractContextManager

    from contract_tests.contract import Capability, Cell
    from contract_tests.driver import Clock, Door, Session, Settings, Target, Workspace
    from contract_tests.driver.transport.login import Login

RECORD = pytest.StashKey[Record]()
_STAGE = pytest.StashKey[Stage]()
_GIVEN: Final = frozenset({*dir(Stage), *Stage.__dataclass_fields__})
"""What a stage gives by name."""
_PLAYED = pytest.StashKey[dict[str, Performance]]()


def _stage(item: pytest.Item) -> Stage:
    if _STAGE not in item.stash:
        target = item.config.stash[TARGET].of(item.nodeid)
        seed: int = item.config.option.contract_seed
        item.stash[_STAGE] = Stage(target, parameters(item)["cell"], cited(item), seed, item.nodeid)
    return item.stash[_STAGE]


@pytest.fixture
def cell(request: pytest.FixtureRequest) -> Cell:
    """The cell that the test is run in; the collection parametrizes it by the clauses that the test cites."""
    return _stage(request.node).cell


@pytest.fixture
def judge(request: pytest.FixtureRequest, cell: Cell) -> Judge:  # noqa: ARG001 - makes every test run by cell
    """Where the test says what it found: `judge(slug, check, ...)`."""
    return _stage(request.node).judge


@pytest.fixture
def open_session(request: pytest.FixtureRequest) -> Callable[..., Session]:
    """Opens a new ACTIVE session of the test's cell."""
    return _stage(request.node).open_session


@pytest.fixture
def open_rich_session(request: pytest.FixtureRequest) -> Callable[..., Session]:
    """Opens a new ACTIVE session of which each member holds something that could get lost."""
    return _stage(request.node).open_rich_session


@pytest.fixture
def unknown_session(request: pytest.FixtureRequest) -> Callable[[], Session]:
    """Gives a handle on an id that no session has."""
    return _stage(request.node).unknown_session


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Clock:
    """The server's time."""
    return _stage(request.node).clock


@pytest.fixture
def workspace(request: pytest.FixtureRequest) -> Workspace:
    """Makes items and sessions."""
    return _stage(request.node).workspace


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Settings:
    """What the run was asked to do."""
    return _stage(request.node).settings


@pytest.fixture
def subscribed_item(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Gives an item of a subscribed library."""
    return _stage(request.node).subscribed_item


@pytest.fixture
def open_session_with_warning(request: pytest.FixtureRequest) -> Callable[[], tuple[Session, str]]:
    """Opens an update session whose preview has raised a warning."""
    return _stage(request.node).open_session_with_warning


@pytest.fixture
def second_door(request: pytest.FixtureRequest) -> Callable[[], Door]:
    """Gives the door of a user without any Content Library privilege."""
    return _stage(request.node).second_door


@pytest.fixture
def anonymous(request: pytest.FixtureRequest) -> Door:
    """A door that sends no token."""
    return _stage(request.node).anonymous


@pytest.fixture
def log_in(request: pytest.FixtureRequest) -> Callable[..., AbstractContextManager[Login]]:
    """Logs in once more, and out again at the end of the `with`."""
    return _stage(request.node).log_in


@pytest.fixture
def takes(request: pytest.FixtureRequest) -> Callable[[Capability], None]:
    """Leaves the test undecided on a target that lacks what it takes."""
    return _stage(request.node).takes


@pytest.fixture
def target(request: pytest.FixtureRequest) -> Target:
    """The server under test, with all that may be done to it."""
    return _stage(request.node).target


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of the run."""
    return _stage(request.node).seed


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have no fixture set up for a test whose stage gives it all that it takes; of what nobody knows pytest tells."""
    if not isinstance(item, pytest.Function) or item.get_closest_marker("clause") is None:
        return
    if _GIVEN.union(parameters(item)).issuperset(argument_names(item)):
        item.fixturenames = []


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if pyfuncitem.get_closest_marker("clause") is None:
        return None
    performance = _performance(pyfuncitem)
    performance = replace(performance, record=about_chosen(pyfuncitem.config, performance.record))
    pyfuncitem.stash[RECORD] = performance.record
    _conclude(performance, pyfuncitem.config)
    return True


def _performance(item: pytest.Function) -> Performance:
    """Play one test; if it waits on a real clock, together with all the others that do."""
    stage = _stage(item)
    if not (item.get_closest_marker("waits") and stage.clock.is_real):
        return perform(_body(item), stage)
    played = item.session.stash.setdefault(_PLAYED, {})
    if item.nodeid not in played:
        played.update(perform_together(dict(_waiting(item.session))))
    return played[item.nodeid]


def _waiting(session: pytest.Session) -> Iterator[tuple[str, tuple[Callable[[], object], Stage]]]:
    for item in session.items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("waits"):
            yield item.nodeid, (_body(item), _stage(item))


def _body(item: pytest.Function) -> Callable[[], object]:
    """The test with its arguments: its parameters, and what its stage gives. No fixture needs to be set up."""
    params, stage = parameters(item), _stage(item)
    names = argument_names(item)
    arguments: dict[str, Any] = {name: params[name] if name in params else getattr(stage, name) for name in names}
    return lambda: item.obj(**arguments)


def _conclude(performance: Performance, config: pytest.Config) -> None:
    """Raise what pytest is to report of a scenario that has been played; a mistake of the suite is noted, too."""
    mistake, gate = performance.mistake, config.option.contract_gate
    if mistake is not None:
        if isinstance(mistake, Exception) and not isinstance(mistake, AssertionError):
            note(config, mistake)
        raise mistake
    record = performance.record
    failing = [
        decision
        for decision in record.decisions
        if fails_run(verdict_of(decision.clause.level, [decision.outcome]), decision.clause.level, gate)
    ]
    if failing:
        raise Violation(explain(failing, record.exchanges, whole=config.option.verbose > 1))
    if excused := [one for one in record.decisions if one.outcome in (Outcome.EXCUSED, Outcome.SHADOWED)]:
        # Without a traceback, as below: nobody is shown it.
        raise pytest.xfail.Exception("; ".join(f"{one.clause.id}: {one.reason}" for one in excused), pytrace=False)
    for decision in record.decisions:
        if decision.outcome in (Outcome.INCONCLUSIVE, Outcome.NOT_TESTED):
            pytest.skip(f"{decision.outcome}: {decision.reason}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    if call.when != "call" or call.excinfo is None:
        return (yield)
    violation = call.excinfo.value if call.excinfo.errisinstance(Violation) else None
    if violation is not None:
        # Told by its words alone: pytest would parse our source for a traceback that nobody is shown, 5 ms for each.
        told = pytest.fail.Exception(str(violation), pytrace=False)
        call.excinfo = pytest.ExceptionInfo.from_exception(told.with_traceback(violation.__traceback__))
    report = yield
    if violation is not None:
        report.longrepr = str(violation)
        vars(report)[OF_THE_SERVER] = True
    elif report.skipped and RECORD in item.stash:
        report.longrepr = (str(item.path), (item.location[1] or 0) + 1, str(call.excinfo.value))
    return report
