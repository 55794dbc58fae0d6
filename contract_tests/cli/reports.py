"""What the commands that read and write reports have in common."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.cli.parser import USAGE, problem_line
from contract_tests.cli.printing import one_line, print_document
from contract_tests.problems import UsageProblem
from contract_tests.reporting.drafts import whole_or_none
from contract_tests.reporting.folder import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPORT = "conformance.json, or the folder that holds it"


def or_usage_problem(name: str, work: Callable[[], int]) -> int:
    """Do `work`; what the user has to mend is one sentence on stderr and exit code 4."""
    try:
        return work()
    except UsageProblem as problem:
        sys.stderr.write(problem_line(f"cl-contract {name}", one_line(str(problem))))
        return USAGE


def write(path: Path | None, text: str) -> None:
    """Write a document whole or not at all, to a file, or to stdout if there is no path or it is `-`.

    Raises:
        UsageProblem: the file can't be written.
    """
    if path is None or path == Path("-"):
        print_document(text)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_or_none(path) as draft:
            draft.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UsageProblem(f"{path} can't be written: {problem.strerror}") from None


@contextmanager
def writing_in(folder: Path, name: str) -> Iterator[None]:
    """Have a reports folder for oneself, in the name of what is done there; it is made if there is none.

    Raises:
        UsageProblem: a run has it, or it can't be used.
    """
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(folder, name))
        except OSError as problem:
            raise UsageProblem(f"{folder} can't be used: {problem.strerror or problem}") from None
        yield
