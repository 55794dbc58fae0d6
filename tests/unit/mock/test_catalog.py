"""What libraries and items are asked and told beside their creation, said in either dialect."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.contract.words import Service

from .speaker import BACKING, Speaker, sessions
from .test_routes import upload, void

if TYPE_CHECKING:
    import httpx

LOCAL, LIBRARY, ITEM = "/content/local-library", "/content/library", "/content/library/item"


def update(speaker: Speaker, path: str, identifier: str, spec: Any) -> httpx.Response:
    return speaker.http.patch(speaker.path(path, identifier), json=speaker.wrapped(spec, "update_spec"))


def find(speaker: Speaker, path: str, spec: Any) -> httpx.Response:
    return speaker.http.post(speaker.path(path, action="find"), json=speaker.wrapped(spec, "spec"))


def shown(speaker: Speaker, path: str, identifier: str) -> Any:
    return speaker.value(speaker.http.get(speaker.path(path, identifier)))


def subscribed(speaker: Speaker) -> tuple[str, str]:
    made = speaker.http.post("/_control/subscribed-items").json()
    return made["library"], made["item"]


def files_of(speaker: Speaker, place: str, item: str, name: str | None = None) -> httpx.Response:
    """The files of an item, or one of them, as one of the two services of files shows them."""
    member = {"file": "name", "storage": "file_name"}[place]
    if not speaker.wraps:
        query = {} if name is None else {member: name}
        return speaker.http.get(f"{speaker.path(ITEM, item)}/{place}", params=query)
    every = f"{speaker.path(ITEM)}/{place}"
    if name is None:
        return speaker.http.get(every, params={"library_item_id": item})
    return speaker.http.post(f"{every}/id:{item}?~action=get", json={member: name})


def test_a_library_is_shown_as_documented(speaker: Speaker) -> None:
    library = speaker.library()
    model = shown(speaker, LIBRARY, library)
    assert model == shown(speaker, LOCAL, library)
    assert isinstance(model.pop("server_guid"), str)
    assert model == {
        "id": library,
        "name": "library",
        "description": "",
        "type": "LOCAL",
        "version": "1",
        "creation_time": "2026-01-02T03:04:05.678Z",
        "last_modified_time": "2026-01-02T03:04:05.678Z",
        "storage_backings": [BACKING],
        "publish_info": {"authentication_method": "NONE", "published": False, "persist_json_enabled": False},
        "state_info": {"state": "ACTIVE"},
        "configuration_info": {"apply_library_usage_to_items": False},
    }


def test_an_item_is_shown_as_documented(speaker: Speaker) -> None:
    library = speaker.library()
    item = speaker.create(ITEM, {"library_id": library, "name": "item", "source_id": "elsewhere"})
    assert shown(speaker, ITEM, item) == {
        "id": item,
        "library_id": library,
        "name": "item",
        "description": "",
        "type": "",
        "version": "1",
        "content_version": "1",
        "metadata_version": "1",
        "creation_time": "2026-01-02T03:04:05.678Z",
        "last_modified_time": "2026-01-02T03:04:05.678Z",
        "size": 0,
        "cached": True,
        "security_compliance": True,
        "source_id": "elsewhere",
    }
    assert "source_id" not in shown(speaker, ITEM, speaker.item(library, "another"))


def test_a_list_of_libraries_is_of_all_kinds_and_that_of_local_ones_is_not(speaker: Speaker) -> None:
    library, (theirs, _) = speaker.library(), subscribed(speaker)
    assert speaker.value(speaker.http.get(speaker.path(LIBRARY))) == [library, theirs]
    assert speaker.value(speaker.http.get(speaker.path(LOCAL))) == [library]
    assert shown(speaker, LIBRARY, theirs)["type"] == "SUBSCRIBED"
    assert "publish_info" not in shown(speaker, LIBRARY, theirs)
    speaker.refused(speaker.http.get(speaker.path(LOCAL, theirs)), 400, "INVALID_ELEMENT_TYPE")


@pytest.mark.parametrize(
    ("path", "spec", "found"),
    [
        # (where, by what, whether it is found)
        (LIBRARY, {"name": "LIBRARY"}, True),
        (LIBRARY, {"name": "librar"}, False),
        (LIBRARY, {"type": "LOCAL", "name": None}, True),
        (LIBRARY, {"type": "SUBSCRIBED", "name": "library"}, False),
        (LIBRARY, {"storage_backing": {"type": "DATASTORE"}}, True),
        (LIBRARY, {"storage_backing": BACKING}, True),
        (LIBRARY, {"storage_backing": BACKING | {"datastore_id": "datastore-12"}}, False),
        (LIBRARY, {"storage_backing": {"type": "OTHER"}}, False),
        (ITEM, {"name": "Item"}, True),
        (ITEM, {"name": "items"}, False),
        (ITEM, {"type": "ISO"}, True),
        (ITEM, {"type": "ovf", "name": "item"}, False),
        (ITEM, {"library_id": "library"}, False),
        (ITEM, {"cached": True, "name": "item"}, True),
        (ITEM, {"cached": False}, False),
        (ITEM, {"source_id": "elsewhere"}, True),
        (ITEM, {"source_id": "nowhere"}, False),
    ],
)
def test_what_matches_all_properties_is_found(speaker: Speaker, path: str, spec: Any, *, found: bool) -> None:
    library = speaker.library()
    wanted = {"library_id": library, "name": "item", "type": "iso", "source_id": "elsewhere"}
    item = speaker.create(ITEM, wanted)
    assert speaker.value(find(speaker, path, spec)) == ([library if path == LIBRARY else item] if found else [])


@pytest.mark.parametrize("path", [LIBRARY, ITEM])
@pytest.mark.parametrize("spec", [{}, {"name": None}, None, [], {"name": 1}, {"cached": "yes", "type": "NEW"}])
def test_a_search_by_nothing_is_refused(speaker: Speaker, path: str, spec: Any) -> None:
    speaker.refused(find(speaker, path, spec), 400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("path", [LIBRARY, LOCAL, ITEM])
def test_an_update_changes_what_it_names(speaker: Speaker, path: str) -> None:
    library = speaker.library()
    identifier = speaker.item(library) if path == ITEM else library
    before = shown(speaker, path, identifier)
    speaker.clock.advance(10)
    void(speaker, update(speaker, path, identifier, {"description": "new", "name": None, "id": "another"}))
    changed = {"description": "new", "version": "2", "last_modified_time": "2026-01-02T03:04:15.678Z"}
    if path == ITEM:
        changed["metadata_version"] = "2"
    assert shown(speaker, path, identifier) == before | changed
    speaker.clock.advance(10)
    void(speaker, update(speaker, path, identifier, {"description": "new", "version": "2"}))
    assert shown(speaker, path, identifier) == before | changed
    void(speaker, update(speaker, path, identifier, {"name": "other", "description": ""}))
    after = shown(speaker, path, identifier)
    assert (after["name"], after["description"], after["version"]) == ("other", "", "3")


@pytest.mark.parametrize(
    ("path", "status", "error_type"),
    [(LIBRARY, 400, "INVALID_ARGUMENT"), (LOCAL, 409, "CONCURRENT_CHANGE"), (ITEM, 400, "INVALID_ARGUMENT")],
)
def test_an_update_of_an_older_version_is_refused(speaker: Speaker, path: str, status: int, error_type: str) -> None:
    library = speaker.library()
    identifier = speaker.item(library) if path == ITEM else library
    void(speaker, update(speaker, path, identifier, {"name": "mine", "version": "1"}))
    speaker.refused(update(speaker, path, identifier, {"name": "yours", "version": "1"}), status, error_type)
    assert shown(speaker, path, identifier)["name"] == "mine"


@pytest.mark.parametrize("path", [LIBRARY, LOCAL, ITEM])
@pytest.mark.parametrize("spec", [None, [], {"name": ""}, {"name": "x" * 81}, {"description": "x" * 2001}])
def test_a_wrong_update_is_refused(speaker: Speaker, path: str, spec: Any) -> None:
    library = speaker.library()
    identifier = speaker.item(library) if path == ITEM else library
    speaker.refused(update(speaker, path, identifier, spec), 400, "INVALID_ARGUMENT")
    speaker.refused(update(speaker, path, "nowhere", {"name": "x"}), 404, "NOT_FOUND")
    assert shown(speaker, path, identifier)["version"] == "1"


def test_a_library_is_not_published(speaker: Speaker) -> None:
    published = {"publish_info": {"authentication_method": "NONE", "published": True}}
    spec = {"name": "l", "storage_backings": [BACKING]}
    for wrong, error_type in ((published, "UNSUPPORTED"), ({"publish_info": {"published": True}}, "INVALID_ARGUMENT")):
        answer = speaker.http.post(speaker.path(LOCAL), json=speaker.wrapped(spec | wrong))
        speaker.refused(answer, 400, error_type)
    speaker.refused(update(speaker, LOCAL, speaker.library(), published), 400, "UNSUPPORTED")


def test_a_name_that_another_item_has_is_refused_and_a_former_one_is_free(speaker: Speaker) -> None:
    library = speaker.library()
    first, second = (speaker.item(library, name) for name in ("first", "second"))
    speaker.refused(update(speaker, ITEM, second, {"name": "first"}), 400, "ALREADY_EXISTS")
    void(speaker, update(speaker, ITEM, first, {"name": "third", "type": "iso"}))
    assert shown(speaker, ITEM, first)["type"] == "iso"
    void(speaker, update(speaker, ITEM, second, {"name": "first"}))
    taken = speaker.wrapped({"library_id": library, "name": "third"})
    speaker.refused(speaker.http.post(speaker.path(ITEM), json=taken), 400, "ALREADY_EXISTS")
    assert speaker.item(library, "second")


def test_an_item_of_a_subscribed_library_is_not_updated(speaker: Speaker) -> None:
    theirs, item = subscribed(speaker)
    speaker.refused(update(speaker, ITEM, item, {"name": "mine"}), 400, "INVALID_ELEMENT_TYPE")
    speaker.refused(update(speaker, LOCAL, theirs, {"name": "mine"}), 400, "INVALID_ELEMENT_TYPE")
    void(speaker, update(speaker, LIBRARY, theirs, {"name": "mine"}))


def test_a_library_of_any_kind_is_deleted_as_such_and_one_of_another_kind_is_no_local_one(speaker: Speaker) -> None:
    library, (theirs, item) = speaker.library(), subscribed(speaker)
    for action in (None, "force-delete"):
        method = "POST" if action else "DELETE"
        answer = speaker.http.request(method, speaker.path(LOCAL, theirs, action))
        speaker.refused(answer, 400, "INVALID_ELEMENT_TYPE")
    void(speaker, speaker.http.delete(speaker.path(LIBRARY, library)))
    void(speaker, speaker.http.post(speaker.path(LIBRARY, theirs, "force-delete")))
    assert speaker.value(speaker.http.get(speaker.path(LIBRARY))) == []
    speaker.refused(speaker.http.get(speaker.path(ITEM, item)), 404, "NOT_FOUND")
    speaker.refused(speaker.http.delete(speaker.path(LIBRARY, theirs)), 404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_library_is_deleted_with_force(speaker: Speaker, method: str) -> None:
    library = speaker.library()
    item = speaker.item(library)
    session = speaker.session(Service.UPDATE, item)
    path = speaker.path(LOCAL, library, "force-delete")
    if method == "DELETE" and not speaker.wraps:
        speaker.refused(speaker.http.request(method, path), 404, "OPERATION_NOT_FOUND")
        return
    void(speaker, speaker.http.request(method, path))
    speaker.refused(speaker.http.get(speaker.path(LIBRARY, library)), 404, "NOT_FOUND")
    speaker.refused(speaker.http.get(speaker.path(ITEM, item)), 404, "NOT_FOUND")
    speaker.refused(speaker.http.get(speaker.path(sessions(Service.UPDATE), session)), 404, "NOT_FOUND")
    speaker.refused(speaker.http.request(method, path), 404, "NOT_FOUND")


@pytest.mark.parametrize("place", ["file", "storage"])
def test_files_are_listed_and_got_by_name(speaker: Speaker, place: str) -> None:
    library = speaker.library()
    item = speaker.item(library)
    upload(speaker, item)
    listed = speaker.value(files_of(speaker, place, item))
    file = {"name": "dir/a b.iso", "size": 5, "version": "2", "cached": True}
    if place == "storage":
        uri = f"ds:///vmfs/volumes/datastore-11/contentlib-{library}/{item}/dir%2Fa%20b.iso"
        file |= {"storage_backing": BACKING, "storage_uris": [uri]}
    assert listed == [file]
    got = speaker.value(files_of(speaker, place, item, "dir/a b.iso"))
    assert got == (listed if place == "storage" else file)
    speaker.refused(files_of(speaker, place, item, "b"), 404, "NOT_FOUND")
    speaker.refused(files_of(speaker, place, "nowhere"), 404, "NOT_FOUND")
    speaker.refused(files_of(speaker, place, "nowhere", "b"), 404, "NOT_FOUND")
    if speaker.wraps:
        path = f"{speaker.path(ITEM)}/{place}"
        speaker.refused(speaker.http.get(path), 400, "INVALID_ARGUMENT")
        speaker.refused(speaker.http.post(f"{path}/id:{item}?~action=get", json={}), 400, "INVALID_ARGUMENT")


def test_new_content_leaves_the_version_of_the_metadata(speaker: Speaker) -> None:
    item = speaker.item()
    upload(speaker, item)
    model = shown(speaker, ITEM, item)
    assert (model["content_version"], model["metadata_version"], model["version"]) == ("2", "1", "1")


def test_an_item_is_copied_with_its_files(speaker: Speaker) -> None:
    library = speaker.library()
    item = speaker.create(ITEM, {"library_id": library, "name": "item", "type": "iso"})
    upload(speaker, item)
    path, token = speaker.path(ITEM, item, "copy"), str(uuid.uuid4())

    def copy(spec: Any) -> httpx.Response:
        if speaker.wraps:
            body = {"destination_create_spec": spec, "client_token": token}
            return speaker.http.post(path, json=body)
        return speaker.http.post(path, json=spec, headers={"client-token": token})

    answer = copy({"library_id": library, "name": "copy"})
    assert answer.status_code == (200 if speaker.wraps else 201)
    made = speaker.value(answer)
    model = shown(speaker, ITEM, made)
    assert (model["type"], model["source_id"], model["size"], model["content_version"]) == ("iso", item, 5, "2")
    assert speaker.value(files_of(speaker, "file", made)) == speaker.value(files_of(speaker, "file", item))
    assert speaker.value(copy({"library_id": library, "name": "copy"})) == made
    token = str(uuid.uuid4())
    speaker.refused(copy({"library_id": library, "name": "copy"}), 400, "ALREADY_EXISTS")
    speaker.refused(copy(None), 400, "INVALID_ARGUMENT")
    path = speaker.path(ITEM, "nowhere", "copy")
    speaker.refused(copy({"library_id": library, "name": "other"}), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", LIBRARY), ("GET", f"{LIBRARY}/x"), ("PATCH", f"{LIBRARY}/x"), ("PATCH", f"{LOCAL}/x"), ("PATCH", ITEM)],
)
def test_unknown_parameters_and_missing_tokens_are_refused(speaker: Speaker, method: str, path: str) -> None:
    whole = speaker.path(path.removesuffix("/x"), "x" if path.endswith("/x") or path == ITEM else None)
    speaker.refused(speaker.http.request(method, f"{whole}?colour=red", json={}), 400, "INVALID_ARGUMENT")
    del speaker.http.headers["vmware-api-session-id"]
    speaker.refused(speaker.http.request(method, whole, json={}), 401, "UNAUTHENTICATED")
