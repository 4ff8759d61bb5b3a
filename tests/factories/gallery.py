"""The themes' gallery: reads the sample contexts beside the templates and renders them as a site would."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.template.loader import get_template
from django.utils.safestring import mark_safe
from typing_extensions import override

from theming.activation import use_theme
from theming.catalogue import catalogue


class _Loader(yaml.SafeLoader):
    """YAML plus `!html`, text that arrives rendered and safe, and `!blocks`, the samples of blocks that make up a body."""


def _html(loader: _Loader, node: yaml.ScalarNode) -> str:
    return mark_safe(loader.construct_scalar(node))  # noqa: S308 - samples of our own


@dataclass(frozen=True)
class Body:
    """Blocks drawn one after the other in the theme in force; each named `block:state`."""

    blocks: tuple[str, ...]

    @override
    def __str__(self) -> str:
        states = (name.partition(":")[::2] for name in self.blocks)
        return mark_safe("".join(_drawn(f"blocks/{block}.html", state) for block, state in states))  # noqa: S308 - samples of our own


def _blocks(loader: _Loader, node: yaml.SequenceNode) -> Body:
    return Body(tuple(loader.construct_sequence(node)))


_Loader.add_constructor("!html", _html)
_Loader.add_constructor("!blocks", _blocks)


@dataclass(frozen=True)
class Sample:
    """One template in one state, with the context it is drawn from."""

    template: str
    state: str
    context: Mapping[str, Any]

    @override
    def __str__(self) -> str:
        return f"{self.template}:{self.state}"


def samples() -> list[Sample]:
    """Every state of every template, in the order of the files."""
    return [sample for theme in catalogue().themes for sample in _samples_of(catalogue().root / theme / "gallery")]


def page_samples() -> list[Sample]:
    """The samples that are whole pages."""
    return [sample for sample in samples() if not sample.template.startswith(("blocks/", "includes/"))]


def template_names(theme: str) -> set[str]:
    """The templates a theme brings itself."""
    folder = catalogue().root / theme / "templates"
    return {str(file.relative_to(folder)) for file in folder.rglob("*.html")}


@functools.cache
def rendered(template: str, state: str, theme: str) -> str:
    """The HTML of one sample in one theme."""
    with use_theme(theme):
        return _drawn(template, state)


def _drawn(template: str, state: str) -> str:
    sample = next(sample for sample in samples() if (sample.template, sample.state) == (template, state))
    return get_template(sample.template).render(dict(sample.context))


def _samples_of(folder: Path) -> Iterator[Sample]:
    if not folder.is_dir():
        return
    frames = _read(folder / "frames.yaml")
    for file in sorted(folder.rglob("*.yaml")):
        if file.name == "frames.yaml":
            continue
        template = str(file.relative_to(folder).with_suffix(".html"))
        ground: dict[str, Any] = {}
        for state, changes in _read(file).items():
            context = _changed(ground, changes or {})
            ground = ground or context
            yield Sample(template, state, _framed(context, frames))


@functools.cache
def _read(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - derived from SafeLoader
    return loaded


def _changed(ground: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The first state with some names replaced; `name+` changes a mapping's entries, `repeat` lengthens lists."""
    context = dict(ground)
    for name, value in changes.items():
        if name == "repeat":
            context |= {listed: context[listed] * times for listed, times in value.items()}
        elif name.endswith("+"):
            context[name[:-1]] = {**context[name[:-1]], **value}
        else:
            context[name] = value
    return context


def _framed(context: dict[str, Any], frames: Mapping[str, Any]) -> dict[str, Any]:
    name = context.get("frame", "none")
    if name == "none":
        return {key: value for key, value in context.items() if key != "frame"}
    return context | {"frame": frames[name]}
