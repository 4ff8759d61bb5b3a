"""What a blueprint may say of a site's pages, the site read as a blueprint, and a blueprint carried into it (settings.SITE_SHAPE)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape, unescape
from typing import Any, cast

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import F
from django.utils.html import strip_tags
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (
    CollectionViewRestriction,
    GroupApprovalTask,
    GroupPagePermission,
    Page,
    PageViewRestriction,
    ReferenceIndex,
    WorkflowPage,
    WorkflowTask,
)
from wagtail.models import Workflow as WagtailWorkflow

from blueprints.comparing import COLUMNS, ORDER, PAGES, ROLES, SETTINGS, WORKFLOW
from blueprints.contract import (
    Blueprint,
    Column,
    Difference,
    Live,
    SamplePage,
    Setting,
    Value,
    Verdict,
    Vocabulary,
    Workflow,
    WorkflowStep,
)
from memberships.contract import Role
from registry.contract import Kind, TenantRef
from tenants.pages.composing import path_of
from tenants.pages.contract import PAGE_RIGHTS, ColumnType
from tenants.pages.models import ArticlePage, ColumnPage, DocumentPage, HomePage, TextPage
from theming.catalogue import catalogue

_PAGE_KINDS: Mapping[str, type[TextPage]] = {"article": ArticlePage, "document": DocumentPage}
_SETTINGS = {"home_layout": "layout", "home_panels": "most_panels", "home_panel_rows": "panel_rows"}  # of the home page
_COLUMN_FACTS = {  # a blueprint's word → a column's field
    "title": "title",
    "type": "column_type",
    "description": "introduction",
    "keywords": "keywords",
    "on_home": "is_on_home",
    "in_menu": "show_in_menus",
}


def vocabulary() -> Vocabulary:
    """Return the words a blueprint may use."""
    return Vocabulary(
        kinds=[kind.value for kind in Kind],
        themes=sorted(catalogue().themes),
        column_types=ColumnType.values,
        page_kinds=list(_PAGE_KINDS),
        roles=[role.value for role in Role],
        rights=PAGE_RIGHTS,
        settings={name: _setting(field) for name, field in _SETTINGS.items()},
    )


def _setting(name: str) -> Setting:
    field: Any = HomePage._meta.get_field(name)
    limits = {validator.code: validator.limit_value for validator in field.validators if hasattr(validator, "limit_value")}
    if field.choices:
        return Setting("", str(field.verbose_name), choices=tuple(value for value, _ in field.choices if value))
    return Setting(field.default, str(field.verbose_name), lowest=limits["min_value"], highest=limits["max_value"])


# --- the site as a blueprint --------------------------------------------------


def read(tenant: TenantRef, *, pages: Iterable[str]) -> Blueprint:
    """Return the site as a blueprint, with those of the named pages that it has; runs inside its schema.

    A page with changes that are not published yet is read as its editors see it: what they are at work on counts as theirs.
    """
    home = HomePage.objects.get()
    columns = {path_of(column).strip("/"): column for column in ColumnPage.objects.order_by("path")}
    return Blueprint(
        name="",
        version=0,
        title="",
        kind=tenant.kind.value,
        theme=tenant.theme,
        settings={name: getattr(home, field) for name, field in _SETTINGS.items()},
        roles=_roles(home),
        workflow=_workflow(),
        columns=tuple(_column(path, _as_edited(page)) for path, page in columns.items()),
        pages=tuple(sample for path in pages if (sample := _sample(home, path, columns))),
    )


def _as_edited(page: Any) -> Any:
    return page.get_latest_revision_as_object() if page.has_unpublished_changes else page


def _column(path: str, page: ColumnPage) -> Column:
    return Column(
        path, page.title, page.column_type, page.introduction, page.keywords, is_on_home=page.is_on_home, is_in_menu=page.show_in_menus
    )


def _sample(home: HomePage, path: str, columns: Mapping[str, ColumnPage]) -> SamplePage | None:
    column, _, slug = path.rpartition("/")
    if column not in columns:
        return None
    page = Page.objects.child_of(columns[column]).filter(slug=slug, content_type__app_label=home._meta.app_label).first()
    kinds = {model: kind for kind, model in _PAGE_KINDS.items()}
    if page is None or page.specific_class not in kinds:
        return None
    state = Live.LIVE if page.live else Live.DRAFT
    text: TextPage = _as_edited(page.specific)
    return SamplePage(column, slug, text.title, kinds[page.specific_class], _text_of(text), summary=text.summary, state=state)


def _text_of(page: TextPage) -> str:
    """Return a body of plain paragraphs as text; of any other, its words, which then differ from every blueprint's."""
    parts = []
    for child in page.body:
        if child.block_type == "paragraph":
            html = str(child.value.source).replace("</p>", "\n")
            parts += [" ".join(line.split()) for line in unescape(strip_tags(html)).splitlines() if line.strip()]
        else:
            parts += [line.strip() for line in str(child.value).splitlines() if line.strip()]
    return "\n".join(parts)


