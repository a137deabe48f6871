"""The catalogue agrees with itself and with what the embedded profile promises."""

from __future__ import annotations

import re

import pytest

from meetbot.models import CATALOGUE, SETS, Hub, ModelEntry, ModelFile, Piece, Tarball, Wheel
from meetbot.models.catalogue import read_entry

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


def test_the_embedded_set_is_under_a_gigabyte_with_its_language_model() -> None:
    assert any(CATALOGUE[name].task == "language model" for name in SETS["embedded"])
    assert sum(CATALOGUE[name].bytes for name in SETS["embedded"]) < 1_000_000_000


def test_whisper_folders_hold_what_faster_whisper_opens() -> None:
    for name in ("whisper-base", "whisper-tiny.en"):
        assert set(CATALOGUE[name].kept) == {
            "model.bin",
            "config.json",
            "tokenizer.json",
            "vocabulary.txt",
        }


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/../b",
        "a//b",
        "a/",
        "a/b/c",
        "/x",
        "",
        ".hidden",
        "a/.b",
        "x.part",
        "x.lock",
        "a\\b",
    ],
)
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


DESCRIBED = f"""
task = "recording"
summary = "in two parts"
licence = "MIT"
commercial = true
sets = ["some"]
hub = "someone/something@{"1" * 40}"

[wheels]
one = {{ version = "1.0", sha256 = "{GOOD}", bytes = 7 }}
two = {{ version = "2.0", sha256 = "{GOOD}", bytes = 8 }}

[[files]]
name = "joined.bin"
sha256 = "{GOOD}"
bytes = 3
parts = [
    {{ wheel = "one", member = "a", sha256 = "{GOOD}", bytes = 1 }},
    {{ wheel = "two", member = "b", sha256 = "{GOOD}", bytes = 2 }},
]

[[files]]
name = "whole.txt"
sha256 = "{GOOD}"
bytes = 5
wheel = "one"
member = "c"
"""


def test_a_described_entry_has_its_files_parts_and_sets() -> None:
    entry, sets = read_entry("x", DESCRIBED)
    one, two = Wheel("one", "1.0", GOOD, 7), Wheel("two", "2.0", GOOD, 8)
    parts = (Piece(one, "a", GOOD, 1), Piece(two, "b", GOOD, 2))
    joined = ModelFile("joined.bin", GOOD, 3, parts, "joined.bin")
    whole = ModelFile("whole.txt", GOOD, 5, (Piece(one, "c", GOOD, 5),), "whole.txt")
    hub = Hub("someone/something", "1" * 40)
    assert entry == ModelEntry("x", "recording", "in two parts", "MIT", True, (joined, whole), hub)
    assert sets == ("some",)


def test_a_file_may_come_from_a_package_of_npm() -> None:
    npm = f'''
[npm]
"@scope/icons" = {{ version = "1.2.3", sha256 = "{GOOD}", bytes = 9 }}

[[files]]
name = "icons.json"
sha256 = "{GOOD}"
bytes = 4
npm = "@scope/icons"
member = "icons.json"
'''
    entry, _ = read_entry("x", DESCRIBED + npm)
    tarball = Tarball("@scope/icons", "1.2.3", GOOD, 9)
    assert entry.files[-1].pieces == (Piece(tarball, "icons.json", GOOD, 4),)
    assert [package.kind for package in entry.packages()] == ["wheel", "wheel", "npm"]
    assert tarball.requirement == "@scope/icons@1.2.3"


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('licence = "MIT"\n', "", "licen[cs]e"),
        ('"recording"', '"singing"', "no task is called 'singing'"),
        ('wheel = "two"', 'wheel = "three"', "'three' is missing"),
        ("bytes = 3", "bytes = 4", "do not add up"),
        ("commercial", "comercial", "comercial"),
        ("[wheels]", "[wheels", "Expected"),
    ],
)
def test_a_mistake_in_a_description_names_the_entry(right: str, wrong: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"the catalogue's x: .*{says}"):
        read_entry("x", DESCRIBED.replace(right, wrong, 1))
