"""The 6.0 forms of keep-alive: XML, form fields, and the id in the body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.contract.words import Dialect, Service
from contract_tests.mock.domain.model import RULES

from .speaker import Speaker, sessions

if TYPE_CHECKING:
    import httpx

XML = "application/xml"
FORM = "application/x-www-form-urlencoded"
BILLION = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.fixture
def rest() -> Speaker:
    return Speaker(Dialect.REST)


def send(rest: Speaker, service: Service, session: str | None, content: str, kind: str) -> httpx.Response:
    """Keep-alive with the id in the path, or, for None, in the body only."""
    return rest.http.post(
        rest.path(sessions(service), session, "keep-alive"), content=content, headers={"content-type": kind}
    )


def xml(service: Service, *members: tuple[str, str | int], namespace: str | None = None) -> str:
    space = RULES[service].xml_namespace if namespace is None else namespace
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in members)
    return f'<?xml version="1.0" ?><n:KeepAlive-Input xmlns:n="{space}">{inside}</n:KeepAlive-Input>'


@pytest.mark.parametrize("kind", [XML, "text/xml", "text/xml; charset=utf-8"])
def test_xml_as_on_the_page(rest: Speaker, service: Service, kind: str) -> None:
    session, rules = rest.session(service), RULES[service]
    content = xml(service, (rules.progress_member, 10), (rules.id_member, session))
    assert send(rest, service, session, content, kind).status_code == 200
    assert send(rest, service, None, content, kind).status_code == 200
    assert rest.read(service, session)["client_progress"] == 10


@pytest.mark.parametrize(
    "template",
    [
        "<KeepAlive-Input><{0}> 10 </{0}></KeepAlive-Input>",
        '<KeepAlive-Input xmlns="{1}"><{0}>10</{0}></KeepAlive-Input>',
        '<n:KeepAlive-Input xmlns:n="{1}"><n:{0}>10</n:{0}></n:KeepAlive-Input>',
    ],
)
def test_xml_with_and_without_namespaces(rest: Speaker, service: Service, template: str) -> None:
    session, rules = rest.session(service), RULES[service]
    content = template.format(rules.progress_member, rules.xml_namespace)
    assert send(rest, service, session, content, XML).status_code == 200
    assert rest.read(service, session)["client_progress"] == 10


def test_xml_may_be_empty(rest: Speaker, service: Service) -> None:
    session = rest.session(service)
    assert send(rest, service, session, "<KeepAlive-Input/>", XML).status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        "<KeepAlive-Input>",
        "<Create-Input/>",
        '<KeepAlive-Input xmlns="http://example.org"/>',
        "<KeepAlive-Input><client_progress><x/></client_progress></KeepAlive-Input>",
        "<KeepAlive-Input><client_progress>1</client_progress><client_progress>2</client_progress></KeepAlive-Input>",
        f"{BILLION}<KeepAlive-Input><client_progress>&b;</client_progress></KeepAlive-Input>",
        f"{OUTSIDE}<KeepAlive-Input><client_progress>&a;</client_progress></KeepAlive-Input>",
        "<!DOCTYPE KeepAlive-Input><KeepAlive-Input/>",
        '<?xml version="1.0" encoding="no-such-encoding"?><KeepAlive-Input/>',
        "{}",
    ],
)
def test_other_xml_is_refused(rest: Speaker, content: str) -> None:
    session = rest.session(Service.UPDATE)
    rest.refused(send(rest, Service.UPDATE, session, content, XML), 400, "INVALID_REQUEST")
    assert rest.read(Service.UPDATE, session)["client_progress"] == 0


def test_the_namespace_of_the_other_service_is_wrong(rest: Speaker) -> None:
    session = rest.session(Service.UPDATE)
    content = xml(Service.UPDATE, namespace=RULES[Service.DOWNLOAD].xml_namespace)
    rest.refused(send(rest, Service.UPDATE, session, content, XML), 400, "INVALID_REQUEST")


@pytest.mark.parametrize("value", ["", "ten", "1.5", "1e1", "9" * 41, "9" * 20, "101", "-1"])
@pytest.mark.parametrize("kind", [XML, FORM])
def test_text_that_is_no_progress_is_refused(rest: Speaker, service: Service, value: str, kind: str) -> None:
    session, member = rest.session(service), RULES[service].progress_member
    content = xml(service, (member, value)) if kind == XML else f"{member}={value}"
    rest.refused(send(rest, service, session, content, kind), 400, "INVALID_ARGUMENT")
    assert rest.read(service, session)["client_progress"] == 0


def test_form_fields_as_on_the_page(rest: Speaker, service: Service) -> None:
    session, rules = rest.session(service), RULES[service]
    content = f"&{rules.progress_member}=10\n".strip() + f"&{rules.id_member}={session}"
    assert send(rest, service, session, content, FORM).status_code == 200
    assert send(rest, service, None, content, FORM).status_code == 200
    assert rest.read(service, session)["client_progress"] == 10


@pytest.mark.parametrize("content", ["client_progress=1&client_progress=2", "client_progress=%FF"])
def test_forms_that_cannot_be_read(rest: Speaker, content: str) -> None:
    session = rest.session(Service.UPDATE)
    rest.refused(send(rest, Service.UPDATE, session, content, FORM), 400, "INVALID_REQUEST")


def test_json_with_the_id_in_the_body(rest: Speaker, service: Service) -> None:
    session, rules = rest.session(service), RULES[service]
    path = rest.path(sessions(service)) + "?~action=keep-alive"
    body = {rules.id_member: session, rules.progress_member: 10}
    assert rest.http.post(path, json=body).status_code == 200
    assert rest.act(service, session, "keep-alive", json=body).status_code == 200
    assert rest.read(service, session)["client_progress"] == 10
    rest.refused(rest.http.post(path, json={rules.id_member: "no"}), 404, "NOT_FOUND")
    for wrong in ("", "null", "[]", "{}", f'{{"{rules.id_member}": 1}}'):
        rest.refused(rest.http.post(path, content=wrong), 400, "INVALID_ARGUMENT")


def test_two_ids_that_differ_are_refused(rest: Speaker, service: Service) -> None:
    session = rest.session(service)
    answer = rest.act(service, session, "keep-alive", json={RULES[service].id_member: "other"})
    rest.refused(answer, 400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("kind", [XML, FORM])
def test_the_newer_dialect_has_none_of_this(service: Service, kind: str) -> None:
    api = Speaker(Dialect.API)
    session = api.session(service)
    rules = RULES[service]
    answer = api.act(service, session, "keep-alive", content="x", headers={"content-type": kind})
    api.refused(answer, 415, "ERROR")
    answer = api.act(service, session, "keep-alive", json={rules.id_member: session})
    api.refused(answer, 400, "INVALID_ARGUMENT")


def test_other_operations_take_json_only(rest: Speaker, service: Service) -> None:
    answer = rest.http.post(rest.path(sessions(service)), content="<Create-Input/>", headers={"content-type": XML})
    rest.refused(answer, 415, "ERROR")
