"""``meetbot meetings``: what was said so far, and taking it along or away."""

from __future__ import annotations

import asyncio
import json as json_module
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from meetbot.cli.options import console, print_json, settings
from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from meetbot.core.types import Utterance
    from meetbot.store import LoggedEvent, Meeting, Store
    from meetbot.store.pictures import KeptPicture

__all__ = ["app"]

T = TypeVar("T")

app = typer.Typer(help="Meetings so far: list, show, export, remove.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program.")]
MeetingId = Annotated[str, typer.Argument(metavar="ID", help="A meeting's id, or its beginning.")]
NS_PER_S = 1_000_000_000


async def _with_store(ctx: typer.Context, work: Callable[[Store], Awaitable[T]]) -> T:
    from meetbot.store import Store

    async with await Store.open(settings(ctx).store.location) as store:
        return await work(store)


@app.command("list")
def list_meetings(ctx: typer.Context, json: AsJson = False) -> None:
    """Show all meetings, the latest first."""
    found = asyncio.run(_with_store(ctx, lambda store: store.meetings()))
    if json:
        print_json([_described(meeting) for meeting in found])
        return
    if not found:
        console().print("no meetings yet")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("meeting", "room", "began (UTC)", "lasted", "utterances", "people", box=None)
    for meeting in found:
        table.add_row(
            meeting.id,
            Text(meeting.room),
            f"{meeting.began_at:%Y-%m-%d %H:%M}",
            _lasted(meeting),
            str(meeting.utterances),
            Text(", ".join(meeting.speakers)),
        )
    console().print(table)


@app.command()
def show(ctx: typer.Context, meeting_id: MeetingId, json: AsJson = False) -> None:
    """Show who said what, and what was painted."""
    held = asyncio.run(_with_store(ctx, lambda store: _read(store, meeting_id)))
    if json:
        print_json(_document(held))
        return
    from rich.text import Text

    from meetbot.transcript.cues import one_line, speaker_name

    lines: list[tuple[int, Text]] = []
    for utterance in held.said:
        style = utterance.speaker.colour if utterance.speaker else "dim"
        line = Text(f"{_clock(utterance.start_ns)}  ", style="dim")
        line.append(speaker_name(utterance), style=style)
        line.append(f": {utterance.text}")
        lines.append((utterance.start_ns, line))
    for picture in held.pictures:
        line = Text(f"{_clock(picture.said_end_ns)}  ", style="dim")
        line.append(f"[picture] {one_line(picture.subject)}", style="italic")
        line.append(f"  {picture.path}", style="dim")
        lines.append((picture.said_end_ns, line))
    for _, line in sorted(lines, key=lambda each: each[0]):
        console().print(line, soft_wrap=True)


@app.command()
def export(
    ctx: typer.Context,
    meeting_id: MeetingId,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")],
) -> None:
    """Write transcript.html with its pictures, .vtt, .srt, .md and .json into a folder."""
    from meetbot.cli.exporting import write_pictures
    from meetbot.engines.painter.storyboard.styles import STYLES
    from meetbot.transcript import Illustrated, to_html, to_markdown, write_srt, write_vtt

    held = asyncio.run(_with_store(ctx, lambda store: _read(store, meeting_id)))
    title = f"{held.meeting.room}, {held.meeting.began_at:%Y-%m-%d %H:%M} UTC"
    try:
        out.mkdir(parents=True, exist_ok=True)
        files, gone = write_pictures(out, held.pictures)
        shown = [
            (file, picture) for picture, file in zip(held.pictures, files, strict=True) if file
        ]
        meeting = held.meeting
        page = to_html(Illustrated(meeting.room, meeting.began_at, held.said, shown, STYLES))
        text = json_module.dumps(_document(held, files), ensure_ascii=False, indent=2)
        write_vtt(out / "transcript.vtt", held.said)
        write_srt(out / "transcript.srt", held.said)
        (out / "transcript.md").write_text(to_markdown(title, held.said), encoding="utf-8")
        (out / "transcript.json").write_text(text + "\n", encoding="utf-8")
        (out / "transcript.html").write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{out} cannot be written: {error.strerror}; choose another --out"
        ) from error
    if gone:
        console(stderr=True).print(f"note: {gone} pictures are gone from the store's files")
    told = f"{len(held.said)} utterances and {len(shown)} pictures written to {out}"
    console().print(told, markup=False, soft_wrap=True)


@app.command()
def rm(
    ctx: typer.Context,
    meeting_ids: Annotated[list[str], typer.Argument(metavar="ID...")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete meetings, what was said in them and the pictures of it, for good."""

    async def remove(store: Store) -> None:
        chosen = [await store.meeting(meeting_id) for meeting_id in meeting_ids]
        for meeting in chosen:
            if not yes:
                about = f"{meeting.id} ({meeting.room}, {meeting.utterances} utterances)"
                typer.confirm(f"Delete {about} for good?", abort=True)
            await store.remove_meeting(meeting.id)
            console().print(f"{meeting.id} is deleted", markup=False)

    asyncio.run(_with_store(ctx, remove))


@dataclass(frozen=True, slots=True)
class _Held:
    """A meeting with all that the store has of it."""

    meeting: Meeting
    said: tuple[Utterance, ...]
    events: tuple[LoggedEvent, ...]
    pictures: tuple[KeptPicture, ...]


async def _read(store: Store, meeting_id: str) -> _Held:
    from meetbot.gallery import Gallery

    meeting = await store.meeting(meeting_id)
    return _Held(
        meeting,
        await store.utterances(meeting.id),
        await store.events(meeting.id),
        await Gallery(store).pictures(meeting.id),
    )


def _clock(nanoseconds: int) -> str:
    at = nanoseconds // NS_PER_S
    return f"{at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}"


def _lasted(meeting: Meeting) -> str:
    if meeting.ended_at is None:
        return "not ended"
    seconds = int((meeting.ended_at - meeting.began_at).total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _described(meeting: Meeting) -> dict[str, Any]:
    return {
        "id": meeting.id,
        "room": meeting.room,
        "began_at": meeting.began_at.isoformat(),
        "ended_at": meeting.ended_at.isoformat() if meeting.ended_at else None,
        "utterances": meeting.utterances,
        "speakers": list(meeting.speakers),
    }


def _document(held: _Held, files: Sequence[str] | None = None) -> dict[str, Any]:
    """``files``: where the pictures are, else where the store has them."""
    from meetbot.gallery.described import described
    from meetbot.transcript import to_document

    pictures = [described(picture) for picture in held.pictures]
    for picture, file in zip(pictures, files or (), strict=False):
        picture["file"] = file or None
    events = [{"at": e.at.isoformat(), "kind": e.kind, "text": e.text} for e in held.events]
    return {
        **_described(held.meeting),
        **to_document(held.meeting.id, held.said),
        "events": events,
        "pictures": pictures,
    }
