"""The server's own secrets and certificate, kept in the data folder for this user alone."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import socket
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from meetbot.core.clock import wall_now
from meetbot.core.errors import MeetbotError

if TYPE_CHECKING:
    from cryptography import x509

__all__ = ["fingerprint", "kept_secret", "self_signed"]

VALID_DAYS = 825
RENEW_DAYS = 30


def kept_secret(file: Path) -> str:
    """The secret in ``file`` (mode 0600), made on the first use. Raises ``MeetbotError``."""
    try:
        if not file.exists():
            _write_private(file, secrets.token_urlsafe(24).encode() + b"\n")
        secret = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MeetbotError(f"cannot use the secret in {file}: {error}") from None
    if len(secret) < 16:
        raise MeetbotError(f"{file} holds no secret of 16 characters or more; delete it")
    return secret


def self_signed(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate for ``host`` and its key in ``folder``: kept, and made anew when it runs out.

    Raises ``MeetbotError`` when the folder cannot be used.
    """
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    try:
        if not _is_good(certificate, key, host):
            _make(certificate, key, host)
    except OSError as error:
        raise MeetbotError(f"cannot keep a certificate in {folder}: {error}") from None
    return certificate, key


def fingerprint(certificate: Path) -> str:
    """The SHA-256 fingerprint of a PEM certificate, as browsers show it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    try:
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise MeetbotError(f"cannot read the certificate {certificate}: {error}") from None
    return loaded.fingerprint(hashes.SHA256()).hex(":").upper()


def _write_private(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        os.chmod(file, 0o600)  # noqa: PTH101 (the file may have been there with another mode)
        stream.write(data)


def _is_good(certificate: Path, key: Path, host: str) -> bool:
    from cryptography import x509

    if not (certificate.is_file() and key.is_file()):
        return False
    try:
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    soon = wall_now() + timedelta(days=RENEW_DAYS)
    return loaded.not_valid_after_utc > soon and set(_names(host)) <= set(names)


def _make(certificate: Path, key: Path, host: str) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Meetbot")])
    now = wall_now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write_private(key, pem)
    _write_private(certificate, made.public_bytes(serialization.Encoding.PEM))


def _names(host: str) -> list[x509.GeneralName]:
    """What the server can be called: the host, this machine's name, and localhost."""
    from cryptography import x509

    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    machine = socket.gethostname()
    with contextlib.suppress(ValueError):
        names.append(x509.DNSName(machine))
    address = host.strip("[]")
    with contextlib.suppress(ValueError):
        parsed = ipaddress.ip_address(address)
        if not parsed.is_unspecified:
            names.append(x509.IPAddress(parsed))
        return names
    if address not in {"localhost", machine}:
        names.append(x509.DNSName(address))
    return names
