"""``meetbot meetings``: what was said so far, and taking it along or away."""

from __future__ import annotations

import asyncio
import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from meetbot.cli.options import console, print_json, settings
from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meetbot.core.types import Utterance
    from meetbot.store import LoggedEvent, Meeting, Store

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
    """Show who said what."""
    meeting, said, events = asyncio.run(_with_store(ctx, lambda s: _read(s, meeting_id)))
    if json:
        print_json(_document(meeting, said, events))
        return
    from rich.text import Text

    from meetbot.transcript.cues import speaker_name

    for utterance in said:
        style = utterance.speaker.colour if utterance.speaker else "dim"
        at = utterance.start_ns // NS_PER_S
        line = Text(f"{at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}  ", style="dim")
        line.append(speaker_name(utterance), style=style)
        line.append(f": {utterance.text}")
        console().print(line)


@app.command()
def export(
    ctx: typer.Context,
    meeting_id: MeetingId,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")],
) -> None:
    """Write transcript.vtt, .srt, .md and .json into a folder."""
    from meetbot.transcript import to_markdown, write_srt, write_vtt

    meeting, said, events = asyncio.run(_with_store(ctx, lambda s: _read(s, meeting_id)))
    title = f"{meeting.room}, {meeting.began_at:%Y-%m-%d %H:%M} UTC"
    text = json_module.dumps(_document(meeting, said, events), ensure_ascii=False, indent=2)
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_vtt(out / "transcript.vtt", said)
        write_srt(out / "transcript.srt", said)
        (out / "transcript.md").write_text(to_markdown(title, said), encoding="utf-8")
        (out / "transcript.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{out} cannot be written: {error.strerror}; choose another --out"
        ) from error
    console().print(f"{len(said)} utterances written to {out}", markup=False)


@app.command()
def rm(
    ctx: typer.Context,
    meeting_ids: Annotated[list[str], typer.Argument(metavar="ID...")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete meetings and what was said in them, for good."""

    async def remove(store: Store) -> None:
        chosen = [await store.meeting(meeting_id) for meeting_id in meeting_ids]
        for meeting in chosen:
            if not yes:
                about = f"{meeting.id} ({meeting.room}, {meeting.utterances} utterances)"
                typer.confirm(f"Delete {about} for good?", abort=True)
            await store.remove_meeting(meeting.id)
            console().print(f"{meeting.id} is deleted", markup=False)

    asyncio.run(_with_store(ctx, remove))


async def _read(
    store: Store, meeting_id: str
) -> tuple[Meeting, tuple[Utterance, ...], tuple[LoggedEvent, ...]]:
    meeting = await store.meeting(meeting_id)
    return meeting, await store.utterances(meeting.id), await store.events(meeting.id)


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


def _document(
    meeting: Meeting, said: tuple[Utterance, ...], events: tuple[LoggedEvent, ...]
) -> dict[str, Any]:
    from meetbot.transcript import to_document

    return {
        **_described(meeting),
        **to_document(meeting.id, said),
        "events": [{"at": e.at.isoformat(), "kind": e.kind, "text": e.text} for e in events],
    }
