"""Tables of sites to open: our own, a line a site, and the table of China's counties; what is wrong is named by line."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioning.bulk.naming import city_slugs, county_slugs, is_city, site_name
from provisioning.contract import RefusedError, SiteSpec
from registry.contract import Kind
from registry.services import COUNTY_COLUMNS, padded

NEEDED = ("slug", "name", "short_name", "kind", "city", "region")
FACTS = ("identifier", "organizer", "undertaker", "contact_phone", "contact_address", "icp", "police_record")
OPTIONAL = ("domain", "aliases", "theme", "administrator", "blueprint", *FACTS)
ERROR = "error"  # the column of a table of failed rows; ignored when such a table is read again
ENCODINGS = ("utf-8-sig", "gb18030")  # what spreadsheets write here


class TableError(RefusedError):
    """A file that is no table of sites."""


@dataclass(frozen=True, slots=True)
class Row:
    """A site to open and the line that asks for it."""

    line: int
    spec: SiteSpec


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Something wrong in a table."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows of a division table are wanted, and what their sites share."""

    city_code: str = ""
    province_code: str = ""
    city_slug: str = ""
    domain: str = ""
    theme: str = ""
    administrator: str = ""
    blueprint: str = ""
    has_portals: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, the problems of its form, and the division table it is, if it is one."""

    rows: tuple[Row, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    divisions: tuple[Mapping[str, str], ...] = ()
    cities: Mapping[str, str] = field(default_factory=dict)  # slug → region code


def read_text(path: Path) -> str:
    """Return a file's text, as UTF-8 or as spreadsheets write Chinese.

    Raises:
        TableError: it cannot be read.

    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}. Check the path.") from error
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(f"{path} is neither UTF-8 nor GB 18030 text. Save it as CSV in UTF-8.")


def read_table(text: str, *, choice: Choice, known_cities: Mapping[str, str], known_sites: Mapping[str, str]) -> Table:
    """Return the sites a table asks for.

    `known_cities` are slugs by region code, `known_sites` the slugs of county sites by region code: what exists keeps its name.

    Raises:
        TableError: the first line names neither our columns nor a division table's.

    """
    reader = csv.DictReader(io.StringIO(text))
    columns = [column.strip() for column in reader.fieldnames or ()]
    reader.fieldnames = columns
    rows = [(reader.line_num, {name: (value or "").strip() for name, value in row.items() if name}) for row in reader]
    if set(COUNTY_COLUMNS) <= set(columns):
        return _divisions(rows, choice, known_cities, known_sites)
    if not set(NEEDED) <= set(columns):
        raise TableError(
            f"The first line must name {', '.join(NEEDED)} (and may name {', '.join(OPTIONAL)}); "
            f"or, in a division table, {', '.join(COUNTY_COLUMNS)}. Missing: {', '.join(name for name in NEEDED if name not in columns)}.",
        )
    return _own(rows, columns, choice)


# --- our own table --------------------------------------------------------------


def _own(rows: Sequence[tuple[int, Mapping[str, str]]], columns: Sequence[str], choice: Choice) -> Table:
    problems = [
        RowProblem(1, f"unknown column {name!r}: take it out; known: {', '.join((*NEEDED, *OPTIONAL))}")
        for name in columns
        if name not in (*NEEDED, *OPTIONAL, ERROR)
    ]
    found = []
    for line, row in rows:
        missing = [name for name in NEEDED if not row.get(name)]
        if missing:
            problems.append(RowProblem(line, f"{', '.join(missing)} empty: every site needs {', '.join(NEEDED)}"))
        elif row["kind"] not in [kind.value for kind in Kind]:
            problems.append(RowProblem(line, f"unknown kind {row['kind']!r}: write {', '.join(kind.value for kind in Kind)}"))
        else:
            found.append(Row(line, _spec(row, choice)))
    cities = {row.spec.city_slug: row.spec.region_code for row in found if row.spec.kind is Kind.CITY}
    return Table(tuple(found), (*problems, *_twice(found)), cities=cities)


def _spec(row: Mapping[str, str], choice: Choice) -> SiteSpec:
    facts: dict[str, Any] = {name: row.get(name, "") for name in FACTS}
    return SiteSpec(
        slug=row["slug"],
        name=row["name"],
        short_name=row["short_name"],
        kind=Kind(row["kind"]),
        city_slug=row["city"],
        region_code=row["region"],
        theme=row.get("theme") or choice.theme,
        domain=row.get("domain") or choice.domain.replace("{slug}", row["slug"]),
        aliases=tuple(alias for alias in row.get("aliases", "").split(";") if alias),
        administrator=row.get("administrator") or choice.administrator,
        blueprint=row.get("blueprint") or choice.blueprint,
        **facts,
    )


