"""Screens of the editor that differ from Wagtail's."""

from typing import Any

from typing_extensions import override
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.account import AccountView as WagtailAccountView
from wagtail.admin.views.account import NameEmailSettingsPanel


class AccountView(WagtailAccountView):
    """A person's settings at one site, without the name: that is kept once for all sites, by the platform."""

    @override
    def get_panels(self) -> list[Any]:
        """Leave out Wagtail's first and last name, which our people do not have and could not leave empty."""
        return [panel for panel in super().get_panels() if not isinstance(panel, NameEmailSettingsPanel)]


account = require_admin_access(AccountView.as_view())
