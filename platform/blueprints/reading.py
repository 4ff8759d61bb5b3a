"""Reads a blueprint from TOML and finds everything that is wrong with it, by line, not the first thing alone."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from blueprints.contract import (
    FORMAT,
    Blueprint,
    Column,
    Facts,
    Live,
    Problem,
    SamplePage,
    Setting,
    UnreadableBlueprintError,
    Vocabulary,
    Workflow,
    WorkflowStep,
)
from blueprints.positions import Path, line_of, positions

NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
DEEPEST = 4  # readers find what they want within four clicks
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_KEYWORDS, LONGEST_SUMMARY = 100, 200, 100, 300
LARGEST = 500_000  # characters of a file
_WORDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


def read_blueprint(text: str, *, file: str, vocabulary: Vocabulary) -> Blueprint:
    """Return the blueprint a file says.

    Raises:
        UnreadableBlueprintError: it has problems; all of them are named.

    """
    blueprint, problems = check_blueprint(text, vocabulary=vocabulary)
    if blueprint is None:
        raise UnreadableBlueprintError(file, problems)
    return blueprint


def check_blueprint(text: str, *, vocabulary: Vocabulary) -> tuple[Blueprint | None, list[Problem]]:
    """Return the blueprint, or none and all problems of the file, in the order of its lines."""
    if len(text) > LARGEST:
        return None, [Problem(1, f"the file has {len(text):,} characters", f"keep it below {LARGEST:,}; texts of a site are no blueprint")]
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, [_not_toml(str(error), text)]
    reader = _Reader(document, positions(text), vocabulary)
    blueprint = reader.blueprint()
    return (None if reader.problems else blueprint), sorted(reader.problems, key=lambda problem: problem.line)


def _not_toml(message: str, text: str) -> Problem:
    match = _AT_LINE.search(message)
    line = int(match[1]) if match and match[1] else max(1, len(text.splitlines()))
    what = _AT_LINE.sub("", message).strip()
    return Problem(line, f"this is no TOML: {what[:1].lower()}{what[1:]}", 'mend the line; texts stand in quotes: title = "要闻"')


class _Reader:
    """Walks the document once; what is wrong is noted with its line, and the walk goes on."""

    def __init__(self, document: Mapping[str, Any], found: Mapping[Path, int], vocabulary: Vocabulary) -> None:
        self._document, self._found, self._words = document, found, vocabulary
        self.problems: list[Problem] = []

    def blueprint(self) -> Blueprint:
        """Return what the document says; only of use where no problem was noted."""
        top = self._document
        self._known(top, (), {"format", "name", "version", "title", "kind", "theme", "description"} | _TABLES.keys())
        if self._number(top, (), "format", lowest=1) not in (FORMAT, 0):
            self._note(("format",), f"the file is of format {top['format']}", f"this release reads format {FORMAT}: format = {FORMAT}")
        columns = self._columns()
        return Blueprint(
            name=self._formed(top, (), "name", NAME, "small letters, digits and hyphens: county"),
            version=self._number(top, (), "version", lowest=1),
            title=self._text(top, (), "title", longest=LONGEST_TITLE),
            kind=self._word(top, (), "kind", self._words.kinds),
            theme=self._word(top, (), "theme", self._words.themes),
            description=self._text(top, (), "description", is_needed=False, longest=LONGEST_DESCRIPTION),
            settings=self._settings(),
            roles=self._roles(),
            workflow=self._workflow(),
            columns=columns,
            pages=self._pages({column.path for column in columns}),
        )

    # --- the parts ------------------------------------------------------------

    def _settings(self) -> Facts:
        table = self._table("settings")
        self._known(table, ("settings",), self._words.settings.keys())
        return {name: self._setting(table, name, setting) for name, setting in self._words.settings.items() if name in table}

    def _setting(self, table: Mapping[str, Any], name: str, setting: Setting) -> str | int | bool:
        way: Path = ("settings",)
        if isinstance(setting.default, bool):
            return self._flag(table, way, name, default=setting.default)
        if isinstance(setting.default, int):
            return self._number(table, way, name, lowest=setting.lowest, highest=setting.highest)
        if setting.choices and table[name] != "":  # none chosen is a choice too
            return self._word(table, way, name, setting.choices)
        return self._text(table, way, name, is_needed=False)

    def _roles(self) -> Mapping[str, tuple[str, ...]]:
        table = self._table("roles")
        self._known(table, ("roles",), self._words.roles)
        order = list(self._words.rights)
        rights = {name: self._words_of(table, ("roles",), name, order) for name in self._words.roles if name in table}
        return {name: tuple(sorted(given, key=order.index)) for name, given in rights.items()}

    def _workflow(self) -> Workflow | None:
        if "workflow" not in self._document:
            return None
        table, way = self._table("workflow"), ("workflow",)
        self._known(table, way, {"name", "steps"})
        steps = []
        for place, row in self._rows(table, ("workflow", "steps")):
            self._known(row, place, {"name", "roles"})
            roles = self._words_of(row, place, "roles", self._words.roles)
            if not roles and "roles" in row:
                self._note((*place, "roles"), "the step has no role, so nobody could take it", 'name one: roles = ["reviewer"]')
            steps.append(WorkflowStep(self._text(row, place, "name", longest=LONGEST_TITLE), roles))
        if not steps:
            self._note(way, "the workflow has no steps", 'add [[workflow.steps]] with a name and roles = ["reviewer"]')
        self._once(("workflow", "steps"), "name", [step.name for step in steps])
        return Workflow(self._text(table, way, "name", longest=LONGEST_TITLE), tuple(steps))

    def _columns(self) -> tuple[Column, ...]:
        columns: list[Column] = []
        for place, row in self._rows(self._document, ("columns",)):
            self._known(row, place, {"path", "title", "type", "description", "keywords", "on_home", "in_menu"})
            columns.append(
                Column(
                    path=self._path(row, place, "path", {column.path for column in columns}),
                    title=self._text(row, place, "title", longest=LONGEST_TITLE),
                    type=self._word(row, place, "type", self._words.column_types),
                    description=self._text(row, place, "description", is_needed=False, longest=LONGEST_DESCRIPTION),
                    keywords=self._text(row, place, "keywords", is_needed=False, longest=LONGEST_KEYWORDS),
                    is_on_home=self._flag(row, place, "on_home", default=False),
                    is_in_menu=self._flag(row, place, "in_menu", default=True),
                )
            )
        self._once(("columns",), "path", [column.path for column in columns])
        return tuple(columns)

    def _path(self, row: Mapping[str, Any], place: Path, name: str, before: Collection[str]) -> str:
        path = self._text(row, place, name)
        if not path:
            return ""
        parts = path.split("/")
        if not all(SLUG.fullmatch(part) for part in parts):
            self._note((*place, name), f"{path!r} is no path", "small letters, digits and hyphens, a slash between levels: zwdt/yaowen")
        elif len(parts) > DEEPEST:
            self._note((*place, name), f"{path!r} lies {len(parts)} levels deep", f"at most {DEEPEST} levels")
        elif len(parts) > 1 and (parent := "/".join(parts[:-1])) not in before:
            self._note((*place, name), f"there is no column {parent!r} above this line", f"put the column {parent!r} before {path!r}")
        return path

    def _pages(self, columns: Collection[str]) -> tuple[SamplePage, ...]:
        pages = []
        for place, row in self._rows(self._document, ("pages",)):
            self._known(row, place, {"column", "slug", "title", "kind", "text", "summary", "state"})
            column = self._text(row, place, "column")
            if column and column not in columns:
                self._note((*place, "column"), f"there is no column {column!r} in this blueprint", _nearest(column, columns))
            pages.append(
                SamplePage(
                    column=column,
                    slug=self._formed(row, place, "slug", SLUG, "small letters, digits and hyphens: welcome"),
                    title=self._text(row, place, "title", longest=LONGEST_TITLE),
                    kind=self._word(row, place, "kind", self._words.page_kinds),
                    text=self._text(row, place, "text").strip(),
                    summary=self._text(row, place, "summary", is_needed=False, longest=LONGEST_SUMMARY),
                    state=Live(self._word(row, place, "state", [state.value for state in Live], default=Live.DRAFT.value) or Live.DRAFT),
                )
            )
        paths = [page.path for page in pages]
        self._once(("pages",), "slug", paths)
        for index, path in enumerate(paths):
            if path in columns:
                self._note(("pages", index, "slug"), f"{path!r} is the path of a column", "choose another slug for the page")
        return tuple(pages)

    # --- what a value must be ---------------------------------------------------

    def _note(self, path: Path, what: str, instead: str) -> None:
        self.problems.append(Problem(line_of(self._found, path), what, instead))

    def _known(self, table: Mapping[str, Any], way: Path, names: Iterable[str]) -> None:
        wanted = sorted(names)
        for name in table:
            if name not in wanted:
                self._note((*way, name), f"unknown key {name!r}", _nearest(name, wanted))

    def _table(self, name: str) -> Mapping[str, Any]:
        table = self._document.get(name, {})
        if isinstance(table, dict):
            return table
        self._note((name,), f"{name} is {_kind_of(table)}", f"make it a table: [{name}]")
        return {}

    def _rows(self, holder: Mapping[str, Any], way: Path) -> list[tuple[Path, Mapping[str, Any]]]:
        rows = holder.get(str(way[-1]), [])
        header = ".".join(map(str, way))
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._note(way, f"{header} is {_kind_of(rows)}", f"write each as a table of its own: [[{header}]]")
            return []
        return [((*way, index), row) for index, row in enumerate(rows)]

    def _value(self, table: Mapping[str, Any], way: Path, name: str, kind: type, *, example: str, is_needed: bool) -> Any:
        """Return a value of the right type; none, and a note, where it is missing or of another."""
        if name not in table:
            if is_needed:
                self._note(way, f"{name!r} is missing", f"add {name} = {example}")
            return None
        value = table[name]
        if type(value) is not kind:  # true is an int to Python, and no number to a reader
            self._note((*way, name), f"{name} is {_kind_of(value)}", f"write {_WORDS[kind]}: {name} = {example}")
            return None
        return value

    def _text(self, table: Mapping[str, Any], way: Path, name: str, *, is_needed: bool = True, longest: int = 0) -> str:
        value = self._value(table, way, name, str, example='"…"', is_needed=is_needed)
        if value is None:
            return ""
        text = str(value)
        if is_needed and not text.strip():
            self._note((*way, name), f"{name} is empty", "say something, or take the whole entry out")
        if longest and len(text) > longest:
            self._note((*way, name), f"{name} has {len(text)} characters", f"at most {longest}")
        return text

    def _number(self, table: Mapping[str, Any], way: Path, name: str, *, lowest: int, highest: int = 0) -> int:
        value = self._value(table, way, name, int, example=str(lowest), is_needed=True)
        if value is None:
            return 0
        if value < lowest or (highest and value > highest):
            wanted = f"a number from {lowest} to {highest}" if highest else f"{lowest} or more"
            self._note((*way, name), f"{name} is {value}", wanted)
        return int(value)

    def _flag(self, table: Mapping[str, Any], way: Path, name: str, *, default: bool) -> bool:
        value = self._value(table, way, name, bool, example="true", is_needed=False)
        return default if value is None else bool(value)

    def _formed(self, table: Mapping[str, Any], way: Path, name: str, form: re.Pattern[str], instead: str) -> str:
        text = self._text(table, way, name)
        if text and not form.fullmatch(text):
            self._note((*way, name), f"{text!r} is no {name}", instead)
        return text

    def _word(self, table: Mapping[str, Any], way: Path, name: str, words: Collection[str], *, default: str = "") -> str:
        text = self._text(table, way, name, is_needed=not default) or default
        if text and text not in words:
            self._note((*way, name), f"unknown {name} {text!r}", _nearest(text, words))
            return default
        return text

    def _words_of(self, table: Mapping[str, Any], way: Path, name: str, words: Collection[str]) -> tuple[str, ...]:
        given = self._value(table, way, name, list, example=f'["{next(iter(words), "")}"]', is_needed=True) or []
        for word in given:
            if word not in words:
                self._note((*way, name), f"unknown word {word!r} in {name}", _nearest(str(word), words))
        known = [word for word in given if word in words]
        if len(set(known)) < len(known):
            self._note((*way, name), f"{name} names a word twice", "name each once")
        return tuple(dict.fromkeys(known))

    def _once(self, way: Path, name: str, values: Sequence[str]) -> None:
        first: dict[str, int] = {}
        for index, value in enumerate(values):
            if value and value in first:
                line = line_of(self._found, (*way, first[value], name))
                self._note((*way, index, name), f"{value!r} is here a second time", f"it is on line {line} already; choose another {name}")
            first.setdefault(value, index)


_TABLES = dict.fromkeys(("settings", "roles", "workflow", "columns", "pages"))


def _kind_of(value: object) -> str:
    return _WORDS.get(type(value), f"a {type(value).__name__}")


def _nearest(word: str, words: Iterable[str]) -> str:
    known = sorted(words)
    close = get_close_matches(word, known, n=1)
    listed = ", ".join(known) or "none"
    return f"did you mean {close[0]!r}? known: {listed}" if close else f"known: {listed}"
