from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from contract_tests.contract import CELLS, Dialect
from contract_tests.driver import Settings, load_profile
from contract_tests.driver.deviations import Deviation
from contract_tests.driver.settings import OwnFile
from contract_tests.problems import UsageProblem

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
[[deviations]]
clause = "keep-alive.no-body"
cells = ["rest-update"]
reason = "ticket 7"
signature = "^400"
expires = 2026-12-31
"""
DEVIATION = """
[[deviations]]
clause = "keep-alive.no-body"
reason = "ticket 7"
signature = "^400"
expires = 2026-12-31
"""
SECOND = {"CONTRACT_SECOND_USERNAME": "you", "CONTRACT_SECOND_PASSWORD": "secret"}

PROFILES = Path(__file__).parents[3] / "profiles"


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
        (tmp_path / name).write_text(f"what is in {name}")
    assert load_profile(written(tmp_path, WHOLE), SECOND) == Settings(
        target="https://vc.example",
        dialect=Dialect.REST,
        session_timeout=60,
        max_wait=90.5,
        ca_bundle=tmp_path / "certs/ca.pem",
        datastore="ds-7",
        second_user=("you", "secret"),
        subscribed_item="item-7",
        warning_files=(OwnFile.of("a.ovf", b"what is in a.ovf"), OwnFile.of("b.mf", b"what is in b.mf")),
        warning_kind="UNTRUSTED_CERTIFICATE",
        deviations=(
            Deviation(
                clauses=("keep-alive.no-body",),
                cells=("rest-update",),
                reason="ticket 7",
                signature="^400",
                expires=date(2026, 12, 31),
            ),
        ),
    )


@pytest.mark.parametrize("text", ["", 'dialect = "all"'])
def test_what_is_not_said_stays_the_default(text: str, tmp_path: Path) -> None:
    assert load_profile(written(tmp_path, text), {}) == Settings()


def test_the_variables_may_have_other_names(tmp_path: Path) -> None:
    text = '[second_user]\nusername_variable = "CONTRACT_U"\npassword_variable = "CONTRACT_P"'
    variables = {"CONTRACT_U": "a", "CONTRACT_P": "b"}
    assert load_profile(written(tmp_path, text), variables).second_user == ("a", "b")


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "contract_x", " CONTRACT_X", "MY_CONTRACT_X", ""])
@pytest.mark.parametrize("member", ["username_variable", "password_variable"])
def test_a_profile_reads_no_variable_of_anybody_else(tmp_path: Path, member: str, name: str) -> None:
    told = problem(written(tmp_path, f'[second_user]\n{member} = "{name}"'), SECOND | {name: "a secret of CI"})
    assert f"second_user.{member}: a profile can name only environment variables that begin with CONTRACT_" in told
    assert repr(name) in told
    assert "a secret" not in told


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("target = ", "is no TOML"),
        (b"\xff", "is no TOML"),
        ('password = "x"', "password"),
        ("session_timeout = 'long'", "session_timeout"),
        ("session_timeout = true", "session_timeout: input should be a valid number"),
        ('insecure = "yes"', "insecure: input should be a valid boolean"),
        ('lacks = ["files"]', "lacks.0: "),
        ("targt = 1", "there is no member targt; members are target, dialect"),
        ('dialect = "soap"', "dialect"),
        ('target = "vc"', "is no base address"),
        ("[second_user]", "CONTRACT_SECOND_USERNAME is not set"),
        ('[warning_content]\nfiles = ["a"]\nwarning = "W"', "content that can't be read"),
        ('[warning_content]\nfiles = []\nwarning = "W"', "warning_content.files"),
        (DEVIATION.replace("no-body", "no-Bodi"), "the ledger has no clause 'keep-alive.no-Bodi'; did you mean"),
        (
            DEVIATION + 'clauses = ["errors.*"]',
            "a deviation names its clause, or its clauses, and not both",
        ),
        (DEVIATION.replace('clause = "keep-alive.no-body"', "clauses = []"), "deviations.0.clauses: "),
        (
            DEVIATION + 'cells = ["res"]',
            "deviations.0.cells: 'res' is no cell; cells and groups of them are",
        ),
        (DEVIATION + 'cells = ["api-upload"]', "deviations.0.cells: "),
        (DEVIATION + "cells = []", "deviations.0.cells: "),
        (DEVIATION.replace("ticket 7", ""), "deviations.0.reason: is empty; say why"),
        (DEVIATION.replace("^400", "(400"), "deviations.0.signature: '(400' is no regular expression: missing )"),
        (DEVIATION.replace("^400", "a{9999}"), "deviations.0.signature: 'a{9999}' is no regular"),
        (DEVIATION.replace("^400", ""), "deviations.0.signature: string should have at least 1 character"),
        (DEVIATION.replace("2026-12-31", "'soon'"), "deviations.0.expires: "),
        (DEVIATION.replace("expires", "until"), "deviations.0.expires: field required"),
        (DEVIATION + "until = 2026-12-31", "there is no member deviations.0.until"),
    ],
)
def test_a_wrong_profile_is_told_in_a_sentence(text: str | bytes, sentence: str, tmp_path: Path) -> None:
    assert sentence in problem(written(tmp_path, text))


def test_a_profile_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    assert "can't be read: No such file or directory" in problem(tmp_path / "none.toml")


def test_a_deviation_holds_through_its_last_day_and_in_every_cell(tmp_path: Path) -> None:
    (deviation,) = load_profile(written(tmp_path, DEVIATION), {}).deviations
    last = date(2026, 12, 31)
    assert [deviation.holds(last + timedelta(days)) for days in (-1, 0, 1)] == [True, True, False]
    assert deviation.cells == tuple(map(str, CELLS))


@pytest.mark.parametrize(
    ("signature", "explains"),
    [
        ("400 with", True),
        ("^a 400 .*\\}$", True),
        ("^400", False),
        ("(?i)A 400", True),
        ("401", False),
        ("with$", False),
    ],
)
def test_a_signature_is_found_somewhere_in_what_was_observed(signature: str, *, explains: bool) -> None:
    deviation = Deviation(clauses=("keep-alive.no-body",), reason="x", signature=signature, expires=date(2026, 1, 1))
    assert deviation.explains("a 400 with {}") is explains


def test_a_deviation_may_name_groups_of_clauses_and_cells(tmp_path: Path) -> None:
    told = DEVIATION.replace('clause = "keep-alive.no-body"', 'clauses = ["expiry.default*", "errors.body"]')
    profile = written(tmp_path, told + 'cells = ["rest", "api-update"]\nissue = "#7"\nowner = "the team"')
    (deviation,) = load_profile(profile, {}).deviations
    assert deviation.clauses == ("expiry.default-five-minutes", "errors.body")
    assert deviation.cells == ("rest-update", "rest-download", "api-update")
    assert deviation.told == "ticket 7 (#7, the team)"


def test_the_example_of_a_deviation_is_one(tmp_path: Path) -> None:
    example = (PROFILES / "vcenter.toml").read_text()
    lines = example.partition("# [[deviations]]")[2].partition("\n\n")[0].replace("\n# ", "\n")
    (deviation,) = load_profile(written(tmp_path, f"[[deviations]]{lines}"), {}).deviations
    assert deviation.cells == ("api-update", "rest-update")
    assert deviation.explains("client_progress 0")


@pytest.mark.parametrize(
    "example", sorted((Path(__file__).parents[3] / "profiles").glob("*.toml")), ids=lambda one: one.name
)
def test_every_example_is_a_profile(example: Path) -> None:
    names = ("USERNAME", "PASSWORD", "SECOND_USERNAME", "SECOND_PASSWORD")
    assert load_profile(example, {f"CONTRACT_{name}": "x" for name in names}).target is not None