def _twice(rows: Iterable[Row]) -> Iterable[RowProblem]:
    """Name what may be only once in a table: slugs, domains, a city's portal."""
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        spec = row.spec
        claims = [("slug", spec.slug), *(("domain", name) for name in (spec.domain, *spec.aliases) if name)]
        claims += [("portal of city", spec.city_slug)] if spec.kind is Kind.CITY else []
        for claim in claims:
            if claim in first:
                yield RowProblem(row.line, f"the {claim[0]} {claim[1]!r} is on line {first[claim]} already: choose another")
            first.setdefault(claim, row.line)


# --- the table of counties --------------------------------------------------------


def _divisions(
    rows: Sequence[tuple[int, Mapping[str, str]]], choice: Choice, known_cities: Mapping[str, str], known_sites: Mapping[str, str]
) -> Table:
    table = [row for _, row in rows]
    wanted = [(line, row) for line, row in rows if _is_wanted(row, choice)]
    if not wanted:
        raise TableError("No row of the table is chosen. Check --city-code (1401) and --province (14).")
    codes = {padded(row["city_code"]) for _, row in wanted}
    if choice.city_slug and len(codes) > 1:
        raise TableError(f"--city names one city, but the rows are of {len(codes)}. Choose one with --city-code, or leave --city out.")
    by_table = city_slugs(table)
    cities = {code: known_cities.get(code) or choice.city_slug or by_table[code] for code in sorted(codes)}
    slugs = county_slugs(table, cities=by_table | cities)
    found = [Row(line, _county(row, known_sites.get(row["code"]) or slugs[row["code"]], cities, choice)) for line, row in wanted]
    if choice.has_portals:
        first = {padded(row["city_code"]): (line, row) for line, row in reversed(wanted)}
        found = [*(Row(first[code][0], _portal(first[code][1], cities[code], choice)) for code in cities), *found]
    names = Counter(cities.values())
    problems = [
        RowProblem(1, f"two cities would be called {slug!r}: open one of them first with `city open SLUG`")
        for slug, count in names.items()
        if count > 1
    ]
    return Table(
        tuple(found),
        (*problems, *_twice(found)),
        divisions=tuple(row for _, row in wanted),
        cities={slug: code for code, slug in cities.items()},
    )


def _is_wanted(row: Mapping[str, str], choice: Choice) -> bool:
    """Whether a row is chosen; development zones and the like are no divisions and have no government site of their own."""
    return (
        row.get("is_admin", "1") == "1"
        and padded(row["city_code"]).startswith(choice.city_code.removesuffix("00") if choice.city_code else "")
        and padded(row["province_code"]).startswith(choice.province_code[:2])
    )


def _county(row: Mapping[str, str], slug: str, cities: Mapping[str, str], choice: Choice) -> SiteSpec:
    name = site_name(row)
    return SiteSpec(
        slug=slug,
        name=name,
        short_name=row["name"],
        kind=Kind.COUNTY,
        city_slug=cities[padded(row["city_code"])],
        region_code=row["code"],
        theme=choice.theme,
        domain=choice.domain.replace("{slug}", slug),
        administrator=choice.administrator,
        blueprint=choice.blueprint,
        organizer=f"{name}办公室",
    )


def _portal(row: Mapping[str, str], slug: str, choice: Choice) -> SiteSpec:
    name = row["city_name"] if is_city(row) else row["province_name"]
    return SiteSpec(
        slug=slug,
        name=f"{name}人民政府",
        short_name=name,
        kind=Kind.CITY,
        city_slug=slug,
        region_code=padded(row["city_code"]),
        theme="",
        domain=choice.domain.replace("{slug}", slug),
        administrator=choice.administrator,
        organizer=f"{name}人民政府办公室",
    )


def write_failed(path: Path, failed: Iterable[tuple[SiteSpec, str]]) -> None:
    """Write the rows that failed as a table of our own, with the reason of each; such a table can be opened again."""
    names = [*NEEDED, *OPTIONAL, ERROR]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        for spec, error in failed:
            said = {"city": spec.city_slug, "region": spec.region_code, "aliases": ";".join(spec.aliases), ERROR: " ".join(error.split())}
            values = spec.as_json() | said
            writer.writerow({name: values[name] for name in names})
