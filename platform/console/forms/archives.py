"""Forms: archives to restore or to take in, a blueprint to apply, a domain to look at, a name typed to be sure."""

from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from typing_extensions import override

from blueprints import catalogue
from provisioning import blueprints
from provisioning.selectors import backup_rows
from registry.contract import TenantRef
from registry.models import City

INCOMING = "incoming"  # the folder in BACKUP_DIR where open archives are laid to be taken in
MOST = 200


class RestoreForm(forms.Form):
    """Which archive, and whether it becomes a further site."""

    file = forms.ChoiceField(
        label="备份", help_text="在本平台制作、没有加密、文件还在的备份。加密的请在命令行恢复：manage.py backup restore。"
    )
    new_slug = forms.CharField(
        label="恢复成新站点", required=False, max_length=40, help_text="新站点的标识；留空就恢复到原来的站点。", strip=True
    )

    def __init__(self, *args: Any, slug: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows = {row["path"]: row for row in usable_backups(slug)}
        self.fields["file"].choices = [(path, _told(row)) for path, row in self._rows.items()]  # type: ignore[attr-defined] # a choice field

    @property
    def has_choices(self) -> bool:
        """Whether there is anything to restore."""
        return bool(self._rows)

    def row(self) -> dict[str, Any]:
        """Return what is known of the archive that was chosen; call it when the form is valid."""
        return self._rows[self.cleaned_data["file"]]


class ImportForm(forms.Form):
    """Which open archive, and what the site is called."""

    file = forms.ChoiceField(label="开放格式归档")
    slug = forms.SlugField(label="新站点的标识", max_length=40, help_text="小写字母、数字和连字符，如 xiaodian")
    city = forms.ChoiceField(label="城市", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].choices = [(path.name, f"{path.name}（{path.stat().st_size // 1024:,} KB）") for path in incoming()]  # type: ignore[attr-defined] # a choice field
        self.fields["file"].help_text = f"请先把归档文件（.tar.gz）放到服务器的 {folder()}"
        cities = list(City.objects.order_by("slug").values_list("slug", "name"))
        self.fields["city"].choices = [("", "归档里写的城市"), *cities]  # type: ignore[attr-defined] # as above

    def path(self) -> Path:
        """Return where the archive lies; call it when the form is valid."""
        return folder() / str(self.cleaned_data["file"])


class ApplyForm(forms.Form):
    """Which blueprint."""

    blueprint = forms.ChoiceField(label="蓝本")

    def __init__(self, *args: Any, site: TenantRef, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = (blueprints.load(name) for name in catalogue.names())
        choices = [(each.name, f"{each.title or each.name}（{each}）") for each in known if each.kind == site.kind.value]
        self.fields["blueprint"].choices = choices  # type: ignore[attr-defined] # a choice field


class DomainForm(forms.Form):
    """A domain to look at."""

    domain = forms.CharField(label="域名", max_length=253, help_text="如 www.xiaodian.gov.cn，中文域名也可以。")


class SureForm(forms.Form):
    """The site's name, typed because there is no way back."""

    typed = forms.CharField(max_length=40)

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._slug = slug
        self.fields["typed"].label = f"这项操作不能撤销。请输入“{slug}”确认"

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse another name."""
        cleaned = super().clean() or {}
        if cleaned.get("typed", self._slug) != self._slug:
            self.add_error("typed", "输入的内容不一致。")
        return cleaned


def usable_backups(slug: str = "") -> list[dict[str, Any]]:
    """Return the archives that can be restored without a key, the newest first."""
    rows = (row for row in backup_rows(slug) if row["file_there"] and not row["is_encrypted"] and row["is_good"] is not False)
    return list(rows)[:MOST]


def folder() -> Path:
    """Return where open archives are laid to be taken in."""
    return Path(settings.BACKUP_DIR) / INCOMING


def incoming() -> list[Path]:
    """Return the open archives that lie there."""
    return sorted(folder().glob("*.tar.gz"))[:MOST]


def _told(row: dict[str, Any]) -> str:
    proved = "已校验" if row["is_good"] else "未校验"
    return f"{row['slug']} · {timezone.localtime(row['taken_at']):%Y-%m-%d %H:%M} · {row['size'] // 1024:,} KB · {proved}"
