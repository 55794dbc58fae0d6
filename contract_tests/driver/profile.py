"""A profile: a TOML file that describes a target, so that its options need not be typed again."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StrictBool, ValidationError

from contract_tests.contract import Capability, Dialect
from contract_tests.driver.deviations import Deviation  # noqa: TC001 - pydantic reads it
from contract_tests.driver.settings import OwnFile, Settings
from contract_tests.problems import UsageProblem
from contract_tests.traffic.inputs import read_input

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


_Number = Annotated[float, Strict()]
"""Of seconds: `true` is none."""
_MOST = 1_000_000
"""Requests a second that nobody can send."""
_DEEPEST: Final = 200
"""Dots on a line: Python needs six seconds for a name of 20,000 parts, and sixteen times as long for one of 80,000."""


def _of_ours(name: str) -> str:
    if not name.startswith(_OURS):
        raise ValueError(f"a profile can name only environment variables that begin with {_OURS}, and not {name!r}")
    return name


_OURS: Final = "CONTRACT_"
_Variable = Annotated[str, AfterValidator(_of_ours)]
"""The name of an environment variable: somebody else's profile must not send the server whatever is in them."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SecondUser(_Table):
    """Somebody who may log in and has no Content Library privilege: the names of two environment variables."""

    username_variable: _Variable = "CONTRACT_SECOND_USERNAME"
    password_variable: _Variable = "CONTRACT_SECOND_PASSWORD"  # noqa: S105 - the name of a variable

    def credentials(self, variables: Mapping[str, str]) -> tuple[str, str]:
        """Name and password, out of the environment.

        Raises:
            UsageProblem: a variable is not set.
        """
        for name in (self.username_variable, self.password_variable):
            if not variables.get(name):
                raise UsageProblem(f"the profile names a second user, and the variable {name} is not set")
        return variables[self.username_variable], variables[self.password_variable]


class WarningContent(_Table):
    """Content whose preview raises a warning: a template signed by a certificate that nobody trusts, say."""

    files: list[str] = Field(min_length=1)
    """Paths, relative to the profile; all of them are pushed into an item of type `ovf`."""
    warning: str
    """The WarningType that the preview raises."""

    def content(self, folder: Path) -> Iterator[OwnFile]:
        """The files, found from the profile's folder.

        Raises:
            UsageProblem: one of them can't be read.
        """
        for name in self.files:
            try:
                yield OwnFile.of((folder / name).name, read_input(folder / name))
            except UsageProblem as problem:
                raise UsageProblem(f"the profile names content that can't be read: {problem}") from None


class Profile(_Table):
    """What is known of a target. An option on the command line wins over its member here."""

    target: str | None = None
    dialect: Literal["api", "rest", "all"] | None = None
    session_timeout: _Number | None = None
    max_wait: _Number | None = None
    rate_limit: Annotated[int, Field(le=_MOST)] | None = None
    """The most requests a second that a campaign may send."""
    ca_bundle: str | None = None
    insecure: StrictBool | None = None
    datastore: str | None = None
    second_user: SecondUser | None = None
    subscribed_item: str | None = None
    """Id of an item of a subscribed library."""
    warning_content: WarningContent | None = None
    lacks: frozenset[Capability] = frozenset()
    """What the target has not: what takes it is not tested there."""
    allowed_origins: tuple[str, ...] = ()
    """Other origins that may be asked for content wherever they are, like `https://files.example:8443`."""
    deviations: tuple[Deviation, ...] = ()
    """Violations that are known of this target, each with its reason and its last day."""

    def settings(self, variables: Mapping[str, str], folder: Path) -> Settings:
        """The settings that this profile gives; `variables` is the environment, paths are relative to `folder`.

        Raises:
            UsageProblem: something that it names is not there.
        """
        given: dict[str, Any] = {
            name: value
            for name in (
                *("target", "session_timeout", "max_wait", "rate_limit"),
                *("insecure", "datastore", "subscribed_item", "allowed_origins", "deviations", "lacks"),
            )
            if (value := getattr(self, name)) is not None
        }
        if self.dialect not in {None, "all"}:
            given["dialect"] = Dialect(self.dialect)
        if self.ca_bundle is not None:
            given["ca_bundle"] = folder / self.ca_bundle
        if self.second_user is not None:
            given["second_user"] = self.second_user.credentials(variables)
        if self.warning_content is not None:
            given["warning_files"] = tuple(self.warning_content.content(folder))
            given["warning_kind"] = self.warning_content.warning
        return Settings(**given)


def load_profile(path: Path, variables: Mapping[str, str]) -> Settings:
    """Read a profile and give the settings that it describes; `variables` is the environment.

    Raises:
        UsageProblem: it can't be read, is no TOML, or has a member that it should not have.
    """
    try:
        profile = Profile.model_validate(_toml(read_input(path, "--profile")))
    except ValidationError as problem:
        raise UsageProblem(f"--profile {path}: {_told(problem)}") from None
    except ValueError as problem:
        raise UsageProblem(f"--profile {path} is no TOML: {problem}") from None
    return profile.settings(variables, path.parent)


def _toml(text: bytes) -> dict[str, Any]:
    for number, line in enumerate(text.split(b"\n"), start=1):
        if line.count(b".") > _DEEPEST:
            raise ValueError(f"line {number} has more than {_DEEPEST} dots, and would be nested too deep")
    try:
        return tomllib.loads(text.decode())
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _told(problem: ValidationError) -> str:
    """The first thing that is wrong, in a sentence."""
    first = problem.errors()[0]
    said = first["msg"].removeprefix("Value error, ")
    name = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        members = f"; members are {', '.join(Profile.model_fields)}" if len(first["loc"]) == 1 else ""
        return f"there is no member {name}{members}"
    return f"{name}: {said[:1].lower()}{said[1:]}"
