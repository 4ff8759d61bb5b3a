"""What Wagtail's editor shows of documents: the log's words."""

from wagtail import hooks
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import PageLogEntry

from search.contract import VALIDITY_LABELS, Validity
from tenants.documents.services import CHANGED


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    """Name the changes that nobody typed."""

    @actions.register_action(CHANGED)
    class ValidityFormatter(LogFormatter):
        """Says what a document was before and is now."""

        label = "有效性自动变更"

        def format_message(self, entry: PageLogEntry) -> str:
            """Return both in words."""
            before, after = (VALIDITY_LABELS.get(Validity(entry.data[name]), "未标注") for name in ("before", "after"))
            return f"有效性由“{before}”变为“{after}”"
