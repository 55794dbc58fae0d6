"""The server under test, opened for one run: the embedded mock, or the address that was given."""

from __future__ import annotations

import secrets
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from contract_tests.driver.clock import Clock, ControlledClock, RealClock
from contract_tests.driver.control import MockControl, control_door
from contract_tests.driver.journal import Journal
from contract_tests.driver.preflight import Access, Facts, preflight
from contract_tests.driver.removal import Leftover, login_left
from contract_tests.driver.transport.door import Door
from contract_tests.driver.transport.recorder import Recorder
from contract_tests.driver.workspace import Workspace
from contract_tests.mock import CONTROL_KEY, MockServer, User
from contract_tests.problems import PremiseFailed, UsageProblem
from contract_tests.traffic.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from contract_tests.driver.settings import Settings

Made = TypeVar("Made")


@dataclass(frozen=True)
class Target:
    """Everything a test may touch of the server under test. `left` is filled when the target is closed."""

    settings: Settings
    facts: Facts
    access: Access
    workspace: Workspace
    clock: Clock
    recorder: Recorder
    control: MockControl | None = None
    left: list[Leftover] = field(default_factory=list)
    lanes: Mapping[str, Target] = field(default_factory=dict)
    """Where a recording answers: a target for each test that it has, by its id."""
    _made: dict[str, Any] = field(default_factory=dict)

    def of(self, test: str) -> Target:
        """The target of one test; all have the same, but where a recording has several lanes."""
        return self.lanes.get(test, self)

    def losses(self) -> int:
        """How often the server has lost all that the run had made, as one does that is restarted without its state."""
        return self.workspace.count_losses(self.recorder.repeating.tokens.renewals)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What several tests of a run look at and one of them has to make: the first one that asks does."""
        if name not in self._made:
            before, made = self.workspace.losses, make()
            if self.losses() > before:
                raise PremiseFailed("a server that keeps what is made", LOST)
            self._made[name] = made
        found: Made = self._made[name]
        return found


LOST: Final = "all that the run had made is gone, and its token with it: the server seems to have been started anew"


@contextmanager
def open_target(
    settings: Settings,
    announce: Callable[[float], None],
    run: str | None = None,
    redact: Redactor | None = None,
    reports: Path | None = None,
) -> Iterator[Target]:
    """Start the embedded mock if no address was given, log in, and clean up at the end.

    `announce` is told how many seconds the run is about to wait; `run` is the name of all that is made (None: a new
    one), and `redact` hides the secrets. Beside the reports lies a journal of what is made, until it is removed again.

    Raises:
        UsageProblem: the server can't be reached, is no such server, refuses the login, or has no datastore for us.
    """
    with ExitStack() as stack:
        key = CONTROL_KEY
        if is_embedded := settings.target is None:
            key = secrets.token_urlsafe(24)
            credentials = secrets.token_urlsafe(12), secrets.token_urlsafe(24)
            second = secrets.token_urlsafe(12), secrets.token_urlsafe(24)
            mock = stack.enter_context(
                MockServer(
                    session_timeout=settings.session_timeout,
                    username=credentials[0],
                    password=credentials[1],
                    other_users=[User(*second, privileges=frozenset())],
                    control=key,
                )
            )
            settings = replace(settings, username=credentials[0], password=credentials[1], second_user=second)
            base = mock.url
        else:
            base = settings.target.rstrip("/")
            if not settings.username or not settings.password:
                raise UsageProblem(f"no user name or password for {base}; set CONTRACT_USERNAME and CONTRACT_PASSWORD")
        recorder = Recorder(redact or Redactor())
        if key != CONTROL_KEY:
            recorder.redact.learn("control-key", key)
        for _, value in settings.gateway_headers:
            recorder.redact.learn("gateway-key", value)
        anonymous = Door(base, recorder, way=settings.way(base), allowed=settings.allowed_origins)
        stack.callback(anonymous.close)
        controlling = control_door(anonymous, key)
        facts, access = preflight(settings, base, anonymous, controlling)
        workspace = Workspace(access.doors, run or f"cl-contract-{secrets.token_hex(4)}", settings.datastore)
        left: list[Leftover] = []
        stack.callback(lambda: left.extend(map(login_left, access.log_out())))
        try:
            settings = replace(settings, datastore=workspace.datastore())
        except PremiseFailed as none:
            raise UsageProblem(
                f"{base} lists no datastore on which the library of the run could be made ({none.observed}); "
                "name one with --datastore"
            ) from None
        real = RealClock(settings.max_wait, announce=announce)
        clock: Clock = ControlledClock(controlling) if facts.controls_clock else real
        control = MockControl(controlling) if facts.controls_clock else None
        if reports is not None and not is_embedded:
            workspace.journal = Journal.beside(reports, base, workspace.run)
        target = Target(settings, facts, access, workspace, clock, recorder, control, left)
        try:
            yield target
        finally:
            anonymous.silence.once_more()
            if not is_embedded:  # all that is in an embedded mock goes with it
                target.left.extend(workspace.clean_up())
                if workspace.journal is not None:
                    workspace.journal.close(clean=not target.left)
