"""SOAP at `/sdk`: the little that clients of the library take."""

from __future__ import annotations

from http.cookiejar import CookieJar
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pytest
from defusedxml import ElementTree

from contract_tests.contract.words import Dialect
from contract_tests.mock import MockSettings, User
from contract_tests.mock.domain.access import Logins

from .speaker import Speaker

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    import httpx

CONTENT = "<RetrieveServiceContent><_this>ServiceInstance</_this></RetrieveServiceContent>"
XSI = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
FOLDERS = """<selectSet i:type="TraversalSpec"><name>down</name><type>Folder</type><path>childEntity</path>
    <skip>false</skip><selectSet i:type="SelectionSpec"><name>down</name></selectSet><selectSet
    i:type="TraversalSpec"><type>Datacenter</type><path>datastoreFolder</path><skip>true</skip><selectSet
    i:type="SelectionSpec"><name>down</name></selectSet></selectSet></selectSet>"""
PARENTS = """<selectSet i:type="TraversalSpec"><name>up</name><type>ManagedEntity</type><path>parent</path>
    <selectSet i:type="SelectionSpec"><name>up</name></selectSet></selectSet>"""


@pytest.fixture
def speaker() -> Speaker:
    made = Speaker(Dialect.REST)
    made.http.cookies = CookieJar()  # the own one of a speaker keeps nothing
    del made.http.headers["vmware-api-session-id"]
    return made


def say(speaker: Speaker, request: str) -> httpx.Response:
    envelope = (
        f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{request}</e:Body></e:Envelope>'
    )
    return speaker.http.post("/sdk", content=envelope, headers={"content-type": "text/xml"})


def ask(speaker: Speaker, method: str, arguments: str = "", this: str = "SessionManager") -> httpx.Response:
    return say(speaker, f'<{method} xmlns="urn:vim25" {XSI}><_this type="X">{this}</_this>{arguments}</{method}>')


def log_in(speaker: Speaker, name: str = "user", password: str = "pass") -> httpx.Response:
    named = f"<userName>{escape(name)}</userName><password>{escape(password)}</password>"
    return ask(speaker, "Login", named)


def collect(
    speaker: Speaker, start: str, kinds: str, ways: str = "", method: str = "RetrievePropertiesEx"
) -> httpx.Response:
    kind, _, value = start.partition(":")
    wanted = "".join(
        f"<propSet><type>{one}</type>{''.join(f'<pathSet>{path}</pathSet>' for path in paths.split(','))}</propSet>"
        for one, _, paths in (part.partition("=") for part in kinds.split())
    )
    begun = f'<objectSet><obj type="{kind}">{value}</obj>{ways}</objectSet>'
    return ask(speaker, method, f"<specSet>{wanted}{begun}</specSet>", "propertyCollector")


def tree(answer: httpx.Response) -> Element:
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    found: Element = ElementTree.fromstring(answer.content)
    for element in found.iter():
        element.tag = element.tag.rpartition("}")[2]
    return found


def fault(answer: httpx.Response) -> str:
    assert answer.status_code == 500
    (named,) = tree(answer).iterfind("Body/Fault/detail/*")
    return named.tag


def shown(answer: httpx.Response) -> dict[str, dict[str, str]]:
    """The properties of each object that was found, in that order."""
    assert answer.status_code == 200, answer.text
    return {
        element.findtext("obj", ""): {
            one.findtext("name", ""): " ".join("".join(part.itertext()).strip() for part in one.findall("val"))
            for one in element.findall("propSet")
        }
        for element in tree(answer).iter()
        if element.find("obj") is not None and element.tag in {"objects", "returnval"}
    }


def test_the_service_says_what_it_is_to_anybody(speaker: Speaker) -> None:
    found = tree(say(speaker, CONTENT))
    assert found.findtext(".//about/apiType") == "VirtualCenter"
    for member in ("rootFolder", "propertyCollector", "sessionManager", "searchIndex"):
        assert found.findtext(f".//returnval/{member}")
    versions = tree_of_versions(speaker)
    assert found.findtext(".//about/apiVersion") == versions


def test_storage_policies_are_greeted_and_no_more(speaker: Speaker) -> None:
    def asked(method: str, path: str) -> httpx.Response:
        body = f"<Envelope><Body><{method}><_this>ServiceInstance</_this></{method}></Body></Envelope>"
        return speaker.http.post(path, content=body)

    answer = asked("PbmRetrieveServiceContent", "/pbm")
    assert b'<PbmRetrieveServiceContentResponse xmlns="urn:pbm">' in answer.content
    assert tree(answer).findtext(".//returnval/profileManager") == "PbmProfileProfileManager"
    assert fault(asked("PbmQueryProfile", "/pbm")) == "MethodNotFoundFault"
    assert fault(asked("PbmRetrieveServiceContent", "/sdk")) == "MethodNotFoundFault"
    assert fault(asked("RetrieveServiceContent", "/pbm")) == "MethodNotFoundFault"