def _roles(home: HomePage) -> dict[str, tuple[str, ...]]:
    held: dict[str, set[str]] = {role.group_name: set() for role in Role}
    rows = GroupPagePermission.objects.filter(page_id=home.pk).values_list("group__name", "permission__codename")
    for group, codename in rows:
        held.setdefault(group, set()).add(codename.removesuffix("_page"))
    return {role.value: tuple(right for right in PAGE_RIGHTS if right in held[role.group_name]) for role in Role}


def _workflow_link() -> Any:
    """Return what ties a workflow to all pages of the site, the home page's before the root's."""
    links = WorkflowPage.objects.filter(page__depth__lte=2, workflow__active=True).select_related("workflow")
    return links.order_by("-page__depth").first()


def _workflow() -> Workflow | None:
    link = _workflow_link()
    if link is None:
        return None
    names = {role.group_name: role.value for role in Role}
    steps = []
    for row in link.workflow.workflow_tasks.order_by("sort_order", "pk"):
        task = row.task.specific
        groups = set(task.groups.values_list("name", flat=True)) if isinstance(task, GroupApprovalTask) else set()
        steps.append(WorkflowStep(task.name, tuple(value for name, value in names.items() if name in groups)))
    return Workflow(link.workflow.name, tuple(steps))


# --- a blueprint in the site --------------------------------------------------


def change(tenant: TenantRef, blueprint: Blueprint, differences: Sequence[Difference]) -> None:
    """Carry the differences to add and to change into the site; runs inside its schema and the caller's transaction.

    `blueprint` is filled in for the site already; a theme is the registry's to change.
    """
    del tenant
    wanted = [entry for entry in differences if not entry.is_left_alone]
    home = HomePage.objects.get()
    _change_settings(home, {entry.fact: entry.wanted for entry in wanted if entry.item == SETTINGS})
    for entry in wanted:
        if entry.item.startswith(ROLES):
            _grant(home, Role(entry.item.removeprefix(ROLES)), _words(entry.wanted))
        elif entry.item == WORKFLOW and blueprint.workflow:
            _set_workflow(blueprint.workflow)
    _add_columns(home, blueprint, _paths(wanted, COLUMNS, Verdict.ADD))
    _rewrite_all(home, wanted, COLUMNS, lambda facts: {_COLUMN_FACTS[name]: value for name, value in facts.items()})
    for entry in wanted:
        if entry.item.startswith(ORDER):
            _arrange(_at(home, entry.item.removeprefix(ORDER)), _words(entry.wanted))
    samples = {page.path: page for page in blueprint.pages}
    for path in _paths(wanted, PAGES, Verdict.ADD):
        _add_sample(_at(home, samples[path].column), samples[path])
    _rewrite_all(home, wanted, PAGES, _sample_fields)


