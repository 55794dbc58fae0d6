"""junit.xml as pipelines read it: short messages, bounded details, and nothing that the XSD of Jenkins does not have.

That is `junit-10.xsd` of its xunit plugin, which refuses a file that breaks it; pytest holds its own to it, too. It has
properties of a suite and none of a case, so what a case is about stands in its `system-out`, which GitLab shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml import ElementTree

from contract_tests.judging.messages import bounded, in_short

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = "cl-contract"
LONGEST_BODY: Final = 18_000
"""Characters of the details of one case; escaped they stay below 20 kB."""

BODIES: Final = 900_000
"""Characters of the details of all cases together: with names and facts a whole run stays below 2 MB."""


def shorten(plugin: Any) -> None:
    """Have the plugin of pytest that writes junit.xml write what is read by people, and as much as they read."""
    plugin.suite_name = NAME
    cases = [case.to_xml() for case in plugin.node_reporters_ordered]
    nodes = [node for case in cases for node in case]
    told = [node for node in nodes if node.text]
    longest = min(LONGEST_BODY, BODIES // max(1, len(told)))
    for node in told:
        node.text = bounded(node.text or "", longest)
    for node in nodes:
        if "message" in node.attrib:
            node.set("message", in_short(node.attrib["message"]))
    for case in cases:
        _tell_facts(case)


def _tell_facts(case: Element) -> None:
    """Put the properties of a case where the XSD has a place for them."""
    if (properties := case.find("properties")) is not None:
        case.remove(properties)
        SubElement(case, "system-out").text = "".join(f"{one.get('name')}: {one.get('value')}\n" for one in properties)


def name_root(path: Path) -> None:
    """Put our name in the place of pytest's, which leaves no other way to; what is no file can't be read again."""
    if path.is_file():
        root = ElementTree.fromstring(path.read_bytes())
        root.set("name", NAME)
        path.write_bytes(tostring(root, encoding="utf-8", xml_declaration=True))
