"""The catalogue of faults: servers that are wrong on purpose, each the mock with one decision overridden.

A row says by which clauses, and in which cells, a run of the suite has to find it. What takes campaigns, histories,
races or hostile input to be found stands in `fuzzed`.
"""

from typing import Final

from contract_tests.faults import (
    access,
    addressing,
    authentication,
    client_tokens,
    content,
    create,
    deletion,
    error_clauses,
    error_forms,
    errors,
    expiry,
    files,
    keep_alive,
    lease,
    legacy,
    life_cycle,
    lists,
    losses,
    model,
    preview,
    progress,
    refusals,
    update,
)

FAULTS: Final = (
    *keep_alive.FAULTS,
    *refusals.FAULTS,
    *progress.FAULTS,
    *expiry.FAULTS,
    *errors.FAULTS,
    *access.FAULTS,
    *addressing.FAULTS,
    *authentication.FAULTS,
    *content.FAULTS,
    *create.FAULTS,
    *client_tokens.FAULTS,
    *error_clauses.FAULTS,
    *error_forms.FAULTS,
    *files.FAULTS,
    *lease.FAULTS,
    *legacy.FAULTS,
    *life_cycle.FAULTS,
    *deletion.FAULTS,
    *lists.FAULTS,
    *losses.FAULTS,
    *model.FAULTS,
    *preview.FAULTS,
    *update.FAULTS,
)
"""Every fault that a scenario has to find; a name stands once."""
