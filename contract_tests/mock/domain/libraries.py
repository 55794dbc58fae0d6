"""Datastores, libraries, items and the files that everybody sees."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from contract_tests.mock.domain import errors
from contract_tests.mock.domain.catalog import Catalog
from contract_tests.mock.domain.errors import ErrorType
from contract_tests.mock.domain.model import Datastore, Item, ItemFile, Library, LibraryType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.mock.domain.clienttokens import ClientTokens
    from contract_tests.mock.domain.clock import TimeSource
    from contract_tests.mock.domain.model import Upload
    from contract_tests.mock.domain.specs import Specs

DATASTORES: Final = (Datastore(),)


class Libraries(Catalog):
    """What a content library holds. Session rules are not here; this room knows no sessions."""

    def __init__(self, clock: TimeSource, specs: Specs, tokens: ClientTokens) -> None:
        self.clock = clock
        self.specs = specs
        self.tokens = tokens
        self._libraries: dict[str, Library] = {}
        self._items: dict[str, Item] = {}

    # Datastores

    def datastores(self, filters: Mapping[str, Iterable[str]]) -> list[Datastore]:
        """Those that match every filter; a filter is named `datastores`, `names` or `types`."""
        values = {"datastores": "datastore", "names": "name", "types": "type"}
        return [
            store
            for store in DATASTORES
            if all(getattr(store, values[name]) in wanted for name, wanted in filters.items())
        ]

    # Libraries

    def create_library(self, user: str, spec: Any, token: str | None = None) -> str:
        """A new local library.

        Raises:
            ApiError: INVALID_ARGUMENT; UNSUPPORTED for more than one storage backing, and for a published library.
        """
        self.tokens.check(token)
        known = self.tokens.recall("library", user, token)
        if known in self._libraries:
            return str(known)
        given = self.specs.check("LibraryModel", spec)
        backings = given["storage_backings"]
        if len(backings) > 1:
            raise errors.refused(ErrorType.UNSUPPORTED, "several_backings", "A library has one storage backing.")
        datastore = backings[0]["datastore_id"]
        if datastore not in {store.datastore for store in DATASTORES}:
            raise errors.invalid_argument(
                f"There is no datastore {datastore}.", argument="storage_backings.datastore_id"
            )
        self.check_publication(given)
        library = self.add_library(given["name"], given.get("description") or "", LibraryType.LOCAL)
        self.tokens.remember("library", user, token, library.id)
        return library.id

    def add_library(self, name: str, description: str, kind: LibraryType) -> Library:
        """Put a library of any kind here; the only way to get a subscribed one."""
        now = self.clock.now()
        library = Library(self.new_id(), name, description, kind, DATASTORES[0].datastore, now, now)
        self._libraries[library.id] = library
        return library

    def library_ids(self, kinds: Iterable[LibraryType] = LibraryType) -> list[str]:
        """The ids of all libraries of these kinds."""
        return [one.id for one in self._libraries.values() if one.type in kinds]

    def find_libraries(self, spec: Any) -> list[str]:
        """The ids of all libraries that have the properties in `spec`.

        Raises:
            ApiError: INVALID_ARGUMENT.
        """
        wanted = self.search("LibraryFindSpec", spec)
        return [one.id for one in self._libraries.values() if self.library_matches(one, wanted)]

    def everything(self) -> list[Library]:
        """The libraries of any kind."""
        return list(self._libraries.values())

    def library(self, library_id: str) -> Library:
        """The library of that id.

        Raises:
            ApiError: NOT_FOUND.
        """
        try:
            return self._libraries[library_id]
        except KeyError:
            raise errors.not_found("library", library_id) from None

    def local_library(self, library_id: str) -> Library:
        """The local library of that id.

        Raises:
            ApiError: NOT_FOUND; INVALID_ELEMENT_TYPE, if it is of another kind.
        """
        library = self.library(library_id)
        if library.type is not LibraryType.LOCAL:
            text = f"The library {library_id} is not local."
            raise errors.refused(ErrorType.INVALID_ELEMENT_TYPE, "not_local", text, library_id)
        return library

    def update_library(self, library_id: str, spec: Any) -> None:
        """Change what libraries of all kinds have.

        Raises:
            ApiError: NOT_FOUND; INVALID_ARGUMENT, also if the version is not the current one.
        """
        library = self.library(library_id)
        given = self.specs.check("LibraryUpdate", spec)
        self.check_version("library", library.version, given, ErrorType.INVALID_ARGUMENT)
        self.apply(library, given, ("name", "description"))

    def update_local_library(self, library_id: str, spec: Any) -> None:
        """Change a local library.

        Raises:
            ApiError: NOT_FOUND; INVALID_ELEMENT_TYPE; INVALID_ARGUMENT; UNSUPPORTED (publishing); CONCURRENT_CHANGE, of
                which the documents say INVALID_ARGUMENT above (another version than the current one).
        """
        library = self.local_library(library_id)
        given = self.specs.check("LibraryUpdate", spec)
        self.check_publication(given)
        self.check_version("library", library.version, given, ErrorType.CONCURRENT_CHANGE)
        self.apply(library, given, ("name", "description"))

    def delete_library(self, library_id: str) -> list[str]:
        """Delete a library of any kind and its items; the ids of these."""
        items = list(self.library(library_id).items.values())
        for item in items:
            self._forget(item)
        del self._libraries[library_id]
        self.tokens.forget(library_id)
        return [item.id for item in items]

    # Items

    def create_item(self, user: str, spec: Any, token: str | None = None, source: Item | None = None) -> str:
        """A new item without files, or with those of another item.

        Raises:
            ApiError: INVALID_ARGUMENT; NOT_FOUND (library); INVALID_ELEMENT_TYPE (subscribed library);
                ALREADY_EXISTS (the library has an item of that name).
        """
        self.tokens.check(token)
        known = self.tokens.recall("item", user, token)
        if known in self._items:
            return str(known)
        given = self.specs.check("ItemModel", spec)
        library = self.local_library(given["library_id"])
        self.check_name(library.id, given["name"])
        item = self.add_item(library.id, given["name"], given.get("description") or "", given.get("type") or "")
        item.source_id = given.get("source_id")
        if source is not None:
            item.files, item.content_version = dict(source.files), source.content_version
        self.tokens.remember("item", user, token, item.id)
        return item.id

    def copy_item(self, user: str, item_id: str, spec: Any, token: str | None = None) -> str:
        """A new item with the files of another one, of its type if the specification names none.

        Raises:
            ApiError: as `create_item`; NOT_FOUND, of the source too.
        """
        source = self.item(item_id)
        if isinstance(spec, dict):
            spec = {"type": source.type, **spec, "source_id": source.source_id or source.id}
        return self.create_item(user, spec, token, source)

    def check_name(self, library_id: str, name: str) -> None:
        """Refuse a name that another item of the library has.

        Raises:
            ApiError: ALREADY_EXISTS.
        """
        if self.is_name_taken(library_id, name):
            text = f"The library {library_id} has an item called {name}."
            raise errors.refused(ErrorType.ALREADY_EXISTS, "item_exists", text, library_id, name)

    def add_item(self, library_id: str, name: str, description: str = "", kind: str = "") -> Item:
        """Put an item into a library of any kind."""
        now = self.clock.now()
        item = Item(self.new_id(), library_id, name, description, kind, now, now)
        library = self.library(library_id)
        self._items[item.id] = library.items[item.id] = item
        library.names[name] += 1
        return item

    def is_name_taken(self, library_id: str, name: str) -> bool:
        return self.library(library_id).names[name] > 0

    def item_ids(self, library_id: str) -> list[str]:
        """The ids of a library's items.

        Raises:
            ApiError: NOT_FOUND (library).
        """
        return list(self.library(library_id).items)

    def find_items(self, spec: Any) -> list[str]:
        """The ids of all items, of any library, that have the properties in `spec`.

        Raises:
            ApiError: INVALID_ARGUMENT.
        """
        wanted = self.search("ItemFindSpec", spec)
        return [one.id for one in self._items.values() if self.item_matches(one, wanted)]

    def update_item(self, item_id: str, spec: Any) -> None:
        """Change an item; its files are changed by sessions.

        Raises:
            ApiError: NOT_FOUND; INVALID_ELEMENT_TYPE (subscribed library); INVALID_ARGUMENT, also if the version is
                not the current one; ALREADY_EXISTS (the library has another item of that name).
        """
        item = self.item(item_id)
        library = self.local_library(item.library_id)
        given = self.specs.check("ItemUpdate", spec)
        self.check_version("library item", item.version, given, ErrorType.INVALID_ARGUMENT)
        former, name = item.name, given.get("name") or item.name
        if name != former:
            self.check_name(library.id, name)
        if self.apply(item, given, ("name", "description", "type")):
            item.metadata_version += 1
            library.names += Counter({name: 1})
            library.names -= Counter({former: 1})

    def file(self, item_id: str, name: str) -> ItemFile:
        """One file of an item.

        Raises:
            ApiError: NOT_FOUND (item or file).
        """
        files = self.item(item_id).files
        if name not in files:
            raise errors.not_found("file", name)
        return files[name]

    def item(self, item_id: str) -> Item:
        """The item of that id.

        Raises:
            ApiError: NOT_FOUND.
        """
        try:
            return self._items[item_id]
        except KeyError:
            raise errors.not_found("library item", item_id) from None

    def delete_item(self, item_id: str) -> None:
        """Delete an item.

        Raises:
            ApiError: NOT_FOUND; INVALID_ELEMENT_TYPE (subscribed library).
        """
        item = self.item(item_id)
        self.local_library(item.library_id)
        self._forget(item)

    def _forget(self, item: Item) -> None:
        library = self.library(item.library_id)
        del self._items[item.id]
        del library.items[item.id]
        library.names[item.name] -= 1
        if library.names[item.name] <= 0:
            del library.names[item.name]
        self.tokens.forget(item.id)

    def is_subscribed(self, item: Item) -> bool:
        return self.library(item.library_id).type is LibraryType.SUBSCRIBED

    def publish(self, item_id: str, uploads: Iterable[Upload], removals: Iterable[str]) -> None:
        """Let everybody see what a completed session brought and took away, if it did either."""
        item = self.item(item_id)
        version = item.content_version + 1
        files = {name: file for name, file in item.files.items() if name not in set(removals)}
        files |= {one.name: ItemFile(one.name, one.content, version, one.checksum) for one in uploads}
        if files == item.files:
            return
        item.files = files
        item.content_version = version
        item.modified = self.clock.now()

    def new_id(self) -> str:
        return str(uuid.uuid4())
