"""The inventory as SOAP shows it, and the property collector that walks through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from contract_tests.mock.domain.libraries import DATASTORES
from contract_tests.mock.soap.values import Reference, SoapFault, Structure, children, reference_in, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

ROOT: Final = Reference("Folder", "group-d1")
SESSION_MANAGER: Final = Reference("SessionManager", "SessionManager")
PROPERTY_COLLECTOR: Final = Reference("PropertyCollector", "propertyCollector")
_CENTER: Final = Reference("Datacenter", "datacenter-1")
_FOLDERS: Final = {kind: Reference("Folder", f"group-{kind[0]}1") for kind in ("vm", "host", "storage", "network")}
_STORES: Final = {Reference("Datastore", store.datastore): store for store in DATASTORES}
_ENTITIES: Final = frozenset({"Folder", "Datacenter", "Datastore"})

Objects = dict[Reference, "Mapping[str, Any]"]


def inventory() -> Objects:
    """The managed objects by reference, with their properties: one data center, and in it the datastores."""
    objects: Objects = {
        ROOT: {"name": "Datacenters", "childType": "Datacenter", "childEntity": [_CENTER]},
        _CENTER: {
            "name": "mock-datacenter",
            "parent": ROOT,
            "vmFolder": _FOLDERS["vm"],
            "hostFolder": _FOLDERS["host"],
            "datastoreFolder": _FOLDERS["storage"],
            "networkFolder": _FOLDERS["network"],
            "datastore": list(_STORES),
        },
    }
    for kind, folder in _FOLDERS.items():
        inside = list(_STORES) if kind == "storage" else []
        name = "datastore" if kind == "storage" else kind
        objects[folder] = {"name": name, "parent": _CENTER, "childEntity": inside}
    for reference, store in _STORES.items():
        summary = {
            "datastore": reference,
            "name": store.name,
            "url": f"ds:///vmfs/volumes/{store.datastore}/",
            "capacity": store.capacity,
            "freeSpace": store.free_space,
            "accessible": True,
            "type": store.type,
        }
        objects[reference] = {
            "name": store.name,
            "parent": _FOLDERS["storage"],
            "summary": Structure("DatastoreSummary", summary),
        }
    return objects


@dataclass(frozen=True)
class Selection:
    """Where to go on from an object: along a property, to what it refers to; or a name that stands for that."""

    name: str
    type: str
    path: str
    skip: bool
    further: tuple[Selection, ...]

    @classmethod
    def of(cls, element: Element) -> Selection:
        further = tuple(cls.of(one) for one in children(element, "selectSet"))
        skip = text_of(element, "skip") == "true"
        return cls(text_of(element, "name"), text_of(element, "type"), text_of(element, "path"), skip, further)

    def all(self) -> Iterator[Selection]:
        yield self
        for one in self.further:
            yield from one.all()


def retrieved(objects: Objects, request: Element) -> list[Structure]:
    """What a request asks for, an `ObjectContent` for each object.

    Raises:
        SoapFault: ManagedObjectNotFound.
    """
    return [found for spec in children(request, "specSet") for found in _of_filter(objects, spec)]


def starts(request: Element) -> set[Reference]:
    """The objects that a request begins at."""
    return {reference_in(one, "obj") for spec in children(request, "specSet") for one in children(spec, "objectSet")}


def _of_filter(objects: Objects, spec: Element) -> list[Structure]:
    walk = _Walk(objects)
    for one in children(spec, "objectSet"):
        walk.begin(reference_in(one, "obj"), one)
    wanted = [
        (text_of(one, "type"), None if text_of(one, "all") == "true" else [path.text or "" for path in paths])
        for one in children(spec, "propSet")
        for paths in [children(one, "pathSet")]
    ]
    return [_content(objects[reference], reference, wanted) for reference in walk.found]


class _Walk:
    """One walk along the selections of a filter; what it finds, in that order."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.found: dict[Reference, None] = {}
        self.named: dict[str, Selection] = {}
        self.gone: set[tuple[Reference, Selection]] = set()

    def begin(self, start: Reference, spec: Element) -> None:
        if start not in self.objects:
            raise SoapFault("ManagedObjectNotFound", f"There is no object {start.type}:{start.value}.", obj=start)
        first = Selection.of(spec)
        self.named = {each.name: each for each in first.all() if each.path}
        self.arrive(start, first)

    def arrive(self, here: Reference, by: Selection) -> None:
        if not by.skip:
            self.found[here] = None
        for one in by.further:
            way = one if one.path else self.named.get(one.name)
            if way is None or not is_a(here, way.type) or (here, way) in self.gone:
                continue
            self.gone.add((here, way))
            value = _property(self.objects[here], way.path)
            for target in value if isinstance(value, list) else [value]:
                if isinstance(target, Reference):
                    self.arrive(target, way)


def _content(
    properties: Mapping[str, Any], reference: Reference, wanted: list[tuple[str, list[str] | None]]
) -> Structure:
    paths = [
        path for kind, paths in wanted if is_a(reference, kind) for path in (properties if paths is None else paths)
    ]
    values = {path: _property(properties, path) for path in paths}
    shown = [
        Structure("DynamicProperty", {"name": path, "val": value})
        for path, value in values.items()
        if value is not None
    ]
    return Structure("ObjectContent", {"obj": reference, "propSet": shown})


def _property(properties: Mapping[str, Any], path: str) -> Any:
    """The value at the end of a path with dots; None if there is none, as of what is unset."""
    first, _, rest = path.partition(".")
    value = properties.get(first)
    if not rest:
        return value
    return _property(value.members, rest) if isinstance(value, Structure) else None


def is_a(reference: Reference, kind: str) -> bool:
    return kind == reference.type or (kind == "ManagedEntity" and reference.type in _ENTITIES)
