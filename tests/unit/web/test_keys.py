"""The server's own secrets and certificate."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from meetbot.core.errors import MeetbotError
from meetbot.web.keys import fingerprint, kept_secret, self_signed

if TYPE_CHECKING:
    from pathlib import Path


def test_a_secret_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "web" / "token"
    secret = kept_secret(file)
    assert len(secret) >= 16
    assert kept_secret(file) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept_secret(tmp_path / "other") != secret


def test_a_secret_that_was_emptied_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("short")
    with pytest.raises(MeetbotError, match="token holds no secret"):
        kept_secret(tmp_path / "token")


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MeetbotError, match="cannot use the secret"):
        kept_secret(tmp_path / "file" / "token")
    with pytest.raises(MeetbotError, match="cannot keep a certificate"):
        self_signed(tmp_path / "file" / "web", "0.0.0.0")


def test_a_certificate_names_its_host_and_is_kept(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, "192.0.2.7")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.7"]
    before = fingerprint(certificate)
    assert len(before.split(":")) == 32
    assert fingerprint(self_signed(tmp_path, "192.0.2.7")[0]) == before
    assert fingerprint(self_signed(tmp_path, "meet.example")[0]) != before


def test_a_broken_certificate_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "broken.pem").write_text("no certificate")
    with pytest.raises(MeetbotError, match="cannot read the certificate"):
        fingerprint(tmp_path / "broken.pem")
