"""Captions on the terminal as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from rich.live import Live
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["LiveCaptions"]

UNSURE = "#9aa4b2"
BOT = "bot"
BOT_COLOUR = "#7dd3fc"


class LiveCaptions:
    """A context manager; ``show`` takes the bot's messages as a participant receives them.

    Finals scroll up; partials stay below, dimmed, until their final comes. Text and names come
    from outside: they are shown as plain text, never as markup.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._partials: dict[str, Text] = {}
        self._live = Live(console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.update(Text())
        self._live.__exit__(None, None, None)

    def show(self, message: dict[str, Any]) -> None:
        """A caption, a notice or what is told of a picture; anything else is passed over."""
        if message["type"] == "picture":
            self._console.print(_picture(message))
            return
        if message["type"] == "notice":
            if message["state"] == "degraded":
                self._console.print(Text(message["text"], style="yellow"))
            return
        if message["type"] != "caption":
            return
        if message["final"]:
            self._partials.pop(message["id"], None)
            self._console.print(_line(message))
        elif message["text"]:
            self._partials[message["id"]] = _line(message)
        else:
            self._partials.pop(message["id"], None)
        self._live.update(Text("\n").join(self._partials.values()))


def _line(message: dict[str, Any]) -> Text:
    minutes, seconds = divmod(message["start"], 60)
    name = message["speaker"] or message["participant_name"]
    colour = message["colour"] or (BOT_COLOUR if message["participant"] == BOT else UNSURE)
    line = Text(f"{int(minutes):02d}:{seconds:04.1f}  ", style="dim")
    line.append(f"{name}  ", style=f"bold {colour}")
    if message["final"]:
        return line.append(message["text"])
    return line.append(message["text"], style="dim").append(" …", style="dim")


def _picture(message: dict[str, Any]) -> Text:
    minutes, seconds = divmod(message["at"], 60)
    line = Text(f"{int(minutes):02d}:{seconds:04.1f}  ", style="dim")
    names = ", ".join(speaker["name"] for speaker in message["speakers"])
    line.append("painted  ", style=f"bold {BOT_COLOUR}")
    line.append(f"{names}: " if names else "", style="dim")
    return line.append(message["subject"], style="italic")
