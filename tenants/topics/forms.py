"""The editor's form of a topic page: the topic is chosen from the city's list."""

from typing import Any

from django.forms import ChoiceField

from tenants.pages.forms import SitePageForm, topics_of_site
from tenants.topics.models import TopicPage


class TopicPageForm(SitePageForm):
    """A page's form with the city's topics to choose from; one that is offered no more stays where the page has it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "topic" in self.fields:
            field, kept = self.fields["topic"], self.instance.topic
            choices = [(each.slug, each.title) for each in topics_of_site(with_retired=True) if each.is_offered or each.slug == kept]
            self.fields["topic"] = ChoiceField(label=field.label, help_text=field.help_text, choices=[("", "请选择"), *choices])


def connect() -> None:
    """Make it the form of topic pages; called once at start-up, for models stand below forms."""
    TopicPage.base_form_class = TopicPageForm
