"""``meetbot paint TEXT``: a picture."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from meetbot.cli.options import console, print_json, settings
from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from meetbot.config import Settings
    from meetbot.core.pictures import Picture
    from meetbot.gallery import Gallery
    from meetbot.painting.commission import Commission

__all__ = ["app"]

app = typer.Typer()

SIZE = re.compile(r"(\d{1,5})[x×х*](\d{1,5})")
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for on the command line."""

    commission: Commission
    out: Path
    speaker: str | None
    references: tuple[str, ...]


@app.command()
def paint(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to paint.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The PNG to write.")],
    speaker: Annotated[
        str | None,
        typer.Option("--speaker", metavar="NAME", help="In whose style; kept in their history."),
    ] = None,
    references: Annotated[
        list[str] | None,
        typer.Option("--reference", metavar="FILE|URL", help="A picture to paint after."),
    ] = None,
    style: Annotated[
        str | None, typer.Option("--style", metavar="WORD", help="Such as watercolour.")
    ] = None,
    palette: Annotated[
        str | None,
        typer.Option("--palette", metavar="COLOURS", help="#rrggbb or names, apart by commas."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option("--seed", metavar="N", help="Another one: another picture.")
    ] = None,
    size: Annotated[
        str | None, typer.Option("--size", metavar="WxH", help="In pixels, multiples of 8.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON, for a program.")] = False,
) -> None:
    """Paint a picture of a text, as it is done in a meeting."""
    from meetbot.engines.painter.storyboard.styles import STYLES
    from meetbot.gallery.presets import parse_palette, parse_seed
    from meetbot.gallery.wishes import parse_style
    from meetbot.painting.commission import Commission
    from meetbot.painting.context import clean

    width, height = _size(size)
    chosen = settings(ctx, {"painting.painter.width": width, "painting.painter.height": height})
    if not clean(text):
        raise InputError("there is nothing to paint: the text is empty; say what is to be seen")
    _check_out(out)
    any_style = chosen.painting.painter.engine != "storyboard"
    wanted = Wanted(
        commission=Commission(
            text,
            style=parse_style(style, STYLES, any_style=any_style) if style else None,
            palette=parse_palette(palette) if palette else (),
            seed=parse_seed(seed) if seed else None,
        ),
        out=out,
        speaker=speaker,
        references=tuple(references or ()),
    )
    made = asyncio.run(_paint(chosen, wanted, quiet=json))
    if json:
        print_json(made)
        return
    for note in made["notes"]:
        console(stderr=True).print(f"note: {note}", markup=False, soft_wrap=True)
    console().print(
        f"{out}: {made['width']}×{made['height']} by {made['engine']} "
        f"in {made['took_s']:.1f} s, seed {made['seed']}",
        markup=False,
        soft_wrap=True,
    )


async def _paint(chosen: Settings, wanted: Wanted, *, quiet: bool) -> dict[str, Any]:
    from meetbot.cli.easel import paint_once
    from meetbot.core.clock import MeetingClock
    from meetbot.core.files import write_whole
    from meetbot.gallery import picture_png, picture_row, read_reference
    from meetbot.painting.commission import as_picture, as_request

    limits = chosen.painting.references
    given = [await read_reference(source, limits) for source in wanted.references]
    async with _gallery(chosen, wanted.speaker) as gallery:
        person = await gallery.speaker(wanted.speaker) if gallery and wanted.speaker else None
        commission = replace(wanted.commission, references=tuple(given))
        request = await as_request(commission, chosen.painting, person, gallery)
        clock = MeetingClock()
        with _busy("Painting", quiet):
            fit, notes = await paint_once(chosen, request, clock)
        picture = as_picture(fit, person, clock.now_ns())
        if gallery is not None:
            kept = await gallery.keep(None, picture)
            data = await asyncio.to_thread(kept.path.read_bytes)
        else:
            data = picture_png(picture_row(None, picture), picture, ())
    try:
        await asyncio.to_thread(write_whole, wanted.out, data)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(
            f"{wanted.out} cannot be written: {reason}; choose another --out"
        ) from error
    return _described(picture, wanted.out, notes)


@asynccontextmanager
async def _gallery(chosen: Settings, speaker: str | None) -> AsyncIterator[Gallery | None]:
    """Opened where it is needed: for the style of a person, and their history."""
    if speaker is None:
        yield None
        return
    from meetbot.gallery import Gallery
    from meetbot.store import Store

    async with await Store.open(chosen.store.location) as store:
        yield Gallery(store, chosen.painting.references)


@contextmanager
def _busy(what: str, quiet: bool) -> Iterator[None]:
    """A spinner and the time it takes, on standard error, where somebody looks."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    screen = console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    hidden = quiet or not screen.is_terminal
    with Progress(*columns, console=screen, transient=True, disable=hidden) as bars:
        bars.add_task(what, total=None)
        yield


def _size(text: str | None) -> tuple[int | None, int | None]:
    if text is None:
        return None, None
    found = SIZE.fullmatch(text.strip().lower())
    if found is None:
        raise InputError(f"--size {text}: write it as WxH in pixels, such as 1024x576")
    return int(found[1]), int(found[2])


def _check_out(out: Path) -> None:
    """Before anything is loaded for nothing."""
    if out.suffix.lower() != ".png":
        raise InputError(f"{out} is no .png; pictures are written as PNG only")
    if out.is_dir():
        raise InputError(f"{out} is a folder; name a file in it")
    if not out.parent.is_dir():
        raise InputError(f"there is no folder {out.parent}; make it, or choose another --out")


def _described(picture: Picture, out: Path, notes: Sequence[str]) -> dict[str, Any]:
    request, painting = picture.request, picture.painting
    height, width = painting.pixels.shape[:2]
    return {
        "file": str(out),
        "subject": request.subject,
        "prompt": request.prompt,
        "style": request.style,
        "palette": list(request.palette),
        "seed": request.seed,
        "engine": painting.engine,
        "width": width,
        "height": height,
        "speakers": [speaker.name for speaker in picture.speakers],
        "safe": picture.safe,
        "notes": [note for note in (painting.note, *notes) if note],
        "took_s": round(picture.at_ns / NS_PER_S, 3),
    }
