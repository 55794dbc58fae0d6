"""Other origins than the target: addresses for content that a server names, and what may be asked there.

A server that is wrong, or hostile, may name any address: one of the machine that the suite runs on, or of a network
that only this machine reaches. What an address is, is asked of the one that is connected to, and not of its name.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

import httpcore
import httpx

from contract_tests.driver.transport.connections import Transport
from contract_tests.driver.transport.way import Way
from contract_tests.problems import NotAsked
from contract_tests.traffic.exchange import ALLOW

if TYPE_CHECKING:
    from collections.abc import Iterable

PUBLIC: Final = "public"

_PORTS: Final = {"http": 80, "https": 443}
_THIS: Final = ipaddress.ip_network("0.0.0.0/8")
_PLATFORM: Final = ipaddress.ip_address("168.63.129.16")
"""A public address that a cloud gives to a service of each machine's own host, and routes nowhere else."""
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Origin = tuple[str, str, int]


def origin_of(address: str) -> Origin | None:
    """Scheme, host and port, so that `https://vc.example:443` and `https://VC.example` are one place; None: no HTTP."""
    try:
        parts: SplitResult = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]


def kind_of(address: str) -> str:
    """What kind of network an IP address is in: loopback, link-local, private, reserved or public."""
    ip = _innermost(ipaddress.ip_address(address.partition("%")[0]))
    if ip.is_loopback or ip.is_unspecified or ip in _THIS:
        return "loopback"
    if ip.is_link_local or ip == _PLATFORM:
        return "link-local"
    if ip.is_multicast:
        return "reserved"
    return PUBLIC if ip.is_global else "private"


def _innermost(ip: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and (ip in _NAT64 or (int(ip) >> 32 == 0 and int(ip) > 1)):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        return inner or ip
    return ip


class Guard(httpcore.NetworkBackend):
    """Opens connections to public addresses, to those of the kind that the target has, and to allowed origins.

    `home` is the base address of the target, `allowed` are origins.
    """

    def __init__(self, inner: httpcore.NetworkBackend, home: str, allowed: Iterable[str]) -> None:
        self._inner = inner
        self._home = origin_of(home)
        self._allowed = {(one[1], one[2]) for one in map(origin_of, allowed) if one is not None}

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        if (host, port) in self._allowed:
            return self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        found = _resolved(host, port)
        for address in found:
            kind = kind_of(address)
            if kind != PUBLIC and kind not in self._kinds_at_home():
                name = host if host == address else f"{host} ({address})"
                raise NotAsked(
                    f"the server names an address of {name}, which is {kind} as the target is not; where that is "
                    f"right, {ALLOW}"
                )
        return self._inner.connect_tcp(found[0], port, timeout, local_address, socket_options)

    def _kinds_at_home(self) -> set[str]:
        return set() if self._home is None else {kind_of(one) for one in _resolved(self._home[1], self._home[2])}


def _resolved(host: str, port: int) -> list[str]:
    """The IP addresses of a host, the best one first.

    Raises:
        httpcore.ConnectError: it has none.
    """
    try:
        return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as problem:
        raise httpcore.ConnectError(str(problem)) from None


def guarded_transport(way: Way, home: str, allowed: Iterable[str]) -> httpx.BaseTransport:
    """A transport that asks only whom `Guard` lets it ask.

    By way of a proxy, which alone knows what a name stands for, it asks allowed origins only.
    """
    if way.proxy is None:
        return Transport(Way(way.verify), Guard(httpcore.SyncBackend(), home, allowed))
    return _AllowedOnly(Transport(Way(way.verify, way.proxy)), allowed)


class _AllowedOnly(httpx.BaseTransport):
    """Passes requests to allowed origins on."""

    def __init__(self, inner: Transport, allowed: Iterable[str]) -> None:
        self._inner = inner
        self._allowed = {origin_of(one) for one in allowed}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if origin_of(str(request.url)) not in self._allowed:
            raise NotAsked(
                f"the server names an address of {request.url.host}, and which machine that is the proxy alone knows; "
                f"where that is right, {ALLOW}"
            )
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()
