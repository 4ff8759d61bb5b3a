"""What the other rooms need to know of themes: the frame of every page, the theme record, and each way to fail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

TOKENS_PATH = "-/theme/"


class UnknownThemeError(LookupError):
    """No theme has this name; the message lists the themes there are."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        super().__init__(f"There is no theme called {name!r}. Choose one of: {', '.join(sorted(known))}.")


class BrokenThemeError(ValueError):
    """A theme's files cannot be used; the message names the file and what to mend."""


class LowContrastError(BrokenThemeError):
    """Two colours of a theme are too close for people to read."""

    def __init__(self, theme: str, mode: str, pair: "ContrastPair", ratio: float) -> None:
        where = f"theme {theme!r}" + (f" in mode {mode!r}" if mode else "")
        super().__init__(
            f"{pair.front} on {pair.back} in {where} has a contrast of {ratio:.2f}:1; "
            f"{pair.kind} needs at least {pair.required}:1. Change one of the two in tokens.json.",
        )
        self.pair = pair
        self.ratio = ratio


@dataclass(frozen=True, slots=True)
class Theme:
    """One look; `chain` runs from the theme itself to the one without a parent."""

    name: str
    label: str
    extends: str | None
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContrastPair:
    """Two colour tokens that meet on a page: `front` is drawn on `back`."""

    front: str
    back: str
    kind: Literal["text", "large", "control"]

    @property
    def required(self) -> float:
        """The least contrast ratio: 4.5 for text, 3 for large text and for the edges of controls."""
        return 4.5 if self.kind == "text" else 3.0


@dataclass(frozen=True, slots=True)
class TokenSet:
    """A theme's merged design tokens; `modes` holds what a reader's choice, such as high contrast, replaces."""

    tokens: Mapping[str, str]
    modes: Mapping[str, Mapping[str, str]]
    pairs: tuple[ContrastPair, ...]


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """The tokens of one theme as CSS text, and a short digest of that text for its address."""

    theme: str
    css: str
    digest: str

    @property
    def url(self) -> str:
        """Where every host of the platform serves it; written out rather than reversed, so that error pages of any URLconf find it."""
        return f"/{TOKENS_PATH}{self.theme}.{self.digest}.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRecord:
    """What the law wants said on every page about the site and its organ; an empty string hides a line."""

    name: str
    short_name: str
    city_name: str
    domain: str
    home_url: str
    identifier: str = ""
    organizer: str = ""
    undertaker: str = ""
    contact_phone: str = ""
    contact_address: str = ""
    icp: str = ""
    police_record: str = ""
    police_url: str = ""
    emblem_url: str | None = None
    description: str = ""  # of pages that say nothing of themselves
    is_platform: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """One entry of the main navigation; a current item shows its children in a second row."""

    title: str
    url: str
    is_current: bool = False
    children: "tuple[MenuItem, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLink:
    """Another site of the same city; `kind` is `city`, `county` or `department`."""

    name: str
    url: str
    kind: str
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """All that `base.html` draws around a page: header, navigation, site switch, search box and footer.

    `notice` stands above all of it where this is no real site; `is_grey` takes the colour from all. The template puts the home page
    before `menu` by itself.
    """

    site: SiteRecord
    menu: tuple[MenuItem, ...] = ()
    city_sites: tuple[SiteLink, ...] = ()
    search_url: str
    search_scope: Literal["site", "city"] = "site"
    query: str = ""
    home_url: str
    site_map_url: str = ""
    api_url: str = ""
    notice: str = ""
    is_grey: bool = False
