"""Transfers of what update sessions pull: tasks on the server's own loop, which report into the domain as it comes."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from contract_tests import __version__
from contract_tests.mock.domain.pulls import THUMBPRINTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from contract_tests.mock.domain.pulls import Pull, TransferEndpoint
    from contract_tests.mock.domain.transfers import Uploads
    from contract_tests.mock.domain.world import World

_CONNECT: Final = 10.0
_SILENCE: Final = 60.0
"""For how many seconds a source may say nothing; how slow it is otherwise is its own business."""
_LOOK: Final = 0.2
"""How often it is asked whether a file is still wanted, in seconds: a session may end by its clock alone."""
_REDIRECTS: Final = 5


class NotFetched(Exception):
    """A source does not give what is wanted; the text is the end of a sentence."""


class Fetching:
    """All transfers of a server. They end with its loop, which cancels what is left."""

    def __init__(self, world: World, limit: int) -> None:
        self._world = world
        self.limit = limit
        self._tasks: set[asyncio.Task[None]] = set()
        world.fetch = self.begin

    @property
    def uploads(self) -> Uploads:
        """Those of now: after a reset of the world there are others, which want nothing of what was asked before."""
        return self._world.uploads

    def begin(self, pull: Pull) -> None:
        task = asyncio.get_running_loop().create_task(self._watch(pull))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self, pull: Pull) -> None:
        """Fetch, as long as somebody waits for it."""
        work = asyncio.create_task(self._perform(pull))
        try:
            while not work.done() and self.uploads.is_wanted(pull):
                await asyncio.wait({work}, timeout=_LOOK)
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work

    async def _perform(self, pull: Pull) -> None:
        try:
            await self._fetch(pull)
        except NotFetched as problem:
            reason = str(problem)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the session ends with it
            reason = _reason(problem)
        else:
            self.uploads.fetched(pull)
            return
        if self.uploads.is_wanted(pull):
            self.uploads.not_fetched(pull, reason)

    async def _fetch(self, pull: Pull) -> None:
        import httpx  # noqa: PLC0415 - takes long, and most servers fetch nothing

        client = httpx.AsyncClient(
            verify=_trust(pull.endpoint),
            timeout=httpx.Timeout(_SILENCE, connect=_CONNECT),
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            trust_env=False,
            event_hooks={"response": [_check_redirection]},
            headers={"accept-encoding": "identity", "user-agent": f"cl-contract-mock/{__version__}"},
        )
        extensions = {"trace": _Peer(pull.endpoint).look}
        async with client, client.stream("GET", pull.endpoint.uri, extensions=extensions) as response:
            if response.status_code != httpx.codes.OK:
                raise NotFetched(f"it answers {response.status_code} {response.reason_phrase}".rstrip())
            arrival = self.uploads.begin(pull.upload)
            async for piece in response.aiter_raw():
                if not self.uploads.is_wanted(pull):
                    return
                self.uploads.advance(pull, piece)
                if arrival.lost is not None:
                    return
                if arrival.size > self.limit:
                    raise NotFetched(f"it is larger than {self.limit} bytes")


class _Peer:
    """Who a source is: the certificate that is expected of it."""

    def __init__(self, expected: TransferEndpoint) -> None:
        self.expected = expected

    async def look(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by httpcore for each step; nothing has been said yet when TLS has begun.

        Raises:
            NotFetched: somebody else answers.
        """
        if event != "connection.start_tls.complete":
            return
        stream = info["return_value"]
        problem = self.problem(stream.get_extra_info("ssl_object").getpeercert(binary_form=True) or b"")
        if problem is not None:
            await stream.aclose()  # httpcore does not know yet that it has it
            raise NotFetched(problem)

    def problem(self, found: bytes) -> str | None:
        """Why a certificate, in DER, is not the expected one."""
        if self.expected.certificate is not None:
            return None if found == self.expected.certificate else "its certificate is not the one that was named"
        if self.expected.thumbprint is None:
            return None
        digest = hashlib.new(THUMBPRINTS[len(self.expected.thumbprint)], found, usedforsecurity=False).digest()
        if digest == self.expected.thumbprint:
            return None
        return f"its certificate has another thumbprint, {digest.hex(':').upper()}"


def _trust(endpoint: TransferEndpoint) -> ssl.SSLContext:
    """A certificate that is expected takes the place of all other checks."""
    context = ssl.create_default_context()
    if endpoint.thumbprint is not None or endpoint.certificate is not None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def _check_redirection(response: httpx.Response) -> None:
    """Follow to no address that is less safe.

    Raises:
        NotFetched: it leads from https to http.
    """
    if response.has_redirect_location:
        target = urljoin(str(response.url), response.headers["location"])
        if response.url.scheme == "https" and urlsplit(target).scheme != "https":
            raise NotFetched(f"it leads away from https, to {target}")


def _reason(problem: Exception) -> str:
    """What went wrong, as the end of a sentence."""
    text = str(problem).strip().rstrip(".")
    return text or type(problem).__name__
