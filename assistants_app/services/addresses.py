"""Which addresses a connection, or the endpoint of a rule, may lead to: a URL makes this machine send requests to
wherever it says."""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

# Where clouds tell a machine its own secrets. Nobody's server of the Assistants API is there, whatever is allowed.
METADATA = frozenset(map(ip_address, ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")))
NAT64 = ip_network("64:ff9b::/96")


def allow(address: str) -> None:
    """Raises PermissionError, in words for people, for an IP address that no connection may lead to."""
    _allow(address, "PRIVATE_ADDRESSES")


def allow_endpoint(address: str) -> None:
    """The same for the endpoint of a rule."""
    _allow(address, "RULE_PRIVATE_ADDRESSES")


def _allow(address: str, setting: str) -> None:
    if not _is_allowed(address, tuple(getattr(settings, setting))):
        raise PermissionError(errno.EACCES, f"connections to {address} are not allowed here ({setting})")


@lru_cache(maxsize=1024)
def _is_allowed(address: str, networks: tuple[str, ...]) -> bool:
    try:
        meant = _meant(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if meant in METADATA or meant.is_link_local or meant.is_multicast or meant.is_unspecified:
        return False
    if meant.is_global:
        return True
    return any(meant in ip_network(network) for network in networks)


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def allow_host(host: str, allowing: Callable[[str], None] = allow) -> None:
    """Raises PermissionError for a host that is an IP address no connection may lead to. A name may stand for any: it
    is looked up, and its addresses asked about, whenever it is connected to."""
    try:
        ip_address(host)
    except ValueError:
        return
    allowing(host)
