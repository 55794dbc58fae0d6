"""The ledger accounts for every rule, and a wrong one names file, clause and member."""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pydantic import ValidationError

from contract_tests.contract.clause import Clause, Document, Source
from contract_tests.contract.documents import openapi_dir
from contract_tests.contract.ledger import Basis, Ledger, Level, load_ledger
from contract_tests.contract.words import CELLS, Cell
from contract_tests.problems import LedgerError, UnknownClauseError

if TYPE_CHECKING:
    from pathlib import Path

HIGHEST = {"A": 8, "R": 12, "K": 28, "X": 10, "M": 16, "C": 12, "P": 16, "L": 11, "E": 10}
RULES = [f"{letter}{number}" for letter, highest in HIGHEST.items() for number in range(1, highest + 1)]

SUBJECTS = {
    "A": "authentication",
    "R": "addressing",
    "K": "keep-alive",
    "X": "expiry",
    "M": "model",
    "C": "create",
    "P": "update",
    "L": "life-cycle",
    "E": "errors",
}

DOCUMENTS = {"page": {"title": "Keep Alive", "version": "9.x"}}
CLAUSE: dict[str, Any] = {
    "id": "keep-alive.no-body",
    "rules": ["K1"],
    "level": "must",
    "basis": "stated",
    "says": "Keep-alive without a body succeeds.",
    "sources": [{"document": "page", "at": "lines 7, 22"}],
    "cells": "all",
}


def clause(**changes: Any) -> dict[str, Any]:
    """A good clause with some members changed; None takes a member away."""
    changed = {**deepcopy(CLAUSE), **changes}
    return {member: value for member, value in changed.items() if value is not None}


def read(folder: Path, *clauses: Any, documents: Any = DOCUMENTS, file: str = "keep-alive.yaml") -> Ledger:
    (folder / "sources.yaml").write_text(yaml.safe_dump(documents), encoding="utf-8")
    (folder / file).write_text(yaml.safe_dump(list(clauses), sort_keys=False), encoding="utf-8")
    return load_ledger(folder)


def complaint(folder: Path, *clauses: Any, documents: Any = DOCUMENTS) -> str:
    with pytest.raises(LedgerError) as caught:
        read(folder, *clauses, documents=documents)
    return str(caught.value)


# The project's own ledger.


def test_there_are_123_rules() -> None:
    assert len(RULES) == 123


def test_every_rule_is_accounted_for_exactly_once() -> None:
    assert Counter(rule for entry in load_ledger().values() for rule in entry.rules) == Counter(RULES)


def test_a_clause_that_is_of_no_rule_says_why_it_is_there() -> None:
    assert [slug for slug, entry in load_ledger().items() if not entry.rules and not entry.why] == []


def test_a_clause_stands_with_the_subject_of_its_first_rule() -> None:
    for slug, entry in load_ledger().items():
        if entry.rules:
            assert entry.subject == SUBJECTS[entry.rules[0][0]], slug


def test_every_subject_has_a_file() -> None:
    assert load_ledger().subjects == tuple(sorted(SUBJECTS.values()))


def test_reasons_refer_to_clauses_that_exist() -> None:
    ledger = load_ledger()
    subjects = "|".join(ledger.subjects)
    for slug, entry in ledger.items():
        for cited in re.findall(rf"\b(?:{subjects})\.[a-z0-9-]+", f"{entry.says} {entry.why}"):
            assert cited in ledger, slug


def test_every_declared_document_is_a_source_of_some_clause() -> None:
    used = {source.document.name for entry in load_ledger().values() for source in entry.sources}
    declared = yaml.safe_load((openapi_dir() / "clauses" / "sources.yaml").read_text(encoding="utf-8"))
    assert used == set(declared)


def test_update_and_complete_exist_for_update_sessions_only() -> None:
    ledger = load_ledger()
    slugs = [slug for slug in ledger if slug.startswith("update.")]
    assert set(map(str, ledger.cells_of([*slugs, "life-cycle.complete"]))) == {"api-update", "rest-update"}


def test_own_ledger_is_read_once() -> None:
    assert load_ledger() is load_ledger()


# Reading a good one.


def test_reads_every_member(tmp_path: Path) -> None:
    entry = read(
        tmp_path,
        clause(
            level="advisory",
            basis="policy",
            why="The documents are silent.",
            cells=["rest-download", "api-update"],
            since="6.7.2",
            until="6.8",
        ),
    )["keep-alive.no-body"]
    assert entry == Clause(
        id="keep-alive.no-body",
        rules=("K1",),
        level=Level.ADVISORY,
        basis=Basis.POLICY,
        says="Keep-alive without a body succeeds.",
        why="The documents are silent.",
        sources=(Source(document=Document(name="page", title="Keep Alive", version="9.x"), at="lines 7, 22"),),
        cells=(Cell.parse("rest-download"), Cell.parse("api-update")),
        since="6.7.2",
        until="6.8",
    )
    assert entry.subject == "keep-alive"
    assert str(entry.sources[0]) == "Keep Alive (9.x), lines 7, 22"


