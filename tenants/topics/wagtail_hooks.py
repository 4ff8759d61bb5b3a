"""A list of all topic pages in the editor's menu."""

from wagtail import hooks
from wagtail.admin.viewsets.pages import PageListingViewSet

from tenants.topics.models import TopicPage


class TopicListing(PageListingViewSet):
    """All topic pages of the site in one list, and where a new one begins."""

    model = TopicPage
    name = "topic-pages"
    icon = "tag"
    menu_label = "专题"
    menu_order = 150
    add_to_admin_menu = True


@hooks.register("register_admin_viewset")
def listing() -> PageListingViewSet:
    """Return the list."""
    return TopicListing()
