"""The root command: options for all, errors as one line, exit codes (0 fine, 1 failed, 2 input)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from meetbot import __version__
from meetbot.cli.lazy import LazyGroup
from meetbot.cli.options import Options
from meetbot.core.errors import ConfigError, MeetbotError

__all__ = ["app", "main"]

EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130

app = typer.Typer(
    cls=LazyGroup,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_SHARED_FLAGS = ("--debug",)
_SHARED_VALUES = ("--config", "--profile", "--set")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"meetbot {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", envvar="MEETBOT_CONFIG", help="A TOML file of settings."
        ),
    ] = None,
    profile: Annotated[
        str,
        typer.Option(
            "--profile",
            metavar="NAME",
            envvar="MEETBOT_PROFILE",
            help="The settings to start from: embedded, laptop, cpu-server or gpu-server.",
        ),
    ] = "embedded",
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="One setting, such as hearing.asr.language=ru."
        ),
    ] = None,
    debug: Annotated[
        bool,
        typer.Option("--debug", envvar="MEETBOT_DEBUG", help="Show the trace of an error."),
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and stop."
        ),
    ] = False,
) -> None:
    """A bot that joins a meeting, writes down who said what, and shows it live."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit
    ctx.obj = Options(profile, config, _assigned(assignments or []), debug)


def _assigned(assignments: list[str]) -> dict[str, object]:
    """``["a.b=1"]`` as ``{"a.b": value}``, read as an environment variable would be."""
    values: dict[str, object] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise ConfigError(f"--set {assignment}: write it as KEY=VALUE")
        from meetbot.config.keys import text_value

        values[key.strip()] = text_value(key.strip(), text)
    return values


def main(arguments: list[str] | None = None) -> None:
    """Run ``meetbot`` with ``arguments`` (None: the process's) and exit with its code."""
    args = shared_first(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in args
    try:
        code = int(app(args, prog_name="meetbot", standalone_mode=False) or 0)
    except MeetbotError as error:
        code = _failed(error, str(error), error.exit_code, debug=debug)
    except TyperException as error:
        code = _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        code = EXIT_FAILED
    except Exception as error:  # the last line of defence: one line, not a trace
        hint = "" if debug else " (meetbot --debug shows the trace)"
        line = f"something unexpected went wrong: {type(error).__name__}: {error}{hint}"
        code = _failed(error, line, EXIT_FAILED, debug=debug)
    finally:
        if "meetbot.observe.logs" in sys.modules:  # only a command that read settings logs
            sys.modules["meetbot.observe.logs"].stop_logging()
    sys.exit(code)


def _misused(error: TyperException) -> int:
    """Say what was wrong with the command line; a group without a command has shown its help."""
    message = error.format_message()
    if not message:
        return EXIT_BAD_INPUT
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "meetbot"
    line = f"{message.rstrip('.')} ('{command} --help' shows what there is)"
    return _failed(error, line, EXIT_BAD_INPUT, debug=False)


def _failed(error: BaseException, line: str, code: int, *, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exception(error)
    text = " ".join(line.split())
    sys.stderr.write(f"meetbot: {text}\n")
    return code


def shared_first(args: list[str]) -> list[str]:
    """``args`` with the options that all commands share moved before the command.

    So ``meetbot demo --profile laptop`` and ``meetbot --profile laptop demo`` are the same.
    """
    shared: list[str] = []
    rest: list[str] = []
    waiting = iter(args)
    for arg in waiting:
        if arg == "--":
            rest += [arg, *waiting]
        elif arg in _SHARED_FLAGS or (arg.partition("=")[0] in _SHARED_VALUES and "=" in arg):
            shared.append(arg)
        elif arg in _SHARED_VALUES:
            shared += [arg, *([value] if (value := next(waiting, None)) is not None else [])]
        else:
            rest.append(arg)
    return shared + rest
