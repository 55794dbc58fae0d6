"""A profile: a TOML file that describes a target, so that its options need not be typed again."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contract_tests.target.settings import UsageProblem

if TYPE_CHECKING:
    from pathlib import Path


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SecondUser(_Table):
    """Somebody who may log in and has no Content Library privilege: the names of two environment variables."""

    username_variable: str = "CONTRACT_SECOND_USERNAME"
    password_variable: str = "CONTRACT_SECOND_PASSWORD"  # noqa: S105 - the name of a variable


class WarningContent(_Table):
    """Content whose preview raises a warning: a template signed by a certificate that nobody trusts, say."""

    files: list[str] = Field(min_length=1)
    """Paths, relative to the profile; all of them are pushed into an item of type `ovf`."""
    warning: str
    """The WarningType that the preview raises."""


class Profile(_Table):
    """What is known of a target. An option on the command line wins over its member here."""

    target: str | None = None
    dialect: Literal["api", "rest", "all"] | None = None
    session_timeout: float | None = None
    max_wait: float | None = None
    ca_bundle: str | None = None
    insecure: bool | None = None
    datastore: str | None = None
    second_user: SecondUser | None = None
    subscribed_item: str | None = None
    """Id of an item of a subscribed library."""
    warning_content: WarningContent | None = None


def load_profile(path: Path) -> Profile:
    """Read a profile.

    Raises:
        UsageProblem: it can't be read, is no TOML, or has a member that it should not have.
    """
    try:
        return Profile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as problem:
        raise UsageProblem(f"--profile {path} can't be read: {problem.strerror or problem}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UsageProblem(f"--profile {path} is no TOML: {problem}") from None
    except ValidationError as problem:
        first = problem.errors()[0]
        member = ".".join(map(str, first["loc"]))
        raise UsageProblem(
            f"--profile {path}: {member}: {first['msg'].lower()}; members are {', '.join(Profile.model_fields)}"
        ) from None