def test_members_that_may_be_missing(tmp_path: Path) -> None:
    entry = read(tmp_path, clause())["keep-alive.no-body"]
    assert (entry.why, entry.since, entry.until, entry.cells) == (None, None, None, CELLS)


def test_a_clause_cannot_be_changed(tmp_path: Path) -> None:
    entry = read(tmp_path, clause())["keep-alive.no-body"]
    with pytest.raises(ValidationError):
        entry.level = Level.ADVISORY


def test_order_is_that_of_the_files_and_within_a_file_its_own(tmp_path: Path) -> None:
    read(tmp_path, clause(id="model.b", rules=["M1"]), clause(id="model.a", rules=["M2"]), file="model.yaml")
    ledger = read(tmp_path, clause(id="errors.z", rules=["E1"]), file="errors.yaml")
    assert list(ledger) == ["errors.z", "model.b", "model.a"]
    assert ledger.subjects == ("errors", "model")
    assert len(ledger) == 3


def test_cells_of_several_clauses_are_all_cells_where_one_applies(tmp_path: Path) -> None:
    ledger = read(
        tmp_path,
        clause(cells=["rest-update", "rest-download"]),
        clause(id="keep-alive.b", rules=["K2"], cells=["api-update", "rest-update"]),
    )
    assert list(map(str, ledger.cells_of(ledger))) == ["api-update", "rest-update", "rest-download"]
    assert ledger.cells_of([]) == ()


def test_an_unknown_slug_is_a_key_error_that_names_the_nearest(tmp_path: Path) -> None:
    ledger = read(tmp_path, clause())
    assert "keep-alive.nobody" not in ledger
    with pytest.raises(UnknownClauseError) as caught:
        ledger.cells_of(["keep-alive.nobody"])
    assert str(caught.value) == ("The ledger has no clause 'keep-alive.nobody'; did you mean keep-alive.no-body?")
    with pytest.raises(KeyError, match=r"no clause 'xyz'\."):
        ledger["xyz"]


# Wrong ones: one sentence each.

HERE = "keep-alive.yaml: keep-alive.no-body: "

WRONG_MEMBERS = {
    "unknown level": ({"level": "musst"}, "level is 'musst', but must be 'must', 'should' or 'advisory'."),
    "unknown basis": ({"basis": "said"}, "basis is 'said', but must be 'stated', 'inferred' or 'policy'."),
    "inferred must": ({"basis": "inferred"}, "basis is 'inferred', which cannot be must: "),
    "policy that gates": (
        {"level": "should", "basis": "policy"},
        "basis is 'policy', which cannot be should: only 'advisory'.",
    ),
    "unknown cell": ({"cells": ["api-upload"]}, "cells name a wrong one: 'api-upload' is no cell; "),
    "cell that is no text": ({"cells": [7]}, "cells.0 is 7: "),
    "cells that are no list": ({"cells": "most"}, "cells is 'most': "),
    "cell twice": ({"cells": ["api-update", "api-update"]}, "cells name one twice."),
    "no cell": ({"cells": []}, "cells is empty."),
    "missing says": ({"says": None}, "says is missing."),
    "empty says": ({"says": " "}, "says is empty."),
    "no full stop": ({"says": "It succeeds"}, "says does not end with a full stop."),
    "no full stop in why": ({"why": "It follows"}, "why does not end with a full stop."),
    "inferred without why": (
        {"level": "should", "basis": "inferred"},
        "why is missing, and the clause is inferred.",
    ),
    "no rule and no why": ({"rules": []}, "why is missing, and the clause has no rule id."),
    "no rule id": ({"rules": ["k1"]}, "rules name 'k1', which is no rule id like 'K5'."),
    "rule twice": ({"rules": ["K1", "K1"]}, "rules name K1 twice."),
    "no source": ({"sources": []}, "sources is empty."),
    "unknown document": (
        {"sources": [{"document": "book", "at": "line 1"}]},
        "sources.0.document is 'book', which sources.yaml does not declare.",
    ),
    "document without name": ({"sources": [{"document": 7, "at": "line 1"}]}, "sources.0.document is 7: "),
    "source without place": ({"sources": [{"document": "page"}]}, "sources.0.at is missing."),
    "source with an empty place": ({"sources": [{"document": "page", "at": ""}]}, "sources.0.at is empty."),
    "unknown member": ({"tags": ["slow"]}, "tags is an unknown member."),
    "end before the beginning": (
        {"since": "6.10", "until": "6.8"},
        "until is '6.8', and since is '6.10', so that the clause is about no version.",
    ),
    "version that YAML took for a number": ({"since": 6.8}, "since is 6.8: "),
    "version that is none": ({"until": "later"}, "until is 'later': "),
}


