"""What the views of public forms ask of a request: whether its address has to wait, and where it comes from as a digest."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from observability.addresses import client_address, network_of
from search.views.limiting import seconds_to_wait as count_and_wait


def seconds_to_wait(request: HttpRequest, purpose: str) -> int:
    """Count what an address sends to the forms of one purpose within a minute and return how long it has to wait; 0 where it may go on."""
    return count_and_wait(request, most=settings.FORMS_PER_MINUTE, purpose=purpose)


def sender_of(request: HttpRequest) -> str:
    """Return a keyed digest of where a request comes from; "" where that is not known."""
    network = network_of(client_address(request))
    return salted_hmac("intake.sender", network, algorithm="sha256").hexdigest()[:32] if network else ""
