"""``meetbot doctor``: what works here, what does not and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from meetbot.cli.options import console, print_json, settings
from meetbot.doctor import Finding, Verdict, examine

__all__ = ["app"]

app = typer.Typer()

_MARKS = {
    Verdict.OK: Text("✓", style="green"),
    Verdict.WARN: Text("!", style="bold yellow"),
    Verdict.FAIL: Text("✗", style="bold red"),
}


@app.command()
def doctor(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="As JSON, for a program.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Load no engine.")] = False,
) -> None:
    """Look at this machine: hardware, libraries, codecs, folders, models, engines, ports.

    Ends with 1 when something that the bot needs does not work.
    """
    chosen = settings(ctx)
    with console(stderr=True).status("looking ..."):
        findings = list(examine(chosen, load=not quick))
    failed = any(finding.verdict is Verdict.FAIL for finding in findings)
    if json:
        print_json({"ok": not failed, "findings": [asdict(finding) for finding in findings]})
    else:
        _show(findings)
    if failed:
        raise typer.Exit(1)


def _show(findings: list[Finding]) -> None:
    out = console()
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for group in dict.fromkeys(finding.group for finding in findings):
        table.add_row("", Text(f"\n{group}", style="bold cyan"))
        for finding in (one for one in findings if one.group == group):
            what = Text(finding.found)
            if finding.advice:
                what.append(f"\n→ {finding.advice}", style="yellow")
            table.add_row(_MARKS[finding.verdict], finding.name, what)
    out.print(table)
    out.print(_summary(findings))


def _summary(findings: list[Finding]) -> Text:
    failures = sum(finding.verdict is Verdict.FAIL for finding in findings)
    warnings = sum(finding.verdict is Verdict.WARN for finding in findings)
    if failures:
        return Text(
            f"\n{failures} to put right before a meeting, {warnings} to know of", "bold red"
        )
    if warnings:
        return Text(f"\nReady for a meeting; {warnings} to know of", "bold yellow")
    return Text("\nReady for a meeting", "bold green")
