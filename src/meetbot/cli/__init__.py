"""The ``meetbot`` command.

Each command lives in a module of its own, imported when it is run (``meetbot.cli.lazy`` lists
them). A module has ``app``, a ``typer.Typer``: with one plain command (``transcribe``) or with
subcommands (``models``). Commands read their settings by ``meetbot.cli.options.settings``.
"""

from meetbot.cli.main import main

__all__ = ["main"]
