"""Forms: to whom a text goes, and where a received one stands."""

from collections.abc import Sequence
from typing import Any

from django import forms

from exchange.contract import Mode
from registry.contract import TenantRef
from tenants.pages.models import ColumnPage


class SendForm(forms.Form):
    """Which sites get a text, and whether they are asked."""

    receivers = forms.MultipleChoiceField(label="接收网站", widget=forms.CheckboxSelectMultiple)
    mode = forms.ChoiceField(label="方式", choices=Mode.choices, initial=Mode.AFTER_ACCEPTANCE, widget=forms.RadioSelect)

    def __init__(self, data: Any, *, sites: Sequence[TenantRef]) -> None:
        super().__init__(data)
        self._sites = {str(site.uuid): site for site in sites}
        receivers: forms.MultipleChoiceField = self.fields["receivers"]  # type: ignore[assignment] # declared above
        receivers.choices = [(uuid, site.short_name) for uuid, site in self._sites.items()]

    def sites(self) -> list[TenantRef]:
        """Return the chosen sites of a valid form."""
        return [self._sites[uuid] for uuid in self.cleaned_data["receivers"]]


class DecideForm(forms.Form):
    """Where a received text is published, or why it is not taken."""

    column = forms.ChoiceField(label="发布到栏目")
    reason = forms.CharField(label="不予采用的理由", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any, *, columns: Sequence[ColumnPage]) -> None:
        super().__init__(data)
        column: forms.ChoiceField = self.fields["column"]  # type: ignore[assignment] # declared above
        column.choices = [(each.pk, each.title) for each in columns]
