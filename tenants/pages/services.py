"""Verbs: keep a page's searchable facts in step, turn a home page's layout into blocks, build a new site's pages, publish what is due."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils.html import escape
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    ReferenceIndex,
    Revision,
    Site,
    Task,
    Workflow,
)

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import current_tenant
from search import services as search
from search.contract import AttachedFile, SearchDocument, Tab
from tenants.pages.composing import path_of
from tenants.pages.composing.front import blocks_of
from tenants.pages.contract import ADMINISTRATORS, AUDITORS, EDITORS, REVIEWERS, TABS, ColumnType, HomeLayout
from tenants.pages.models import ArticlePage, ColumnPage, DocumentPage, HomePage, TextPage


class NoNoticeColumnError(LookupError):
    """A site has nowhere to put a notice."""


_PAGE_RIGHTS = {
    EDITORS: ("add", "change"),
    REVIEWERS: ("add", "change", "publish", "lock", "unlock"),
    ADMINISTRATORS: ("add", "change", "publish", "lock", "unlock", "bulk_delete"),
}
_WAGTAILS_WORKFLOW, _WORKFLOW, _TASK = "Moderators approval", "审核", "审核"
_WAGTAILS_COLLECTION, _COLLECTION = "Root", "全部文件"
# Wagtail asks for the rights of its own two models, whichever models the site uses in their place.
_FILE_RIGHTS = ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document")
_FILE_APPS = ("wagtailimages", "wagtaildocs")


# --- the home page ----------------------------------------------------------


@transaction.atomic
def take_layout(home: HomePage, layout: HomeLayout, *, by: Any) -> Revision | None:
    """Put a ready layout into the home page's draft as blocks and return the draft; none where it has them already. Nothing is published.

    Blocks that the draft had are in its former revision.
    """
    draft: HomePage = home.get_latest_revision_as_object()
    wanted = blocks_of(layout, list(ColumnPage.objects.live().order_by("path")))
    if _plain(draft.blocks.raw_data) == _plain(wanted):
        return None
    draft.blocks = json.dumps(wanted)
    revision: Revision = draft.save_revision(user=by, changed=True, log_action=True)
    return revision


def _plain(blocks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return blocks without the numbers that tell two of a kind apart."""
    return [
        {
            "type": each["type"],
            "value": {name: [one["value"] for one in value] if name == "columns" else value for name, value in each["value"].items()},
        }
        for each in blocks
    ]


# --- search -----------------------------------------------------------------


def project(page: Page) -> None:
    """Bring the searchable facts of one page in step with it, in the caller's transaction.

    Raises:
        outbox.services.OutsideTransactionError: there is no transaction to be part of.

    """
    tenant = current_tenant()
    specific = page.specific
    if tenant is None or not isinstance(specific, TextPage):
        return
    if specific.live and not specific.get_view_restrictions().exists():
        search.publish(document_of(specific, tenant))
    else:
        search.withdraw(tenant, page_id=specific.pk)


def project_tree(page: Page) -> None:
    """Bring a page and all below it in step; for moves, new addresses and changed restrictions."""
    for one in page.get_descendants(inclusive=True).specific().iterator(chunk_size=100):
        project(one)


def is_readdressed(page: Page) -> bool:
    """Whether texts below a page are still known by an address they no longer have."""
    tenant = current_tenant()
    below = page.get_descendants().live().exclude(content_type__model="columnpage").order_by("path").first()
    return bool(tenant and below and search.path_of(tenant, page_id=below.pk) not in (None, path_of(below)))


def withdraw(page_id: int) -> None:
    """Take a deleted page out of search."""
    if tenant := current_tenant():
        search.withdraw(tenant, page_id=page_id)


def is_reclassified(page: Page) -> bool:
    """Whether texts below a column are still found in another class than the column now says."""
    tenant = current_tenant()
    if tenant is None or not isinstance(page.specific, ColumnPage):
        return False
    below = page.get_descendants().live().exclude(content_type__model="columnpage").order_by("-path")
    one_a_column = {path[: -page.steplen]: pk for pk, path in below.values_list("pk", "path")}
    texts = Page.objects.filter(pk__in=one_a_column.values()).specific()
    return any(search.tab_of(tenant, page_id=text.pk) not in (None, tab_of(text)) for text in texts)


def tab_of(page: TextPage) -> Tab:
    """Return the class a text is found in: its type or its column says it; an official document in a column for anything is a policy."""
    if page.own_tab:
        return page.own_tab
    above = ColumnPage.objects.ancestor_of(page).order_by("-depth").values_list("column_type", flat=True)
    tab = next((TABS[column_type] for column_type in above if column_type in TABS), Tab.OTHER)
    return Tab.POLICY if tab is Tab.OTHER and isinstance(page, DocumentPage) else tab


