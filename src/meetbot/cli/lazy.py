"""The table of commands, and a Typer group that imports a command's module only to run it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

if TYPE_CHECKING:
    from typer._click import Command, Context, Parameter

__all__ = ["COMMANDS", "LazyGroup"]

COMMANDS = {
    "demo": "Hold a real meeting on this machine and show what the bot makes of it.",
    "serve": "Host meeting rooms that a browser can join.",
    "join": "Send the bot into a room: livekit://HOST/ROOM or webrtc://HOST/ROOM.",
    "camera": "Be a webcam and a microphone for Zoom, Meet, Teams and OBS.",
    "transcribe": "Write down who said what in a recording.",
    "say": "A talking clip: a text said by a persona, as an mp4.",
    "paint": "A picture of a text, as it is painted in a meeting.",
    "persona": "Whom the bot can be: add, list, show, remove.",
    "people": "Who the bot knows by voice: list, enrol, rename, merge, forget.",
    "meetings": "Meetings so far: list, show, export, remove.",
    "models": "Speech and voice models: list, pull, verify, remove.",
    "config": "Show the settings in force, or check a file of them.",
    "doctor": "What works on this machine, what does not, and what to do.",
    "bench": "Measure again the figures in the README.",
}
"""Command → its one line in ``meetbot --help``. Its module is ``meetbot.cli.COMMAND``."""


_COMPLETION = ("install_completion", "show_completion")


class LazyGroup(TyperGroup):
    """Shows ``COMMANDS`` in the help without importing them; imports the one that is run."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: TyperCommand(name, help=line) for name, line in COMMANDS.items()}

    def get_params(self, ctx: Context) -> list[Parameter]:
        """The options before the command."""
        return _without_type(super().get_params(ctx))

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """The command itself, imported."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and _imported(str(name), ctx), rest


def _imported(name: str, ctx: Context) -> Command:
    module = importlib.import_module(f"meetbot.cli.{name}")
    command = get_command(module.app)
    command.name = name
    command.params = [option for option in command.params if option.name not in _COMPLETION]
    for one in (command, *getattr(command, "commands", {}).values()):
        _without_type(one.get_params(ctx))
    return command


def _without_type(options: list[Parameter]) -> list[Parameter]:
    """``options``; the help shows a yes-or-no flag by its name, without "<bool>"."""
    for option in options:
        if getattr(option, "is_bool_flag", False) and option.metavar is None:
            option.metavar = ""
    return options
