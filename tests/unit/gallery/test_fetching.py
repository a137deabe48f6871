"""Pictures from the web: the connection goes to a checked address, and nowhere else."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from meetbot.config import ReferenceSettings
from meetbot.core.clock import wall_now
from meetbot.core.errors import InputError
from meetbot.gallery import fetching, read_reference
from meetbot.gallery.fetching import Address, fetch_picture, is_public

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MOST_BYTES = 10_000
LOOPBACK = ipaddress.ip_address("127.0.0.1")


class Site:
    """A web server on loopback that answers each path as told, and notes what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1]
        host = next(line for line in head.split("\r\n") if line.lower().startswith("host:"))
        self.asked.append((path, host.split(":", 1)[1].strip()))
        if path == "/silent":
            await reader.read()
        else:
            writer.write(self.answers[path])
        writer.close()

    def answer(
        self, path: str, body: bytes = b"", kind: str = "image/png", status: int = 200, **head: str
    ) -> str:
        lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in head.items()]
        self.answers[path] = "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body
        return f"http://pictures.test:{self.port}{path}"


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


async def names(host: str, _port: int) -> tuple[Address, ...]:
    """``pictures.test`` is on loopback, which counts as public in these tests; others are not."""
    known = {"pictures.test": ("127.0.0.1",), "inside.test": ("10.0.0.7",)}
    known["both.test"] = ("127.0.0.1", "10.0.0.7")
    return tuple(ipaddress.ip_address(address) for address in known.get(host, (host,)))


async def fetched(url: str) -> bytes:
    return await fetch_picture(
        url, MOST_BYTES, allowed=lambda address: address == LOOPBACK, resolver=names
    )


async def refusal(url: str) -> str:
    with pytest.raises(InputError) as caught:
        await fetched(url)
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_a_picture_comes_from_the_checked_address_under_its_own_name(site: Site) -> None:
    url = site.answer("/cat.png", b"pixels")
    assert await fetched(url) == b"pixels"
    assert site.asked == [("/cat.png", f"pictures.test:{site.port}")]


@pytest.mark.parametrize(("name", "trusted"), [("pictures.test", True), ("other.test", False)])
async def test_a_certificate_must_bear_the_name_though_an_address_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool
) -> None:
    certificate, key = _certificate(tmp_path, name)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **_: trusting)
    site = Site()
    site.answer("/cat.png", b"pixels")
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=serving)
    url = f"https://pictures.test:{server.sockets[0].getsockname()[1]}/cat.png"
    async with server:
        if trusted:
            assert await fetched(url) == b"pixels"
        else:
            assert "CERTIFICATE_VERIFY_FAILED" in await refusal(url)


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for ``name`` that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = wall_now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0"])
async def test_a_server_on_this_machine_is_never_asked(site: Site, host: str) -> None:
    site.answer("/cat.png", b"pixels")
    with pytest.raises(InputError, match="not on the public web"):
        await fetch_picture(f"http://{host}:{site.port}/cat.png", MOST_BYTES)
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:1:2::3",
    ],
)
def test_addresses_that_not_everyone_can_reach_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_public_web_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


async def test_one_private_address_among_a_names_is_enough_to_refuse_it(site: Site) -> None:
    site.answer("/cat.png", b"pixels")
    message = await refusal(f"http://both.test:{site.port}/cat.png")
    assert "not on the public web" in message
    assert site.asked == []


async def test_a_redirect_is_followed_where_it_is_public(site: Site) -> None:
    site.answer("/new.png", b"pixels")
    url = site.answer("/old.png", status=302, Location="/new.png")
    assert await fetched(url) == b"pixels"


@pytest.mark.parametrize(
    "target",
    ["http://inside.test/", "http://10.0.0.7/", "http://[::1]/", "http://169.254.169.254/latest"],
)
async def test_a_redirect_to_a_private_address_is_refused(site: Site, target: str) -> None:
    url = site.answer("/cat.png", status=302, Location=target)
    assert "not on the public web" in await refusal(url)
    assert len(site.asked) == 1


async def test_a_redirect_to_a_file_is_refused(site: Site) -> None:
    url = site.answer("/cat.png", status=302, Location="file:///etc/passwd")
    assert "no http://" in await refusal(url)


async def test_redirects_come_to_an_end(site: Site) -> None:
    url = site.answer("/round", status=302, Location="/round")
    assert "redirects more than 3 times" in await refusal(url)


async def test_what_is_no_picture_is_refused(site: Site) -> None:
    assert "text/html, not a picture" in await refusal(site.answer("/page", kind="text/html"))
    packed = site.answer("/packed", b"x", Content_Encoding="gzip")
    assert "not a picture" in await refusal(packed)
    assert "answered 404" in await refusal(site.answer("/gone", status=404))


async def test_more_bytes_than_allowed_are_not_read(site: Site) -> None:
    url = site.answer("/large.png", bytes(MOST_BYTES + 1))
    assert "0.01 MB" in await refusal(url)


async def test_a_server_that_says_nothing_is_given_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.2)
    assert "did not answer" in await refusal(f"http://pictures.test:{site.port}/silent")


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("ftp://pictures.test/cat.png", "no http://"),
        ("file:///etc/passwd", "no http://"),
        ("http:///cat.png", "no http://"),
        ("http://user:word@pictures.test/cat.png", "name or password"),
        ("http://pictures.test:1/cat.png", "cannot be fetched"),
        ("http://[::1/cat.png", "cannot be fetched"),
    ],
)
async def test_an_address_that_makes_no_sense_is_one_clear_line(url: str, hint: str) -> None:
    assert hint in await refusal(url)


async def test_a_reference_from_this_machine_is_refused(site: Site) -> None:
    site.answer("/cat.png", b"pixels")
    with pytest.raises(InputError, match="not on the public web"):
        await read_reference(f"http://localhost:{site.port}/cat.png", ReferenceSettings())
    assert site.asked == []
