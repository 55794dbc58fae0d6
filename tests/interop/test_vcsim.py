"""The suite against vcsim, the simulator of govmomi: a server that nobody here has written, with many known faults.

Green with its profile, red without the deviations in it, and for each defect of it the clause that sees it.
"""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from contract_tests.reporting.reading import load
from tests.plugin.runs import COMMAND, PATIENCE

from .programs import built, needs_go

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.reporting.format import Conformance

PROFILE: Final = Path(__file__).parents[2] / "profiles" / "vcsim.toml"

pytestmark = needs_go

SEEN: Final = {
    "D2 a 401 has no body": ("errors.unlisted-status",),
    "D3 the id of an update session passes for a token": ("authentication.unknown-token",),
    "D4 a 404 is text": ("errors.body",),
    "D5 a 400 has no messages": ("errors.rest-wrapping",),
    "D6 JSON that can't be read: 400 without a body": ("errors.rest-wrapping",),
    "D8 a session lives an hour": ("expiry.default-five-minutes",),
    "D10 a keep-alive stores no progress": ("keep-alive.stores-progress",),
    "D11 a keep-alive takes any body": (
        "keep-alive.malformed-json",
        "keep-alive.progress-not-an-integer",
        "keep-alive.progress-beyond-int64",
        "keep-alive.not-an-object",
        "keep-alive.legacy-representations",
    ),
    "D12 a keep-alive does not look at the state": ("keep-alive.only-active",),
    "D13 an unknown action, or none, is a success": ("addressing.unknown-action", "addressing.missing-action"),
    "D14 PATCH validates nothing": (
        "update.only-active",
        "update.invalid-specification",
        "update.list-of-a-wrong-type",
    ),
    "D16 a progress of 0 is left out": ("model.progress-present", "model.initial-progress"),
    "D17 a read shows the id": ("model.no-id",),
    "D18 complete, cancel and fail do not look at the state": ("life-cycle.only-active",),
    "D19 fail takes no message and shows none": (
        "life-cycle.fail-needs-message",
        "life-cycle.fail-shows-error",
        "model.error-message",
    ),
    "D20 complete does not wait for files": ("life-cycle.complete-without-content",),
    "D21 an ACTIVE update session can be deleted": ("life-cycle.delete-active-refused",),
    "D22 an item has two update sessions": ("create.second-active-session",),
    "D23 client_token is not read": ("create.client-token-no-uuid", "create.idempotent"),
    "D24 an unknown item: a panic": ("create.unknown-item", "create.missing-item-id", "errors.no-server-error"),
    "D25 a creation without a body: 400 without one": ("errors.rest-wrapping",),
    "D26 a list is not filtered, and shows everybody's sessions": ("model.list-filter", "model.list-own-sessions"),
    "D27 keep-alive with the id in the body does nothing": ("addressing.id-in-body",),
    "D28 what ends a download session deletes it": ("life-cycle.cancel",),
    "D37 a file is visible before complete": ("create.invisible-until-complete",),
    "D39 removing a file deletes the session": ("create.visible-once-completed", "life-cycle.files-end-no-session"),
    "D41 there are no privileges": ("authentication.missing-privilege",),
    "D46 size and checksum of pushed content are not verified": (
        "life-cycle.complete-with-wrong-checksum",
        "life-cycle.complete-with-wrong-size",
    ),
}
"""What vcsim does otherwise, and the clauses that see it in a run without waits."""

BY_CHANCE: Final = (
    "no call looks at the state, so that calls at once come to what can't be; which clause sees it is chance"
)

UNSEEN: Final = {
    "D1 it has nothing of /api": "the run says that it speaks /rest alone, and judges that",
    "D7 an id without id: is unknown": "right for /rest",
    "D9 no ACTIVE session expires": "takes a wait of an hour: --max-wait 3700 and --session-timeout 3600",
    "D15 there is no warning_behavior": "a server need not show it; what it does takes content that raises a warning",
    "D29 an empty list is null": "in a run of all tests there are always sessions: see the test of it alone",
    "D30 sessions outlive their item": "no document says what becomes of them",
    "D31 HEAD, OPTIONS and TRACE: 405 without a body": "methods without a document are sent to no server but our mock",
    "D32 a timer that a later keep-alive does not move": "takes a wait of an hour",
    "D33 complete ends behind its answer": "is allowed; life-cycle.complete observes how late",
    "D34 a subscribed item takes an update session": "takes a subscribed library, which a profile can name",
    "D35 errors have no error_type": "allowed under /rest",
    "D36 times have nine digits of a second": "allowed by RFC 3339",
    "D38 content_version is 1 for ever": "no document says when it grows; create.visible-once-completed observes it",
    "D40 an item with a bad name: the error of /api": "the service of items is not under test",
    "D42 any action of the log-in service is get": "the service of log-ins is not under test",
    "D43 JSON-RPC answers null": "the protocol is not under test",
    "D44 a PULL that failed has half a message": "the suite has no server fetch anything",
    "D45 an unknown action on files is a success": "not under test; addressing.unknown-action observes it",
}
"""What vcsim does otherwise, and why no clause sees it."""


