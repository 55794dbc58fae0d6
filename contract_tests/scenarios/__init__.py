"""Hand-written scenarios, one file a subject: each reads like the rule it proves and cites the clauses it decides.

A scenario may ask for `cell`, `judge`, `open_session`, `unknown_session`, `clock`, `workspace`, `settings` and
`seed`; it is run once in each cell where one of its clauses applies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contract_tests.contract import Service


def clause(*slugs: str, service: Service | None = None) -> pytest.MarkDecorator:
    """Cite the clauses that a scenario decides; `service` keeps it to one service."""
    return pytest.mark.clause(*slugs, service=service)


waits = pytest.mark.waits
"""The scenario lets time pass: on a real clock such scenarios are played together, so that their waits overlap."""
