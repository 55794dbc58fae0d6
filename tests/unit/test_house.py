"""Rules of the house that no linter knows: one meaning for a name, one tree of exceptions."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import contract_tests

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(contract_tests.__file__).parent


def classes() -> Iterator[tuple[str, ast.ClassDef]]:
    """The classes of the package that others can import, each with its file; faults are the mock's, made wrong."""
    for path in sorted(PACKAGE.rglob("*.py")):
        file = path.relative_to(PACKAGE).as_posix()
        if not file.startswith("faults/"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield from ((file, node) for node in tree.body if isinstance(node, ast.ClassDef))


def test_a_class_name_has_one_meaning() -> None:
    files: dict[str, list[str]] = defaultdict(list)
    for file, node in classes():
        if not node.name.startswith("_"):
            files[node.name].append(file)
    assert {name: where for name, where in files.items() if len(where) > 1} == {}


def test_exceptions_stand_in_one_file() -> None:
    ours = {node.name for file, node in classes() if file == "problems.py"}
    elsewhere = {
        f"{file}: {node.name}"
        for file, node in classes()
        if file != "problems.py" and not file.startswith("mock/")  # a server's own
        for base in node.bases
        if (name := base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")) in ours
        or name.endswith(("Error", "Exception", "Interrupt"))
    }
    assert elsewhere == set()


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file(), "PEP 561: without it nobody else's type checker looks into the package"