def remove(tenant: TenantRef, items: Sequence[str]) -> None:
    """Take pages and columns away again, the deepest first; a column below which something stands is kept."""
    del tenant
    home = HomePage.objects.get()
    for path in sorted((item.partition("/")[2] for item in items), key=lambda path: path.count("/"), reverse=True):
        page = Page.objects.filter(url_path=f"{home.url_path}{path}/", numchild=0).first()
        if page is not None:
            page.specific.delete()


# --- rows copied from another site --------------------------------------------


def settle(tenant: TenantRef, *, source: TenantRef) -> None:
    """Make pages copied from another site this site's own: its name, and nothing but what was published there.

    Drafts and unused pictures and files stay behind, history begins here, and what was locked by a password asks for a sign-in.
    """
    for restriction in (PageViewRestriction, CollectionViewRestriction):
        restriction.objects.filter(restriction_type="password").update(restriction_type="login", password="")
    kinds = [model for model in apps.get_models() if issubclass(model, TextPage)]
    texts = ContentType.objects.get_for_models(*kinds).values()
    Page.objects.filter(live=False, content_type__in=texts).delete()
    Page.objects.update(
        draft_title=F("title"),
        has_unpublished_changes=False,
        locked=False,
        locked_at=None,
        go_live_at=None,
        latest_revision_created_at=None,
    )
    HomePage.objects.filter(title=source.name).update(title=tenant.name, draft_title=tenant.name)
    pages = ContentType.objects.get_for_model(Page)
    for model in (get_image_model(), get_document_model()):
        here = ReferenceIndex.objects.filter(base_content_type=pages, to_content_type=ContentType.objects.get_for_model(model))
        used = {int(pk) for pk in here.values_list("to_object_id", flat=True)}
        unused = model.objects.exclude(pk__in=used)
        unused._raw_delete(unused.db)  # noqa: SLF001 - its signals would remove files, which are not there yet


def _words(value: Value | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _paths(differences: Iterable[Difference], room: str, verdict: Verdict) -> list[str]:
    return [entry.item.removeprefix(room) for entry in differences if entry.item.startswith(room) and entry.verdict is verdict]


def _at(home: HomePage, path: str) -> Any:
    """Return the page at a path below the home page."""
    page = Page.objects.get(url_path=f"{home.url_path}{path}/") if path else home
    return page.specific


def _change_settings(home: HomePage, values: Mapping[str, Value | None]) -> None:
    if values:
        _rewrite(home, {_SETTINGS[name]: value for name, value in values.items()})


def _grant(home: HomePage, role: Role, rights: Iterable[str]) -> None:
    group = Group.objects.get(name=role.group_name)
    wanted = Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=[f"{right}_page" for right in rights])
    held = GroupPagePermission.objects.filter(group=group, page_id=home.pk)
    held.exclude(permission__in=wanted).delete()
    have = set(held.values_list("permission_id", flat=True))
    GroupPagePermission.objects.bulk_create(
        GroupPagePermission(group=group, page_id=home.pk, permission=permission) for permission in wanted if permission.pk not in have
    )


def _set_workflow(wanted: Workflow) -> None:
    """Give the site's workflow these steps; texts that are on their way keep the steps they began with."""
    link = _workflow_link()
    workflow = link.workflow if link else WagtailWorkflow.objects.create(name=wanted.name)
    if link is None:
        WorkflowPage.objects.create(workflow=workflow, page=Page.get_first_root_node())
    workflow.name = wanted.name
    workflow.save()
    WorkflowTask.objects.filter(workflow=workflow).delete()
    for place, step in enumerate(wanted.steps):
        WorkflowTask.objects.create(workflow=workflow, task=_task(step), sort_order=place)


def _task(step: WorkflowStep) -> GroupApprovalTask:
    groups = Group.objects.filter(name__in=[Role(role).group_name for role in step.roles])
    wanted = set(groups.values_list("pk", flat=True))
    for task in GroupApprovalTask.objects.filter(name=step.name, active=True):
        if set(task.groups.values_list("pk", flat=True)) == wanted:
            return task
    task = GroupApprovalTask.objects.create(name=step.name)
    task.groups.set(groups)
    return task


