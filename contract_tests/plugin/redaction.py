"""The redactor of a run, for whatever is told that is no exchange; it is there before the first secret is used."""

from __future__ import annotations

import re
from typing import Final

import pytest

from contract_tests.texts import printable
from contract_tests.traffic.redaction import Redactor

REDACTOR = pytest.StashKey[Redactor]()

_LINE: Final = re.compile(r"[^\n\t]+")


def clean(config: pytest.Config, text: str) -> str:
    """A text redacted, with newlines and tabs as the only signs that are not printable."""
    if REDACTOR in config.stash:
        text = config.stash[REDACTOR].text(text)
    return text if text.isprintable() else _LINE.sub(lambda found: printable(found[0]), text)
