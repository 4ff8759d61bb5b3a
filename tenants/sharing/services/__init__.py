"""Verbs: give a text to other sites, take one, follow what becomes of it."""

from tenants.sharing.services.carrying import NoColumnError, carry, carry_out, columns_for, facts_of
from tenants.sharing.services.following import follow, follow_gone
from tenants.sharing.services.sending import NotSentError, send

__all__ = ["NoColumnError", "NotSentError", "carry", "carry_out", "columns_for", "facts_of", "follow", "follow_gone", "send"]
