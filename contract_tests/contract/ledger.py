"""The ledger: every testable rule of the documents as a clause, read from ``openapi/clauses/*.yaml``.

One file holds one subject, ``sources.yaml`` names the documents. A clause is data and judges nothing: what
fulfils it is found out by checks and scenarios, which cite it by its slug. A slug never changes its meaning;
a rule that turns out different gets a new slug.
"""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from contract_tests.contract.clause import Basis, Clause, Document, Level, Source
from contract_tests.contract.documents import SafeLoader, openapi_dir
from contract_tests.contract.words import CELLS, Cell
from contract_tests.problems import LedgerError, UnknownClauseError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Basis",
    "Clause",
    "Document",
    "Ledger",
    "LedgerError",
    "Level",
    "Source",
    "UnknownClauseError",
    "load_ledger",
]

SOURCES_FILE = "sources.yaml"
"""The one file of the folder that holds documents instead of clauses."""


@dataclass(frozen=True, eq=False)
class Ledger(Mapping[str, Clause]):
    """All clauses by slug, in the order of the files' names and, within a file, in its own order."""

    clauses: tuple[Clause, ...]
    _by_slug: Mapping[str, Clause] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_slug", MappingProxyType({clause.id: clause for clause in self.clauses}))

    def __getitem__(self, slug: str) -> Clause:
        """The clause of this slug.

        Raises:
            UnknownClauseError: there is none; a KeyError that names the nearest slugs.
        """
        try:
            return self._by_slug[slug]
        except KeyError:
            raise UnknownClauseError(slug, tuple(difflib.get_close_matches(slug, self._by_slug, n=2))) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_slug)

    def __len__(self) -> int:
        return len(self._by_slug)

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(clause.subject for clause in self.clauses))

    def matching(self, pattern: str) -> tuple[str, ...]:
        """The slugs that a pattern stands for: one slug, or with `*` at its end all that begin so (`keep-alive.*`).

        Raises:
            UnknownClauseError: there is none; it names the nearest slugs, or the nearest patterns for a subject.
        """
        found = [slug for slug in self if slug == pattern or (pattern[-1:] == "*" and slug.startswith(pattern[:-1]))]
        if not found:
            known = [*self, *(f"{subject}.*" for subject in self.subjects)]
            raise UnknownClauseError(pattern, tuple(difflib.get_close_matches(pattern, known, n=2)))
        return tuple(found)

    def cells_of(self, slugs: Iterable[str]) -> tuple[Cell, ...]:
        """The cells in which at least one of these clauses applies, in the order of `CELLS`.

        A test that cites clauses of different reach runs wherever it can decide one of them; whoever books
        its outcome looks at each clause's own `cells`.

        Raises:
            UnknownClauseError: a slug is unknown.
        """
        wanted = {cell for slug in slugs for cell in self[slug].cells}
        return tuple(cell for cell in CELLS if cell in wanted)


def load_ledger(folder: Path | None = None) -> Ledger:
    """Read the ledger from `folder`, or the project's own (read once and kept).

    Raises:
        LedgerError: a file is missing, is no YAML, or breaks a rule of the ledger.
    """
    return _own_ledger() if folder is None else _read_ledger(folder)


@cache
def _own_ledger() -> Ledger:
    return _read_ledger(openapi_dir() / "clauses")


def _read_ledger(folder: Path) -> Ledger:
    documents = _read_documents(folder / SOURCES_FILE)
    clauses: list[Clause] = []
    slugs: set[str] = set()
    homes: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == SOURCES_FILE:
            continue
        for clause in _read_clauses(path, documents):
            if clause.id in slugs:
                raise LedgerError(path.name, "is used by two clauses", where=clause.id, member="id")
            slugs.add(clause.id)
            for rule in clause.rules:
                if rule in homes:
                    problem = f"name {rule}, which {homes[rule]} has already"
                    raise LedgerError(path.name, problem, where=clause.id, member="rules")
                homes[rule] = clause.id
            clauses.append(clause)
    if not clauses:
        raise LedgerError(folder.name, "holds no clauses")
    return Ledger(tuple(clauses))


def _read_documents(path: Path) -> Mapping[str, Document]:
    entries = _read_yaml(path)
    if not isinstance(entries, dict):
        raise LedgerError(path.name, "must be a mapping of short names to documents")
    documents = {}
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            raise LedgerError(path.name, "is not a mapping", where=f"document {name}")
        if "name" in entry:
            raise LedgerError(path.name, "is the entry's key already", where=f"document {name}", member="name")
        try:
            documents[name] = Document.model_validate({**entry, "name": name})
        except ValidationError as error:
            raise _ledger_error(path, f"document {name}", error) from None
    return documents


def _read_clauses(path: Path, documents: Mapping[str, Document]) -> Iterator[Clause]:
    entries = _read_yaml(path)
    if not isinstance(entries, list):
        raise LedgerError(path.name, "must be a list of clauses")
    context = {"subject": path.stem, "documents": documents}
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise LedgerError(path.name, "is not a mapping", where=f"clause number {number}")
        where = entry.get("id")
        try:
            yield Clause.model_validate(entry, context=context)
        except ValidationError as error:
            name = where if isinstance(where, str) and where else f"clause number {number}"
            raise _ledger_error(path, name, error) from None


def _read_yaml(path: Path) -> Any:
    try:
        # _OnceLoader is a SafeLoader: no tag of the file can construct anything.
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_OnceLoader)  # noqa: S506 - see above
    except OSError as error:
        raise LedgerError(path.name, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise LedgerError(path.name, "is not UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "unknown"
        raise LedgerError(path.name, f"is no good YAML at line {line}: {error.problem}") from error
    except yaml.YAMLError as error:  # a character that YAML does not allow: it has no mark
        raise LedgerError(path.name, "is no good YAML") from error


class _OnceLoader(SafeLoader):
    """Refuses a key that stands twice in one mapping; PyYAML itself silently keeps the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key, (key_node, _) in zip(keys, node.value, strict=True):
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key!r} stands twice in one mapping", problem_mark=key_node.start_mark
                )
        return super().construct_mapping(node, deep)


def _ledger_error(path: Path, where: str, error: ValidationError) -> LedgerError:
    """The first of pydantic's complaints, as a sentence about the YAML's own words."""
    first = error.errors(include_url=False)[0]
    context = first.get("ctx", {})
    match first["type"]:
        case "missing":
            problem = "is missing"
        case "extra_forbidden":
            problem = "is an unknown member"
        case "too_short" | "string_too_short":
            problem = "is empty"
        case "enum":
            problem = f"is {first['input']!r}, but must be {context['expected']}"
        case "value_error":
            problem = str(context["error"])
        case _:
            problem = f"is {first['input']!r}: {first['msg']}"
    return LedgerError(path.name, problem, where=where, member=".".join(map(str, first["loc"])))
