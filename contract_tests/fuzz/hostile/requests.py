"""Requests that nobody means well with, as data: what is sent with a keep-alive, and what may come of it.

Each row says by a promise of the reference model what is right: refused, or honoured where that is legal. A server
that honours an odd request does so as a whole: the progress in it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from contract_tests.contract.dialects import PROGRESS_MEMBER, Op
from contract_tests.fuzz.histories.reference import Call, Form, promised
from contract_tests.rules.refusals import ANY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_tests.contract import Service
    from contract_tests.fuzz.histories.known import Known
    from contract_tests.fuzz.histories.reference import Promise
    from contract_tests.rules.refusals import Refusals

GENTLE: Final = 16 * 1024
"""Bytes of a request up to which a live server is asked."""


@dataclass(frozen=True)
class Expect:
    """What may come of an odd keep-alive: one of the calls that a server may take it for, in the model's words.

    `refusals` are the ways to refuse it; without them, those of the first call.
    """

    calls: tuple[Call, ...]
    refusals: Refusals | None = None

    def __call__(self, known: Known) -> Promise:
        ways = [promised(known, call, 0, 0) for call in self.calls]
        success = frozenset(state for way in ways for state in way.success)
        return replace(ways[0], success=success, refusals=self.refusals or ways[0].refusals)

    @property
    def asked(self) -> Call:
        """What was asked for: the call that gives most, as the blame for what comes of it is by what was given."""
        return next((call for call in self.calls if call.form is not Form.NOTHING), self.calls[0])


def is_refused(form: Form, refusals: Refusals | None = None) -> Expect:
    """The call is refused, as the reference model has it for this form, or else in one of these ways."""
    return Expect((Call(Op.KEEP_ALIVE, form),), refusals)


def is_honoured_with(*progress: int | None) -> Expect:
    """The call succeeds with one of these values stored (None: it stays), or is refused with any 4xx."""
    plain = Call(Op.KEEP_ALIVE)
    return Expect(tuple(plain if value is None else Call(Op.KEEP_ALIVE, Form.NUMBER, value) for value in progress), ANY)


IS_SERVED: Final = Expect((Call(Op.KEEP_ALIVE),))
"""The call has nothing wrong with it: it succeeds like one without a body."""


@dataclass(frozen=True)
class OddBody:
    """A body that is sent with a keep-alive; `@` in `text` stands for the member that carries the progress.

    `is_gentle` is false if a server that falls for it takes harm, so that no live one is asked.
    """

    name: str
    text: str | bytes
    expect: Expect
    content_type: str | None = "application/json"
    is_gentle: bool = True
    encoding: str = "utf-8"
    """Of the text, once the member stands in it."""

    @property
    def is_plain(self) -> bool:
        """Whether its answer can be held to the rules of an answer by itself.

        It is announced as a documented media type, so that nobody but the API's server reads it, and holds no lone
        surrogate: an error may quote what the client sent, and nobody can read that then.
        """
        quotes_badly = isinstance(self.text, str) and r"\ud" in self.text
        return self.is_gentle and self.content_type in ("application/json", XML) and not quotes_badly

    @property
    def is_malformed(self) -> bool:
        """Whether it is announced as JSON, and is none to anybody."""
        return self.expect is _NOT_JSON

    def content(self, service: Service) -> bytes:
        return self.about(PROGRESS_MEMBER[service])

    def about(self, member: str, spec: str | None = None) -> bytes:
        """The bytes, with `member` in the place of the progress; JSON stands within `spec`, if there is one."""
        if isinstance(self.text, bytes):
            return self.text.replace(b"@", member.encode())
        text = self.text.replace("@", member)
        whole = text if spec is None or self.content_type == XML else f'{{"{spec}": {text}}}'
        return whole.encode(self.encoding)


_NOT_JSON = is_refused(Form.MALFORMED)
_NO_INTEGER = is_refused(Form.NO_INTEGER)
_TOO_LARGE = is_refused(Form.BEYOND_INT64)
_DEEP = 100_000

XML: Final = "application/xml"
_BOMB: Final = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
_A_FILE: Final = "file:///proc/sys/net/ipv4/ip_default_ttl"
"""Holds 64 on every Linux: a server that stores it has read its disk, and nobody minds."""


def _document(inside: str, before: str = "") -> str:
    return f"{before}<KeepAlive-Input>{inside}</KeepAlive-Input>"


def _external(name: str, entity: str, use: str) -> OddBody:
    return OddBody(name, _document(f"<@>{use}</@>", f"<!DOCTYPE x [{entity}]>"), is_honoured_with(None), XML)


BODIES: Final = (
    _external("an external entity", f'<!ENTITY e SYSTEM "{_A_FILE}">', "&e;"),
    _external("an external parameter entity", f'<!ENTITY % f SYSTEM "{_A_FILE}"> %f; <!ENTITY e "%f;">', "&e;"),
    OddBody(
        "an external document type",
        _document("<@>&e;</@>", f'<!DOCTYPE x SYSTEM "{_A_FILE}">'),
        is_honoured_with(None),
        XML,
    ),
    OddBody(
        "an XML bomb",
        _document("<@>&e9;31</@>", f'<!DOCTYPE x [<!ENTITY e0 " ">{_BOMB}]>'),
        is_honoured_with(None, 31),
        XML,
        is_gentle=False,
    ),
    OddBody(
        "an entity within itself",
        _document("<@>&a;</@>", '<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'),
        is_honoured_with(None),
        XML,
    ),
    OddBody("XML, 20,000 deep", "<a>" * 20_000 + "</a>" * 20_000, is_honoured_with(None), XML),
    OddBody("truncated", '{"@": 6', _NOT_JSON),
    OddBody("followed by more", '{"@": 60} {"@": 61}', _NOT_JSON),
    OddBody("with a leading zero", '{"@": 060}', _NOT_JSON),
    OddBody("with a plus sign", '{"@": +60}', _NOT_JSON),
    OddBody("hexadecimal", '{"@": 0x3c}', _NOT_JSON),
    OddBody("without quotes", "{@: 60}", _NOT_JSON),
    OddBody("in single quotes", "{'@': 60}", _NOT_JSON),
    OddBody("with a comment", '{"@": 60 /* per cent */}', _NOT_JSON),
    OddBody("with NaN", '{"@": NaN}', _NOT_JSON),
    OddBody("with Infinity", '{"@": -Infinity}', _NOT_JSON),
    OddBody("with a NUL inside", b'{"@": 6\x000}', _NOT_JSON),
    OddBody("invalid UTF-8 in a name", b'{"@\xff": 60}', is_honoured_with(None, 60)),
    OddBody("invalid UTF-8 as the value", b'{"@": "\xc3\x28"}', is_refused(Form.NO_INTEGER)),
    OddBody("with a byte order mark", b'\xef\xbb\xbf{"@": 60}', is_honoured_with(60)),
    OddBody("in UTF-16", '{"@": 61}', is_honoured_with(61), encoding="utf-16"),
    OddBody("white space only", "  \r\n\t ", is_honoured_with(None)),
    OddBody("a lone surrogate as the value", r'{"@": "\ud800"}', _NO_INTEGER),
    OddBody("a lone surrogate in another member", r'{"@": 62, "x\udfff": "\ud800"}', is_honoured_with(62)),
    OddBody("a member there twice", '{"@": 63, "@": 64}', is_honoured_with(63, 64)),
    OddBody("a member there twice, once wrong", '{"@": 65, "@": "x"}', is_honoured_with(65)),
    OddBody("two to the 63rd", '{"@": 9223372036854775808}', _TOO_LARGE),
    OddBody("5000 digits", '{"@": ' + "9" * 5000 + "}", _TOO_LARGE),
    OddBody("an exponent without end", '{"@": 1e999999999}', _TOO_LARGE),
    OddBody("a fraction of 5000 digits", '{"@": 66.' + "3" * 5000 + "}", _NO_INTEGER),
    OddBody("minus zero", '{"@": -0}', is_honoured_with(0)),
    OddBody("arrays, 100,000 deep", "[" * _DEEP + "]" * _DEEP, is_refused(Form.NO_OBJECT, ANY)),
    OddBody("arrays, 100,000 deep and open", "[" * _DEEP, is_refused(Form.MALFORMED, ANY)),
    OddBody("objects, 100,000 deep", '{"a":' * _DEEP + "1" + "}" * _DEEP, is_honoured_with(None)),
    OddBody("a deep value", '{"@": ' + "[" * 5000 + "]" * 5000 + "}", _NO_INTEGER),
    OddBody("a deep value in another member", '{"@": 67, "x": ' + "[" * 500 + "]" * 500 + "}", is_honoured_with(67)),
    OddBody("5000 members", "{" + ",".join(f'"m{n}": {n}' for n in range(5000)) + "}", is_honoured_with(None)),
    OddBody("two megabytes of white space", '{"@": 68' + " " * 2**21 + "}", is_honoured_with(68)),
    OddBody("a member called __proto__", '{"__proto__": {"@": 69}}', is_honoured_with(None)),
)

CONTENT_TYPES: Final = (
    None,
    "text/plain",
    "application/octet-stream",
    "application/json; charset=utf-16",
    "application/json; charset=no-such-charset",
    "application/json;;; =",
    "application/json, text/plain",
    "multipart/form-data; boundary=x",
    "no type at all",
    "/",
    "application/" + "x" * 4000,
)
"""Content types of a body that is JSON, whatever they say."""


def odd_types() -> tuple[OddBody, ...]:
    return tuple(
        OddBody(
            f"JSON sent as {(kind or 'nothing')[:40]}", f'{{"@": {70 + number}}}', is_honoured_with(70 + number), kind
        )
        for number, kind in enumerate(CONTENT_TYPES)
    )


def odd_ids(id_: str) -> dict[str, str]:
    """Ids that no session has, as they stand in a path, by name. Some begin with one that a session has."""
    return {
        "of 4000 characters": "x" * 4000,
        "of 600 encoded letters": "%C3%A4" * 600,
        "with an encoded slash": f"{id_}%2Fx",
        "that climbs": "..%2F..%2F..%2Fetc%2Fpasswd",
        "that climbs, encoded twice": "%252e%252e%252f",
        "encoded twice": "".join(f"%25{ord(sign):02x}" for sign in id_),
        "of dots": "%2e%2e",
        "followed by a NUL": f"{id_}%00",
        "followed by a line": f"{id_}%0d%0aX-Injected:%201",
        "followed by a space": f"{id_}%20",
        "after a space": f"%20{id_}",
        "that is no UTF-8": "%ff%fe",
        "with a lone surrogate": "%ed%a0%80",
        "with half an escape": f"{id_}%",
        "with a bell": "%07",
        "of quotes": "'%20OR%20'1'='1",
        "of brackets": "%7Bid%7D",
        "with a script": "%3Cscript%3E",
        "that reverses": "%E2%80%AE",
    }


ODD_QUERIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "an unknown parameter": "&x=1",
        "a progress": "&client_progress=77&progress=77",
        "the parameter without a name": "&=1",
        "nothing between two signs": "&&&",
        "half an escape": "&x=%zz",
        "no UTF-8": "&x=%ff%fe",
        "a NUL": "&x=%00",
        "a line": "&x=%0d%0aX-Injected:%201",
        "4000 characters": "&x=" + "y" * 4000,
        "500 parameters": "".join(f"&x{n}=1" for n in range(500)),
    }
)
"""What is put behind the query of a keep-alive, by name."""
