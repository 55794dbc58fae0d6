"""Pure functions from exchanges to flaws. No I/O, so that a recording can be judged again."""

from contract_tests.rules.checks.errors import error_type_fits
from contract_tests.rules.checks.flaw import Flaw
from contract_tests.rules.checks.readings import (
    Reading,
    accepts_progress,
    expires_about,
    expires_later,
    expires_no_earlier,
    gone,
    listed_ids,
    lives_about,
    no_longer_active,
    progress_is,
    read,
    still_active,
    unchanged,
)
from contract_tests.rules.checks.responses import (
    NOT_ACTIVE,
    UNKNOWN,
    Refusal,
    accepted_or_refused,
    no_server_error,
    nothing_follows,
    refused,
    refused_somehow,
    returns_nothing,
    succeeds,
)

__all__ = [
    "NOT_ACTIVE",
    "UNKNOWN",
    "Flaw",
    "Reading",
    "Refusal",
    "accepted_or_refused",
    "accepts_progress",
    "error_type_fits",
    "expires_about",
    "expires_later",
    "expires_no_earlier",
    "gone",
    "listed_ids",
    "lives_about",
    "no_longer_active",
    "no_server_error",
    "nothing_follows",
    "progress_is",
    "read",
    "refused",
    "refused_somehow",
    "returns_nothing",
    "still_active",
    "succeeds",
    "unchanged",
]
