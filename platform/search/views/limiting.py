"""How many requests one address may make; counted in the database, so that all processes and machines count together."""

import logging
import time

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from observability.addresses import client_address, network_of
from search.services import count_request

logger = logging.getLogger(__name__)

_MINUTE = 60


def seconds_to_wait(request: HttpRequest, *, most: int | None = None, purpose: str = "") -> int:
    """Count a request and return how long its sender has to wait; 0 where it may go on. Requests of each `purpose` count by themselves.

    Who cannot be told apart is not limited, and nobody is while the count cannot be kept.
    """
    allowed = settings.SEARCH_REQUESTS_PER_MINUTE if most is None else most
    network = network_of(client_address(request))
    if not allowed or not network:
        return 0
    now = int(time.time())
    key = salted_hmac("search.requests", f"{network}|{purpose or most}", algorithm="sha256").hexdigest()[:32]
    try:
        count = count_request(key, minute=now // _MINUTE)
    except DatabaseError:
        logger.warning("requests are not counted", exc_info=True)
        return 0
    return _MINUTE - now % _MINUTE if count > allowed else 0