def files_of(page: TextPage) -> tuple[AttachedFile, ...]:
    """Return the files a text offers, below it or by links in it, that anybody may read."""
    ids = page.file_ids()
    if not ids:
        return ()
    hidden = tuple(CollectionViewRestriction.objects.values_list("collection__path", flat=True))
    files = get_document_model().objects.filter(pk__in=ids).select_related("collection")
    found = {file.pk: file for file in files if not file.collection.path.startswith(hidden)}
    return tuple(_attached(found[pk]) for pk in ids if pk in found)


def project_pages_with(file: AbstractDocument) -> None:
    """Bring the pages that offer a file in step with it, in the caller's transaction; for files renamed, replaced, moved or deleted."""
    tenant = current_tenant()
    if tenant is None:
        return
    offering = ReferenceIndex.get_references_to(file).filter(base_content_type=ContentType.objects.get_for_model(Page))
    known = set(search.pages_with_file(tenant, file_id=file.pk))  # Wagtail's index of references follows some time later
    for page in Page.objects.filter(pk__in=known | {int(row.object_id) for row in offering}).specific():
        project(page)


def project_pages_of(collection: Collection) -> None:
    """Bring the pages in step that offer files of a collection, and of those below it; for changed restrictions."""
    inside = collection.get_descendants(inclusive=True)
    for file in get_document_model().objects.filter(collection__in=inside):
        project_pages_with(file)


def _attached(file: AbstractDocument) -> AttachedFile:
    return AttachedFile(
        file_id=file.pk,
        title=file.title,
        extension=file.file_extension.lower(),
        size=file.get_file_size() or 0,
        path=f"/documents/{file.pk}/{quote(file.filename)}",
        digest=_digest(file),
    )


def _digest(file: AbstractDocument) -> str:
    """Return the mark of a file's content; none where the file is lost, which must not keep its page from being published."""
    try:
        return str(file.get_file_hash())
    except OSError:
        return ""


def document_of(page: TextPage, tenant: TenantRef, *, tab: Tab | None = None) -> SearchDocument:
    """Return what search may know of a page; `tab` spares looking it up where all pages stand in one column."""
    return SearchDocument(
        tenant=tenant,
        page_id=page.pk,
        title=page.title,
        kind=page.page_kind,
        tab=tab or tab_of(page),
        path=path_of(page),
        body=page.search_text(),
        summary=page.summary,
        files=files_of(page),
        topics=tuple(page.topics),
        published_at=page.first_published_at,
        source_id=page.source_id or "",
        **page.search_facts(),
    )


# --- a new site -------------------------------------------------------------


def ensure_roles() -> None:
    """Give a schema the four roles and what each may do; Wagtail's own two groups become 编辑 and 审核, so its workflow stays wired."""
    for old, new in (("Editors", EDITORS), ("Moderators", REVIEWERS)):
        if not Group.objects.filter(name=new).exists():
            Group.objects.filter(name=old).update(name=new)
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in (EDITORS, REVIEWERS, ADMINISTRATORS, AUDITORS)}
    enter = Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin")
    for group in groups.values():
        group.permissions.add(enter)
    groups[ADMINISTRATORS].permissions.add(*Permission.objects.filter(content_type__app_label="wagtailredirects"))
    _grant_records(groups)
    _grant_pages(groups)
    _grant_files(groups)
    _name_in_chinese()


def _grant_pages(groups: Mapping[str, Group]) -> None:
    """Let each role work from the home page down: above it there is nothing for an editor to see.

    A template schema has no home page yet; there nobody has rights, and `build_site` grants them. Where rights are held at the home
    page already, the site's blueprint and its administrators decide.
    """
    GroupPagePermission.objects.filter(page__depth=1).delete()
    home = HomePage.objects.first()
    if home is None or GroupPagePermission.objects.filter(page_id=home.pk).exists():
        return
    for name, rights in _PAGE_RIGHTS.items():
        wanted = Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=[f"{right}_page" for right in rights])
        GroupPagePermission.objects.bulk_create(
            GroupPagePermission(group=groups[name], page_id=home.pk, permission=permission) for permission in wanted
        )


def _grant_records(groups: Mapping[str, Group]) -> None:
    """Let each role do with the rows of a model what the model says."""
    for model in apps.get_models():
        for name, rights in getattr(model, "role_rights", {}).items():
            codenames = [f"{right}_{model._meta.model_name}" for right in rights]
            of_model = Permission.objects.filter(content_type__app_label=model._meta.app_label, codename__in=codenames)
            groups[name].permissions.add(*of_model)


def _grant_files(groups: dict[str, Group]) -> None:
    root = Collection.get_first_root_node()
    for permission in Permission.objects.filter(content_type__app_label__in=_FILE_APPS, codename__in=_FILE_RIGHTS):
        for name in (EDITORS, REVIEWERS, ADMINISTRATORS):
            GroupCollectionPermission.objects.get_or_create(group=groups[name], collection=root, permission=permission)