def tree_of_versions(speaker: Speaker) -> str:
    answer = speaker.http.get("/sdk/vimServiceVersions.xml")
    assert answer.status_code == 200
    found = tree(answer)
    assert found.findtext("namespace/name") == "urn:vim25"
    return found.findtext("namespace/version", "")


def test_a_session_is_told_and_ends(speaker: Speaker) -> None:
    answer = log_in(speaker)
    session = tree(answer)
    assert session.findtext(".//userName") == "user"
    assert session.findtext(".//loginTime") == "2026-01-02T03:04:05.678Z"
    key = session.findtext(".//key", "")
    assert answer.cookies["vmware_soap_session"].strip('"') == key
    asked = "SessionManager:SessionManager", "SessionManager=currentSession"
    assert "user" in shown(collect(speaker, *asked))["SessionManager"]["currentSession"]
    speaker.clock.advance(1)
    assert tree(ask(speaker, "CurrentTime")).findtext(".//returnval") == "2026-01-02T03:04:06.678Z"

    def active(session: str, user: str) -> str | None:
        named = f"<sessionID>{session}</sessionID><userName>{user}</userName>"
        return tree(ask(speaker, "SessionIsActive", named)).findtext(".//returnval")

    assert (active(key, "user"), active(key, "other"), active("another", "user")) == ("true", "false", "false")
    assert tree(ask(speaker, "Logout")).find("Body/LogoutResponse") is not None
    assert shown(collect(speaker, *asked)) == {"SessionManager": {}}
    assert fault(ask(speaker, "CurrentTime")) == "NotAuthenticatedFault"


@pytest.mark.parametrize(("name", "password"), [("user", "wrong"), ("nobody", "pass"), ("", ""), ("<&>", "<&>")])
def test_others_do_not_come_in(speaker: Speaker, name: str, password: str) -> None:
    answer = log_in(speaker, name, password)
    assert fault(answer) == "InvalidLoginFault"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["Logout", "SessionIsActive", "CurrentTime"])
def test_most_methods_need_a_session(speaker: Speaker, method: str) -> None:
    assert fault(ask(speaker, method)) == "NotAuthenticatedFault"
    speaker.http.cookies.set("vmware_soap_session", "made up")
    assert fault(ask(speaker, method)) == "NotAuthenticatedFault"


def test_the_inventory_needs_a_session(speaker: Speaker) -> None:
    assert fault(collect(speaker, "Folder:group-d1", "Folder=name")) == "NotAuthenticatedFault"


def test_a_datastore_is_found_from_the_root(speaker: Speaker) -> None:
    log_in(speaker)
    kinds = "ManagedEntity=name Datastore=summary.url,summary.capacity,summary.accessible,summary.no"
    found = shown(collect(speaker, "Folder:group-d1", kinds, FOLDERS))
    assert list(found) == ["group-d1", "datacenter-1", "datastore-11"]
    assert found["datacenter-1"] == {"name": "mock-datacenter"}
    assert found["datastore-11"] == {
        "name": "mock-datastore",
        "summary.url": "ds:///vmfs/volumes/datastore-11/",
        "summary.capacity": str(1000 * 2**30),
        "summary.accessible": "true",
    }


@pytest.mark.parametrize("method", ["RetrieveProperties", "RetrievePropertiesEx"])
def test_the_way_up_is_found_too(speaker: Speaker, method: str) -> None:
    log_in(speaker)
    found = shown(collect(speaker, "Datastore:datastore-11", "ManagedEntity=name,parent", PARENTS, method))
    assert list(found) == ["datastore-11", "group-s1", "datacenter-1", "group-d1"]
    assert found["group-s1"] == {"name": "datastore", "parent": "datacenter-1"}
    assert "parent" not in found["group-d1"]


def test_a_way_is_gone_from_objects_of_its_type_only(speaker: Speaker) -> None:
    log_in(speaker)
    way = '<selectSet i:type="TraversalSpec"><type>VirtualMachine</type><path>parent</path></selectSet>'
    assert list(shown(collect(speaker, "Datastore:datastore-11", "ManagedEntity=name", way))) == ["datastore-11"]
    found = shown(collect(speaker, "Datastore:datastore-11", "ManagedEntity=name VirtualMachine=parent"))
    assert found == {"datastore-11": {"name": "mock-datastore"}}


