"""Writes a blueprint as the TOML a person reads and `reading` reads back."""

import json
from collections.abc import Iterator, Mapping

from blueprints.contract import FORMAT, Blueprint, Value


def write_blueprint(blueprint: Blueprint) -> str:
    """Return the file; reading it gives the same blueprint."""
    parts = [
        _table("", _head(blueprint)),
    ]
    if blueprint.settings:
        parts.append(_table("[settings]", blueprint.settings))
    if blueprint.roles:
        parts.append(_table("[roles]", blueprint.roles))
    if blueprint.workflow:
        parts.append(_table("[workflow]", {"name": blueprint.workflow.name}))
        parts += [_table("[[workflow.steps]]", {"name": step.name, "roles": step.roles}) for step in blueprint.workflow.steps]
    for column in blueprint.columns:
        facts: dict[str, Value] = {"path": column.path, "title": column.title, "type": column.type}
        shown: dict[str, Value] = {"on_home": True} if column.is_on_home else {}
        hidden: dict[str, Value] = {} if column.is_in_menu else {"in_menu": False}
        parts.append(_table("[[columns]]", facts | _given(description=column.description, keywords=column.keywords) | shown | hidden))
    for page in blueprint.pages:
        facts = {"column": page.column, "slug": page.slug, "title": page.title, "kind": page.kind}
        parts.append(_table("[[pages]]", facts | _given(summary=page.summary) | {"state": page.state.value, "text": page.text}))
    return "\n\n".join(parts) + "\n"


def _head(blueprint: Blueprint) -> dict[str, Value]:
    return {
        "format": FORMAT,
        "name": blueprint.name,
        "version": blueprint.version,
        "title": blueprint.title,
        **_given(description=blueprint.description),
        "kind": blueprint.kind,
        "theme": blueprint.theme,
    }


def _given(**facts: str) -> dict[str, Value]:
    return {name: value for name, value in facts.items() if value}


def _table(header: str, facts: Mapping[str, Value]) -> str:
    return "\n".join(_lines(header, facts))


def _lines(header: str, facts: Mapping[str, Value]) -> Iterator[str]:
    if header:
        yield header
    for name, value in facts.items():
        yield f"{name} = {_value(value)}"


def _value(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_quoted, value))}]"
    if isinstance(value, str):
        return _long(value) if "\n" in value else _quoted(value)
    return json.dumps(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON lets it stand, TOML does not


def _long(text: str) -> str:
    lines = (_quoted(line)[1:-1] for line in text.split("\n"))
    return '"""\n' + "\n".join(lines) + '"""'