@pytest.fixture(scope="session")
def vcsim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory, "vcsim") / "vcsim"


@contextmanager
def serving(program: Path) -> Iterator[str]:
    """The address of a server of its own."""
    words = [str(program), "127.0.0.1:0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def played(folder: Path, program: Path, *options: str, knows: bool = True) -> tuple[int, str, Conformance]:
    """A run with the profile of vcsim, its deviations in force, or without them: exit code, what it prints, report."""
    text = PROFILE.read_text()
    if not knows:
        text = text[: text.index("[[deviations]]")]
    # A day that comes is for the profile's owner to see, and not for this test.
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    profile, reports = folder / "vcsim.toml", folder / "reports"
    profile.write_text(re.sub(r"expires = [\d-]+", f"expires = {tomorrow}", text))
    names = ("USERNAME", "PASSWORD", "SECOND_USERNAME", "SECOND_PASSWORD")
    variables = {**os.environ, **{f"CONTRACT_{name}": f"any {name.lower()}" for name in names}}
    with serving(program) as address:
        words = [*COMMAND, "--profile", str(profile), "--target", address, "--reports", str(reports), *options]
        ended = subprocess.run(words, check=False, env=variables, capture_output=True, text=True, timeout=PATIENCE)
    assert "Traceback" not in ended.stdout + ended.stderr
    return ended.returncode, ended.stdout, load(reports)


def verdicts(report: Conformance) -> dict[str, set[str]]:
    return {clause.id: {str(cell.verdict) for cell in clause.cells} for clause in report.clauses}


def test_with_its_profile_it_is_green(tmp_path: Path, vcsim: Path) -> None:
    code, told, report = played(tmp_path, vcsim)
    assert code == 0, told
    assert not {"violates", "blocked"} & {verdict for found in verdicts(report).values() for verdict in found}
    # What calls at once come to is chance.
    assert {one.reason for one in report.deviations if one.state != "seen"} <= {BY_CHANCE}
    assert report.leftovers == []


def test_without_deviations_each_defect_is_seen_by_a_clause(tmp_path: Path, vcsim: Path) -> None:
    code, _, report = played(tmp_path, vcsim, knows=False)
    assert code == 1
    found = verdicts(report)
    for defect, slugs in SEEN.items():
        for slug in slugs:
            assert found[slug] & {"violates", "advises", "blocked"}, f"{slug} does not see: {defect}"


def test_what_is_not_under_test_is_observed(tmp_path: Path, vcsim: Path) -> None:
    chosen = ("-k", "rest-update and (unknown_action_on_files or new_content_of_a_file or test_complete)")
    _, _, report = played(tmp_path, vcsim, *chosen, knows=False)
    observed = {(one.clause, one.choice) for one in report.observations}
    assert ("addressing.unknown-action", "an unknown action on files: accepted") in observed
    assert ("create.visible-once-completed", "content_version of an item with new content stays as it was") in observed
    assert any(slug == "life-cycle.complete" and "DONE" in choice for slug, choice in observed)


def test_each_defect_is_in_the_table_once() -> None:
    numbers = sorted(int(name.split()[0][1:]) for name in (*SEEN, *UNSEEN))
    assert numbers == [*range(1, 47)]


def test_an_empty_list_is_null_there(tmp_path: Path, vcsim: Path) -> None:
    chosen = ("-k", "test_a_list_without_sessions_is_an_empty_array and rest-download")
    code, _, report = played(tmp_path, vcsim, *chosen, knows=False)
    assert code == 1
    assert "violates" in verdicts(report)["model.list"]