def _add_columns(home: HomePage, blueprint: Blueprint, paths: Sequence[str]) -> None:
    wanted = {column.path: column for column in blueprint.columns}
    pages: dict[str, Any] = {"": home}
    for path in paths:
        parent, _, slug = path.rpartition("/")
        if parent not in pages:
            pages[parent] = _at(home, parent)
        column = wanted[path]
        page = ColumnPage(
            title=column.title,
            slug=slug,
            column_type=column.type,
            introduction=column.description,
            keywords=column.keywords,
            is_on_home=column.is_on_home,
            show_in_menus=column.is_in_menu,
        )
        pages[path] = _place(pages[parent], page, [other.rpartition("/")[2] for other in _before(path, wanted)])


def _before(path: str, wanted: Iterable[str]) -> list[str]:
    """Return the columns that stand before this one below the same parent, the nearest first."""
    parent = path.rpartition("/")[0]
    beside = [other for other in wanted if other.rpartition("/")[0] == parent]
    return beside[: beside.index(path)][::-1]


def _place(parent: Any, page: ColumnPage, before: Sequence[str]) -> Any:
    """Put a new page behind the nearest of those that stand before it, or else first."""
    siblings = {sibling.slug: sibling for sibling in parent.get_children()}
    left = next((siblings[slug] for slug in before if slug in siblings), None)
    last = max(siblings.values(), key=lambda sibling: sibling.path, default=None)
    if last is None or left == last:
        return parent.add_child(instance=page)
    if left is not None:
        return left.add_sibling(pos="right", instance=page)
    return min(siblings.values(), key=lambda sibling: sibling.path).add_sibling(pos="left", instance=page)


def _arrange(parent: Any, names: Sequence[str]) -> None:
    """Bring the named children into this order; others keep their places between them."""
    before: Any = None
    for name in names:
        page = Page.objects.child_of(parent).get(slug=name)
        if before is not None and page.path < before.path:
            page.move(before, pos="right")
            page = Page.objects.child_of(parent).get(slug=name)
        before = page


def _add_sample(column: Any, sample: SamplePage) -> None:
    model = _PAGE_KINDS[sample.kind]
    facts = _sample_fields({"title": sample.title, "summary": sample.summary, "text": sample.text, "kind": sample.kind})
    page = column.add_child(instance=model(slug=sample.slug, live=False, **facts))
    revision = page.save_revision()
    if sample.state is Live.LIVE:
        revision.publish()


def _sample_fields(facts: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: facts[name] for name in ("title", "summary") if name in facts}
    if "text" in facts:
        lines = [line for line in str(facts["text"]).splitlines() if line.strip()]
        html = "".join(f"<p>{escape(line.strip())}</p>" for line in lines)
        fields["body"] = [("official_text", "\n".join(lines))] if facts.get("kind") == "document" else [("paragraph", html)]
    return fields


def _rewrite_all(
    home: HomePage, differences: Iterable[Difference], room: str, to_fields: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> None:
    facts: dict[str, dict[str, Any]] = {}
    for entry in differences:
        if entry.item.startswith(room) and entry.verdict is Verdict.CHANGE:
            facts.setdefault(entry.item.removeprefix(room), {})[entry.fact] = entry.wanted
    for path, changed in facts.items():
        page = _at(home, path)
        kind = {"kind": "document"} if isinstance(page, DocumentPage) else {}
        _rewrite(page, to_fields(changed | kind) if room == PAGES else to_fields(changed))


def _rewrite(page: Any, fields: Mapping[str, Any]) -> None:
    """Change a page as an editor would, with a revision; what was published is published again, drafts stay drafts."""
    is_published = page.live and not page.has_unpublished_changes
    edited = _as_edited(page)
    for name, value in fields.items():
        setattr(edited, name, value)
    revision = cast("Any", edited.save_revision())
    if is_published:
        revision.publish()
