"""Searches among libraries and items, and updates of them: the decisions that both kinds have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_tests.mock.domain import errors
from contract_tests.mock.domain.errors import ErrorType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.mock.domain.clock import TimeSource
    from contract_tests.mock.domain.model import Item, Library
    from contract_tests.mock.domain.specs import Specs


class Catalog:
    """Each method is one decision."""

    clock: TimeSource
    specs: Specs

    # Searches

    def search(self, schema: str, spec: Any) -> dict[str, Any]:
        """The properties that a search asks for: those that are given.

        Raises:
            ApiError: INVALID_ARGUMENT, also if there are none.
        """
        given = {name: value for name, value in self.specs.check(schema, spec).items() if value is not None}
        if not given:
            raise errors.invalid_argument("The specification names no property to search by.", argument="spec")
        return given

    def library_matches(self, library: Library, wanted: Mapping[str, Any]) -> bool:
        """Whether a library has all properties that are asked for."""
        backing = wanted.get("storage_backing")
        return (
            self.is_called(library.name, wanted.get("name"))
            and wanted.get("type", library.type) == library.type
            and (backing is None or self.is_backed(library, backing))
        )

    def item_matches(self, item: Item, wanted: Mapping[str, Any]) -> bool:
        """Whether an item has all properties that are asked for; all items of this server are cached."""
        return (
            self.is_called(item.name, wanted.get("name"))
            and self.is_called(item.type, wanted.get("type"))
            and wanted.get("library_id", item.library_id) == item.library_id
            and wanted.get("source_id", item.source_id) == item.source_id
            and wanted.get("cached", True) is True
        )

    def is_called(self, name: str, wanted: str | None) -> bool:
        """Names and types are found in upper and in lower case."""
        return wanted is None or name.casefold() == wanted.casefold()

    def is_backed(self, library: Library, backing: Mapping[str, Any]) -> bool:
        datastore = backing.get("datastore_id") or library.datastore_id
        return backing["type"] == "DATASTORE" and datastore == library.datastore_id

    # Updates

    def check_version(self, kind: str, current: int, given: Mapping[str, Any], mismatch: ErrorType) -> None:
        """Refuse an update that was made of an older version than there is; who names none asks for no such check.

        Raises:
            ApiError: of the type `mismatch`.
        """
        version = given.get("version")
        if version is not None and version != str(current):
            text = f"The {kind} is at version {current}, and not at {version}."
            raise errors.refused(mismatch, "version_mismatch", text, str(current), version)

    def apply(self, record: Library | Item, given: Mapping[str, Any], members: Iterable[str]) -> bool:
        """Give a record the values of those members that are given; whether one of them is another than before."""
        changes = {
            name: given[name]
            for name in members
            if given.get(name) is not None and given[name] != getattr(record, name)
        }
        for name, value in changes.items():
            setattr(record, name, value)
        if changes:
            record.version += 1
            record.modified = self.clock.now()
        return bool(changes)

    def check_publication(self, given: Mapping[str, Any]) -> None:
        """Refuse to publish a library: nobody could subscribe to it here.

        Raises:
            ApiError: UNSUPPORTED.
        """
        if (given.get("publish_info") or {}).get("published"):
            raise errors.refused(ErrorType.UNSUPPORTED, "publishing", "This server publishes no libraries.")
