from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.contract import Dialect
from contract_tests.target import Settings, UsageProblem, load_profile

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """
target = "https://vc.example"
dialect = "rest"
session_timeout = 60
max_wait = 90.5
ca_bundle = "certs/ca.pem"
insecure = false
datastore = "ds-7"
subscribed_item = "item-7"
[second_user]
[warning_content]
files = ["a.ovf", "b.mf"]
warning = "UNTRUSTED_CERTIFICATE"
"""
SECOND = {"CONTRACT_SECOND_USERNAME": "you", "CONTRACT_SECOND_PASSWORD": "secret"}


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "profile.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problem(path: Path, variables: dict[str, str] | None = None) -> str:
    with pytest.raises(UsageProblem) as raised:
        load_profile(path, variables or {})
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_every_member_becomes_a_setting(tmp_path: Path) -> None:
    for name in ("a.ovf", "b.mf"):
        (tmp_path / name).touch()
    assert load_profile(written(tmp_path, WHOLE), SECOND) == Settings(
        target="https://vc.example",
        dialect=Dialect.REST,
        session_timeout=60,
        max_wait=90.5,
        ca_bundle=tmp_path / "certs/ca.pem",
        datastore="ds-7",
        second_user=("you", "secret"),
        subscribed_item="item-7",
        warning_files=(tmp_path / "a.ovf", tmp_path / "b.mf"),
        warning_kind="UNTRUSTED_CERTIFICATE",
    )


@pytest.mark.parametrize("text", ["", 'dialect = "all"'])
def test_what_is_not_said_stays_the_default(text: str, tmp_path: Path) -> None:
    assert load_profile(written(tmp_path, text), {}) == Settings()


def test_the_variables_may_have_other_names(tmp_path: Path) -> None:
    text = '[second_user]\nusername_variable = "U"\npassword_variable = "P"'
    assert load_profile(written(tmp_path, text), {"U": "a", "P": "b"}).second_user == ("a", "b")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("target = ", "is no TOML"),
        (b"\xff", "is no TOML"),
        ('password = "x"', "password"),
        ("session_timeout = 'long'", "session_timeout"),
        ('dialect = "soap"', "dialect"),
        ('target = "vc"', "is no base address"),
        ("[second_user]", "CONTRACT_SECOND_USERNAME is not set"),
        ('[warning_content]\nfiles = ["a"]\nwarning = "W"', "content that is not there"),
        ('[warning_content]\nfiles = []\nwarning = "W"', "warning_content.files"),
    ],
)
def test_a_wrong_profile_is_told_in_a_sentence(text: str | bytes, sentence: str, tmp_path: Path) -> None:
    assert sentence in problem(written(tmp_path, text))


def test_a_profile_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    assert "can't be read: No such file or directory" in problem(tmp_path / "none.toml")
