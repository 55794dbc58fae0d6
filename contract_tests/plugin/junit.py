"""junit.xml as pipelines read it: a message is one short line, details stand in the body, and both are bounded."""

from __future__ import annotations

from typing import Any, Final

from contract_tests.judging.messages import bounded, in_short

NAME: Final = "cl-contract"
LONGEST_BODY: Final = 18_000
"""Characters of the details of one case; escaped they stay below 20 kB."""

BODIES: Final = 900_000
"""Characters of the details of all cases together: with names and properties a whole run stays below 2 MB."""


def shorten(plugin: Any) -> None:
    """Have the plugin of pytest that writes junit.xml write what is read by people, and as much as they read."""
    plugin.suite_name = NAME
    nodes = [node for case in plugin.node_reporters_ordered for node in case.to_xml()]
    told = [node for node in nodes if node.text]
    longest = min(LONGEST_BODY, BODIES // max(1, len(told)))
    for node in told:
        node.text = bounded(node.text or "", longest)
    for node in nodes:
        if "message" in node.attrib:
            node.set("message", in_short(node.attrib["message"]))
