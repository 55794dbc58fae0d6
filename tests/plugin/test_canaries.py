"""No file of the reports, and nothing on the terminal, holds a secret, whatever a server does with it."""

from __future__ import annotations

import base64
import html
import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from contract_tests.judging import Record, explain
from contract_tests.mock import MockServer, User
from contract_tests.traffic.redaction import Redactor

from .gossip import SPELLINGS, Gossip
from .runs import Run, Runner, credentials, files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME, PASSWORD = "release.engineer", 'c0rrect"h<rse/b&ttery+st%ple'
SECOND, SECOND_PASSWORD = "somebody.else", "second/Canary=pass w0rd"

_CHOSEN = "without_a_body or (ended_token_opens and api-update) or (campaign and test_nothing and rest)"
"""Scenarios of both dialects and one campaign: what a campaign exchanges goes through the same door in either."""


def everything(record: Record) -> str:
    return escape(explain(record.decisions, record.exchanges, whole=True))


def readings(data: bytes) -> Iterator[str]:
    """A file as it stands, and decoded in all the ways in which a curious reader might."""
    text = data.decode(errors="replace")
    yield text
    for _ in range(4):
        for decode in (html.unescape, unquote, _from_json, _from_quoted):
            decoded = decode(text)
            if decoded != text:
                yield decoded
            text = decoded
    for reading in {data.decode("latin-1"), text}:
        for run in set(re.findall(r"[A-Za-z0-9+/_-]{10,}", reading)):
            whole = run.translate(str.maketrans("-_", "+/"))
            for start in range(4):
                part = whole[start : start + (len(whole) - start) // 4 * 4]
                yield base64.b64decode(part).decode("latin-1")
            tail = whole + "=" * (-len(whole) % 4)
            if len(whole) % 4 != 1:
                yield base64.b64decode(tail).decode("latin-1")
        for run in set(re.findall(r"(?:[0-9a-fA-F]{2}){8,}", reading)):
            yield bytes.fromhex(run).decode("latin-1")


def _from_json(text: str) -> str:
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r'\\(["\\/])', r"\1", text)


def _from_quoted(text: str) -> str:
    return re.sub("=([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), text)


def leaks(data: bytes, secrets: list[str]) -> list[str]:
    """Which secrets the data holds, in any reading; one reading for all, since there are many."""
    found: set[str] = set()
    short: list[str] = []
    length = 0
    for reading in readings(data):
        short.append(reading)
        length += len(reading)
        if length > 1_000_000:
            found |= _in("\n".join(short), secrets)
            short, length = [], 0
    return sorted(found | _in("\n".join(short), secrets))


def _in(text: str, secrets: list[str]) -> set[str]:
    return {secret for secret in secrets if secret in text}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_search_finds_a_secret_in_each_spelling(spelling: str) -> None:
    written = SPELLINGS[spelling](PASSWORD)
    assert leaks(f'{{"a": "... {written} ..."}}'.encode(), [PASSWORD]) == [PASSWORD]
    assert not leaks(f'{{"a": "... {written[:-8]} ..."}}'.encode(), [PASSWORD])


def told(finished: Run, summary: Path) -> dict[str, bytes]:
    """All that a run has said, by where it says it."""
    written = {path.name: path.read_bytes() for path in (*files(finished.reports), summary)}
    return written | {"stdout": finished.out.encode(), "stderr": finished.err.encode()}


def play(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> dict[str, list[str]]:
    """A run against the gossip; gives what leaked, by where."""
    credentials(monkeypatch, NAME, PASSWORD)
    monkeypatch.setenv("CONTRACT_SECOND_USERNAME", SECOND)
    monkeypatch.setenv("CONTRACT_SECOND_PASSWORD", SECOND_PASSWORD)
    profile, summary, gossip = tmp_path / "target.toml", tmp_path / "summary.md", Gossip()
    others = [User(SECOND, SECOND_PASSWORD, privileges=frozenset())]
    with MockServer(control=True, username=NAME, password=PASSWORD, other_users=others, parts=gossip.parts) as server:
        profile.write_text(
            f'target = "{server.url}"\n[second_user]\nusername_variable = "CONTRACT_SECOND_USERNAME"\n'
            'password_variable = "CONTRACT_SECOND_PASSWORD"\n'
        )
        # Rows of report.html hold all that was exchanged, where they show a few lines of it.
        monkeypatch.setattr("contract_tests.plugin.reporting.trace_html", everything)
        arguments = ("--profile", str(profile), "--summary", str(summary), "--fuzz-examples", "2", *options)
        finished = run.apart(*arguments) if "-n" in options else run(*arguments)
    assert finished.code in (0, 1), finished.err
    assert {PASSWORD, SECOND_PASSWORD} < set(gossip.secrets)
    texts = told(finished, summary)
    assert {"report.html", "junit.xml", "conformance.json", "evidence.har", "summary.md", "stdout"} <= set(texts)
    pairs = [
        base64.b64encode(f"{who}".encode()).decode() for who in (f"{NAME}:{PASSWORD}", f"{SECOND}:{SECOND_PASSWORD}")
    ]
    return {where: found for where, text in texts.items() if (found := leaks(text, [*gossip.secrets, *pairs]))}


@pytest.mark.no_cover  # the search itself takes twice as long with it
def test_no_report_holds_a_secret(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert play(run, tmp_path, monkeypatch, "-k", _CHOSEN, "-vv", "-l") == {}


def test_without_redaction_they_would(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Redactor, "__call__", lambda _, exchange: exchange)
    monkeypatch.setattr(Redactor, "text", lambda _, text: text)
    leaked = play(run, tmp_path, monkeypatch, "-k", "without_a_token and api")
    assert {"report.html", "conformance.json", "evidence.har"} <= set(leaked)
    assert PASSWORD in leaked["evidence.har"]
