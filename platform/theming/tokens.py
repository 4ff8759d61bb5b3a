"""Design tokens: read from JSON, merged along a theme's chain, checked for contrast, written as CSS custom properties."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from theming.contract import BrokenThemeError, ContrastPair, LowContrastError, Stylesheet, TokenSet

MODE_SELECTORS = {"contrast": ':root[data-contrast="more"]'}
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_VALUE = re.compile(r"""[^{};<>\\@]+""")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_KINDS = ("text", "large", "control")


def read_tokens(files: Iterable[Path]) -> TokenSet:
    """Merge token files, the most general first: later files replace tokens and add contrast pairs.

    Raises `BrokenThemeError` when a file is not JSON, or a name, value or pair cannot be used.
    """
    tokens: dict[str, str] = {}
    modes: dict[str, dict[str, str]] = {}
    pairs: dict[ContrastPair, None] = {}
    for file in files:
        data = _load(file)
        tokens |= _checked(data.get("tokens", {}), file)
        for mode, replaced in data.get("modes", {}).items():
            if mode not in MODE_SELECTORS:
                raise BrokenThemeError(f"{file}: there is no mode {mode!r}. Modes: {', '.join(MODE_SELECTORS)}.")
            modes[mode] = modes.get(mode, {}) | _checked(replaced, file)
        pairs |= dict.fromkeys(_pair(row, file) for row in data.get("contrast", []))
    return TokenSet(tokens=tokens, modes=modes, pairs=tuple(pairs))


def stylesheet(theme: str, token_set: TokenSet) -> Stylesheet:
    """Write the tokens of `theme` as CSS custom properties, one rule for the theme and one for each mode."""
    rules = [_rule(":root", token_set.tokens)]
    rules += [_rule(MODE_SELECTORS[mode], replaced) for mode, replaced in token_set.modes.items()]
    css = "\n".join(rules) + "\n"
    return Stylesheet(theme=theme, css=css, digest=hashlib.sha256(css.encode()).hexdigest()[:12])


def contrast_ratio(front: str, back: str) -> float:
    """The WCAG 2.2 contrast ratio of two `#rrggbb` colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(front), _luminance(back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def check_contrast(theme: str, token_set: TokenSet) -> None:
    """Refuse a theme whose declared pairs are too close, in the plain look and in every mode, each also without colour.

    Raises `LowContrastError` for the first such pair, `BrokenThemeError` when a pair names no `#rrggbb` token.
    """
    for mode in ("", *token_set.modes):
        colours = dict(token_set.tokens) | dict(token_set.modes.get(mode, {}))
        for pair in token_set.pairs:
            front, back = _colour(theme, colours, pair.front), _colour(theme, colours, pair.back)
            for look, ratio in ((mode, contrast_ratio(front, back)), (f"{mode} grey".lstrip(), contrast_ratio(grey(front), grey(back)))):
                if ratio < pair.required:
                    raise LowContrastError(theme, look, pair, ratio)


def grey(colour: str) -> str:
    """Return what a browser's `grayscale(1)` makes of a `#rrggbb` colour: it weighs the channels as they are written."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    level = round(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return f"#{level:02x}{level:02x}{level:02x}"


def _load(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenThemeError(f"{file}: cannot be read as JSON ({error}).") from error
    if not isinstance(data, dict):
        raise BrokenThemeError(f'{file}: must hold an object with "tokens", "modes" and "contrast".')
    return data


def _checked(tokens: Mapping[str, str], file: Path) -> dict[str, str]:
    for name, value in tokens.items():
        if not _NAME.fullmatch(name):
            raise BrokenThemeError(f"{file}: token name {name!r} must be small letters, digits and hyphens.")
        if not isinstance(value, str) or not _VALUE.fullmatch(value):
            raise BrokenThemeError(f"{file}: the value of {name!r} must be text that is a plain CSS value.")
    return dict(tokens)


def _pair(row: Mapping[str, str], file: Path) -> ContrastPair:
    kind = row.get("kind", "text")
    if kind not in _KINDS or "front" not in row or "back" not in row:
        raise BrokenThemeError(f'{file}: a contrast pair needs "front", "back" and a "kind" out of {", ".join(_KINDS)}; found {dict(row)}.')
    return ContrastPair(front=row["front"], back=row["back"], kind=kind)  # type: ignore[arg-type]  # checked against _KINDS above


def _colour(theme: str, colours: Mapping[str, str], name: str) -> str:
    value = colours.get(name, "")
    if not _COLOUR.fullmatch(value):
        raise BrokenThemeError(f"Theme {theme!r}: {name!r} is in a contrast pair, so it must be a colour like #a8201a, not {value!r}.")
    return value


def _luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)  # noqa: PLR2004 - WCAG's formula
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rule(selector: str, tokens: Mapping[str, str]) -> str:
    lines = "".join(f"  --{name}: {value};\n" for name, value in tokens.items())
    return f"{selector} {{\n{lines}}}"
