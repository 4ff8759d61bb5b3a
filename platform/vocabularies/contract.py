"""What a topic's name looks like, a topic as plain values, and the ways to be refused."""

import re
from dataclasses import dataclass

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
