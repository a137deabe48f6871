"""The catalogue agrees with itself and with what the embedded profile promises."""

from __future__ import annotations

import re

import pytest

from meetbot.models import CATALOGUE, SETS, Hub, ModelEntry, ModelFile, Piece, Wheel

GOOD = "0" * 64


def test_every_entry_is_found_under_its_own_name() -> None:
    assert all(name == entry.name for name, entry in CATALOGUE.items())


def test_every_hub_repository_is_pinned_to_a_whole_commit() -> None:
    revisions = [entry.hub.revision for entry in CATALOGUE.values() if entry.hub]
    assert revisions
    assert all(re.fullmatch(r"[0-9a-f]{40}", revision) for revision in revisions)


def test_the_embedded_set_needs_no_hub() -> None:
    for name in SETS["embedded"]:
        assert all(file.pieces for file in CATALOGUE[name].files), name


def test_the_embedded_set_allows_commercial_use() -> None:
    assert all(CATALOGUE[name].commercial for name in SETS["embedded"])


def test_the_embedded_set_is_under_a_third_of_a_gigabyte() -> None:
    assert sum(CATALOGUE[name].bytes for name in SETS["embedded"]) < 333_000_000


def test_whisper_folders_hold_what_faster_whisper_opens() -> None:
    for name in ("whisper-base", "whisper-tiny.en"):
        assert set(CATALOGUE[name].kept) == {
            "model.bin",
            "config.json",
            "tokenizer.json",
            "vocabulary.txt",
        }


@pytest.mark.parametrize("name", ["../x", "a/b", "/x", "", ".hidden", "x.part", "x.lock", "a\\b"])
def test_a_file_name_that_leads_elsewhere_cannot_be_catalogued(name: str) -> None:
    with pytest.raises(ValueError, match="not a plain file name"):
        ModelFile(name, GOOD, 1)


@pytest.mark.parametrize("digest", ["", "0" * 63, "G" * 64, "A" * 64])
def test_a_malformed_hash_cannot_be_catalogued(digest: str) -> None:
    with pytest.raises(ValueError, match="not a sha256"):
        ModelFile("x", digest, 1)
    with pytest.raises(ValueError, match="not a sha256"):
        Wheel("x", "1", digest, 1)


def test_pieces_must_add_up_to_their_file() -> None:
    wheel = Wheel("x", "1", GOOD, 1)
    with pytest.raises(ValueError, match="do not add up"):
        ModelFile("x", GOOD, 3, (Piece(wheel, "a", GOOD, 1), Piece(wheel, "b", GOOD, 1)))


def _entry(*files: ModelFile, hub: Hub | None = None, converter: str | None = None) -> ModelEntry:
    return ModelEntry("x", "recording", "", "MIT", True, files, hub, converter)


def test_a_file_without_any_source_cannot_be_catalogued() -> None:
    with pytest.raises(ValueError, match="without a source"):
        _entry(ModelFile("x", GOOD, 1))


def test_a_converter_must_say_what_it_makes() -> None:
    with pytest.raises(ValueError, match="come together"):
        _entry(ModelFile("x", GOOD, 1), hub=Hub("a/b", "0" * 40), converter="ge2e")
