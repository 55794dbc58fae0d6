"""What pytest itself tells, of a crash or with its options for the curious, holds no secret and moves no cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.mock import MockServer

from .gossip import Gossip
from .runs import Runner, credentials, files

if TYPE_CHECKING:
    import pytest

CURIOUS = """
import warnings

ODD = "\\x1b]52;c;AAAA\\x07\\x1b[2J\\u202eevil"

@clause("keep-alive.no-body")
def test_that_crashes(open_session, judge):
    session = open_session()
    door, headers = session.door, dict(session.door.headers)
    raise RuntimeError(f"{ODD} {headers}")

@clause("keep-alive.no-body")
def test_that_prints(open_session, judge):
    print(ODD, open_session().door.headers)
    assert open_session().door.headers == {"x": ODD}

@clause("keep-alive.no-body")
def test_that_warns(open_session, judge):
    warnings.warn(f"{ODD} {open_session().door.headers}")

@clause("keep-alive.no-body")
def test_that_crashes_in_the_door(open_session, judge):
    open_session().door.send("GET", "/api", headers={"x": 5})

@clause("keep-alive.no-body")
def test_that_has_no_time(open_session, judge):
    raise Inconclusive(f"{ODD} {open_session().door.headers}")

@clause("keep-alive.no-body")
def test_that_is_wrong(open_session, judge):
    session = open_session()
    judge("keep-alive.no-body", [Flaw(ODD, ODD, session.door.send("GET", "/api/a", headers={"x-odd": "\\x7f\\x80"}))])
"""


def test_tracebacks_and_variables_hold_no_secret(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials(monkeypatch, "release.engineer", "correct horse/battery")
    gossip = Gossip()
    with MockServer(
        control=True, username="release.engineer", password="correct horse/battery", parts=gossip.parts
    ) as server:
        finished = run.probe(CURIOUS, "--target", server.url, "-vv", "-l", "--full-trace", "--log-level", "DEBUG")
    assert finished.code == 3
    tokens = gossip.secrets
    said = {"out": finished.out, "err": finished.err}
    said |= {path.name: path.read_text() for path in files(finished.reports)}
    assert "RuntimeError" in finished.out
    assert {where for where, text in said.items() if any(one in text for one in tokens)} == set()
    for where in ("out", "err", "junit.xml"):
        assert [one for one in said[where] if not (one.isprintable() or one in "\n\t")] == [], where
