"""Standard output, whatever stands behind it: a terminal, a pipe that is closed, a disk that is full."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, TextIO, cast

from contract_tests.problems import OutputLost
from contract_tests.reporting.views.markup import visible
from contract_tests.texts import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_LINE = 10_000
"""Characters of a line on a terminal: a report may hold a name of megabytes."""


def one_line(text: str) -> str:
    """`text` as one line of a terminal, on which it does nothing, whoever wrote it."""
    told = printable(text[: LONGEST_LINE + 1])
    return told if len(told) <= LONGEST_LINE else f"{told[:LONGEST_LINE]}…"


def tell(lines: Iterable[str]) -> None:
    """Write lines, whoever wrote what they quote.

    Raises:
        OutputLost: nobody can write there; BrokenPipeError: nobody reads any more.
    """
    print_document("".join(f"{one_line(line)}\n" for line in lines))


def print_document(text: str) -> None:
    """Write a text of several lines, without what a terminal would obey.

    Raises:
        OutputLost: nobody can write there; BrokenPipeError: nobody reads any more.
    """
    with whole_output():
        sys.stdout.flush()
        # Bytes: what a terminal's encoding lacks must not end in a traceback.
        sys.stdout.buffer.write(visible(text).encode("utf-8", "backslashreplace"))


@contextmanager
def whole_output() -> Iterator[None]:
    """All that is written meanwhile arrives, or the caller learns that it does not.

    Raises:
        OutputLost: nobody can write there; BrokenPipeError: nobody reads any more.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _hang_up()
        raise
    except OSError as problem:
        _hang_up()
        raise OutputLost(problem.strerror or str(problem)) from None


def _hang_up() -> None:
    """Have what is still to be written go nowhere: when Python ends, it would fail on it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Enduring:
    """A standard output that falls silent where it can't be written to: a run has more to do than to be read.

    `problem` says why it did, unless its reader only went away.
    """

    def __init__(self, inner: TextIO) -> None:
        self._inner = inner
        self._is_lost = False
        self.problem: str | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, text: str) -> int:
        self._attempt(lambda: self._inner.write(text))
        return len(text)

    def flush(self) -> None:
        self._attempt(self._inner.flush)

    def _attempt(self, work: Any) -> None:
        if self._is_lost:
            return
        try:
            work()
        except OSError as problem:
            self._is_lost = True
            if not isinstance(problem, BrokenPipeError):
                self.problem = problem.strerror or str(problem)

    def end(self) -> None:
        self.flush()
        if self._is_lost:
            _hang_up()


@contextmanager
def enduring() -> Iterator[_Enduring]:
    """Have standard output fall silent, rather than fail, where it can't be written to."""
    output = _Enduring(sys.stdout)
    with redirect_stdout(cast("TextIO", output)):
        try:
            yield output
        finally:
            output.end()
