"""A server that answers with what is meant for a terminal, a template or a browser breaks no run and no report."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from defusedxml import ElementTree

from contract_tests.mock import MockServer, Parts
from contract_tests.mock.domain.views import Views
from contract_tests.mock.http.wire import Reply, Wire
from contract_tests.reporting.format import Conformance

if TYPE_CHECKING:
    from contract_tests.mock.domain.errors import Message
    from contract_tests.mock.http.idioms import Idiom

    from .runs import Runner

NASTY = {
    "markup": "<script>document.title='owned'</script><img src=x onerror=alert(1)></pre></details>\"'>",
    "templates": "{{7*7}} {% for x in y %} ${7*7} #{7*7} <%= 7*7 %>",
    "escapes": "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil.example\x07x\x1b]8;;\x07\x1b]52;c;b3duZWQ=\x07\x9b31m",
    "control": "\x00\x01\x07\x08\r\x0b\x0c\x7f\x85",
    "bidi": "\u202e\u2066evil\u2069\u200b\ufeff\u2028\u2029",
    "markdown": "| a | b |\n```\n[x](javascript:alert(1)) <!-- ",
    "xml": "]]> <![CDATA[ &entity; <?xml ?> \ufffe\uffff",
    "long": "a" * 200_000,
}


class Nasty(Wire):
    """Says it in every member, and in headers as far as they can hold it."""

    text = ""

    def message(self, message: Message) -> dict[str, Any]:
        return super().message(message) | {"default_message": self.text, "id": self.text, "args": [self.text]}

    def error_fields(self, error: Any) -> dict[str, Any]:
        return super().error_fields(error) | {"error_type": self.text}

    def general_headers(self) -> tuple[tuple[str, str], ...]:
        sendable = re.sub(r"[^ -~\x80-\xff]", "", self.text.encode().decode("latin-1"))[:5000].strip()
        return (*super().general_headers(), ("x-nasty", sendable), ("content-language", sendable))


class Broken(Wire):
    """Answers what can be decoded by nobody."""

    def value_reply(self, idiom: Idiom, value: Any) -> Reply:
        reply = super().value_reply(idiom, value)
        odd = b'\xff\xfe{"client_progress": "\\ud800", "a": NaN, "b": ' + b"[" * 5000
        return Reply(reply.status, reply.headers, odd if isinstance(value, dict) else reply.body)


def _showing(text: str) -> type[Views]:
    class Showing(Views):
        def session(self, session: Any) -> dict[str, Any]:
            return super().session(session) | {"state": text, text[:500]: text, "error_message": text}

    return Showing


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", [*NASTY, "undecodable"])
def test_whatever_it_says_reports_and_terminal_stand(run: Runner, kind: str) -> None:
    if kind == "undecodable":
        parts = Parts(wire=Broken)
    else:
        parts = Parts(wire=type("Saying", (Nasty,), {"text": NASTY[kind]}), views=_showing(NASTY[kind]))
    summary = run.reports.parent / "summary.md"
    chosen = ("-k", "without_a_body or null_progress or unknown_session", "--summary", str(summary), "-v")
    with MockServer(control=True, parts=parts) as server:
        finished = run("--target", server.url, *chosen)
    assert finished.code == 1, finished.out[-2000:]
    for text in (finished.out, finished.err, summary.read_text()):
        assert sorted({one for one in text if not (one.isprintable() or one in "\n\t")}) == []
    report = Conformance.model_validate_json((finished.reports / "conformance.json").read_text())
    assert report.run.complete
    assert ElementTree.parse(finished.reports / "junit.xml").getroot() is not None
    json.loads((finished.reports / "evidence.har").read_text())
    for name in ("report.html", "conformance.html"):
        page = (finished.reports / name).read_text()
        assert "<script>document" not in page
        assert "<img src=x" not in page
        assert "</script><img" not in page
    assert all(len(line) < 20_000 for line in finished.out.splitlines())
