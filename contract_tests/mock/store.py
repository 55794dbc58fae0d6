"""The folder where the mock keeps large content. Nothing of it outlives the server."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class CannotStore(OSError):
    """Nothing can be kept in the folder that was named; the text is one sentence for a person."""


class FolderStore:
    """A folder of its own inside `folder`, with a file for each content."""

    def __init__(self, folder: Path) -> None:
        """Make both folders.

        Raises:
            CannotStore: they can't be made.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.folder = tempfile.mkdtemp(prefix="cl-contract-mock-", dir=folder)
        except OSError as problem:
            reason = (problem.strerror or str(problem)).lower()
            raise CannotStore(f"Cannot keep content in {folder}: {reason}; choose another with --store.") from None
        self.close: Callable[[], object] = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        """Remove all that is kept; done by itself when this object, or the process, ends."""

    def new(self) -> StoredFile:
        handle, path = tempfile.mkstemp(dir=self.folder)
        os.close(handle)
        return StoredFile(path)


class StoredFile:
    """Content in a file, which is removed when nobody has this object any more.

    It is opened for each piece: content that waits for somebody to want it takes no descriptor.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        weakref.finalize(self, _remove, path)

    def write(self, piece: bytes) -> None:
        with open(self.path, "ab", buffering=0) as file:  # noqa: PTH123 - a path is made once a file, this often
            rest = memoryview(piece)
            while rest:
                rest = rest[file.write(rest) :]

    def read(self, start: int, size: int) -> bytes:
        with open(self.path, "rb") as file:  # noqa: PTH123
            file.seek(start)
            return file.read(size)


def _remove(path: str) -> None:
    with suppress(OSError):
        os.remove(path)  # noqa: PTH107 - may be called while the interpreter ends
