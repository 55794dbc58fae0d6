"""What two answers are compared by: an answer with all that differs each time replaced, as `library.sh` tells it.

Ids that a script knows stand by their names, others as `<id>`, addresses as `<address>`. A time is two numbers of
seconds: since its answer was given, and since the time that was told before it; or nothing but `<time>`. Of the
headers only a few are told, and a length where there is no body. Of lists, ids that the script does not know are left
out: others' sessions.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from contract_tests.reporting.repro.values import UUID
from contract_tests.rules.checks.times import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.traffic.exchange import Exchange

HEADERS: Final = ("content-type", "location", "allow", "www-authenticate")
"""The headers that are compared."""

LONGEST: Final = 4000
"""Characters of an answer that are compared."""

_CLOCK: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?(?:[Zz]|[+-]\d\d:\d\d)"
)
_OTHERS: Final = re.compile(r'([\[,])"<id>(?::<id>)?",')
_LAST_OTHER: Final = re.compile(r',?"<id>(?::<id>)?"\]')


def observed(exchanges: Iterable[Exchange], names: Mapping[str, str], *, times: bool = True) -> list[str]:
    """A line for each answer; `names` are those of the values that a script knows.

    Without `times`, a time is only told to be one.
    """
    lines, before = [], None
    for exchange in exchanges:
        answered = _answered(exchange)
        pieces, at = [], 0
        text = _plain(_facts(exchange), names)
        for found in _CLOCK.finditer(text):
            try:
                moment = instant(found[0]).timestamp()
            except (ValueError, OverflowError):
                continue
            before = moment if before is None else before
            told = f"<time {moment - answered:.3f} {moment - before:.3f}>" if times else "<time>"
            pieces += [text[at : found.start()], told]
            before, at = moment, found.end()
        lines.append("".join([*pieces, text[at:]])[:LONGEST])
    return lines


def _answered(exchange: Exchange) -> float:
    """When it was answered, in seconds, by the server's clock where it tells that."""
    date = exchange.response.header("date") if exchange.response is not None else None
    try:
        return (exchange.started if date is None else parsedate_to_datetime(date)).timestamp()
    except (ValueError, OverflowError):
        return exchange.started.timestamp()


def _facts(exchange: Exchange) -> str:
    if exchange.response is None:
        return "000 "
    told = "".join(
        f" [{wanted}: {value.strip()}]"
        for wanted in HEADERS
        for name, value in exchange.response.headers
        if name.lower() == wanted
    )
    if not exchange.response.body and (length := exchange.response.header("content-length")) not in {None, "0"}:
        told += f" [content-length: {length}]"
    if "octet-stream" in told:
        return f"{exchange.response.status:03}{told} {_checksum(exchange.response.body)}"
    body = exchange.response.body.decode("latin-1")
    return f"{exchange.response.status:03}{told} {re.sub('[^ -~]', '?', body)}"


def _checksum(body: bytes) -> str:
    """The checksum and the length of a body, as cksum of POSIX prints them."""
    length, rest = bytearray(), len(body)
    while rest:
        length.append(rest & 0xFF)
        rest >>= 8
    crc = 0
    for byte in body + bytes(length):
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1
        crc &= 0xFFFFFFFF
    return f"{crc ^ 0xFFFFFFFF} {len(body)}"


def _plain(text: str, names: Mapping[str, str]) -> str:
    for value in sorted(names, key=len, reverse=True):
        text = text.replace(value, f"<{names[value]}>")
    text = re.sub(r'https?://[^" ]*', "<address>", text)
    text = UUID.sub("<id>", text)
    text = re.sub("[0-9a-f]{24,}", "<id>", text)
    while (fewer := _OTHERS.sub(r"\1", text)) != text:
        text = fewer
    return _LAST_OTHER.sub("]", text)
