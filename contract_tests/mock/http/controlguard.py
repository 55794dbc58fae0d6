"""The guard of the control door: it lets clients in, and no page that a browser on this machine shows.

A page can send requests to a server on its reader's machine. Three rules keep it out, each against one way:

* a header of its own on every request, read or write: a browser asks first whether it may send that (a CORS
  preflight), and nothing here ever says that it may;
* no `Origin`: a client that is no browser sends none;
* a `Host` that is this server: a name that was made to point here (DNS rebinding) makes a page the server's own,
  which needs no preflight. An address can't be made to point anywhere.

The API beside it needs no such guard: it asks for a token, and there is nothing in it that a page could want.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from typing import TYPE_CHECKING, Final

from contract_tests.mock.http.wire import HttpRefusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONTROL_HEADER: Final = "x-mock-control"
"""The header that every control request has."""
CONTROL_KEY: Final = "1"
"""Its value, where the server was given no secret."""

_HOST: Final = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[^\[\]:@/\s]+))(?::[0-9]{1,5})?", re.IGNORECASE)


class ControlGuard:
    """Who may use the control door of one server: whoever sends `key`, to one of the names that are `own`."""

    def __init__(self, key: str, own: Iterable[str]) -> None:
        self._key = key
        self._own = frozenset(name.lower() for name in own)
        self._everywhere = any(_is_wildcard(name) for name in self._own)

    def check(self, headers: Mapping[str, str], content: bytes | None) -> None:
        """Refuse a request that is not a client's.

        Raises:
            HttpRefusal: 403; 415 for a body that is not said to be JSON.
        """
        if not self._is_own(headers.get("host", "")):
            raise _refused(
                "The Host header has to be localhost or the address that the server listens on, as given to --host."
            )
        if "origin" in headers:
            raise _refused("The control door is not for pages in a browser: a request with an Origin is refused.")
        if not hmac.compare_digest(headers.get(CONTROL_HEADER, "").encode(), self._key.encode()):
            value = self._key if self._key == CONTROL_KEY else "and the secret of this run"
            raise _refused(f"Every control request needs the header {CONTROL_HEADER}: {value}.")
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        if content != b"" and media != "application/json":
            raise HttpRefusal(415, "unsupportedMediaType", "A control request needs content-type: application/json.")

    def _is_own(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = (found["six"] or found["name"]).lower()
        if name == "localhost" or name in self._own:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self._everywhere


def _is_wildcard(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_unspecified
    except ValueError:
        return False


def _refused(text: str) -> HttpRefusal:
    return HttpRefusal(403, "controlRefused", text)
