"""Queries nobody means well: operators of the engine, marks of markup, half characters, controls, letters that run backwards, length."""

import random

PIECES = [
    '"',
    "'",
    "\\",
    "*",
    "?",
    "AND",
    "OR NOT",
    "title:",
    "[* TO *]",
    "/.*/",
    "~9",
    "^9",
    "()",
    "{}",
    "<b>",
    "🙂👨‍👩‍👧",
    "\u202e",
    "\x00",
    "\x1f",
]
PIECES += [
    "\ud800",
    "\ufdfa",
    "税",
    "停车",
    "第188号",
    "国令",
    "怎么办？",
    "laodongfa",
    "𠀀",
    "ﷺ" * 50,
    "a" * 300,
    "－１",
    "%00",
    "${jndi:x}",
    "_",
]
LONG = 100_000  # characters; once in a hundred


def hostile(dice: random.Random) -> str:
    """Return a query of some pieces, now and then very long."""
    text = "".join(dice.choice(PIECES) if dice.random() < 0.7 else chr(dice.randrange(0x20, 0x30000)) for _ in range(dice.randrange(1, 10)))
    return text * (LONG // len(text)) if dice.random() < 0.01 else text
