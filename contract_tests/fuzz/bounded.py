"""The transport of a campaign, bounded as the door is: so much time for an answer in all, and so many bytes of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError

from contract_tests.target import limits
from contract_tests.target.silence import NotAsked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.target.silence import Silence


class Bounded(HTTPAdapter):
    """Reads each answer within the limits; beyond them the connection counts as broken.

    The silence of the server is that of the door: where nothing passes there, nothing is sent here either.
    """

    def __init__(self, silence: Silence) -> None:
        super().__init__()
        self._silence = silence

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        try:
            self._silence.let_pass()
        except NotAsked as reason:
            raise requests.exceptions.ConnectionError(reason, request=request) from None
        try:
            answer = self._answer(request, *args, **options)
        except requests.exceptions.Timeout:
            self._silence.goes_on()
            raise
        self._silence.broken()
        return answer

    def _answer(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        until = time.monotonic() + limits.PATIENCE
        answer = super().send(request, *args, **options | {"stream": True})
        pieces, length = [], 0
        for piece in _pieces(answer):
            pieces.append(piece)
            length += len(piece)
            if length > limits.LONGEST:
                answer.close()
                raise requests.exceptions.ConnectionError("the answer is too long", request=request)
            if time.monotonic() > until:
                answer.close()
                raise requests.exceptions.ReadTimeout("the answer takes too long", request=request)
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
    except ReadTimeoutError as late:
        raise requests.exceptions.ReadTimeout(late, request=answer.request) from late
    except Exception as broken:
        raise requests.exceptions.ConnectionError(broken, request=answer.request) from broken