@pytest.mark.parametrize(("changes", "sentence"), WRONG_MEMBERS.values(), ids=WRONG_MEMBERS)
def test_a_wrong_member(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    message = complaint(tmp_path, clause(**changes))
    assert message.startswith(HERE + sentence)
    assert message.endswith(".")
    assert "\n" not in message


def test_a_complaint_carries_its_place(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        read(tmp_path, clause(level="musst"))
    assert (caught.value.file, caught.value.where, caught.value.member) == (
        "keep-alive.yaml",
        "keep-alive.no-body",
        "level",
    )


def test_duplicate_slug(tmp_path: Path) -> None:
    assert complaint(tmp_path, clause(), clause(rules=["K2"])) == HERE + "id is used by two clauses."


def test_rule_id_in_two_clauses(tmp_path: Path) -> None:
    message = complaint(tmp_path, clause(), clause(id="keep-alive.b"))
    assert message == "keep-alive.yaml: keep-alive.b: rules name K1, which keep-alive.no-body has already."


def test_slug_of_another_subject(tmp_path: Path) -> None:
    message = complaint(tmp_path, clause(id="model.no-body"))
    assert message == (
        "keep-alive.yaml: model.no-body: id is 'model.no-body', but the slugs of this file begin with 'keep-alive.'."
    )


@pytest.mark.parametrize("slug", ["keep-alive", "keep-alive.No-Body", "keep-alive.no_body", "keep-alive.a.b"])
def test_slug_of_another_form(tmp_path: Path, slug: str) -> None:
    assert "which is no slug like 'keep-alive.no-body'." in complaint(tmp_path, clause(id=slug))


def test_a_clause_without_slug_is_named_by_its_number(tmp_path: Path) -> None:
    assert complaint(tmp_path, clause(), clause(id=None)) == "keep-alive.yaml: clause number 2: id is missing."


def test_a_clause_that_is_no_mapping(tmp_path: Path) -> None:
    assert complaint(tmp_path, "K1") == "keep-alive.yaml: clause number 1: is not a mapping."


def test_a_file_that_is_no_list(tmp_path: Path) -> None:
    read(tmp_path, clause())
    (tmp_path / "model.yaml").write_text("id: model.a\n", encoding="utf-8")
    with pytest.raises(LedgerError, match=r"^model\.yaml: must be a list of clauses\.$"):
        load_ledger(tmp_path)


WRONG_YAML = {
    "unclosed list": (b"- id: [a\n- b: c\n", r"is no good YAML at line 2: .+\.$"),
    "key twice": (
        b"- id: keep-alive.a\n  level: must\n  level: should\n",
        r"is no good YAML at line 2: the key 'level' stands twice in one mapping\.$",
    ),
    "character that YAML does not allow": (b"- id: \x07\n", r"is no good YAML\.$"),
    "another encoding": (b"- id: \xff\n", r"is not UTF-8\.$"),
    "object tag": (b"- !!python/object:os.system {}\n", r"is no good YAML at line 1: .+\.$"),
}


@pytest.mark.parametrize(("content", "sentence"), WRONG_YAML.values(), ids=WRONG_YAML)
def test_malformed_yaml(tmp_path: Path, content: bytes, sentence: str) -> None:
    read(tmp_path, clause())
    (tmp_path / "keep-alive.yaml").write_bytes(content)
    with pytest.raises(LedgerError, match=rf"^keep-alive\.yaml: {sentence}"):
        load_ledger(tmp_path)


WRONG_DOCUMENTS = {
    "no mapping": (["page"], "sources.yaml: must be a mapping of short names to documents."),
    "title only": ({"page": "Keep Alive"}, "sources.yaml: document page: is not a mapping."),
    "no version": ({"page": {"title": "Keep Alive"}}, "sources.yaml: document page: version is missing."),
    "unknown member": (
        {"page": {**DOCUMENTS["page"], "isbn": "1"}},
        "sources.yaml: document page: isbn is an unknown member.",
    ),
    "name within": (
        {"page": {**DOCUMENTS["page"], "name": "p"}},
        "sources.yaml: document page: name is the entry's key already.",
    ),
}


@pytest.mark.parametrize(("documents", "sentence"), WRONG_DOCUMENTS.values(), ids=WRONG_DOCUMENTS)
def test_wrong_documents(tmp_path: Path, documents: Any, sentence: str) -> None:
    assert complaint(tmp_path, clause(), documents=documents) == sentence


def test_a_folder_without_documents(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"^sources\.yaml: cannot be read \(.+\)\.$"):
        load_ledger(tmp_path)


def test_a_folder_without_clauses(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text("{}", encoding="utf-8")
    with pytest.raises(LedgerError, match=r"holds no clauses\.$"):
        load_ledger(tmp_path)
