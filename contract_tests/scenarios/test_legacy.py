"""Legacy representations (6.0): keep-alive in XML and as a form, and with the id in the body, under `/rest`.

Later servers may refuse all of it. One that accepts has to do what was asked: a success without effect assures a
client of something that never happened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.checks import (
    NOT_ACTIVE,
    UNKNOWN,
    accepted_or_refused,
    expires_later,
    listed_ids,
    progress_in_range,
    progress_is,
    refused,
    refused_somehow,
    returns_nothing,
    succeeds,
    unchanged,
)
from contract_tests.checks.flaw import Flaw, Flaws, shown
from contract_tests.checks.honoured import honoured_or_refused
from contract_tests.contract import Cell, Service
from contract_tests.contract.dialects import ID_MEMBER, PROGRESS_MEMBER
from contract_tests.scenarios import clause, waits
from contract_tests.scenarios.steps import end, raw, refuses, said, whole_error
from contract_tests.target import Body, Clock, Session, Workspace

if TYPE_CHECKING:
    from contract_tests.evidence import Judge
    from contract_tests.exchange import Exchange

OpenSession = Callable[[], Session]
Members = dict[str, Any]

LATER = (400, 404, 415)
"""How a later server may refuse what only the 6.0 pages have."""

XML = "application/xml"
FORM = "application/x-www-form-urlencoded"


def as_json(_: Cell, members: Members) -> Body:
    return Body.json(members)


def as_xml(cell: Cell, members: Members) -> Body:
    """The document that the pages print."""
    inner = "".join(f"\n  <{name}>{value}</{name}>" for name, value in members.items())
    text = (
        f'<?xml version="1.0" ?>\n<ns0:KeepAlive-Input xmlns:ns0="{namespace(cell)}" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{inner}\n</ns0:KeepAlive-Input>'
    )
    return raw(text, XML)


def as_form(_: Cell, members: Members) -> Body:
    return raw("&".join(f"{name}={str(value).replace(':', '%3A')}" for name, value in members.items()), FORM)


def as_printed_form(_: Cell, members: Members) -> Body:
    """As the pages print it: each member begins with an ampersand; and the colon of an id as it is."""
    return raw("".join(f"&{name}={value}" for name, value in members.items()), FORM)


def namespace(cell: Cell) -> str:
    return f"http://vmware.com/content/library/item/{cell.service}_session"


Representation = Callable[[Cell, Members], Body]

REPRESENTATIONS: dict[str, Representation] = {
    "json": as_json,
    "xml": as_xml,
    "form": as_form,
    "printed-form": as_printed_form,
}


@waits
@pytest.mark.parametrize("id_in", ["path", "path and body"])
@pytest.mark.parametrize("kind", ["xml", "form", "printed-form"])
@clause("keep-alive.legacy-representations")
def test_xml_and_forms_are_honoured_or_refused(
    kind: str, id_in: str, cell: Cell, open_session: OpenSession, clock: Clock, judge: Judge
) -> None:
    session = open_session()
    members: Members = {PROGRESS_MEMBER[cell.service]: 10}
    if id_in != "path":
        members |= {ID_MEMBER[cell.service]: session.id}
    before = session.read()
    clock.advance(2)
    answer = session.keep_alive_with(REPRESENTATIONS[kind](cell, members))
    after = session.read()
    judge("keep-alive.legacy-representations", honoured_or_refused(answer, before, after, 10, *LATER))
    judge.observe("keep-alive.legacy-representations", f"{kind}, id in the {id_in}: {said(answer)}", answer)
    _effect(judge, answer, before, after, 10)


@waits
@pytest.mark.parametrize("progress", [10, None], ids=["with-progress", "id-alone"])
@pytest.mark.parametrize("kind", REPRESENTATIONS)
@clause("addressing.id-in-body")
def test_an_id_in_the_body_names_the_session_or_is_refused(
    kind: str, progress: int | None, cell: Cell, open_session: OpenSession, clock: Clock, judge: Judge
) -> None:
    session = open_session()
    members: Members = {} if progress is None else {PROGRESS_MEMBER[cell.service]: progress}
    members |= {ID_MEMBER[cell.service]: session.id}
    before = session.read()
    clock.advance(2)
    answer = session.keep_alive_by_body_with(REPRESENTATIONS[kind](cell, members))
    after = session.read()
    flaws = honoured_or_refused(answer, before, after, progress or 0, *LATER)
    judge("addressing.id-in-body", flaws)
    judge.observe("addressing.id-in-body", f"{kind}, id in the body: {said(answer)}", answer)
    if kind != "json":
        judge.aside("keep-alive.legacy-representations", flaws)
    _effect(judge, answer, before, after, progress or 0)


@pytest.mark.parametrize("kind", REPRESENTATIONS)
@clause("addressing.id-in-body")
def test_no_session_is_kept_alive_by_an_id_that_names_none(
    kind: str, cell: Cell, unknown_session: Callable[[], Session], workspace: Workspace, judge: Judge
) -> None:
    (service,) = set(Service) - {cell.service}
    unknown, theirs = unknown_session(), workspace.open_session(Cell(cell.dialect, service))
    before = theirs.read()
    for id_ in (unknown.id, theirs.id, ""):
        members = {PROGRESS_MEMBER[cell.service]: 10, ID_MEMBER[cell.service]: id_}
        answer = unknown.keep_alive_by_body_with(REPRESENTATIONS[kind](cell, members))
        judge("addressing.id-in-body", refused_somehow(answer, *LATER))
        if not refuses(answer):
            judge.aside("keep-alive.unknown-id", refused(answer, UNKNOWN))
        whole_error(judge, answer)
    judge("addressing.id-in-body", unchanged(before, theirs.read(), "expiration_time"))


@pytest.mark.parametrize("kind", REPRESENTATIONS)
@clause("addressing.id-in-body")
def test_a_body_that_names_no_session_keeps_none_alive_and_creates_none(
    kind: str, cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    session = open_session()
    before, listed = session.read(), listed_ids(session.listed(session.item))
    represent = REPRESENTATIONS[kind]
    for members in ({}, {PROGRESS_MEMBER[cell.service]: 10}, {"library_item_id": session.item}):
        answer = session.keep_alive_by_body_with(represent(cell, members))
        judge("addressing.id-in-body", refused_somehow(answer, *LATER))
        whole_error(judge, answer)
    now = session.listed(session.item)
    more = [Flaw("no new session", f"{id_} is listed", now) for id_ in listed_ids(now) if id_ not in listed]
    judge("addressing.id-in-body", unchanged(before, session.read(), "expiration_time"), more)


@pytest.mark.parametrize("state", ["CANCELED", "ERROR"])
@clause("addressing.id-in-body")
def test_a_session_that_ended_is_not_kept_alive_by_its_id_in_the_body(
    state: str, cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    session = open_session()
    before = end(session, state)
    for represent in REPRESENTATIONS.values():
        answer = session.keep_alive_by_body_with(represent(cell, {ID_MEMBER[cell.service]: session.id}))
        judge("addressing.id-in-body", refused_somehow(answer, *LATER))
        if not refuses(answer):
            judge.aside("keep-alive.only-active", refused(answer, NOT_ACTIVE))
        whole_error(judge, answer)
    judge("addressing.id-in-body", unchanged(before, session.read(), "expiration_time"))


@pytest.mark.parametrize("kind", REPRESENTATIONS)
@clause("keep-alive.legacy-representations")
def test_two_ids_that_differ_are_observed(kind: str, cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    in_path, in_body = open_session(), open_session()
    members = {PROGRESS_MEMBER[cell.service]: 10, ID_MEMBER[cell.service]: in_body.id}
    answer = in_path.keep_alive_with(REPRESENTATIONS[kind](cell, members))
    flaws = [progress_is(one.read(), *((0,) if refuses(answer) else (0, 10))) for one in (in_path, in_body)]
    judge("keep-alive.legacy-representations", accepted_or_refused(answer, *LATER), *flaws)
    judge.observe("keep-alive.legacy-representations", f"{kind}, another id in the body: {said(answer)}", answer)
    whole_error(judge, answer)


def document(progress: str, root: str = "KeepAlive-Input", before: str = "") -> str:
    """An XML document; `{m}` stands for the member, `{ns}` for the namespace."""
    return f'{before}<n:{root} xmlns:n="{{ns}}"><{{m}}>{progress}</{{m}}></n:{root}>'


def encoded(declared: str, codec: str) -> tuple[str, str]:
    return document("10", before=f'<?xml version="1.0" encoding="{declared}"?>'), codec


SAME: dict[str, tuple[str, str]] = {
    "no-declaration": (document("10"), "utf-8"),
    "another-prefix": (document("10").replace("n:", "k:").replace("xmlns:n", "xmlns:k"), "utf-8"),
    "space-around": (document("\n  10\t"), "utf-8"),
    "cdata": (document("<![CDATA[10]]>"), "utf-8"),
    "comment-inside": (document("1<!-- one, and -->0"), "utf-8"),
    "comments-around": (document("10", before="<!-- first -->") + "<!-- last -->", "utf-8"),
    "instruction-inside": (document("10<?none of your business?>"), "utf-8"),
    "character-reference": (document("&#49;&#x30;"), "utf-8"),
    "byte-order-mark": (document("10"), "utf-8-sig"),
    "utf-16": encoded("UTF-16", "utf-16"),
    "iso-8859-1": encoded("ISO-8859-1", "iso-8859-1"),
    "us-ascii": encoded("US-ASCII", "us-ascii"),
}
"""Documents that say to an XML processor what the printed one says, with their encodings; each says 10."""


@pytest.mark.parametrize("case", SAME)
@clause("keep-alive.legacy-representations")
def test_the_same_in_xml_is_the_same(case: str, cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    text, codec = SAME[case]
    _same(judge, open_session(), raw(_filled(text, cell).encode(codec), XML), "XML")


OPEN: dict[str, tuple[str, tuple[int, ...]]] = {
    "no-namespace": ("<KeepAlive-Input><{m}>10</{m}></KeepAlive-Input>", (0, 10)),
    "default-namespace": ('<KeepAlive-Input xmlns="{ns}"><{m}>10</{m}></KeepAlive-Input>', (0, 10)),
    "all-prefixed": ('<n:KeepAlive-Input xmlns:n="{ns}"><n:{m}>10</n:{m}></n:KeepAlive-Input>', (0, 10)),
    "wrong-namespace": ('<n:KeepAlive-Input xmlns:n="urn:x"><{m}>10</{m}></n:KeepAlive-Input>', (0, 10)),
    "member-in-a-wrong-namespace": (document("10").replace("<{m}>", '<{m} xmlns="urn:x">'), (0, 10)),
    "wrong-root": (document("10", "KeepAlive-Output"), (0, 10)),
    "attribute-on-the-member": (document("10").replace("<{m}>", '<{m} unit="percent">'), (0, 10)),
    "progress-as-an-attribute": ('<n:KeepAlive-Input xmlns:n="{ns}" {m}="10"/>', (0, 10)),
    "nil": (document("").replace("<{m}>", '<{m} xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="1">'), (0,)),
    "empty-element": ('<n:KeepAlive-Input xmlns:n="{ns}"><{m}/></n:KeepAlive-Input>', (0,)),
    "empty-root": ('<n:KeepAlive-Input xmlns:n="{ns}"/>', (0,)),
    "plus-sign": (document("+10"), (10,)),
    "leading-zero": (document("010"), (10,)),
    "fraction-of-nothing": (document("10.0"), (10,)),
    "doubled": (document("10</{m}><{m}>20"), (10, 20)),
    "unknown-member": (document("10</{m}><x>1</x><{m}>").replace("<{m}></{m}>", ""), (10,)),
    "utf-16-declared-and-utf-8": (document("10", before='<?xml version="1.0" encoding="UTF-16"?>'), (10,)),
    "json": ('{"{m}": 10}', (10,)),
    "document-type": (document("10", before="<!DOCTYPE KeepAlive-Input>"), (10,)),
    "above-100": (document("101"), tuple(range(101))),
    "negative": (document("-1"), (0,)),
}
"""Documents of which the pages do not speak, with what may be stored if a server takes them."""


@pytest.mark.parametrize("case", OPEN)
@clause("keep-alive.legacy-representations")
def test_what_the_pages_leave_open_in_xml_is_observed(
    case: str, cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    text, stored = OPEN[case]
    _observed(judge, open_session(), raw(_filled(text, cell), XML), stored, f"XML, {case}")


NUMBER_IN_A_FILE = "file:///proc/sys/vm/swappiness"
"""A small number that nobody minds, in a file of every Linux: a server that stored it would have read its disk."""

SPACES = "".join(f'<!ENTITY s{n} "{f"&s{n - 1};" * 10}">' for n in range(1, 6))
"""Entities that grow tenfold, five times: 100,000 spaces, no harm to a server that expands them, and it shows."""

ENTITIES = {
    "internal": document("&e;", before='<!DOCTYPE x [<!ENTITY e "10">]>'),
    "external": document("&e;", before=f'<!DOCTYPE x [<!ENTITY e SYSTEM "{NUMBER_IN_A_FILE}">]>'),
    "by-data-address": document("&e;", before='<!DOCTYPE x [<!ENTITY e SYSTEM "data:,10">]>'),
    "parameter": document("&e;", before="<!DOCTYPE x [<!ENTITY % p \"<!ENTITY e '10'>\"> %p;]>"),
    "laughs": document("&s5;10", before=f'<!DOCTYPE x [<!ENTITY s0 " ">{SPACES}]>'),
    "included": document(
        f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{NUMBER_IN_A_FILE}" parse="text"/>'
    ),
}
"""Documents whose progress stands in an entity, or elsewhere: a server that stores it has expanded it."""

PATIENCE = 15.0
"""Seconds that a server may take to answer a document of a kilobyte: it is at something else if it needs more."""


@pytest.mark.parametrize("case", ENTITIES)
@clause("keep-alive.legacy-representations")
def test_no_entity_is_expanded(case: str, cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    session = open_session()
    answer = session.keep_alive_with(raw(_filled(ENTITIES[case], cell), XML))
    judge(
        "keep-alive.legacy-representations",
        accepted_or_refused(answer, *LATER),
        progress_is(session.read(), 0),
        _answered_soon(answer),
    )
    judge.observe("keep-alive.legacy-representations", f"XML with an entity: {said(answer)}", answer)
    whole_error(judge, answer)


BROKEN: dict[str, tuple[bytes, ...]] = {
    "not-well-formed": (
        b"<KeepAlive-Input>",
        b"<KeepAlive-Input><{m}>10</KeepAlive-Input></{m}>",
        b"<KeepAlive-Input><{m}>10</{m}></KeepAlive-Input><KeepAlive-Input/>",
        b'<n:KeepAlive-Input xmlns:n="{ns}"><n:{m}>10</o:{m}></n:KeepAlive-Input>',
        b"<KeepAlive-Input><{m}>&none;</{m}></KeepAlive-Input>",
        b"10",
    ),
    "not-decodable": (
        b"<KeepAlive-Input><{m}>10\xff</{m}></KeepAlive-Input>",
        b"<KeepAlive-Input><{m}>10\x00</{m}></KeepAlive-Input>",
        b'<?xml version="1.0" encoding="x-none"?><KeepAlive-Input><{m}>10</{m}></KeepAlive-Input>',
    ),
}


@pytest.mark.parametrize("case", BROKEN)
@clause("keep-alive.legacy-representations")
def test_what_is_no_xml_is_refused(case: str, cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    member, space = PROGRESS_MEMBER[cell.service].encode(), namespace(cell).encode()
    bodies = [raw(text.replace(b"{m}", member).replace(b"{ns}", space), XML) for text in BROKEN[case]]
    _refused(judge, open_session(), bodies)


NO_INTEGERS = ("ten", "1.5", "true", "0x0A", "1e400", str(2**63), str(-(2**63) - 1), "1" + "0" * 40)


@pytest.mark.parametrize("kind", ["xml", "form"])
@clause("keep-alive.legacy-representations")
def test_a_progress_that_is_no_integer_is_refused(
    kind: str, cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    member = PROGRESS_MEMBER[cell.service]
    _refused(judge, open_session(), [REPRESENTATIONS[kind](cell, {member: text}) for text in NO_INTEGERS])


SAME_FORMS = {
    "encoded-digits": ("{m}=%31%30", FORM),
    "encoded-name": ("%{first:02X}{rest}=10", FORM),
    "ampersand-at-the-end": ("{m}=10&", FORM),
    "two-ampersands": ("&&{m}=10", FORM),
    "charset": ("{m}=10", f"{FORM}; charset=UTF-8"),
    "content-type-in-capitals": ("{m}=10", FORM.upper()),
}
"""Forms that say the same, each 10, by what the form encoding says."""


@pytest.mark.parametrize("case", SAME_FORMS)
@clause("keep-alive.legacy-representations")
def test_the_same_in_a_form_is_the_same(case: str, cell: Cell, open_session: OpenSession, judge: Judge) -> None:
    text, content_type = SAME_FORMS[case]
    member = PROGRESS_MEMBER[cell.service]
    body = raw(text.format(m=member, first=ord(member[0]), rest=member[1:]), content_type)
    _same(judge, open_session(), body, "form")


OPEN_FORMS: dict[str, tuple[str, tuple[int, ...]]] = {
    "plus-for-space": ("{m}=+10", (10,)),
    "encoded-space": ("{m}=10%20", (10,)),
    "encoded-plus": ("{m}=%2B10", (10,)),
    "empty-value": ("{m}=", (0,)),
    "no-value": ("{m}", (0,)),
    "empty-body": ("", (0,)),
    "ampersands-only": ("&&", (0,)),
    "doubled": ("{m}=10&{m}=20", (10, 20)),
    "doubled-and-the-same": ("{m}=10&{m}=10", (10,)),
    "unknown-member": ("{m}=10&x=1", (10,)),
    "semicolon": ("{m}=10;x=1", (0, 10)),
    "line-break-at-the-end": ("{m}=10\r\n", (10,)),
    "broken-percent": ("{m}=10&x=%zz", (0, 10)),
    "no-utf-8": ("{m}=10&x=%ff%fe", (0, 10)),
    "above-100": ("{m}=101", tuple(range(101))),
    "negative": ("{m}=-1", (0,)),
}
"""Forms of which the pages do not speak, with what may be stored if a server takes them."""


@pytest.mark.parametrize("case", OPEN_FORMS)
@clause("keep-alive.legacy-representations")
def test_what_the_pages_leave_open_in_a_form_is_observed(
    case: str, cell: Cell, open_session: OpenSession, judge: Judge
) -> None:
    text, stored = OPEN_FORMS[case]
    body = raw(text.format(m=PROGRESS_MEMBER[cell.service]), FORM)
    _observed(judge, open_session(), body, stored, f"form, {case}")


def _filled(text: str, cell: Cell) -> str:
    return text.replace("{m}", PROGRESS_MEMBER[cell.service]).replace("{ns}", namespace(cell))


def _effect(judge: Judge, answer: Exchange, before: Exchange, after: Exchange, progress: int) -> None:
    """What the other clauses say of a keep-alive that succeeds, and of one that is refused; these do fail a run."""
    if refuses(answer):
        judge.aside("keep-alive.refused-changes-nothing", unchanged(before, after, "expiration_time"))
    else:
        judge.aside("keep-alive.stores-progress", progress_is(after, progress))
        judge.aside("keep-alive.extends-expiration", expires_later(before, after))
        judge.aside("keep-alive.returns-nothing", returns_nothing(answer))
    whole_error(judge, answer)


def _same(judge: Judge, session: Session, body: Body, words: str) -> None:
    """A body that says 10 in its own way: 10 is stored, or the call is refused."""
    before = session.read()
    answer = session.keep_alive_with(body)
    after = session.read()
    if refuses(answer):
        flaws: Flaws = [*refused_somehow(answer, *LATER), *unchanged(before, after, "expiration_time")]
    else:
        flaws = [*succeeds(answer), *progress_is(after, 10)]
        judge.aside("keep-alive.stores-progress", progress_is(after, 10))
    judge("keep-alive.legacy-representations", flaws)
    judge.observe("keep-alive.legacy-representations", f"{words} in another spelling: {said(answer)}", answer)
    whole_error(judge, answer)


def _observed(judge: Judge, session: Session, body: Body, stored: tuple[int, ...], words: str) -> None:
    """A body that may be taken or refused: no progress is stored that was not sent."""
    before = session.read()
    answer = session.keep_alive_with(body)
    after = session.read()
    if refuses(answer):
        flaws: Flaws = [*refused_somehow(answer, *LATER), *unchanged(before, after, "expiration_time")]
    else:
        flaws = [*succeeds(answer), *progress_is(after, *stored)]
    judge("keep-alive.legacy-representations", flaws)
    judge.aside("model.progress-range", progress_in_range(after))
    judge.observe("keep-alive.legacy-representations", f"{words}: {said(answer)}", answer)
    whole_error(judge, answer)


def _refused(judge: Judge, session: Session, bodies: list[Body]) -> None:
    """Bodies that no server can have understood: each is refused, and none of them changes anything."""
    before = session.read()
    for body in bodies:
        answer = session.keep_alive_with(body)
        judge("keep-alive.legacy-representations", refused_somehow(answer, *LATER))
        whole_error(judge, answer)
    after = session.read()
    judge("keep-alive.legacy-representations", unchanged(before, after, "expiration_time"))
    judge.aside("keep-alive.refused-changes-nothing", unchanged(before, after, "expiration_time"))


def _answered_soon(answer: Exchange) -> Flaws:
    if answer.seconds <= PATIENCE:
        return []
    return [Flaw(f"an answer within {PATIENCE:g} s", f"{answer.seconds:.1f} s: {shown(answer)}", answer)]
