"""The clause and what it is made of: level, basis, sources; their validators keep the rules of the ledger."""

from __future__ import annotations

import re
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from contract_tests.contract.capabilities import Capability  # noqa: TC001 - pydantic reads it
from contract_tests.contract.words import CELLS, Cell

_WORDS = "[a-z0-9]+(?:-[a-z0-9]+)*"
_SLUG = re.compile(rf"{_WORDS}\.{_WORDS}")
_RULE = re.compile(r"[A-Z][1-9][0-9]*")
_VERSION = r"^[0-9]+(\.[0-9]+)*$"


def numbers_of(version: str) -> tuple[int, ...]:
    """The numbers of a version, in which versions are compared: 6.10 comes after 6.8."""
    return tuple(map(int, version.split(".")))


class Level(StrEnum):
    """How much a broken clause weighs."""

    MUST = "must"
    """The documents promise it: is, will, guaranteed, requires, only if, or a row of an error table."""

    SHOULD = "should"
    """The documents recommend it, or it follows from them and a client is harmed where it does not hold."""

    ADVISORY = "advisory"
    """The documents leave room; what the server does is recorded and never fails a run."""


class Basis(StrEnum):
    """How the clause was won from the documents."""

    STATED = "stated"
    """A sentence or a table of the documents says it."""

    INFERRED = "inferred"
    """No sentence says it: it follows from a type, from another rule, or from what real servers do."""

    POLICY = "policy"
    """The documents are silent or contradict each other: the clause lists the outcomes that are tolerated."""


class _Entry(BaseModel):
    """What documents, sources and clauses have in common: no change later, no unknown member."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Document(_Entry):
    """Something that clauses are taken from."""

    name: str
    """Short and stable; the key in ``sources.yaml``."""

    title: str = Field(min_length=1)

    version: str = Field(min_length=1)
    """Version of the API, or of the publication where it describes no single one."""

    url: str | None = None
    """Where the public can read it, if there is one address."""

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"


class Source(_Entry):
    """One place in one document."""

    document: Document

    at: str = Field(min_length=1)
    """Lines of the page's text, lines of a source file, or offset: whatever finds the place again."""

    def __str__(self) -> str:
        return f"{self.document}, {self.at}"

    @field_validator("document", mode="before")
    @classmethod
    def _declared(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        documents = (info.context or {}).get("documents", {})
        if value not in documents:
            raise ValueError(f"is {value!r}, which sources.yaml does not declare")
        return documents[value]


class Clause(_Entry):
    """One testable rule of the documents."""

    id: str
    """The slug, ``<subject>.<fact>``: stable for ever, also when the sentence is worded anew."""

    rules: tuple[str, ...]
    """Ids of the project's list of rules (``K5``) that became this clause; empty if it was added to them."""

    level: Level
    basis: Basis

    says: str
    """One sentence in the present tense by which a stranger can judge a server."""

    why: str | None = Field(default=None, validate_default=True)
    """What it follows from and whom its breach harms, or which outcomes are tolerated and why."""

    sources: tuple[Source, ...] = Field(min_length=1)
    cells: tuple[Cell, ...] = Field(min_length=1)

    since: str | None = Field(default=None, pattern=_VERSION)
    """First version of the API that the clause is about; None: every version that speaks the dialect."""

    until: str | None = Field(default=None, pattern=_VERSION)
    """Last version of the API that the clause is about, with all that begin like it; None: no end is known.

    A server that does not say its version is taken for a later one.
    """

    takes: tuple[Capability, ...] = ()
    """What no test can decide it without, of what a target may lack."""

    untested: str | None = None
    """Why no test decides the clause, in a sentence that a stranger accepts; None where tests do."""

    @property
    def subject(self) -> str:
        return self.id.partition(".")[0]

    @field_validator("id")
    @classmethod
    def _slug_of_this_file(cls, value: str, info: ValidationInfo) -> str:
        if not _SLUG.fullmatch(value):
            raise ValueError(f"is {value!r}, which is no slug like 'keep-alive.no-body'")
        subject = (info.context or {}).get("subject")
        if subject is not None and value.partition(".")[0] != subject:
            raise ValueError(f"is {value!r}, but the slugs of this file begin with '{subject}.'")
        return value

    @field_validator("rules")
    @classmethod
    def _rule_ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for rule in value:
            if not _RULE.fullmatch(rule):
                raise ValueError(f"name {rule!r}, which is no rule id like 'K5'")
            if value.count(rule) > 1:
                raise ValueError(f"name {rule} twice")
        return value

    @field_validator("basis")
    @classmethod
    def _no_more_than_the_documents_say(cls, value: Basis, info: ValidationInfo) -> Basis:
        level = info.data.get("level")
        if value is Basis.POLICY and level in {Level.MUST, Level.SHOULD}:
            raise ValueError(f"is 'policy', which cannot be {level}: only 'advisory'")
        if value is Basis.INFERRED and level is Level.MUST:
            raise ValueError("is 'inferred', which cannot be must: only 'should' or 'advisory'")
        return value

    @field_validator("until")
    @classmethod
    def _no_earlier_than_since(cls, value: str | None, info: ValidationInfo) -> str | None:
        since = info.data.get("since")
        if value is not None and since is not None and numbers_of(value) < numbers_of(since):
            raise ValueError(f"is {value!r}, and since is {since!r}, so that the clause is about no version")
        return value

    @field_validator("says", "why", "untested")
    @classmethod
    def _sentence(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not value.strip():
            raise ValueError("is empty")
        if not value.rstrip().endswith("."):
            raise ValueError("does not end with a full stop")
        return value.strip()

    @field_validator("why")
    @classmethod
    def _reason_where_no_sentence_is_quoted(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None:
            return value
        if info.data.get("basis") in {Basis.INFERRED, Basis.POLICY}:
            raise ValueError(f"is missing, and the clause is {info.data['basis']}")
        if info.data.get("rules") == ():
            raise ValueError("is missing, and the clause has no rule id")
        return None

    @field_validator("cells", mode="before")
    @classmethod
    def _parse_cells(cls, value: object) -> object:
        if value == "all":
            return CELLS
        if not isinstance(value, list):
            return value
        try:
            cells = tuple(Cell.parse(name) if isinstance(name, str) else name for name in value)
        except ValueError as error:
            raise ValueError(f"name a wrong one: {error}") from None
        if len(set(map(str, cells))) < len(cells):
            raise ValueError("name one twice")
        return cells
