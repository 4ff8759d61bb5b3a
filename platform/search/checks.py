"""What `/-/ready` and `manage.py doctor` look at here: does the engine answer, is there an index, is anything stuck on its way."""

from django.conf import settings

from observability.doctor import Finding
from outbox.models import Event
from search import client, mapping
from search.contract import TOPIC
from search.indexing import indices
from search.semantic import keeping, model

MAY_LAG = 0.05  # of the pages: more than a day changes


def engine_answers() -> None:
    """Ask the engine for the alias readers use; what goes wrong is raised.

    Raises:
        EngineDownError: it does not answer, or there is no index yet.

    """
    with client.guarded():
        client.reader().indices.get_alias(name=mapping.read_alias())


def check_index() -> Finding:
    """Look whether the engine answers and its index is the one this code would make."""
    try:
        engine_answers()
    except client.EngineDownError as error:
        return Finding.failed(
            str(error), "Start it (`make services` for the embedded one) or correct ELASTICSEARCH_URL; then `manage.py search rebuild`."
        )
    name = indices.aliased(mapping.read_alias())
    if name is None or indices.hash_of(name) != mapping.mapping_hash():
        return Finding.warning("the index is older than the code", "Run `manage.py search rebuild`; searching goes on meanwhile.")
    return Finding.ok("the index fits the code")


def check_semantic() -> Finding:
    """Look whether questions are answered by meaning where the settings say so."""
    if not settings.SEARCH_SEMANTIC:
        return Finding.ok("questions are answered by their words (SEARCH_SEMANTIC is off)")
    try:
        model.load(settings.SEARCH_SEMANTIC_FOLDER)
    except model.ModelMissingError as error:
        return Finding.warning("questions are answered by their words alone: no model", str(error))
    status = keeping.status()
    if not status.is_read:
        return Finding.warning("questions are answered by their words alone: no passages yet", "Run `manage.py search semantic build`.")
    if status.behind > status.published * MAY_LAG:
        return Finding.warning(f"passages of {status.behind} of {status.published} pages are old", "Run `manage.py search semantic build`.")
    return Finding.ok(f"questions are answered by meaning too; {status.behind} pages wait to be read")


def check_outbox() -> Finding:
    """Look whether events were given up."""
    parked = Event.objects.of_topic(TOPIC).parked().count()
    if parked:
        return Finding.failed(
            f"changes that could not be carried to the index: {parked}", "See `manage.py relay status`, mend, `manage.py relay retry`."
        )
    return Finding.ok("nothing is stuck")
