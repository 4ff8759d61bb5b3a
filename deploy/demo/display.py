"""What the person who started the demo sees: steps while it works, then where to go. A bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from deploy.demo.contract import City, Options, Step

SECONDS_BETWEEN_LINES = 5.0
NARROWEST_TABLE = 80


class Display:
    """The demo's face; a context manager, so that the terminal is whole again however the demo ends."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, emoji=False)
        self._bar = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", markup=False, style="dim"),
            console=self.console,
            transient=False,
        )
        self._tasks: dict[str, TaskID] = {}
        self._began: dict[str, float] = {}
        self._written: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.pause()

    def pause(self) -> None:
        """Leave the bars as they are and let plain text follow."""
        if self.console.is_terminal:
            self._bar.stop()

    def say(self, text: str, *, style: str = "") -> None:
        """Print a line above the bars."""
        self.console.print(Text(text, style=style), soft_wrap=True)

    def show(self, step: Step) -> None:
        """Show how far a step is."""
        if self.console.is_terminal:
            self._move_bar(step)
        else:
            self._write_line(step)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show a step that cannot be counted while the block runs."""
        self.show(Step(name))
        yield
        self.show(Step(name, is_finished=True))

    def _move_bar(self, step: Step) -> None:
        if not self._bar.live.is_started:
            self._bar.start()
        total = step.total or None
        if step.name not in self._tasks:
            self._tasks[step.name] = self._bar.add_task(step.name, total=total, count="", note="")
        count = f"{step.done}/{step.total}" if step.total else ""
        if step.is_finished:
            total, done = step.total or 1, step.total or 1
        else:
            done = step.done
        self._bar.update(self._tasks[step.name], total=total, completed=done, count=count, note=step.note[:30])

    def _write_line(self, step: Step) -> None:
        now = time.monotonic()
        began = self._began.setdefault(step.name, now)
        count = f" {step.done}/{step.total}" if step.total else ""
        if step.is_finished:
            self.say(f"{step.name}:{count or ' done'} in {now - began:.1f} s{f' ({step.note})' if step.note else ''}")
        elif now - self._written.setdefault(step.name, began) >= SECONDS_BETWEEN_LINES:
            self._written[step.name] = now
            self.say(f"{step.name}:{count} after {now - began:.0f} s{f' ({step.note})' if step.note else ''}")


def show_city(console: Console, city: City, options: Options, *, seconds: float) -> None:
    """Print where everything is, who may sign on, and how to stop."""
    if not console.is_terminal:
        console.width = max(console.width, NARROWEST_TABLE + 40)
    sites = Table(title="Sites", title_justify="left", header_style="bold", title_style="bold")
    for heading in ("site", "for readers", "for editors"):
        sites.add_column(heading, overflow="fold")
    for site in city.sites:
        sites.add_row(site.name, site.url, site.editor_url)
    platform = Table(title="Platform", title_justify="left", header_style="bold", title_style="bold")
    for heading in ("what", "where"):
        platform.add_column(heading, overflow="fold")
    platform.add_row("all sites", city.platform_url)
    platform.add_row("search over all sites", f"{city.platform_url}search/")
    platform.add_row("sign-on for editors and officers", f"{city.platform_url}sign-in/")
    platform.add_row("console of operations", f"{city.platform_url}console/")
    people = Table(
        title="Sign-in names (roles at every site, or on the platform)", title_justify="left", header_style="bold", title_style="bold"
    )
    for heading in ("name", "who", "role", "password"):
        people.add_column(heading, overflow="fold")
    for login in city.logins:
        people.add_row(login.username, login.name, login.role, login.password)
    console.print()
    for table in (sites, platform, people):
        console.print(table)
    console.print(
        Text(f"{city.pages} pages can be searched. Browsers find *.localhost by themselves. Logs: {options.logs}."), soft_wrap=True
    )
    console.print(Text(f"Ready after {seconds:.1f} s. Ctrl-C stops everything.", style="bold green"), soft_wrap=True)
