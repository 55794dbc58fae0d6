"""The door for SOAP: the services by their paths, and the versions of the first of them."""

from __future__ import annotations

import sys
import traceback
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement

from contract_tests.mock.http.idioms import API
from contract_tests.mock.http.wire import HttpRefusal, Reply
from contract_tests.mock.soap.methods import METHODS, POLICY_METHODS, VERSION, SoapCall
from contract_tests.mock.soap.values import (
    NAMESPACE,
    SoapFault,
    answer_to,
    document,
    fault_of,
    local,
    reference_in,
    request_in,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.mock.http.door import Dispatcher, Incoming
    from contract_tests.mock.http.operations import Operation

_SERVICES: Final = {"/sdk": (NAMESPACE, METHODS), "/pbm": ("urn:pbm", POLICY_METHODS)}
_VERSIONS: Final = "/sdk/vimServiceVersions.xml"
SOAP_PATHS: Final = (*_SERVICES, _VERSIONS)
COOKIE: Final = "vmware_soap_session"
_XML: Final = ("content-type", "text/xml; charset=utf-8")


class SoapDoor:
    """Answers SOAP; what it does not know it refuses in the same way as the other door, `beside`."""

    def __init__(self, beside: Dispatcher) -> None:
        self.beside = beside
        self.world = beside.world
        self.wire = beside.wire

    def answer(self, incoming: Incoming, operations: Sequence[Operation]) -> Reply:
        """Answer a request for one of `SOAP_PATHS`."""
        if (incoming.path, incoming.method) == (_VERSIONS, "GET"):
            return Reply(200, (_XML,), document(_versions()))
        if incoming.path not in _SERVICES or incoming.method != "POST":
            return self.beside.answer(incoming, operations)
        try:
            return self.performed(incoming.path, request_in(self.beside.content(incoming)), incoming.headers)
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

    def performed(self, path: str, request: Element, headers: Mapping[str, str]) -> Reply:
        """Carry out a method of the service at a path.

        Raises:
            SoapFault: whatever stands in the way.
        """
        namespace, methods = _SERVICES[path]
        name = local(request)
        if name not in methods:
            this = reference_in(request, "_this")
            raise SoapFault("MethodNotFound", f"There is no method {name} here.", receiver=this, method=name)
        value = methods[name](SoapCall(self.world, request, _token(headers)))
        cookies = [("set-cookie", f'{COOKIE}="{value.members["key"]}"; Path=/; HttpOnly')] if name == "Login" else []
        return Reply(200, (_XML, *cookies), answer_to(name, value, namespace))


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
