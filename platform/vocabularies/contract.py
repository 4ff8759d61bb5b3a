"""What a topic's name looks like, topics and subjects as plain values, and the ways to be refused."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

TOPIC = re.compile(r"[a-z][a-z0-9-]{1,39}")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its short name, its title, the topic it belongs to, and the city that added it (empty: for all cities)."""

    slug: str
    title: str
    parent: str = ""
    description: str = ""
    basis: str = ""
    city: str = ""
    is_offered: bool = True


class TopicError(ValueError):
    """A topic that cannot be kept so; the message says what to do."""


class UnknownTopicError(TopicError):
    """No topic has this short name."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no topic {slug!r}. See `manage.py topic list`; add one with `manage.py topic set {slug} TITLE`.")


class TopicFormError(TopicError):
    """A short name that cannot stand in an address."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"{slug!r} is no short name. Write 2 to 40 small letters, digits and hyphens; begin with a letter.")


class TopicCircleError(TopicError):
    """A topic that would belong to itself."""

    def __init__(self, slug: str, parent: str) -> None:
        super().__init__(f"{slug!r} cannot belong to {parent!r}: {parent!r} belongs to it. Choose another parent.")


class TopicCityError(TopicError):
    """A topic of one city, asked for by another."""

    def __init__(self, slug: str, city: str) -> None:
        super().__init__(f"The short name {slug!r} is taken by a topic of {city or 'all cities'}. Choose another one.")


# --- subjects of documents (主题分类, 组配分类) -----------------------------------


class Scheme(StrEnum):
    """The ways in which documents are divided; each has its own editions and its own codes."""

    SUBJECT = "subject"
    COMBINED = "combined"


SCHEME_LABELS = {Scheme.SUBJECT: "主题分类", Scheme.COMBINED: "组配分类"}

SUBJECT = re.compile(r"[0-9]{2}([0-9]{2})?")  # a class by its place in the list, a second-level one behind its class
CLASS_LENGTH = 2


@dataclass(frozen=True, slots=True)
class Subject:
    """A class of subjects, or a second-level subject of one: its code tells which class it belongs to."""

    code: str
    title: str
    is_sample: bool = False

    @property
    def class_code(self) -> str:
        """The code of its class, its own if it is one."""
        return self.code[:CLASS_LENGTH]

    @property
    def is_class(self) -> bool:
        """Whether it is a class itself."""
        return len(self.code) == CLASS_LENGTH


@dataclass(frozen=True, slots=True)
class SubjectEdition:
    """Who announced a list of subjects, when, from when and in which city it counts (empty: in all), and by which scheme it divides."""

    title: str
    source: str
    published_on: dt.date | None = None
    valid_from: dt.date | None = None
    city: str = ""
    scheme: Scheme = Scheme.SUBJECT


class SubjectError(ValueError):
    """A word that names no subject a document may get; the message says what to do."""


class UnknownSubjectError(SubjectError):
    """No subject on offer has this code or name."""

    def __init__(self, word: str, *, scheme: Scheme, city: str, was: str = "") -> None:
        told = f"{word!r} ({was}) is no longer offered" if was else f"{word!r} is no code and no name"
        where = f" --city {city}" if city else ""
        super().__init__(f"{told} in {SCHEME_LABELS[scheme]}; choose one of `manage.py subject list --scheme {scheme}{where}`")


class AmbiguousSubjectError(SubjectError):
    """Several subjects are called so."""

    def __init__(self, word: str, found: Mapping[str, str]) -> None:
        named = ", ".join(f"{code} ({words})" for code, words in found.items())
        super().__init__(f"{word!r} is the name of several: {named}; write the code")


class SubjectFileError(ValueError):
    """A file that is no list of subjects; the message says what it needs."""


class TooManySubjectsError(ValueError):
    """More subjects than codes of two digits."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} has more than 99 subjects, counting those of former editions. Put some of them together.")
