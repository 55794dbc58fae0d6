"""The options of cl-contract mock that say how long a login lives."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests import mock
from contract_tests.cli import mock as serving


@pytest.mark.parametrize(
    ("arguments", "timeout"),
    [
        ([], 1800),
        (["--control"], None),
        (["--login-timeout", "60"], 60),
        (["--control", "--login-timeout", "60"], 60),
    ],
)
def test_a_login_ends_after_half_an_hour_unless_the_clock_can_be_moved(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], timeout: float | None
) -> None:
    given: dict[str, Any] = {}

    def run(*_: object, **options: Any) -> int:
        given.update(options)
        return 0

    monkeypatch.setattr(mock, "run", run)
    assert serving.main(arguments) == 0
    assert (given["login_timeout"], given["login_lifetime"]) == (timeout, None)
    assert serving.main([*arguments, "--login-lifetime", "3600"]) == 0
    assert given["login_lifetime"] == 3600


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e300"])
@pytest.mark.parametrize("option", ["--login-timeout", "--login-lifetime"])
def test_a_time_that_can_not_be_is_one_sentence(seconds: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        serving.main([option, seconds])
    assert ended.value.code == 4
    assert option in capsys.readouterr().err
