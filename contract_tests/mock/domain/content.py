"""The content of files: it comes piece by piece, is kept in memory, in a store or not at all, and is read by range.

Digests are computed while it comes, so that nothing has to be read twice and nothing has to be kept for them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

BESIDE_A_STORE: Final = 2**20
"""The most bytes of one content that are kept in memory where there is a store for the rest: descriptors, not disks."""

WITHOUT_A_STORE: Final = 64 * 2**20
"""The most that are kept in memory where what is larger can't be kept at all."""

PIECE: Final = 2**18
"""How many bytes are read at once: few enough for others to get their turn in between."""

ALGORITHMS: Final = ("SHA1", "MD5", "SHA256", "SHA512")

DEFAULT_ALGORITHM: Final = "SHA1"
"""What the documents take if a checksum names no algorithm."""


class StoredContent(Protocol):
    """Content in a store; it is there as long as this object."""

    def write(self, piece: bytes) -> None:
        """Add to its end.

        Raises:
            OSError: there is no room for it.
        """

    def read(self, start: int, size: int) -> bytes:
        """Some bytes of it, fewer only at its end."""
        ...


class Store(Protocol):
    """Where content is kept that is too large for memory."""

    def new(self) -> StoredContent:
        """A place for the content of one file.

        Raises:
            OSError: there is none.
        """
        ...


@dataclass(frozen=True, eq=False)
class Content:
    """What a file holds: its size and digests, and the bytes themselves if they were kept."""

    size: int
    digests: Mapping[str, str]
    """In small hexadecimal digits, by the algorithms that were asked for."""
    held: bytes | StoredContent | None
    lost: str | None = None
    """Why it could not be kept, in words, though it should have been."""

    @classmethod
    def of(cls, content: bytes) -> Content:
        """Content that is here already; any digest may be asked of it."""
        arrival = Arrival(ALGORITHMS)
        arrival.write(content)
        return arrival.finish()

    @property
    def is_kept(self) -> bool:
        return self.held is not None

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to `stop`, in pieces of a moderate size.

        Raises:
            LookupError: they were not kept.
        """
        if self.held is None:
            raise LookupError("the content was not kept")
        stop = self.size if stop is None else min(stop, self.size)
        for at in range(start, stop, PIECE):
            size = min(PIECE, stop - at)
            yield self.held[at : at + size] if isinstance(self.held, bytes) else self.held.read(at, size)

    def __bytes__(self) -> bytes:
        return b"".join(self.pieces())


class Arrival:
    """Content that is on its way here: a sink for its pieces."""

    def __init__(self, algorithms: Iterable[str], store: Store | None = None, *, keep: bool = True) -> None:
        self.size = 0
        self._digests = {
            name: hashlib.new(name.lower(), usedforsecurity=False) for name in {DEFAULT_ALGORITHM, *algorithms}
        }
        self._store = store
        self._in_memory = WITHOUT_A_STORE if store is None else BESIDE_A_STORE
        self._pieces: list[bytes] | None = [] if keep else None
        self._stored: StoredContent | None = None
        self.lost: str | None = None
        """Why it can't be kept, in words, though it should be."""

    def write(self, piece: bytes) -> None:
        """Take what came next."""
        self.size += len(piece)
        for digest in self._digests.values():
            digest.update(piece)
        if self._pieces is not None:
            self._pieces.append(piece)
            if self.size > self._in_memory:
                self._leave_memory()
        elif self._stored is not None:
            self._put(self._stored, piece)

    def finish(self) -> Content:
        """All that came, as content."""
        digests = {name: digest.hexdigest() for name, digest in self._digests.items()}
        held = self._stored if self._pieces is None else b"".join(self._pieces)
        return Content(self.size, digests, held, self.lost)

    def _leave_memory(self) -> None:
        pieces, self._pieces = self._pieces or [], None
        if self._store is None:
            return
        try:
            self._stored = self._store.new()
        except OSError as problem:
            self._lose(problem)
            return
        for piece in pieces:
            if self._stored is not None:
                self._put(self._stored, piece)

    def _put(self, stored: StoredContent, piece: bytes) -> None:
        try:
            stored.write(piece)
        except OSError as problem:
            self._lose(problem)

    def _lose(self, problem: OSError) -> None:
        self._stored = None
        self.lost = (problem.strerror or str(problem)).lower()


NOTHING: Final = Content.of(b"")
"""The content of a file that has not come yet."""
