"""Verbs: relate texts, and clean a site's or a city's documents; each in one transaction with all it changes elsewhere."""

from library.services.cleaning import conclude, decide, open_campaign
from library.services.relating import check_relations, relate, replace_relations, unrelate

__all__ = ["check_relations", "conclude", "decide", "open_campaign", "relate", "replace_relations", "unrelate"]
