"""What somebody can do about a cell that was not decided, by the reason that is given for it."""

from __future__ import annotations

import re
from typing import Final

_ADVICE: Final = (
    (r"^the cause is", "Mend the cause: the next run judges them."),
    (r"nobody looked for more", "Mend what was found first: the next run looks for more."),
    (r"--fuzz-examples", "Have more examples tried: --fuzz-examples."),
    (r"the recording holds no", "Record a run of this suite again: this one was asked other things."),
    (r"the run is being ended", "Let the run come to its end."),
    (r"--max-wait|of waiting", "Allow the run to wait as long: --max-wait."),
    (r"second user|second_user", "Name a second user without privileges in the profile: [second_user]."),
    (r"subscribed", "Name an item of a subscribed library in the profile: subscribed_item."),
    (r"warning_content|raises a warning", "Name content that raises a warning in the profile: [warning_content]."),
    (r"it holds (?:from|up to) version", "Nothing: the clause is about other versions than this server's."),
    (r"only a mock server|only the mock", "Nothing on this target: the mock shows it."),
    (r"no test decided it in this run", "Run all tests, without -k, -m or names of files."),
    (r"may have ended|its time was up", "Give a longer session timeout, or a less busy machine."),
    (r"asks for it later", "Run it again when the server has less to do."),
    (r"a gateway answered", "Look after the gateway: it does not reach the server."),
    (r"its premise failed", "Mend what kept the test from going on; the cause names it."),
    (r"the suite failed", "Tell the makers of the suite: it is their mistake."),
    (
        r"session timeout of its own|other than 300|another timeout than",
        "Configure another session timeout, and name it: --session-timeout.",
    ),
    (r"is left at its default", "Run it against a server that has the default session timeout."),
    (
        r"this takes a|on this server|this server",
        "Nothing on this server: it never does what the clause is about.",
    ),
)


def advice(reason: str) -> str:
    """A sentence; empty where there is nothing to say beyond the reason."""
    return next((told for pattern, told in _ADVICE if re.search(pattern, reason)), "")
