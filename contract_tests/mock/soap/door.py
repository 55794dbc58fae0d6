"""The door for SOAP: the methods at `/sdk`, by a table, and the versions of the service."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement

from contract_tests import __version__
from contract_tests.mock.domain.errors import ApiError
from contract_tests.mock.domain.views import SERVER_GUID
from contract_tests.mock.http.idioms import API
from contract_tests.mock.http.wire import HttpRefusal, Reply
from contract_tests.mock.soap.inventory import PROPERTY_COLLECTOR, ROOT, SESSION_MANAGER, inventory, retrieved, starts
from contract_tests.mock.soap.values import (
    NAMESPACE,
    Reference,
    SoapFault,
    Structure,
    answer_to,
    document,
    fault_of,
    local,
    reference_in,
    request_in,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from contract_tests.mock.domain.access import ApiSession
    from contract_tests.mock.domain.world import World
    from contract_tests.mock.http.door import Dispatcher, Incoming
    from contract_tests.mock.http.operations import Operation

SOAP_PATH: Final = "/sdk"
VERSIONS_PATH: Final = "/sdk/vimServiceVersions.xml"
VERSION: Final = "8.0.3.0"
COOKIE: Final = "vmware_soap_session"
_XML: Final = ("content-type", "text/xml; charset=utf-8")
_ABOUT: Final = {
    "name": "VMware vCenter Server",
    "fullName": f"VMware vCenter Server {VERSION} (cl-contract mock {__version__})",
    "vendor": "VMware, Inc.",
    "version": VERSION.rpartition(".")[0],
    "build": "0",
    "localeVersion": "INTL",
    "localeBuild": "000",
    "osType": "linux-x64",
    "productLineId": "vpx",
    "apiType": "VirtualCenter",
    "apiVersion": VERSION,
    "instanceUuid": SERVER_GUID,
}


@dataclass(frozen=True)
class SoapCall:
    """One call: the element with its arguments, and the token in its cookie."""

    world: World
    request: Element
    token: str | None

    @property
    def login(self) -> ApiSession | None:
        """Who asks, if anybody is logged in with the token."""
        try:
            return self.world.access.require(self.token)
        except ApiError:
            return None

    def require(self) -> ApiSession:
        """Who asks.

        Raises:
            SoapFault: NotAuthenticated.
        """
        login = self.login
        if login is None:
            this = reference_in(self.request, "_this")
            text = "Nobody is logged in with this session."
            raise SoapFault("NotAuthenticated", text, object=this, privilegeId="System.View")
        return login


class SoapDoor:
    """Answers SOAP; what it does not know it refuses in the same way as the other door, `beside`."""

    def __init__(self, beside: Dispatcher) -> None:
        self.beside = beside
        self.world = beside.world
        self.wire = beside.wire

    def answer(self, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
        """Answer a request for one of the two paths of this service."""
        if (incoming.path, incoming.method) == (VERSIONS_PATH, "GET"):
            return Reply(200, (_XML,), document(_versions()))
        if (incoming.path, incoming.method) != (SOAP_PATH, "POST"):
            return self.beside.answer(incoming, operations)
        try:
            return self.performed(request_in(self.beside.content(incoming)), incoming.headers)
        except HttpRefusal as refusal:
            return self.wire.error_reply(API, refusal)
        except SoapFault as refusal:
            fault = refusal
        except RecursionError:
            fault = SoapFault("InvalidRequest", "The request is nested too deeply.")
        except Exception:  # noqa: BLE001 - whatever it is, the client gets an answer in its protocol
            traceback.print_exc(file=sys.stderr)
            fault = SoapFault("RuntimeFault", "An internal error occurred.")
        return Reply(500, (_XML,), fault_of(fault))

    def performed(self, request: Element, headers: Mapping[str, str]) -> Reply:
        """Carry out a method.

        Raises:
            SoapFault: whatever stands in the way.
        """
        name = local(request)
        if name not in METHODS:
            this = reference_in(request, "_this")
            raise SoapFault("MethodNotFound", f"There is no method {name} here.", receiver=this, method=name)
        value = METHODS[name](SoapCall(self.world, request, _token(headers)))
        cookies = [("set-cookie", f'{COOKIE}="{value.members["key"]}"; Path=/; HttpOnly')] if name == "Login" else []
        return Reply(200, (_XML, *cookies), answer_to(name, value))


def service_content(_call: SoapCall) -> Structure:
    """What there is in this service: the few objects that are needed on the way to a datastore."""
    members = {
        "rootFolder": ROOT,
        "propertyCollector": PROPERTY_COLLECTOR,
        "about": Structure("AboutInfo", _ABOUT),
        "sessionManager": SESSION_MANAGER,
        # It answers nothing; clients hold it without asking whether it is there.
        "searchIndex": Reference("SearchIndex", "SearchIndex"),
    }
    return Structure("ServiceContent", members)


def log_in(call: SoapCall) -> Structure:
    """A new session.

    Raises:
        SoapFault: InvalidLogin.
    """
    try:
        token = call.world.access.log_in(text_of(call.request, "userName"), text_of(call.request, "password"))
    except ApiError:
        raise SoapFault("InvalidLogin", "The user name or the password is wrong.") from None
    return _session(token, call.world.access.require(token))


def log_out(call: SoapCall) -> None:
    call.require()
    call.world.access.log_out(call.token)


def is_active(call: SoapCall) -> bool:
    """Whether a session is that of the user; it is asked of one's own only."""
    login = call.require()
    return (text_of(call.request, "sessionID"), text_of(call.request, "userName")) == (call.token, login.user)


def current_time(call: SoapCall) -> datetime:
    call.require()
    return call.world.clock.now()


def retrieve(call: SoapCall) -> list[Structure]:
    """What the property collector finds. Who is not logged in may still ask for the session: there is none."""
    objects = inventory()
    login = call.login
    if login is None:
        if starts(call.request) != {SESSION_MANAGER}:
            call.require()
        return retrieved({SESSION_MANAGER: {}}, call.request)
    objects[SESSION_MANAGER] = {"currentSession": _session(call.token or "", login)}
    return retrieved(objects, call.request)


METHODS: Final[Mapping[str, Callable[[SoapCall], Any]]] = {
    "RetrieveServiceContent": service_content,
    "Login": log_in,
    "Logout": log_out,
    "SessionIsActive": is_active,
    "CurrentTime": current_time,
    "RetrieveProperties": retrieve,
    "RetrievePropertiesEx": lambda call: Structure("RetrieveResult", {"objects": retrieve(call)}),
}


def _session(token: str, login: ApiSession) -> Structure:
    members = {
        "key": token,
        "userName": login.user,
        "fullName": login.user,
        "loginTime": login.created,
        "lastActiveTime": login.last_accessed,
        "locale": "en",
        "messageLocale": "en",
    }
    return Structure("UserSession", members)


def _token(headers: Mapping[str, str]) -> str | None:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return None if morsel is None else morsel.value


def _versions() -> Element:
    """The document that tells clients which version of the service to speak."""
    root = Element("namespaces", {"version": "1.0"})
    namespace = SubElement(root, "namespace")
    SubElement(namespace, "name").text = NAMESPACE
    SubElement(namespace, "version").text = VERSION
    return root
