"""The operations by JSON-RPC: each of them, and that they are those of the other dialects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.contract.words import Dialect, Service
from contract_tests.mock.domain.model import RULES
from contract_tests.mock.jsonrpc.operations import OPERATIONS

from .remote import CONTENT, Remote, some, structure
from .speaker import Speaker, sessions

if TYPE_CHECKING:
    import httpx

CIS = "com.vmware.cis.session"
LIBRARY = f"{CONTENT}.library"
LOCAL = f"{CONTENT}.local_library"
ITEM = f"{LIBRARY}.item"
UPDATE = f"{ITEM}.update_session"
DOWNLOAD = f"{ITEM}.download_session"
UPLOADS = f"{ITEM}.updatesession.file"
DOWNLOADS = f"{ITEM}.downloadsession.file"
OF_SERVICE = {Service.UPDATE: UPDATE, Service.DOWNLOAD: DOWNLOAD}


def library_model(**members: Any) -> dict[str, Any]:
    return structure(f"{CONTENT}.library_model", **{name: some(value) for name, value in members.items()})


def item_model(**members: Any) -> dict[str, Any]:
    return structure(f"{LIBRARY}.item_model", **{name: some(value) for name, value in members.items()})


def session_model(service: str, **members: Any) -> dict[str, Any]:
    return structure(f"{service}_model", **{name: some(value) for name, value in members.items()})


def backing() -> dict[str, Any]:
    return structure(f"{LIBRARY}.storage_backing", type=some("DATASTORE"), datastore_id=some("datastore-11"))


class Pair:
    """A server with a client that speaks a dialect by HTTP, and with one that speaks JSON-RPC."""

    def __init__(self, dialect: Dialect = Dialect.API) -> None:
        self.speaker = Speaker(dialect, control=True)
        self.remote = Remote(self.speaker.http)
        self.remote.log_in()

    def library(self) -> str:
        spec = library_model(name="library", type="LOCAL", storage_backings=[backing()])
        return str(self.remote.value(LOCAL, "create", create_spec=spec))

    def item(self, library: str, name: str = "item") -> str:
        return str(self.remote.value(ITEM, "create", create_spec=item_model(name=name, library_id=library)))

    def session(self, service: Service, item: str) -> str:
        model = session_model(OF_SERVICE[service], library_item_id=item)
        return str(self.remote.value(OF_SERVICE[service], "create", create_spec=model))


@pytest.fixture
def pair() -> Pair:
    return Pair()


def test_every_operation_does_what_it_is_for(pair: Pair) -> None:  # noqa: PLR0915 - all of them
    value, output = pair.remote.value, pair.remote.output
    assert value(CIS, "get")["user"] == "user"
    library = pair.library()
    assert value(LOCAL, "list") == value(LIBRARY, "list") == [library]
    output(LOCAL, "update", library_id=library, update_spec=library_model(description="d"))
    output(LIBRARY, "update", library_id=library, update_spec=library_model(name="n"))
    shown = value(LOCAL, "get", library_id=library)
    assert (shown["name"], shown["description"], shown["type"]) == ("n", "d", "LOCAL")
    assert value(LIBRARY, "get", library_id=library) == shown
    assert value(LIBRARY, "find", spec=structure(f"{LIBRARY}.find_spec", name=some("n"))) == [library]

    item = pair.item(library)
    output(ITEM, "update", library_item_id=item, update_spec=item_model(name="i"))
    assert value(ITEM, "get", library_item_id=item)["name"] == "i"
    assert value(ITEM, "list", library_id=library) == [item]
    assert value(ITEM, "find", spec=structure(f"{ITEM}.find_spec", name=some("i"))) == [item]

    update = value(UPDATE, "create", create_spec=session_model(UPDATE, library_item_id=item))
    output(UPDATE, "keep_alive", update_session_id=update, client_progress=some(5))
    output(UPDATE, "keep_alive", update_session_id=update)
    ignored = structure(f"{ITEM}.updatesession.warning_behavior", type="EXPIRED_CERTIFICATE", ignored=True)
    output(UPDATE, "update", update_session_id=update, update_spec=session_model(UPDATE, warning_behavior=[ignored]))
    session = value(UPDATE, "get", update_session_id=update)
    assert (session["client_progress"], session["state"]) == (5, "ACTIVE")
    assert session["warning_behavior"] == [{"type": "EXPIRED_CERTIFICATE", "ignored": True}]
    assert value(UPDATE, "list", library_item_id=some(item)) == value(UPDATE, "list") == [update]
    for name in ("a", "b"):
        spec = structure(f"{UPLOADS}.add_spec", name=name, source_type="PUSH", size=some(3))
        added = value(UPLOADS, "add", update_session_id=update, file_spec=spec)
        assert added["status"] == "WAITING_FOR_TRANSFER"
    assert pair.speaker.http.put(added["upload_endpoint"]["uri"], content=b"abc").is_success
    assert [one["name"] for one in value(UPLOADS, "list", update_session_id=update)] == ["a", "b"]
    assert value(UPLOADS, "get", update_session_id=update, file_name="b")["status"] == "READY"
    output(UPLOADS, "remove", update_session_id=update, file_name="a")
    nothing_wrong = {"has_errors": False, "missing_files": [], "invalid_files": []}
    assert value(UPLOADS, "validate", update_session_id=update) == nothing_wrong
    output(UPDATE, "complete", update_session_id=update)
    assert value(UPDATE, "get", update_session_id=update)["state"] == "DONE"
    output(UPDATE, "delete", update_session_id=update)
    assert value(UPDATE, "list") == []
    for operation, state, reason in (("cancel", "CANCELED", None), ("fail", "ERROR", "why")):
        ended = value(UPDATE, "create", create_spec=session_model(UPDATE, library_item_id=item))
        output(UPDATE, operation, update_session_id=ended, client_error_message=reason)
        assert value(UPDATE, "get", update_session_id=ended)["state"] == state

    assert [one["name"] for one in value(f"{ITEM}.file", "list", library_item_id=item)] == ["b"]
    assert value(f"{ITEM}.file", "get", library_item_id=item, name="b")["size"] == 3
    [stored] = value(f"{ITEM}.storage", "list", library_item_id=item)
    assert stored["storage_uris"]
    assert value(f"{ITEM}.storage", "get", library_item_id=item, file_name="b") == [stored]

    download = value(DOWNLOAD, "create", create_spec=session_model(DOWNLOAD, library_item_id=item))
    output(DOWNLOAD, "keep_alive", download_session_id=download, progress=some(7))
    assert value(DOWNLOAD, "get", download_session_id=download)["client_progress"] == 7
    assert value(DOWNLOAD, "list", library_item_id=some(item)) == [download]
    [file] = value(DOWNLOADS, "list", download_session_id=download)
    assert file["status"] == "UNPREPARED"
    wanted = {"download_session_id": download, "file_name": "b"}
    assert "invalid_argument" in pair.remote.refused(DOWNLOADS, "prepare", **wanted, endpoint_type=some("DIRECT"))
    prepared = value(DOWNLOADS, "prepare", **wanted, endpoint_type=some("HTTPS"))
    assert prepared["status"] == "PREPARED"
    assert value(DOWNLOADS, "get", **wanted) == prepared
    assert pair.speaker.http.get(prepared["download_endpoint"]["uri"]).content == b"abc"
    output(DOWNLOAD, "cancel", download_session_id=download)
    output(DOWNLOAD, "delete", download_session_id=download)
    failed = value(DOWNLOAD, "create", create_spec=session_model(DOWNLOAD, library_item_id=item))
    output(DOWNLOAD, "fail", download_session_id=failed, client_error_message="why")
    assert value(DOWNLOAD, "get", download_session_id=failed)["error_message"]["args"] == ["why"]

    copied = item_model(name="copy", library_id=library)
    copy = value(ITEM, "copy", source_library_item_id=item, destination_create_spec=copied)
    assert value(ITEM, "get", library_item_id=copy)["size"] == 3
    output(ITEM, "delete", library_item_id=copy)
    output(LOCAL, "delete", library_id=library)
    output(LOCAL, "force_delete", library_id=pair.library())
    output(LIBRARY, "delete", library_id=pair.library())
    output(LIBRARY, "force_delete", library_id=pair.library())
    assert value(LIBRARY, "list") == []
    output(CIS, "delete")
    assert pair.remote.called == OPERATIONS.keys()


def test_a_client_token_makes_a_creation_happen_once(pair: Pair) -> None:
    library = pair.library()
    token = some("0e9f2a3c-59a4-4c7e-9a55-2f3f9a1f0a11")
    spec = item_model(name="item", library_id=library)
    first = pair.remote.value(ITEM, "create", client_token=token, create_spec=spec)
    assert pair.remote.value(ITEM, "create", client_token=token, create_spec=spec) == first


def waits(pair: Pair, _service: Service, _session: str, number: int) -> None:
    pair.speaker.clock.advance(number + 1)


def is_warned(pair: Pair, _service: Service, session: str, _number: int) -> None:
    pair.speaker.http.post("/_control/warnings", json={"session": session, "type": "EXPIRED_CERTIFICATE"})


def is_told_to_ignore(pair: Pair, _service: Service, session: str, number: int) -> None:
    one = structure(f"{ITEM}.updatesession.warning_behavior", type="EXPIRED_CERTIFICATE", ignored=number > 50)
    spec = session_model(UPDATE, warning_behavior=[one])
    pair.remote.result(UPDATE, "update", update_session_id=session, update_spec=spec)


def gets_a_file(pair: Pair, _service: Service, session: str, number: int) -> None:
    spec = structure(f"{UPLOADS}.add_spec", name=str(number), source_type="PUSH")
    pair.remote.result(UPLOADS, "add", update_session_id=session, file_spec=spec)


def is_kept_alive(pair: Pair, service: Service, session: str, number: int) -> None:
    own = {f"{service}_session_id": session, RULES[service].progress_member: some(number)}
    pair.remote.result(OF_SERVICE[service], "keep_alive", **own)


def is_kept_alive_by_http(pair: Pair, service: Service, session: str, number: int) -> None:
    pair.speaker.act(service, session, "keep-alive", json={RULES[service].progress_member: number})


def fails(pair: Pair, service: Service, session: str, number: int) -> None:
    own = {f"{service}_session_id": session, "client_error_message": str(number)}
    pair.remote.result(OF_SERVICE[service], "fail", **own)


def fails_by_http(pair: Pair, service: Service, session: str, number: int) -> None:
    pair.speaker.act(service, session, "fail", json={"client_error_message": str(number)})


def is_canceled(pair: Pair, service: Service, session: str, _number: int) -> None:
    pair.remote.result(OF_SERVICE[service], "cancel", **{f"{service}_session_id": session})


def is_completed(pair: Pair, _service: Service, session: str, _number: int) -> None:
    pair.remote.result(UPDATE, "complete", update_session_id=session)


STEPS = (
    waits,
    is_warned,
    is_told_to_ignore,
    gets_a_file,
    is_kept_alive,
    is_kept_alive_by_http,
    fails,
    fails_by_http,
    is_canceled,
    is_completed,
)


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("service", list(Service))
@settings(max_examples=20)
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(-1, 101)), max_size=6))
def test_a_session_is_the_same_in_all_dialects(dialect: Dialect, service: Service, steps: Any) -> None:
    """Whatever happens to it, by whichever of them. Of steps that only the other service has, nothing comes."""
    pair = Pair(dialect)
    session = pair.session(service, pair.item(pair.library()))
    for step, number in steps:
        step(pair, service, session, number)
        shown = pair.speaker.http.get(pair.speaker.path(sessions(service), session))
        own = {f"{service}_session_id": session}
        if shown.is_success:
            assert pair.remote.value(OF_SERVICE[service], "get", **own) == pair.speaker.value(shown)
        else:
            assert "not_found" in pair.remote.refused(OF_SERVICE[service], "get", **own)


def test_a_local_library_is_not_a_library_of_any_kind(pair: Pair) -> None:
    answer = pair.speaker.http.post("/_control/subscribed-items", json={}).json()
    for operation in ("get", "delete", "force_delete"):
        assert "invalid_element_type" in pair.remote.refused(LOCAL, operation, library_id=answer["library"])
    spec = library_model(name="n")
    assert "invalid_element_type" in pair.remote.refused(
        LOCAL, "update", library_id=answer["library"], update_spec=spec
    )
    assert answer["library"] not in pair.remote.value(LOCAL, "list")
    assert pair.remote.value(LIBRARY, "get", library_id=answer["library"])["type"] == "SUBSCRIBED"
    pair.remote.output(LIBRARY, "delete", library_id=answer["library"])
    assert pair.remote.value(LIBRARY, "list") == []


@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_refusal_says_the_same_in_all_dialects(dialect: Dialect) -> None:
    pair = Pair(dialect)
    speaker, remote, service = pair.speaker, pair.remote, Service.UPDATE
    item = pair.item(pair.library())
    busy, path, spec = pair.session(service, item), sessions(service), {"library_item_id": item}

    def same(told: httpx.Response, operation: str, **members: Any) -> None:
        error = speaker.error(told)
        for message in error["messages"]:
            if isinstance(message.get("params"), list):
                message["params"] = {entry["key"]: entry["value"] for entry in message["params"]}
        assert remote.refused(UPDATE, operation, **members) == {error["error_type"].lower(): error}

    another = speaker.http.post(speaker.path(path), json=speaker.wrapped(spec))
    same(another, "create", create_spec=session_model(UPDATE, library_item_id=item))
    same(speaker.http.get(speaker.path(path, "none")), "get", update_session_id="none")
    same(speaker.http.delete(speaker.path(path, busy)), "delete", update_session_id=busy)
    beyond = speaker.act(service, busy, "keep-alive", json={"client_progress": 101})
    same(beyond, "keep_alive", update_session_id=busy, client_progress=some(101))
    assert speaker.act(service, busy, "cancel").is_success
    same(speaker.act(service, busy, "cancel"), "cancel", update_session_id=busy)