def _name_in_chinese() -> None:
    """Rename what Wagtail's first migrations named in English and editors read every day."""
    Workflow.objects.filter(name=_WAGTAILS_WORKFLOW).update(name=_WORKFLOW)
    Task.objects.filter(name=_WAGTAILS_WORKFLOW).update(name=_TASK)
    Collection.objects.filter(depth=1, name=_WAGTAILS_COLLECTION).update(name=_COLLECTION)


def build_site(tenant: TenantRef) -> None:
    """Give a new schema its site record, home page and roles; a second run changes nothing, or follows a new name or address.

    Columns and sample pages are the blueprint's, see `shaping`. Runs inside the tenant's schema and the caller's transaction.
    """
    home = HomePage.objects.first() or _first_home(tenant)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    wanted = {"hostname": tenant.primary_domain, "port": settings.PUBLIC_PORT, "site_name": tenant.name, "root_page_id": home.pk}
    if site.pk is None or any(getattr(site, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(site, name, value)
        site.save()
    _grant_pages({group.name: group for group in Group.objects.filter(name__in=_PAGE_RIGHTS)})


def _first_home(tenant: TenantRef) -> HomePage:
    root = Page.get_first_root_node()
    for welcome in root.get_children():
        welcome.delete()
    root.refresh_from_db()
    home: HomePage = root.add_child(instance=HomePage(title=tenant.name, slug="home", show_in_menus=False))
    return home


# --- notices of the platform ------------------------------------------------


def publish_notice(tenant: TenantRef, *, slug: str, title: str, text: str, at: datetime | None = None) -> tuple[int, str]:
    """Publish a notice on a site, in the caller's transaction; return the page's id and path. One that is there is not published twice.

    `at` is the time it says it was published, the same for all sites of an announcement; a paragraph of the text ends with its line.

    Raises:
        NoNoticeColumnError: the site has no column for notices.

    """
    with in_schema_of(tenant):
        column = _notice_column()
        if column is None:
            raise NoNoticeColumnError(f"{tenant.name} has no column for notices. Make one, or publish the notice elsewhere.")
        page = ArticlePage.objects.child_of(column).filter(slug=slug).first()
        if page is None:
            html = "".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())
            notice = ArticlePage(title=title, slug=slug, body=[("paragraph", html)], live=False, first_published_at=at)
            page = column.add_child(instance=notice)
            page.save_revision().publish()
        return page.pk, path_of(page)


def has_notice_column(tenant: TenantRef) -> bool:
    """Whether a site has a place for a notice."""
    with in_schema_of(tenant):
        return _notice_column() is not None


def _notice_column() -> ColumnPage | None:
    found: ColumnPage | None = ColumnPage.objects.filter(column_type=ColumnType.NOTICES).live().order_by("path").first()
    return found


def withdraw_notice(tenant: TenantRef, *, page: int) -> None:
    """Remove a notice, in the caller's transaction; nothing happens where it is gone."""
    with in_schema_of(tenant):
        for notice in ArticlePage.objects.filter(pk=page):
            notice.delete()


# --- scheduled publishing ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """What one look at a site did: texts published, texts expired, and what failed with its reason."""

    published: int = 0
    expired: int = 0
    failed: tuple[str, ...] = ()


def publish_due(now: datetime) -> Due:
    """Publish the revisions whose time has come and take down what expired, one transaction each; one failure stops no other."""
    published, failed = 0, []
    for pk in list(Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at").values_list("pk", flat=True)):
        try:
            published += _publish_revision(pk, now)
        except Exception as error:  # noqa: BLE001 - whatever one page's failure is, the others are published and this one is reported
            failed.append(f"revision {pk}: {error}")
    expired = 0
    for pk in list(Page.objects.filter(live=True, expire_at__lt=now).order_by("expire_at").values_list("pk", flat=True)):
        try:
            expired += _expire_page(pk, now)
        except Exception as error:  # noqa: BLE001 - as above
            failed.append(f"page {pk}: {error}")
    return Due(published, expired, tuple(failed))


@transaction.atomic
def _publish_revision(pk: int, now: datetime) -> int:
    revision = Revision.objects.select_for_update(skip_locked=True).filter(pk=pk, approved_go_live_at__lt=now).first()
    if revision is None:  # another process has it, or had it
        return 0
    revision.publish(log_action="wagtail.publish.scheduled")
    return 1


@transaction.atomic
def _expire_page(pk: int, now: datetime) -> int:
    page = Page.objects.select_for_update(skip_locked=True, of=("self",)).filter(Q(live=True), pk=pk, expire_at__lt=now).first()
    if page is None:
        return 0
    page.specific.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return 1
