"""Pictures from the web, and only from the web: never from this machine or its network.

A name is resolved once, all its addresses must be public, and the connection goes to the very
address that was checked (so no second answer of a name server counts), under the name that the
server's certificate must bear. Each redirect is checked like the first address. See
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from typing import TYPE_CHECKING, cast

import httpx

from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

__all__ = ["Address", "fetch_picture", "is_public", "is_url"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_REDIRECTS = 3
SECONDS = 15.0
"""For all of it."""
SCHEMES = ("http", "https")
REDIRECTS = (301, 302, 303, 307, 308)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
ELSEWHERE = "give an address on the public web, or download the picture and give the file"


def is_url(text: str) -> bool:
    """Whether ``text`` is an address rather than a file's name."""
    return "://" in text


def is_public(address: Address) -> bool:
    """Whether everyone can reach ``address``, also through what it may stand for."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo:
            return False
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


async def resolve(host: str, port: int) -> tuple[Address, ...]:
    """All addresses of a name. Raises ``OSError``."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found)


async def fetch_picture(
    url: str,
    most_bytes: int,
    *,
    allowed: Callable[[Address], bool] = is_public,
    resolver: Callable[[str, int], Awaitable[tuple[Address, ...]]] = resolve,
) -> bytes:
    """The bytes of a picture at ``url``.

    Raises ``InputError``: no http(s) address, not on the public web, no answer in time, no
    picture, over ``most_bytes``.
    """
    label = url if len(url) <= 200 else f"{url[:200]}…"
    try:
        certificates = await asyncio.to_thread(httpx.create_ssl_context, trust_env=False)
        transport = httpx.AsyncHTTPTransport(verify=certificates)
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(transport=transport, trust_env=False, timeout=SECONDS) as client,
        ):
            target = _parsed(url, label)
            for _ in range(MOST_REDIRECTS + 1):
                address = await _checked(target, label, allowed, resolver)
                got = await _get(client, target, address, label, most_bytes)
                if isinstance(got, bytes):
                    return got
                target = _parsed(str(got), label)
    except TimeoutError as error:
        raise InputError(f"{label} did not answer within {SECONDS:.0f} s; {ELSEWHERE}") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        reason = str(error) or type(error).__name__
        raise InputError(f"{label} cannot be fetched: {reason}; {ELSEWHERE}") from error
    raise InputError(f"{label} redirects more than {MOST_REDIRECTS} times; {ELSEWHERE}")


def _parsed(url: str, label: str) -> httpx.URL:
    target = httpx.URL(url)
    if target.scheme not in SCHEMES or not target.host:
        raise InputError(f"{label} is no http:// or https:// address; {ELSEWHERE}")
    if target.userinfo:
        raise InputError(f"{label} has a name or password in it; {ELSEWHERE}")
    return target


async def _checked(
    target: httpx.URL,
    label: str,
    allowed: Callable[[Address], bool],
    resolver: Callable[[str, int], Awaitable[tuple[Address, ...]]],
) -> Address:
    """The address to connect to; every address of the name must be allowed."""
    port = target.port or (443 if target.scheme == "https" else 80)
    addresses = await resolver(target.raw_host.decode("ascii"), port)
    if not addresses or not all(allowed(address) for address in addresses):
        raise InputError(
            f"{label} leads to {target.host}, which is not on the public web; {ELSEWHERE}"
        )
    return addresses[0]


async def _get(
    client: httpx.AsyncClient, target: httpx.URL, address: Address, label: str, most_bytes: int
) -> bytes | httpx.URL:
    """The body, or where it is instead."""
    pinned = target.copy_with(host=str(address))
    headers = {"Host": target.netloc.decode("ascii"), "Accept-Encoding": "identity"}
    name = {"sni_hostname": target.raw_host.decode("ascii")}
    async with client.stream("GET", pinned, headers=headers, extensions=name) as response:
        if response.status_code in REDIRECTS and "location" in response.headers:
            return target.join(response.headers["location"])
        if response.status_code != 200:
            raise InputError(f"{label} answered {response.status_code}; {ELSEWHERE}")
        kind = response.headers.get("content-type", "nothing").partition(";")[0].strip().lower()
        if not kind.startswith("image/") or "content-encoding" in response.headers:
            raise InputError(f"{label} is {kind}, not a picture; {ELSEWHERE}")
        return await _body(response, label, most_bytes)


async def _body(response: httpx.Response, label: str, most_bytes: int) -> bytes:
    data = bytearray()
    stream = cast("AsyncGenerator[bytes]", response.aiter_raw())
    async with contextlib.aclosing(stream) as chunks:
        async for chunk in chunks:
            data += chunk
            if len(data) > most_bytes:
                most = f"{most_bytes / 1e6:g} MB"
                raise InputError(f"{label} has over {most}, the limit; give a smaller picture")
    return bytes(data)
