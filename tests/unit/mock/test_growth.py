"""What a call looks at does not grow with what there is, and what is gone leaves nothing behind.

Times differ from machine to machine; which sessions and items a call looks at does not. Each call is made in a world
with few and in one with many, and has to look at as many in both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from contract_tests.contract.words import Service
from contract_tests.mock import MockSettings, World
from contract_tests.mock.domain.content import Content
from contract_tests.mock.domain.model import Item, LibraryType, SessionRecord
from contract_tests.mock.domain.sessions import FORGOTTEN_AT_ONCE

from .speaker import BACKING, ManualClock

FEW, MANY = 10, 200
UPDATE, DOWNLOAD = Service.UPDATE, Service.DOWNLOAD

Act = Callable[[World, str, str], object]
"""Something that is done to an item and its download session, in a world that holds others."""


def crowded(number: int) -> tuple[World, str, str]:
    """So many items in the library, each with an update session and some that are over; an item of its own library.

    The others are another user's, whose lists may grow.
    """
    world = World(ManualClock(), MockSettings())
    item = world.libraries.add_item(library(world), "alone").id
    session = world.sessions.create(DOWNLOAD, "user", {"library_item_id": item})
    crowd = library(world)
    for count in range(number):
        other = world.libraries.create_item("other", {"library_id": crowd, "name": f"item {count}"}, str(uuid4()))
        world.sessions.create(UPDATE, "other", {"library_item_id": other}, str(uuid4()))
        world.sessions.create(DOWNLOAD, "other", {"library_item_id": other})
        # The item's own sessions that are over are no reason to take longer, either.
        world.sessions.cancel(UPDATE, world.sessions.create(UPDATE, "other", {"library_item_id": item}))
    # What a crowd leaves behind is looked at once.
    world.sessions.is_busy(world.libraries.item(item))
    return world, item, session


def library(world: World) -> str:
    return world.libraries.add_library("library", "", LibraryType.LOCAL).id


def new_item(world: World, item: str, _session: str) -> object:
    home = world.libraries.item(item).library_id
    return world.libraries.create_item("user", {"library_id": home, "name": "new"})


def in_the_crowd(world: World, _item: str, _session: str) -> object:
    """A new item in the library that has them all."""
    home = max(world.libraries._libraries.values(), key=lambda one: len(one.items)).id
    return world.libraries.create_item("user", {"library_id": home, "name": "new"})


def file_of_a_session(world: World, item: str, _session: str) -> None:
    update = world.sessions.create(UPDATE, "user", {"library_item_id": item})
    file = world.uploads.add(update, {"name": "a", "source_type": "PUSH"})
    world.uploads.receive(file.key, "a", Content.of(b"content"))
    world.sessions.complete(update)


ACTS: dict[str, Act] = {
    "create an update session": lambda world, item, _: world.sessions.create(UPDATE, "user", {"library_item_id": item}),
    "create with a token": lambda world, item, _: world.sessions.create(
        UPDATE, "user", {"library_item_id": item}, str(uuid4())
    ),
    "create a download session": lambda world, item, _: world.sessions.create(
        DOWNLOAD, "user", {"library_item_id": item}
    ),
    "list what is one's own": lambda world, _item, _session: world.sessions.list_ids(DOWNLOAD, "user"),
    "read": lambda world, _, session: world.sessions.get(DOWNLOAD, session),
    "keep alive": lambda world, _, session: world.sessions.keep_alive(DOWNLOAD, session),
    "cancel": lambda world, _, session: world.sessions.cancel(DOWNLOAD, session),
    "delete": lambda world, _, session: world.sessions.delete(DOWNLOAD, session),
    "upload and complete": file_of_a_session,
    "make an item": new_item,
    "make an item among many": in_the_crowd,
    "list the items of a library": lambda world, item, _: world.libraries.item_ids(
        world.libraries.item(item).library_id
    ),
}


def looked_at(act: Act, world: World, item: str, session: str) -> int:
    """At how many sessions and items an act looks."""
    seen: set[int] = set()
    with pytest.MonkeyPatch.context() as patch:
        for kind in (SessionRecord, Item):

            def look(one: Any, name: str) -> Any:
                seen.add(id(one))
                return object.__getattribute__(one, name)

            patch.setattr(kind, "__getattribute__", look)
        act(world, item, session)
    return len(seen)


@pytest.mark.parametrize("act", ACTS.values(), ids=list(ACTS))
def test_a_call_looks_at_no_more_where_there_is_more(act: Act) -> None:
    assert looked_at(act, *crowded(MANY)) == looked_at(act, *crowded(FEW)) <= 4


def test_a_list_of_an_item_looks_at_the_item_s_sessions_only() -> None:
    def act(world: World, item: str, _session: str) -> None:
        other = next(one for one in world.libraries._items if one != item)
        assert len(world.sessions.list_ids(UPDATE, "other", other)) == 1

    assert looked_at(act, *crowded(MANY)) == looked_at(act, *crowded(FEW))


def held(world: World) -> dict[str, int]:
    """How much every collection in a world holds, by the path to it."""
    sizes: dict[str, int] = {}

    def walk(value: Any, path: str, seen: set[int]) -> None:
        if id(value) in seen:
            return
        seen.add(id(value))
        if isinstance(value, dict | list | set) or type(value).__name__ == "SessionTable":
            sizes[path] = len(value)
        if isinstance(value, dict):
            for inner in list(value.values()):
                walk(inner, f"{path}[]", seen)
        elif type(value).__module__.startswith("contract_tests.mock") and hasattr(value, "__dict__"):
            for name, inner in vars(value).items():
                walk(inner, f"{path}.{name}", seen)

    walk(world, "", set())
    return sizes


def come_and_go(world: World, way: str) -> None:
    """A library, an item, sessions of both kinds with files, tokens: made, and gone in one of the ways."""
    home = world.libraries.create_library("user", {"name": "l", "storage_backings": [BACKING]}, str(uuid4()))
    item = world.libraries.create_item("user", {"library_id": home, "name": "i"}, str(uuid4()))
    before = world.sessions.create(UPDATE, "user", {"library_item_id": item})
    world.uploads.receive(
        world.uploads.add(before, {"name": "a", "source_type": "PUSH"}).key, "a", Content.of(b"content")
    )
    world.sessions.complete(before)
    update = world.sessions.create(UPDATE, "user", {"library_item_id": item}, str(uuid4()))
    for name in ("b", "b", "c"):  # announced twice, and taken out again
        world.uploads.add(update, {"name": name, "source_type": "PUSH"})
    world.uploads.remove(update, "c")
    download = world.sessions.create(DOWNLOAD, "user", {"library_item_id": item}, str(uuid4()))
    world.downloads.prepare(download, {"file_name": "a"})
    if way == "delete":
        world.sessions.cancel(UPDATE, update)
        for service, session in ((UPDATE, before), (UPDATE, update), (DOWNLOAD, download)):
            world.sessions.delete(service, session)
    elif way == "cancel":
        world.sessions.cancel(UPDATE, update)
        world.sessions.cancel(DOWNLOAD, download)
    elif way == "fail":
        world.sessions.fail(UPDATE, update, {"client_error_message": "no"})
    elif way == "complete":
        world.uploads.remove(update, "b")
        world.sessions.complete(update)
    if way in {"expire", "cancel", "fail", "complete"}:
        assert isinstance(world.clock, ManualClock)
        world.clock.advance(306)
        world.sessions.list_ids(UPDATE, "user")
    if way == "delete the item":
        world.delete_item(item)
    world.delete_library(home)


@pytest.mark.parametrize(
    "way", ["delete", "cancel", "fail", "complete", "expire", "delete the item", "delete the library"]
)
def test_what_is_gone_leaves_nothing_behind(way: str) -> None:
    world = World(ManualClock(), MockSettings())
    for _ in range(3):
        come_and_go(world, way)
    after_three = held(world)
    for _ in range(50):
        come_and_go(world, way)
    grown = {path: size for path, size in held(world).items() if size > after_three.get(path, 0)}
    # Moments at which a deleted session would have ended are let go by the hundred.
    assert grown.pop(".sessions.by_id._watched", 0) <= 101
    assert grown == {}


def test_every_forgotten_session_is_told_of_once() -> None:
    told: list[str] = []
    world, item, session = crowded(3)
    world.sessions.when_forgotten.append(lambda one: told.append(one.id))
    world.sessions.delete(DOWNLOAD, session)
    world.sessions.forget_items([item])
    assert len(told) == len(set(told)) == 4


def test_many_that_end_at_once_are_forgotten_by_and_by() -> None:
    told: list[str] = []
    world, item, _ = crowded(FORGOTTEN_AT_ONCE)
    assert isinstance(world.clock, ManualClock)
    world.sessions.when_forgotten.append(lambda one: told.append(one.id))
    there = len(world.sessions.by_id)
    assert there > 2 * FORGOTTEN_AT_ONCE
    world.clock.advance(306)
    world.sessions.create(DOWNLOAD, "user", {"library_item_id": item})
    assert len(told) == FORGOTTEN_AT_ONCE
    assert world.sessions.list_ids(DOWNLOAD, "other") == []
    for _ in range(there // FORGOTTEN_AT_ONCE + 1):
        world.sessions.create(DOWNLOAD, "user", {"library_item_id": item})
    assert len(told) == len(set(told)) == there
