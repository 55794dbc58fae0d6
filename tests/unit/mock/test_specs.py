"""What the mock says of a specification that is not as documented: a sentence that names the place."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.mock import ApiError
from contract_tests.mock.domain.specs import Specs


@pytest.mark.parametrize(
    ("name", "spec", "told"),
    [
        ("UpdateSessionCreateSpec", {}, "What was sent is not as documented: library_item_id is missing."),
        (
            "UpdateSessionCreateSpec",
            {"library_item_id": "a", "warning_behavior": [{"ignored": True}]},
            "What was sent is not as documented at /warning_behavior/0: type is missing.",
        ),
        ("ItemFileName", {}, "What was sent is not as documented: 'name' is a required property."),
        (
            "UpdateFileAddSpec",
            {"name": "a", "source_type": "PUL"},
            "What was sent is not as documented at /source_type: 'PUL' is not one of ['NONE', 'PUSH', 'PULL'].",
        ),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(name: str, spec: dict[str, Any], told: str) -> None:
    with pytest.raises(ApiError) as refused:
        Specs().check(name, spec)
    assert [message.default_message for message in refused.value.messages] == [told]
