"""What becomes of a client token when what was made with it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.contract.words import Service

if TYPE_CHECKING:
    from contract_tests.mock import World

TOKEN = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def test_a_token_of_what_is_gone_is_as_good_as_new(world: World, item: str) -> None:
    spec = {"library_item_id": item}
    first = world.sessions.create(Service.DOWNLOAD, "user", spec, TOKEN)
    assert world.sessions.create(Service.DOWNLOAD, "user", spec, TOKEN) == first
    world.sessions.delete(Service.DOWNLOAD, first)
    second = world.sessions.create(Service.DOWNLOAD, "user", spec, TOKEN)
    assert second != first
    assert world.sessions.create(Service.DOWNLOAD, "user", spec, TOKEN.upper()) == second
