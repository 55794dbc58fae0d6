"""Bodies of keep-alive as the 6.0 pages have them, and as they do not: XML and forms in many spellings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from contract_tests.contract.dialects import PROGRESS_MEMBER
from contract_tests.driver import Body
from contract_tests.scenarios.steps import raw

if TYPE_CHECKING:
    from contract_tests.contract import Cell

Members = dict[str, Any]

XML = "application/xml"
FORM = "application/x-www-form-urlencoded"


def as_json(_: Cell, members: Members) -> Body:
    return Body.json(members)


def as_xml(cell: Cell, members: Members) -> Body:
    """The document that the pages print."""
    inner = "".join(f"\n  <{name}>{escape(str(value), quote=False)}</{name}>" for name, value in members.items())
    text = (
        f'<?xml version="1.0" ?>\n<ns0:KeepAlive-Input xmlns:ns0="{namespace(cell)}" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{inner}\n</ns0:KeepAlive-Input>'
    )
    return raw(text, XML)


def as_form(_: Cell, members: Members) -> Body:
    return raw("&".join(f"{name}={quote(str(value), safe='')}" for name, value in members.items()), FORM)


_FREE: Final = ":!$'()*,@/?"
"""Signs that a form gives no meaning, so that they are written as they are."""


def as_printed_form(_: Cell, members: Members) -> Body:
    """As the pages print it: each member begins with an ampersand; and the colon of an id as it is."""
    return raw("".join(f"&{name}={quote(str(value), safe=_FREE)}" for name, value in members.items()), FORM)


def namespace(cell: Cell) -> str:
    return f"http://vmware.com/content/library/item/{cell.service}_session"


Representation = Callable[["Cell", Members], Body]

REPRESENTATIONS: dict[str, Representation] = {
    "json": as_json,
    "xml": as_xml,
    "form": as_form,
    "printed-form": as_printed_form,
}


@dataclass(frozen=True)
class Case:
    """A body in a spelling of its own.

    `{m}` stands for the member, `{ns}` for the namespace, `{p}` for a progress of two digits, which are `{a}` and
    `{b}`, and `{q}` for the next higher one. `stored` says what may be read if a server takes the body: p, q, or =,
    which is what was there before.
    """

    text: str
    stored: str = "p"
    codec: str = "utf-8"
    content_type: str = XML

    def body(self, cell: Cell, progress: int) -> Body:
        member = PROGRESS_MEMBER[cell.service]
        values = {"m": member, "ns": namespace(cell), "p": progress, "q": progress + 1}
        values |= dict(zip("ab", str(progress), strict=True)) | {"first": f"%{ord(member[0]):02X}", "rest": member[1:]}
        text = self.text
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return raw(text.encode(self.codec), self.content_type)


def document(progress: str = "{p}", root: str = "KeepAlive-Input", before: str = "") -> str:
    """An XML document as the pages have it, on one line."""
    return f'{before}<n:{root} xmlns:n="{{ns}}"><{{m}}>{progress}</{{m}}></n:{root}>'


def declared(encoding: str) -> str:
    return document(before=f'<?xml version="1.0" encoding="{encoding}"?>')


SAME_XML: dict[str, dict[str, Case]] = {
    "markup": {
        # The first: who reads half of the number reads 1, which a session at 0 may take.
        "comment-inside": Case(document("{a}<!-- one, and -->{b}")),
        "no-declaration": Case(document()),
        "another-prefix": Case(document().replace("n:", "k:").replace("xmlns:n", "xmlns:k")),
        "space-around": Case(document("\n  {p}\t")),
        "cdata": Case(document("<![CDATA[{p}]]>")),
        "comments-around": Case(document(before="<!-- first -->") + "<!-- last -->"),
        "instruction-inside": Case(document("{p}<?none of your business?>")),
    },
    "encoding": {
        "character-reference": Case(document("&#x3{a};&#x3{b};")),
        "byte-order-mark": Case(document(), codec="utf-8-sig"),
        "utf-16": Case(declared("UTF-16"), codec="utf-16"),
        "iso-8859-1": Case(declared("ISO-8859-1"), codec="iso-8859-1"),
        "us-ascii": Case(declared("US-ASCII"), codec="us-ascii"),
        "text-xml": Case(document(), content_type="text/xml"),
    },
}
"""Documents that say to an XML processor what the printed one says."""

SAME_FORMS: dict[str, Case] = {
    "encoded-digits": Case("{m}=%3{a}%3{b}", content_type=FORM),
    "encoded-name": Case("{first}{rest}={p}", content_type=FORM),
    "ampersand-at-the-end": Case("{m}={p}&", content_type=FORM),
    "two-ampersands": Case("&&{m}={p}", content_type=FORM),
    "charset": Case("{m}={p}", content_type=f"{FORM}; charset=UTF-8"),
    "content-type-in-capitals": Case("{m}={p}", content_type=FORM.upper()),
}
"""Forms that say the same by what the form encoding says."""


XSI = "http://www.w3.org/2001/XMLSchema-instance"

OPEN: dict[str, dict[str, Case]] = {
    "XML-namespaces": {
        "no-namespace": Case("<KeepAlive-Input><{m}>{p}</{m}></KeepAlive-Input>", "p="),
        "default-namespace": Case('<KeepAlive-Input xmlns="{ns}"><{m}>{p}</{m}></KeepAlive-Input>', "p="),
        "all-prefixed": Case('<n:KeepAlive-Input xmlns:n="{ns}"><n:{m}>{p}</n:{m}></n:KeepAlive-Input>', "p="),
        "wrong-namespace": Case('<n:KeepAlive-Input xmlns:n="urn:x"><{m}>{p}</{m}></n:KeepAlive-Input>', "p="),
        "member-in-a-wrong-namespace": Case(document().replace("<{m}>", '<{m} xmlns="urn:x">'), "p="),
        "wrong-root": Case(document(root="KeepAlive-Output"), "p="),
    },
    "XML-elements": {
        "attribute-on-the-member": Case(document().replace("<{m}>", '<{m} unit="percent">'), "p="),
        "progress-as-an-attribute": Case('<n:KeepAlive-Input xmlns:n="{ns}" {m}="{p}"/>', "p="),
        "nil": Case(document("").replace("<{m}>", f'<{{m}} xmlns:i="{XSI}" i:nil="1">'), "="),
        "empty-element": Case('<n:KeepAlive-Input xmlns:n="{ns}"><{m}/></n:KeepAlive-Input>', "="),
        "empty-root": Case('<n:KeepAlive-Input xmlns:n="{ns}"/>', "="),
        "doubled": Case(document("{p}</{m}><{m}>{q}"), "pq"),
        "unknown-member": Case('<n:KeepAlive-Input xmlns:n="{ns}"><{m}>{p}</{m}><x>1</x></n:KeepAlive-Input>'),
    },
    "XML-spellings": {
        "plus-sign": Case(document("+{p}")),
        "leading-zero": Case(document("0{p}")),
        "fraction-of-nothing": Case(document("{p}.0")),
        "negative": Case(document("-1"), "="),
        "document-type": Case(document(before="<!DOCTYPE KeepAlive-Input>")),
        "utf-16-declared-and-utf-8": Case(declared("UTF-16")),
        "json": Case('{"{m}": {p}}'),
    },
    "form-values": {
        "plus-for-space": Case("{m}=+{p}", content_type=FORM),
        "encoded-space": Case("{m}={p}%20", content_type=FORM),
        "encoded-plus": Case("{m}=%2B{p}", content_type=FORM),
        "empty-value": Case("{m}=", "=", content_type=FORM),
        "no-value": Case("{m}", "=", content_type=FORM),
        "negative": Case("{m}=-1", "=", content_type=FORM),
        "line-break-at-the-end": Case("{m}={p}\r\n", content_type=FORM),
    },
    "form-members": {
        "empty-body": Case("", "=", content_type=FORM),
        "ampersands-only": Case("&&", "=", content_type=FORM),
        "doubled": Case("{m}={p}&{m}={q}", "pq", content_type=FORM),
        "doubled-and-the-same": Case("{m}={p}&{m}={p}", content_type=FORM),
        "unknown-member": Case("{m}={p}&x=1", content_type=FORM),
        "semicolon": Case("{m}={p};x=1", "p=", content_type=FORM),
        "broken-percent": Case("{m}={p}&x=%zz", "p=", content_type=FORM),
        "no-utf-8": Case("{m}={p}&x=%ff%fe", "p=", content_type=FORM),
    },
}
"""Bodies of which the pages do not speak."""


NUMBER_IN_A_FILE = "file:///proc/sys/vm/swappiness"
"""A small number that nobody minds, in a file of every Linux: a server that stored it would have read its disk."""

SPACES = "".join(f'<!ENTITY s{n} "{f"&s{n - 1};" * 10}">' for n in range(1, 6))
"""Entities that grow tenfold, five times: 100,000 spaces, no harm to a server that expands them, and it shows."""

ENTITIES = {
    "internal": Case(document("&e;", before='<!DOCTYPE x [<!ENTITY e "{p}">]>'), "="),
    "external": Case(document("&e;", before=f'<!DOCTYPE x [<!ENTITY e SYSTEM "{NUMBER_IN_A_FILE}">]>'), "="),
    "by-data-address": Case(document("&e;", before='<!DOCTYPE x [<!ENTITY e SYSTEM "data:,{p}">]>'), "="),
    "parameter": Case(document("&e;", before="<!DOCTYPE x [<!ENTITY % f \"<!ENTITY e '{p}'>\"> %f;]>"), "="),
    "laughs": Case(document("&s5;{p}", before=f'<!DOCTYPE x [<!ENTITY s0 " ">{SPACES}]>'), "="),
    "included": Case(
        document(f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{NUMBER_IN_A_FILE}" parse="text"/>'), "="
    ),
}
"""Documents whose progress stands in an entity, or elsewhere: a server that stores it has expanded it."""

BROKEN: dict[str, tuple[Case, ...]] = {
    "not-well-formed": (
        Case("<KeepAlive-Input>"),
        Case("<KeepAlive-Input><{m}>{p}</KeepAlive-Input></{m}>"),
        Case("<KeepAlive-Input><{m}>{p}</{m}></KeepAlive-Input><KeepAlive-Input/>"),
        Case('<n:KeepAlive-Input xmlns:n="{ns}"><n:{m}>{p}</o:{m}></n:KeepAlive-Input>'),
        Case("<KeepAlive-Input><{m}>&none;</{m}></KeepAlive-Input>"),
        Case("{p}"),
    ),
    "not-decodable": (
        Case("<KeepAlive-Input><{m}>{p}\xff</{m}></KeepAlive-Input>", codec="latin-1"),
        Case("<KeepAlive-Input><{m}>{p}\x00</{m}></KeepAlive-Input>"),
        Case('<?xml version="1.0" encoding="x-none"?><KeepAlive-Input><{m}>{p}</{m}></KeepAlive-Input>'),
    ),
}
"""What no XML processor can read."""

NO_INTEGERS = ("ten", "1.5", "true", "0x0A", "1e400", str(2**63), str(-(2**63) - 1), "1" + "0" * 40)
