from __future__ import annotations

from typing import Any

import pytest

from contract_tests.mock import MockServer, MockSettings


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"session_timeout": -3}, "session_timeout is a number above 0, not -3"),
        ({"session_timeout": 0}, "session_timeout is a number above 0, not 0"),
        ({"session_timeout": "30"}, "session_timeout is a number above 0, not '30'"),
        ({"session_timeout": None}, "session_timeout is a number above 0, not None"),
        ({"session_timeout": float("nan")}, "session_timeout is a number above 0, not nan"),
        ({"session_timeout": True}, "session_timeout is a number above 0, not True"),
        ({"login_lifetime": float("inf")}, "login_lifetime is a number above 0, not inf"),
        ({"linger": -1}, "linger is a number of at least 0, not -1"),
        ({"preview_seconds": None}, "preview_seconds is a number of at least 0, not None"),
        ({"content_limit": "1GB"}, "content_limit is a whole number of at least 0, not '1GB'"),
        ({"content_limit": 1.5}, "content_limit is a whole number of at least 0, not 1.5"),
        ({"other_previews": "NONE"}, "other_previews is UNAVAILABLE or NOT_APPLICABLE, not 'NONE'"),
    ],
)
def test_what_no_server_could_live_by_is_refused_in_a_sentence(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=r".*") as refused:
        MockServer(**settings)
    assert str(refused.value) == sentence


def test_a_login_may_live_for_ever_and_a_preview_be_there_at_once() -> None:
    assert MockSettings(login_timeout=None, login_lifetime=1.5, preview_seconds=0, content_limit=0).linger == 5.0
