"""Verbs: put a published page into the projection, or take it out, and keep the words of its files; all in the caller's transaction."""

from search.services.counting import count_request
from search.services.feedback import keep_feedback
from search.services.files import keep_file_text, spread_file_text
from search.services.publishing import (
    forget_site,
    pages_with_file,
    path_of,
    publish,
    publish_many,
    settle_versions,
    tab_of,
    withdraw,
    withdraw_others,
    withdraw_site,
)

__all__ = [
    "count_request",
    "forget_site",
    "keep_feedback",
    "keep_file_text",
    "pages_with_file",
    "path_of",
    "publish",
    "publish_many",
    "settle_versions",
    "spread_file_text",
    "tab_of",
    "withdraw",
    "withdraw_others",
    "withdraw_site",
]
