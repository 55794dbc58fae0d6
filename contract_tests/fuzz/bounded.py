"""The transport of a campaign, bounded as the door is: so much time for an answer in all, and so many bytes of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

from contract_tests.target import limits

if TYPE_CHECKING:
    from collections.abc import Iterator


class Bounded(HTTPAdapter):
    """Reads each answer within the limits; beyond them the connection counts as broken."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        until = time.monotonic() + limits.PATIENCE
        answer = super().send(request, *args, **options | {"stream": True})
        pieces, length = [], 0
        for piece in _pieces(answer):
            pieces.append(piece)
            length += len(piece)
            if length > limits.LONGEST or time.monotonic() > until:
                answer.close()
                raise requests.exceptions.ConnectionError("the answer is too long, or takes too long", request=request)
        # What `requests` does itself where it does not stream.
        answer._content, answer._content_consumed = b"".join(pieces), True  # noqa: SLF001
        return answer


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    """The body as it comes in: to wait until a piece of a given length is there would be to wait for ever."""
    try:
        if answer.raw.chunked:
            yield from answer.raw.stream(65536, decode_content=True)
        else:
            while piece := answer.raw.read1(65536, decode_content=True):
                yield piece
    except Exception as broken:
        raise requests.exceptions.ConnectionError(broken, request=answer.request) from broken
