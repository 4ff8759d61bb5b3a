"""How long what is recorded here is kept: what the rules table says on the day."""

import datetime as dt

from rules import selectors
from rules.contract import Key, Place


def text_days(*, on: dt.date) -> int:
    """Return how many days the texts of searches are kept.

    Raises:
        rules.contract.NoRuleError: no rule holds on that day.

    """
    return selectors.value(Key.SEARCH_TEXT_KEPT, on=on, place=Place())


def figures_days(*, on: dt.date) -> int:
    """Return how many days the daily figures, which hold no text, are kept.

    Raises:
        rules.contract.NoRuleError: no rule holds on that day.

    """
    return selectors.value(Key.SEARCH_FIGURES_KEPT, on=on, place=Place())