def test_a_start_that_is_skipped_is_not_shown(speaker: Speaker) -> None:
    log_in(speaker)
    ways = f"<skip>true</skip>{FOLDERS}"
    assert list(shown(collect(speaker, "Folder:group-d1", "Folder=name", ways))) == ["datacenter-1", "datastore-11"]


def test_values_say_of_which_type_they_are(speaker: Speaker) -> None:
    log_in(speaker)
    answer = collect(speaker, "Datacenter:datacenter-1", "Datacenter=name,parent,datastore,summary")
    kinds = [value.get("{http://www.w3.org/2001/XMLSchema-instance}type") for value in tree(answer).iter("val")]
    assert kinds == ["xsd:string", "ManagedObjectReference", "ArrayOfManagedObjectReference"]
    (parent,) = [value for value in tree(answer).iter("val") if value.get("type")]
    assert (parent.get("type"), parent.text) == ("Folder", "group-d1")
    whole = collect(speaker, "Datastore:datastore-11", "Datastore=summary,summary.capacity,summary.accessible")
    kinds = [value.get("{http://www.w3.org/2001/XMLSchema-instance}type") for value in tree(whole).iter("val")]
    assert kinds == ["DatastoreSummary", "xsd:long", "xsd:boolean"]


def test_all_properties_may_be_asked_for(speaker: Speaker) -> None:
    log_in(speaker)
    begun = '<objectSet><obj type="Datastore">datastore-11</obj></objectSet>'
    wanted = "<propSet><type>Datastore</type><all>true</all></propSet>"
    found = shown(ask(speaker, "RetrieveProperties", f"<specSet>{wanted}{begun}</specSet>"))
    assert set(found["datastore-11"]) == {"name", "parent", "summary"}


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        ("<PowerOn/>", "InvalidRequestFault"),
        ('<PowerOn><_this type="X">x</_this></PowerOn>', "MethodNotFoundFault"),
        ("", "InvalidRequestFault"),
        (CONTENT * 2, "InvalidRequestFault"),
        ("<A>", "InvalidRequestFault"),
    ],
)
def test_what_is_no_request_is_refused(speaker: Speaker, request_: str, name: str) -> None:
    assert fault(say(speaker, request_)) == name


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"<Envelope/>",
        b'<!DOCTYPE e [<!ENTITY x "y">]><Envelope><Body>&x;</Body></Envelope>',
        f"<!DOCTYPE e><Envelope><Body>{CONTENT}</Body></Envelope>".encode(),
    ],
)
def test_what_is_no_envelope_is_refused(speaker: Speaker, content: bytes) -> None:
    assert fault(speaker.http.post("/sdk", content=content)) == "InvalidRequestFault"


def test_an_object_that_does_not_exist_is_told(speaker: Speaker) -> None:
    log_in(speaker)
    assert fault(collect(speaker, "Datastore:datastore-59", "Datastore=name")) == "ManagedObjectNotFoundFault"


def test_other_methods_of_http_are_refused_as_everywhere(speaker: Speaker) -> None:
    for path in ("/sdk", "/pbm", "/sdk/vimServiceVersions.xml"):
        assert speaker.http.delete(path).json()["error_type"] == "NOT_FOUND"


def test_selections_that_are_nested_without_end_are_refused(
    speaker: Speaker, capsys: pytest.CaptureFixture[str]
) -> None:
    log_in(speaker)
    deep = "<selectSet>" * 5000 + "</selectSet>" * 5000
    assert fault(collect(speaker, "Folder:group-d1", "Folder=name", deep)) == "InvalidRequestFault"
    assert capsys.readouterr().err == ""


def test_a_mistake_of_the_server_is_a_fault_too(speaker: Speaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Logins, "log_in", lambda *_: 1 // 0)
    assert fault(log_in(speaker)) == "RuntimeFaultFault"


def test_a_password_is_taken_to_the_letter() -> None:
    speaker = Speaker(Dialect.API, settings=MockSettings(users=(User("user", "pass"), User("u", " p&<"))))
    assert log_in(speaker, "u", " p&<").status_code == 200


def test_a_body_that_is_too_large_is_refused() -> None:
    speaker = Speaker(Dialect.API, settings=MockSettings(json_limit=1000))
    assert say(speaker, CONTENT + " " * 1000).status_code == 413
