"""The commands of a script: a chain of requests by curl, with names for what the server gives."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from contract_tests.contract import Dialect
from contract_tests.contract.dialects import CONVENTIONS, TOKEN_HEADER
from contract_tests.problems import NotScriptable
from contract_tests.reporting.repro.shell import Hole, comment, is_readable, printed, text_of, word
from contract_tests.reporting.repro.values import RUN, UUID, WORD, client_tokens, path_of
from contract_tests.traffic.messages import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.reporting.repro.chain import Chain
    from contract_tests.reporting.repro.script import ShownFlaw
    from contract_tests.reporting.repro.shell import Piece
    from contract_tests.reporting.repro.values import Use
    from contract_tests.traffic.exchange import Exchange
    from contract_tests.traffic.messages import Request

_STANDING: Final = (("accept", "application/json"), ("accept-encoding", "identity"))
_CURLS: Final = frozenset({"host", "content-length", "connection", "user-agent", "accept-encoding"})
"""Headers that curl makes itself, or that say nothing to the server about what it is asked."""
_CREATED: Final = (("-session", "SESSION"), ("/local-library", "LIBRARY"), ("/item", "ITEM"), ("/session", "TOKEN"))
_NO_TOKENS: Final = {
    "to the id of the session": "$SESSION",
    "to nothing": "",
    "to a token without its end": "${TOKEN%?}",
    "to a token with something behind it": "${TOKEN}0",
    "to null": "null",
}
"""What was sent as a token is hidden; the flaw says what it was."""
_NEVER_ISSUED: Final = "00000000000000000000000000000000"


@dataclass
class CommandWriter:
    """Writes the commands of a chain, and knows the names of what the server gives."""

    chain: Chain
    shown: ShownFlaw
    known: dict[str, str] = field(default_factory=dict)
    """The names of values, as the run had them."""
    is_named_anew: bool = False
    is_fresh: bool = False
    takes_second: bool = False
    _counts: Counter[str] = field(default_factory=Counter)

    def steps(self) -> Iterator[str]:
        chain = self.chain
        wanted = self._wanted()
        self.known["<token>"] = "TOKEN"
        for number, exchange in enumerate(chain.steps, 1):
            lines = list(self._command(number, exchange))
            if number - 1 in chain.waits:
                yield ""
                yield f"wait_for {chain.waits[number - 1]:g}"
            yield ""
            yield comment(f"{number}: {_told(exchange)}", 116)
            yield from lines
            yield from self._afterwards(number, exchange, wanted)

    def _wanted(self) -> set[str]:
        """The values that later requests send back."""
        return {value for one in self.chain.steps for value in self.chain.given.used(one)}

    def _afterwards(self, number: int, exchange: Exchange, wanted: set[str]) -> Iterator[str]:
        """What is taken from the answer: values for later requests, and what is to be removed."""
        given = self.chain.given
        path = exchange.request.url.partition("?")[0]
        kind = next((name for end, name in _CREATED if path.endswith(end)), "")
        may_create = exchange.request.method == "POST" and kind
        for value in given.made(exchange):
            source = given.source(value)
            is_made = bool(may_create) and source is not None and source.member in {"", "value"} and source.which == 1
            if source is None or value in self.known or not (value in wanted or is_made):
                continue
            name = self._name(kind if is_made else source.member.upper() or "ID")
            self.known[value] = name
            if value.startswith("<") and not value.startswith("<other-token"):
                raise NotScriptable(f"it sends back a secret that is hidden ({value})")
            which = f" {source.which}" if source.which > 1 else ""
            yield f"{name}=$(given {number} {source.member or repr('')}{which})"
            must = "must" if exchange.operation is None and kind in {"LIBRARY", "ITEM"} else str(exchange.status)
            yield f'named {name} "${name}" {number} {must}'
            if is_made:
                yield from _removal(path_of(path), kind, name)

    def _name(self, stem: str) -> str:
        stem = re.sub("[^A-Z_]", "_", stem)
        stem = "OTHER_TOKEN" if stem == "TOKEN" else stem
        self._counts[stem] += 1
        count = self._counts[stem]
        return stem if count == 1 else f"{stem}_{count}"

    def _command(self, number: int, exchange: Exchange) -> Iterator[str]:
        request = exchange.request
        if exchange.is_elsewhere or exchange.never_sent:
            raise NotScriptable("content is kept on another origin, of whose answers only digests are known")
        if len(request.method) > 200 or not re.fullmatch("[!-~]+", request.method):
            raise NotScriptable("its method is none that curl sends")
        command = "ask"
        headers = [(name, value) for name, value in request.headers if name.lower() not in _CURLS]
        accepts = [value for name, value in request.headers if name.lower() == "accept"]
        if accepts == ["application/json"]:
            headers = [(name, value) for name, value in headers if name.lower() != "accept"]
        else:
            command = "ask_bare"
        words = [command, str(number), request.method, *self._address(request)]
        lines = [" ".join(words)]
        lines += [
            f"-H {self._header(name, value, exchange)}" for name, value in headers if name.lower() != "authorization"
        ]
        lines += self._login(exchange)
        lines += _of_curl(request)
        yield from self._body(number, request, lines)
        yield " \\\n    ".join(lines)

    def _address(self, request: Request) -> list[str]:
        if request.url in self.known:
            return [word([Hole(f"${self.known[request.url]}")])]
        path = path_of(request.url)
        if path.isascii() and path.isprintable() and " " not in path and "#" not in path:
            return [word(self._filled(path))]
        target = word(self._filled(path)) if path.isascii() and path.isprintable() else word(text_of(path))
        return ["/", "--request-target", target]

    def _header(self, name: str, value: str, exchange: Exchange) -> str:
        if value == HIDDEN and name.lower() == TOKEN_HEADER:
            told = next((code for end, code in _NO_TOKENS.items() if self.shown.expected.endswith(end)), _NEVER_ISSUED)
            is_deciding = exchange is self.chain.steps[self.chain.deciding]
            token = told if is_deciding else _NEVER_ISSUED
            return word([f"{name}: ", Hole(token)]) if token else word([f"{name};"])
        if HIDDEN in value:
            raise NotScriptable(f"what it sends as {name} is hidden")
        if not value:
            return word([f"{name};"])
        pieces = self._filled(value) if value.isascii() and value.isprintable() else text_of(value)
        return word([f"{name}: ", *pieces])

    def _login(self, exchange: Exchange) -> list[str]:
        """Who logs in is hidden: the user, or somebody whom nobody knows, who is to be refused."""
        value = exchange.request.header("authorization")
        if value is None:
            return []
        if value != HIDDEN or not exchange.request.url.endswith("/session"):
            raise NotScriptable("what it sends as authorization is hidden")
        is_deciding = exchange is self.chain.steps[self.chain.deciding]
        refused = exchange.status == 401 or (is_deciding and "401" in self.shown.expected)
        return ["-u cl-contract-nobody:no-such-password" if refused else '-K "$FOLDER/user"']

    def _body(self, number: int, request: Request, lines: list[str]) -> Iterator[str]:
        """Adds the body to the command; gives the commands that are needed before it."""
        body = request.body
        if not body:
            if request.header("content-length") == "0":
                lines.append("-H 'content-length: 0'")
            return
        if request.header("content-length") not in {None, str(len(body))}:
            raise NotScriptable("its Content-Length is not that of its body, and curl sends no such thing")
        if request.header("content-type") is None:
            lines.append("-H 'content-type:'")
        pieces = self._filled(body.decode("latin-1"))
        if is_readable(body):
            lines.append(f"--data-raw {word(pieces)}")
            return
        yield "{"
        for piece in pieces:
            commands = (
                [f"printf '%s' \"{piece.code}\""] if isinstance(piece, Hole) else printed(piece.encode("latin-1"))
            )
            yield from (f"    {command}" for command in commands)
        yield f'}} >"$FOLDER/{number}.sent"'
        lines.append(f'--data-binary "@$FOLDER/{number}.sent"')

    def _filled(self, text: str) -> list[Piece]:
        """A text of a request, with what the server or the script gives in place of what it was in the run."""
        pieces: list[Piece] = []
        at = 0
        for start, end, hole in self._holes(text):
            pieces += [text[at:start], hole]
            at = end
        return [piece for piece in [*pieces, text[at:]] if piece]

    def _holes(self, text: str) -> Iterator[tuple[int, int, Hole]]:
        for found in WORD.finditer(text):
            uses = list(self.chain.given.within(found[0]))
            for use in uses:
                if use.value in self.known:
                    yield (
                        found.start() + use.start,
                        found.start() + use.end,
                        Hole(_spelled(use, self.known[use.value], found[0])),
                    )
                elif use.value.startswith("<second-token"):
                    self.takes_second = True
                    self.known[use.value] = "SECOND_TOKEN"
                    yield found.start() + use.start, found.start() + use.end, Hole("$SECOND_TOKEN")
                else:
                    raise NotScriptable(
                        f"it sends {found[0]}, which no answer before it gives in a form that is understood"
                    )
            if not uses and (run := RUN.search(found[0])):
                self.is_named_anew = True
                self.known[run[0]] = "RUN"
                yield found.start() + run.start(), found.start() + run.end(), Hole("${RUN}")
            elif not uses and found[0] in self._tokens and UUID.fullmatch(found[0]):
                self.is_fresh = True
                yield found.start(), found.start() + 8, Hole("${FRESH}")

    @cached_property
    def _tokens(self) -> set[str]:
        return {token for one in self.chain.steps for token in client_tokens(one)}


def _spelled(use: Use, name: str, text: str) -> str:
    """A value as a request has it: as it was given, or changed."""
    match use.how:
        case "":
            return f"${{{name}}}"
        case "first":
            return f"${{{name}%%:*}}"
        case "last":
            return f"${{{name}#*:}}"
        case "changed":
            return f'$(changed "${name}" {len(use.value)})'
        case "%3A" | "%3a":
            return f"$(printf '%s' \"${name}\" | sed 's/:/{use.how}/g')"
        case _:
            written_as = text[use.start : use.end]
            if written_as == use.value.upper():
                return f"$(printf '%s' \"${name}\" | tr '[:lower:]' '[:upper:]')"
            raise NotScriptable(f"it sends {text}, which is made of an id that is new each time")


def _removal(path: str, kind: str, name: str) -> Iterator[str]:
    if kind == "TOKEN":
        return
    dialect = Dialect.REST if path.startswith("/rest") else Dialect.API
    here = CONVENTIONS[dialect]
    address = f"{path}/{here.id_prefix}${name}"
    yield f'made DELETE "{address}"'
    if path.endswith("update-session"):
        yield f'made POST "{address}?{here.action}=cancel"'


def _of_curl(request: Request) -> list[str]:
    """Headers that curl makes itself, where they are not what it would make."""
    found = []
    for name, value in request.headers:
        if name.lower() == "host" and value != urlsplit(request.url).netloc:
            found.append(f"-H {word([f'{name}: ', *text_of(value)])}")
        if name.lower() == "connection" and value.lower() not in {"keep-alive", "close"}:
            found.append(f"-H {word([f'{name}: ', *text_of(value)])}")
    return found


def _told(exchange: Exchange) -> str:
    """A step as a reader is told it."""
    asked = f"{exchange.operation} of {exchange.cell}" if exchange.operation else exchange.request.method
    answer = "no answer" if exchange.status is None else f"{exchange.status}"
    return f"{asked} ({answer} in the run)"
