"""Exchanges of every kind, drawn by Hypothesis, and recordings that are made of a few."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from contract_tests.contract import CELLS
from contract_tests.contract.dialects import Op
from contract_tests.traffic.archive import KeptPlay, Recording
from contract_tests.traffic.exchange import Exchange
from contract_tests.traffic.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

BASE = "https://vc.example"
STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)

# Whatever a server may have sent or named: half a surrogate pair is among it.
_TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
_LATIN = st.text(st.characters(max_codepoint=255), max_size=12)
_HEADERS = st.lists(st.tuples(st.one_of(st.sampled_from(["Content-Type", "location"]), _LATIN), _LATIN), max_size=3)
_BODIES = st.one_of(
    st.just(b""),
    st.binary(max_size=12),
    _LATIN.map(lambda text: text.encode()),
    st.sampled_from([b"\x00", b"a\x00b", b"\r\n", b'{"client_progress": 40}', b"\xef\xbb\xbf{}"]),
)
_URLS = st.one_of(
    st.builds(f"{BASE}/api/x?{{}}".format, _TEXTS),
    st.sampled_from(["http://[", "http://\u2100/?a", f"{BASE}/x?a=1&a=2&b&=c#d?e", f"{BASE}/x?%", "x"]),
)


def exchanges() -> SearchStrategy[Exchange]:
    """Any exchange that may be kept, without an id."""
    return _exchanges()


@st.composite
def _exchanges(draw: DrawFn) -> Exchange:
    request = Request(
        draw(st.sampled_from(["GET", "POST", "DELETE", "M"])), draw(_URLS), tuple(draw(_HEADERS)), draw(_BODIES)
    )
    response, failure = None, None
    if draw(st.booleans()):
        response = Response(draw(st.sampled_from([0, 200, 204, 500, 999])), tuple(draw(_HEADERS)), draw(_BODIES))
    else:
        failure = draw(_TEXTS)
    return Exchange(
        request,
        response,
        STARTED + timedelta(microseconds=draw(st.integers(0, 10**10))),
        draw(st.integers(0, 10**8)) / 10**6,
        failure,
        draw(st.sampled_from([None, *map(str, CELLS)])),
        draw(st.sampled_from([None, *Op])),
    )


def sent(
    method: str = "GET",
    path: str = "/api/x",
    body: bytes = b"",
    *,
    answer: bytes = b"",
    second: float = 0.0,
    headers: tuple[tuple[str, str], ...] = (),
    cell: str | None = "api-update",
) -> Exchange:
    """An exchange that was answered with 200, so many seconds after the beginning; its id is that of its second."""
    request = Request(method, BASE + path, headers, body)
    started = STARTED + timedelta(seconds=second)
    return Exchange(request, Response(200, (), answer), started, 0.25, None, cell, None, f"at-{second:g}")


def recording(lane: str = "", **plays: Sequence[Exchange]) -> Recording:
    """A recording of one lane, with these plays by name."""
    return Recording({}, {name: KeptPlay(tuple(exchanges), (), lane) for name, exchanges in plays.items()})
