"""Slugs for the counties of a whole country, where many share a name.

The rule looks at the whole table and never at what is chosen of it or open already, so that a county is called the same however
it is opened: its pinyin where no other county and no city of the table has it; else `<city>-<pinyin>`; else `<pinyin>-<code>`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from registry.contract import RESERVED_SLUGS, SLUG
from registry.services import padded
from search.analysis.pinyin import spellings

LONGEST = 33  # letters before a hyphen and a code of six digits
# What the table calls the city of counties that have none.
_NO_CITY = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
_ENDINGS = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市", "地区", "盟")


def is_city(row: Mapping[str, str]) -> bool:
    """Whether the row's city is one, and not the table's word for having none."""
    return row["city_name"] not in _NO_CITY


def site_name(row: Mapping[str, str]) -> str:
    """Return the full name of a county's site."""
    return f"{row['city_name'] if is_city(row) else row['province_name']}{row['name']}人民政府"


def city_slugs(table: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return a slug for every city of a table, by its code of six digits."""
    cities = {padded(row["city_code"]): row["city_name"] if is_city(row) else row["province_name"] for row in table}
    plain = {code: _spelt(name) for code, name in cities.items()}
    return _distinct(plain, taken=RESERVED_SLUGS, second={})


def county_slugs(table: Sequence[Mapping[str, str]], *, cities: Mapping[str, str]) -> dict[str, str]:
    """Return a slug for every county of a table, by its code; `cities` are the slugs of the cities by their code."""
    plain = {row["code"]: row["slug"] for row in table}
    second = {row["code"]: f"{cities[padded(row['city_code'])]}-{row['slug']}" for row in table}
    return _distinct(plain, taken=RESERVED_SLUGS | set(cities.values()), second=second)


def _distinct(plain: Mapping[str, str], *, taken: Iterable[str], second: Mapping[str, str]) -> dict[str, str]:
    """Return the first name of each that nobody else has: the plain one, the second, the plain one with the code."""
    refused = set(taken)
    plain_count, second_count = Counter(plain.values()), Counter(second.values())
    names = {}
    for code, name in plain.items():
        longer = second.get(code, "")
        if plain_count[name] == 1 and name not in refused and SLUG.fullmatch(name):
            names[code] = name
        elif second_count[longer] == 1 and longer not in plain_count and longer not in refused and SLUG.fullmatch(longer):
            names[code] = longer
        else:
            names[code] = f"{name[:LONGEST]}-{code}"
    return names


def _spelt(name: str) -> str:
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            name = name.removesuffix(ending)
            break
    return "".join(char for char in spellings([name])[0][-1] if char.isascii() and char.isalnum()).lower() or "city"
