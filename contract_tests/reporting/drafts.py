"""Files that are written whole or not at all, by every command."""

from __future__ import annotations

import os
import secrets
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def whole_or_none(path: Path, *, drops_old: bool = False) -> Iterator[Path]:
    """A draft beside `path` to write to, which becomes `path` when all is written.

    If that fails, what stood at `path` stays as it was; with `drops_old` it is removed, so that nobody takes the file
    of an earlier run for that of this one. A link is replaced, not followed. What is no file (`/dev/stdout`, a pipe)
    has no draft, and is written to as it is.

    Raises:
        OSError: the draft can't be made, or can't take the place of `path`.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        yield path
        return
    draft: Path | None = None
    try:
        draft = new_draft(path)
        yield draft
        draft.replace(path)
    except BaseException as problem:
        if drops_old:
            _drop(path, problem)
        raise
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def _drop(path: Path, problem: BaseException) -> None:
    """Remove what `problem` kept from being replaced.

    Raises:
        OSError: it is `problem`, and tells that it stays.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError:
        if isinstance(problem, OSError):
            told = f"{problem.strerror or problem}; what stands there is not of this run"
            raise OSError(problem.errno, told) from None


def new_draft(path: Path) -> Path:
    """An empty file beside `path`, of a name that nobody can guess; one that lies there already is not opened."""
    draft = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.part")
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0), 0o666))
    return draft


@contextmanager
def noting(problems: list[str], path: Path) -> Iterator[None]:
    """Go on without a file that can't be written, and say so."""
    try:
        yield
    except OSError as problem:
        problems.append(f"{path} can't be written: {problem.strerror or problem}")
    except Exception as problem:  # noqa: BLE001 - a mistake of ours in one file is no reason to lose the others
        place = traceback.extract_tb(problem.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        problems.append(f"{path} can't be written: {type(problem).__name__}: {problem} ({where})")
