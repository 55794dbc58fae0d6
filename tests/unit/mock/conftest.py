from __future__ import annotations

import pytest

from contract_tests.contract.words import Dialect, Service
from contract_tests.mock import MockSettings, User, World

from .speaker import BACKING, ManualClock, Speaker


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def world(clock: ManualClock) -> World:
    reader = User("reader", "pass", frozenset())
    return World(clock, MockSettings(users=(User("user", "pass"), User("other", "pass"), reader)))


@pytest.fixture
def item(world: World) -> str:
    library = world.libraries.create_library("user", {"name": "library", "storage_backings": [BACKING]})
    return world.libraries.create_item("user", {"library_id": library, "name": "item"})


@pytest.fixture(params=list(Service))
def service(request: pytest.FixtureRequest) -> Service:
    return Service(request.param)


@pytest.fixture
def session(world: World, item: str, service: Service) -> str:
    return world.sessions.create(service, "user", {"library_item_id": item})


@pytest.fixture
def update(world: World, item: str) -> str:
    return world.sessions.create(Service.UPDATE, "user", {"library_item_id": item})


@pytest.fixture(params=list(Dialect))
def speaker(request: pytest.FixtureRequest) -> Speaker:
    return Speaker(Dialect(request.param), control=True)
