"""Data values of SOAP as XML: references, structures, lists; and the envelope around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import ElementTree

from contract_tests.mock.domain.clock import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE: Final = "urn:vim25"
_ENVELOPE: Final = {
    "xmlns:soapenv": "http://schemas.xmlsoap.org/soap/envelope/",
    "xmlns:xsd": "http://www.w3.org/2001/XMLSchema",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


@dataclass(frozen=True)
class Reference:
    """A managed object, as others speak of it."""

    type: str
    value: str


@dataclass(frozen=True)
class Structure:
    """A data object: a type and its members, in the order that it declares them."""

    type: str
    members: Mapping[str, Any]


class SoapFault(Exception):
    """A refusal; `name` is the type of the fault, `members` what it says beside the text."""

    def __init__(self, name: str, text: str, **members: Any) -> None:
        super().__init__(text)
        self.name = name
        self.text = text
        self.members = members


def element_of(parent: Element, name: str, value: Any, *, typed: bool = False) -> None:
    """Write a value as an element; a list as one element for each of its members.

    `typed` says of which type it is: where the schema leaves that open, as in the value of a property.
    """
    if isinstance(value, list) and typed:
        array = SubElement(parent, name, {"xsi:type": "ArrayOfManagedObjectReference"})
        element_of(array, "ManagedObjectReference", value)
    elif isinstance(value, list):
        for one in value:
            element_of(parent, name, one)
    else:
        element = SubElement(parent, name)
        kind = _write(element, value)
        if typed:
            element.set("xsi:type", kind)


def _write(element: Element, value: Any) -> str:
    """Fill an element with a value; the name of its type."""
    match value:
        case Reference():
            element.set("type", value.type)
            element.text = value.value
            return "ManagedObjectReference"
        case Structure():
            for member, of_it in value.members.items():
                element_of(element, member, of_it, typed=member == "val")
            return value.type
        case bool():
            element.text = str(value).lower()
            return "xsd:boolean"
        case datetime():
            element.text = as_text(value)
            return "xsd:dateTime"
        case _:
            element.text = str(value)
            return "xsd:long" if isinstance(value, int) else "xsd:string"


def answer_to(method: str, value: Any, namespace: str = NAMESPACE) -> bytes:
    """The envelope of an answer; without a value if that is None."""
    envelope, body = _envelope()
    response = SubElement(body, f"{method}Response", {"xmlns": namespace})
    if value is not None:
        element_of(response, "returnval", value)
    return document(envelope)


def fault_of(fault: SoapFault) -> bytes:
    """The envelope of a refusal."""
    envelope, body = _envelope()
    element = SubElement(body, "soapenv:Fault")
    SubElement(element, "faultcode").text = "ServerFaultCode"
    SubElement(element, "faultstring").text = fault.text
    detail = SubElement(element, "detail")
    named = SubElement(detail, f"{fault.name}Fault", {"xmlns": NAMESPACE, "xsi:type": fault.name})
    for member, value in fault.members.items():
        element_of(named, member, value)
    return document(envelope)


def document(root: Element) -> bytes:
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def request_in(content: bytes) -> Element:
    """The element that names the method, with its arguments.

    Raises:
        SoapFault: it is no envelope with a body of one element.
    """
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, ValueError, LookupError):
        raise SoapFault("InvalidRequest", "The body is no XML that can be read.") from None
    bodies = [part for part in root if local(part) == "Body"]
    if local(root) != "Envelope" or len(bodies) != 1 or len(bodies[0]) != 1:
        raise SoapFault("InvalidRequest", "The body is no envelope with one request in it.")
    return bodies[0][0]


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> list[Element]:
    return [one for one in element if local(one) == name]


def text_of(element: Element, name: str) -> str:
    """The text of the first child of that name; empty if there is none."""
    return next((one.text or "" for one in children(element, name)), "")


def reference_in(element: Element, name: str) -> Reference:
    """The managed object that a child refers to.

    Raises:
        SoapFault: there is no such child.
    """
    for one in children(element, name):
        return Reference(one.get("type", ""), (one.text or "").strip())
    raise SoapFault("InvalidRequest", f"The request has no {name}.")


def _envelope() -> tuple[Element, Element]:
    envelope = Element("soapenv:Envelope", _ENVELOPE)
    return envelope, SubElement(envelope, "soapenv:Body")
