"""What all screens of search share: whose search they are about, and the header."""

from functools import cached_property
from typing import Any

from typing_extensions import override

from search.contract import Owner
from search.curation.services import owner_of
from tenants.pages.contract import Right, may
from tenants.pages.views import screens


class Screen(screens.Screen):
    """A page of the editor about one owner's search."""

    header_icon = "search"
    page_title = "搜索管理"
    overview = ("curation", "搜索管理")

    @cached_property
    def owner(self) -> Owner:
        """Whose search it is: the host's and nobody else's."""
        return owner_of(self.tenant)

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what every screen shows: for whom, and what the person may do."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        whose = f"{self.tenant.city_name}全市" if self.owner.site is None else self.tenant.name
        return context | {
            "whose": whose,
            "is_city": self.owner.site is None,
            "may_change": may(self.request, Right.CHANGE),
            "may_decide": may(self.request, Right.DECIDE),
        }
