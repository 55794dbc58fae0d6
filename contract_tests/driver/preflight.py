"""Before any test: is the server there, does it let us in, which dialects does it speak?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from contract_tests.contract import Dialect
from contract_tests.contract.dialects import CONVENTIONS, SUPPORT, Support, unwrapped
from contract_tests.driver.transport import limits
from contract_tests.driver.transport.login import OwnLogin, is_left, log_in, log_out
from contract_tests.problems import UsageProblem
from contract_tests.texts import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.driver.settings import Settings
    from contract_tests.driver.transport.door import Door
    from contract_tests.traffic.exchange import Exchange

_NUMBERS = re.compile(r"(?<![\w./-])[0-9]{1,4}(\.[0-9]{1,9})+(?![\w-])", re.ASCII)
UNSAID: Final = "not said by the server"
"""What stands for the version of a server that names none."""

_REDIRECTIONS: Final = (301, 302, 303, 307, 308)
_LONGEST_VERSION = 200  # characters of what a server says of itself; it stands in the header of every report


@dataclass(frozen=True)
class Facts:
    """What the preflight found out. `version` is what the server says of itself, or that it does not say."""

    base: str
    dialects: tuple[Dialect, ...]
    version: str
    controls_clock: bool

    @property
    def api_version(self) -> tuple[int, ...] | None:
        """The version that the server names, if it names one; what stands behind a slash is a Server header's."""
        named = _NUMBERS.search(self.version)
        return None if named is None else tuple(map(int, named.group().split(".")))


@dataclass(frozen=True)
class Access:
    """Open doors: one for each dialect, logged in; `anonymous` sends no token.

    `second` are those of a second user, who has no Content Library privilege; empty if none was named.
    """

    doors: Mapping[Dialect, Door]
    anonymous: Door
    second: Mapping[Dialect, Door] = field(default_factory=dict)

    def log_out(self) -> list[Exchange]:
        """End the API sessions; gives the exchanges that did not succeed."""
        answers = []
        for dialect, door in (*self.doors.items(), *self.second.items()):
            answer = log_out(door, dialect)
            if is_left(answer):
                answers.append(answer)
        return answers


def preflight(settings: Settings, base: str, anonymous: Door, control: Door) -> tuple[Facts, Access]:
    """Log in by every dialect that the server speaks; `control` is the door to what only our mock server has.

    Raises:
        UsageProblem: the server can't be reached, is no such server, or refuses the login.
    """
    doors = _log_in_everywhere(settings, base, anonymous)
    second: dict[Dialect, Door] = {}
    if settings.second_user is not None:
        name, password = settings.second_user
        other = replace(settings, username=name, password=password)
        try:
            second = _log_in_everywhere(other, base, anonymous, "second-token")
        except UsageProblem as problem:
            left = _told_of_logins(Access(doors, anonymous).log_out())
            raise UsageProblem(f"the second user can't be used: {problem}{left}") from None
    facts = Facts(
        base=base,
        dialects=tuple(doors),
        version=_version(doors),
        controls_clock=_controls_clock(anonymous, control),
    )
    return facts, Access(doors, anonymous, second)


def _log_in_everywhere(settings: Settings, base: str, anonymous: Door, kind: str = "token") -> dict[Dialect, Door]:
    """A door with a token for each dialect that the server speaks."""
    wanted = [settings.dialect] if settings.dialect else list(Dialect)
    doors: dict[Dialect, Door] = {}
    refusals: dict[Dialect, str] = {}
    for dialect in wanted:
        login = log_in(anonymous, dialect, settings.username, settings.password, kind=kind)
        answer = login.answer
        if login.token is not None:
            doors[dialect] = login.door
            anonymous.recorder.repeating.tokens.add(
                OwnLogin(login, anonymous, settings.username, settings.password, kind)
            )
            continue
        path = SUPPORT[dialect][Support.LOGIN].path
        if answer.response is None or answer.status in (401, 403):
            left = _told_of_logins(Access(doors, anonymous).log_out())  # the dialect before may have let us in
            said = (
                _unreachable(base, answer.failure or "no answer")
                if answer.response is None
                else f"{base} refuses the user name and password ({answer.status} at {path}); "
                "check CONTRACT_USERNAME and CONTRACT_PASSWORD"
            )
            raise UsageProblem(said + left)
        refusals[dialect] = f"{path} {_described(answer)}"
    if not doors:
        found = "; ".join(refusals.values())
        raise UsageProblem(
            f"{base} does not speak the API under test ({found}); check --target"
            + (" and --dialect" if settings.dialect else "")
        )
    return doors


def _told_of_logins(answers: list[Exchange]) -> str:
    """What a sentence goes on with if logins could not be ended."""
    return f"; {len(answers)} login{'s' * (len(answers) != 1)} before could not be ended" if answers else ""


def _unreachable(base: str, failure: str) -> str:
    if re.search(r"alert (certificate required|bad certificate)|ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE)", failure):
        return (
            f"{base} asks for a certificate of the client ({failure}); give --client-cert FILE with one that it knows, "
            "and its key"
        )
    if "CERTIFICATE_VERIFY_FAILED" in failure or "certificate" in failure.lower():
        return (
            f"the TLS certificate of {base} is not trusted ({failure}); "
            "give --ca-bundle FILE with the CA that signed it, or --insecure"
        )
    if re.search(r"SSL|TLS|WRONG_VERSION", failure):
        return f"{base} does not speak TLS as expected ({failure}); is it http:// rather than https://?"
    if failure.startswith("TooLongError"):
        return f"{base} does not speak the API under test ({failure}); check --target"
    if failure.startswith("ReadTimeout"):
        return f"{base} accepts connections, and does not answer within {limits.ANSWERING:g} s; is --target right?"
    return f"{base} can't be reached ({failure}); is the server running, and is --target right?"


def _described(answer: Exchange) -> str:
    assert answer.response is not None
    kind = (answer.response.header("content-type") or "no content type").split(";")[0]
    if kind == "text/html":
        kind = "an HTML page"
    if answer.status in _REDIRECTIONS and (place := answer.response.header("location")):
        return f"redirects to {printable(place)[:_LONGEST_VERSION]}; if that is the server, give that as --target"
    return f"answers {answer.status} with {printable(kind)}"


def _version(doors: Mapping[Dialect, Door]) -> str:
    """What the server says about its version: the appliance's own words, or else its Server header."""
    server: str | None = None
    for dialect, door in doors.items():
        answer = door.send("GET", f"{CONVENTIONS[dialect].base}/appliance/system/version")
        if answer.response is None:
            continue
        server = server or answer.response.header("server")
        try:
            value: Any = unwrapped(dialect, answer.response.json) if answer.status == 200 else None
        except ValueError:
            value = None
        if isinstance(value, dict) and "version" in value:
            named = (value.get("product"), value.get("version"), value.get("build"))
            return printable(" ".join(str(part) for part in named if part))[:_LONGEST_VERSION]
    return printable(server or UNSAID)[:_LONGEST_VERSION]


def _controls_clock(anonymous: Door, control: Door) -> bool:
    """Whether this is our mock server, started with its control door.

    The door is tried only on a server that says it is our mock, so that no other one sees an undeclared request.
    """
    probe = SUPPORT[Dialect.API][Support.LOGIN]
    said = anonymous.send("GET", probe.path)
    if said.response is None or not (said.response.header("server") or "").startswith("cl-contract-mock"):
        return False
    return control.send("GET", "/_control/clock").status == 200
