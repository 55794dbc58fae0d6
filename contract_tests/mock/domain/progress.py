"""Which progress a keep-alive may report.

The documents say: an int64; the new one "should" be greater than the current; 100 is the maximum; 0 at first.
They name no error for it. The choices made here are those of a strict server that does no harm:

* equal is accepted (the documents' own sample sends 0 to a fresh session);
* lower, negative, above 100 and anything that is no integer is refused with INVALID_ARGUMENT, and changes
  nothing;
* ``10.0`` is the JSON number 10, and taken as such; ``"10"`` is a string, and is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.mock.domain import errors

if TYPE_CHECKING:
    from contract_tests.mock.domain.model import SessionRecord
    from contract_tests.mock.domain.specs import Specs


class Progress:
    """The decisions about progress; each method is one."""

    def __init__(self, specs: Specs) -> None:
        self.specs = specs

    def requested_progress(self, session: SessionRecord, body: Any) -> int | None:
        """The progress that a body asks for; None when it asks for none.

        No body, `null` and a null member all mean: none.

        Raises:
            ApiError: INVALID_ARGUMENT, if the body is no object, has a member it should not have, or a value
                that is no integer of 64 bits.
        """
        if body is None:
            return None
        member = session.rules.progress_member
        problems = self.body_problems(session, body)
        if problems:
            raise errors.invalid_argument(*problems, argument=member if isinstance(body, dict) else None)
        value = body.get(member)
        return None if value is None else self.as_integer(value)

    def body_problems(self, session: SessionRecord, body: Any) -> list[str]:
        """What is wrong with the shape of a body: one sentence each."""
        problems = self.specs.problems(session.rules.keep_alive_schema, body)
        if isinstance(body, dict):
            problems += [
                f"A keep-alive of this service has no member {name}." for name in self.strangers(session, body)
            ]
        return problems

    def strangers(self, session: SessionRecord, body: dict[str, Any]) -> list[str]:
        """The members that do not belong; the other service's name for progress is one of them."""
        return sorted(body.keys() - {session.rules.progress_member})

    def as_integer(self, value: float) -> int:
        """A JSON number without a fraction as the integer that it is."""
        return int(value)

    def is_within_limits(self, value: int) -> bool:
        return 0 <= value <= 100

    def accepts_progress(self, session: SessionRecord, value: int) -> bool:
        """Whether the session may go on from its current progress to `value`."""
        return value >= session.client_progress

    def check_progress(self, session: SessionRecord, value: int) -> None:
        """Refuse a progress that the session may not take.

        Raises:
            ApiError: INVALID_ARGUMENT.
        """
        member = session.rules.progress_member
        if not self.is_within_limits(value):
            raise errors.invalid_argument(f"{member} is between 0 and 100, not {value}.", argument=member)
        if not self.accepts_progress(session, value):
            raise errors.invalid_argument(
                f"{member} does not go down: it is {session.client_progress} already, {value} is lower.",
                argument=member,
            )

    def stored_progress(self, session: SessionRecord, value: int | None) -> int:
        """What `client_progress` is after a keep-alive that asked for `value`."""
        return session.client_progress if value is None else value
