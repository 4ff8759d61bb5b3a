"""`manage.py topic list|set|retire|offer`."""

import dataclasses
from collections.abc import Sequence

from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from vocabularies import selectors, services
from vocabularies.contract import Topic, TopicError

COLUMNS = ["slug", "title", "parent", "city", "offered", "basis"]


class Command(VerbCommand):
    help = "Topics: the words by which texts of all sites are gathered on topic pages."

    @override
    def verbs(self) -> Sequence[Verb]:
        slug = argument("slug", help="Short name: wenjiuye.")
        setting = [
            slug,
            argument("title", help="What readers see: 稳就业."),
            argument("--parent", default="", metavar="SLUG", help="The topic it belongs to."),
            argument("--description", default="", help="One sentence for readers."),
            argument("--basis", default="", help="The document that asks for it."),
            argument("--city", default="", metavar="SLUG", help="Only for this city; none: for all."),
        ]
        return [
            Verb("list", "List all topics.", self.list_topics),
            Verb("set", "Add a topic, or change what it says.", self.set_topic, setting, changes=True),
            Verb("retire", "Offer a topic to editors no more; texts keep it.", self.retire, [slug], changes=True),
            Verb("offer", "Offer a retired topic again.", self.offer, [slug], changes=True),
        ]

    def list_topics(self, terminal: Terminal) -> None:
        found = selectors.all_topics()
        rows = [[row.slug, row.title, row.parent, row.city, "yes" if row.is_offered else "no", row.basis] for row in found]
        terminal.table("Topics", COLUMNS, rows)
        terminal.result([dataclasses.asdict(row) for row in found], text=f"{len(found)} topics.")

    def set_topic(self, terminal: Terminal) -> None:
        names = ("slug", "title", "parent", "description", "basis", "city")
        wanted = Topic(**{name: terminal.options[name] for name in names})
        if terminal.is_dry_run:
            terminal.result({"would_set": wanted.slug}, text=f"would set {wanted.slug}: {wanted.title}.")
            return
        try:
            changed = services.set_topic(wanted, by="system")
        except TopicError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        text = f"{wanted.slug} is {wanted.title}." if changed else f"{wanted.slug} was so before: nothing to do."
        terminal.result({"slug": wanted.slug, "changed": changed}, text=text)

    def retire(self, terminal: Terminal) -> None:
        self._offer(terminal, is_offered=False)

    def offer(self, terminal: Terminal) -> None:
        self._offer(terminal, is_offered=True)

    def _offer(self, terminal: Terminal, *, is_offered: bool) -> None:
        slug, word = terminal.options["slug"], "offered" if is_offered else "retired"
        if terminal.is_dry_run:
            terminal.result({"would_change": slug}, text=f"{slug} would be {word}.")
            return
        try:
            changed = services.offer_topic(slug, is_offered=is_offered, by="system")
        except TopicError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        terminal.result({"slug": slug, "changed": changed}, text=f"{slug} is {word}." + ("" if changed else " It was before."))
