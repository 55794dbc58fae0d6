"""Plays the suite against a wrong or right server, as a user would: `cl-contract run --target`, by its junit.xml."""

from __future__ import annotations

import importlib
import os
import pkgutil
import threading
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from unittest import mock
from xml.etree import ElementTree as ET

from contract_tests import cli, scenarios
from contract_tests.contract import CELLS, DEFAULT_TIMEOUT, Cell
from contract_tests.mock import MockServer, Parts, User
from contract_tests.mock.domain.world import DEFAULT_USER
from tests.plugin.runs import facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from contract_tests.traffic.archive import Recording

WHOLE = bool(os.environ.get("CONTRACT_WHOLE_MINIATURES"))
"""Set it to play the whole suite against each server: minutes rather than seconds, and no accusation missed."""

SECOND = User("second", "without privileges", privileges=frozenset())
"""Somebody who may log in and no more: some clauses take a second user to be decided."""

BRISKLY = ("-qq", "--no-summary", "-p", "no:pytest_html.plugin", "-p", "no:unraisableexception")
"""Without what is not looked at here: the page, and a search for forgotten files, take longer than some scenarios."""


@contextmanager
def unread_reports_empty() -> Iterator[None]:
    """Of the reports, only JUnit's is written: the others, which nobody reads here, take a fifth of the time."""

    def empty(draft: Path, _: Recording, *, packed: bool = False) -> str:  # noqa: ARG001 - as the real one takes them
        draft.touch()
        return ""

    with (
        mock.patch("contract_tests.reporting.files.page", return_value=""),
        mock.patch("contract_tests.traffic.archive.write_recording", empty),
    ):
        yield


@dataclass(frozen=True)
class Outcome:
    """What a run said: its exit code, and the cells of each slug by verdict."""

    exit_code: int
    verdicts: Mapping[str, Mapping[str, frozenset[Cell]]]

    def cells(self, slug: str, *verdicts: str) -> frozenset[Cell]:
        said = self.verdicts.get(slug, {})
        return frozenset().union(*(said.get(verdict, frozenset()) for verdict in verdicts))

    def slugs(self, *verdicts: str) -> set[str]:
        return {slug for slug in self.verdicts if self.cells(slug, *verdicts)}


def play(
    parts: Parts | None,
    slugs: Iterable[str] | None,
    cells: tuple[Cell, ...],
    reports: Path,
    only: str = "",
    timeout: float = DEFAULT_TIMEOUT,
) -> Outcome:
    """Play the scenarios that cite one of `slugs` (None: all), in `cells`, against the mock made of `parts`.

    `only` thins out the parameters of the scenarios: a part of their ids. Sessions live for `timeout` seconds.
    """
    chosen = []
    if not WHOLE:
        within = f"({' or '.join(map(str, cells))})" + (f" and ({only})" if only else "")
        chosen = [*([] if slugs is None else scenarios_citing(slugs)), "-k", within]
    users = {"CONTRACT_USERNAME": DEFAULT_USER.name, "CONTRACT_PASSWORD": DEFAULT_USER.password}
    users |= {"CONTRACT_SECOND_USERNAME": SECOND.name, "CONTRACT_SECOND_PASSWORD": SECOND.password}
    profile = reports / "profile.toml"
    profile.write_text("[second_user]\n")
    server = MockServer(control=True, parts=parts, other_users=[SECOND], session_timeout=timeout).start()
    try:
        with unread_reports_empty(), mock.patch.dict(os.environ, users):
            # What the developer set for the outer pytest is not meant for the inner one.
            os.environ.pop("PYTEST_ADDOPTS", None)
            given = ["run", "--target", server.url, "--reports", str(reports), "--seed", "20261120"]
            if timeout != DEFAULT_TIMEOUT:
                given += ["--session-timeout", str(timeout)]
            code = cli.main([*given, "--profile", str(profile), *BRISKLY, "--tb=line", *chosen])
    finally:
        # It takes a fifth of a second to end, which nobody needs to wait for.
        threading.Thread(target=server.stop).start()
    return Outcome(code, _verdicts(reports / "junit.xml"))


def scenarios_citing(slugs: Iterable[str]) -> list[str]:
    """Node ids of the scenarios that cite one of `slugs`."""
    wanted = set(slugs)
    unknown = wanted - {slug for cited in _scenarios().values() for slug in cited}
    if unknown:
        raise LookupError(f"no scenario cites {', '.join(sorted(unknown))}")
    return [node for node, cited in _scenarios().items() if wanted & cited]


def cited_under(*subjects: str) -> set[str]:
    """The slugs that begin with one of `subjects` and that some scenario cites."""
    return {slug for cited in _scenarios().values() for slug in cited if slug.startswith(subjects)}


@cache
def _scenarios() -> Mapping[str, frozenset[str]]:
    return dict(_cited())


def _cited() -> Iterator[tuple[str, frozenset[str]]]:
    for found in pkgutil.iter_modules(scenarios.__path__):
        if not found.name.startswith("test_"):
            continue
        module = importlib.import_module(f"{scenarios.__name__}.{found.name}")
        for name, function in vars(module).items():
            marks = getattr(function, "pytestmark", [])
            slugs = frozenset(slug for mark in marks if mark.name == "clause" for slug in mark.args)
            if name.startswith("test_") and slugs:
                yield f"{module.__file__}::{name}", slugs


def _verdicts(junit: Path) -> Mapping[str, Mapping[str, frozenset[Cell]]]:
    seen: dict[str, dict[str, set[Cell]]] = defaultdict(lambda: defaultdict(set))
    for case in ET.parse(junit).iter("testcase"):
        told = facts(case)
        cell = next((Cell.parse(value) for name, value in told if name == "cell"), CELLS[0])
        for name, value in told:
            if name.startswith("clause "):
                seen[name.removeprefix("clause ")][value].add(cell)
    return {slug: {verdict: frozenset(cells) for verdict, cells in said.items()} for slug, said in seen.items()}
