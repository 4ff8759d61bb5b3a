"""What a draft that is saved late, or beside somebody who publishes, must not do."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from wagtail import hooks
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, rich_text, streamfield

from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.pages.contract import PublishedMeanwhileError
from tenants.pages.models import ArticlePage
from tests.factories.pages import column
from tests.factories.people import person, signed_in
from tests.factories.sites import open_sites


@pytest.fixture
def site(database: None) -> TenantRef:
    (made,) = open_sites("xiaodian")
    return made


def draft() -> ArticlePage:
    """Make a draft in the current site."""
    with transaction.atomic():
        page: ArticlePage = column("yaowen").add_child(
            instance=ArticlePage(title="供热开始", slug="heating", live=False, body=[("paragraph", "<p>正文。</p>")])
        )
        page.save_revision()
    return page


def publish(page: ArticlePage) -> None:
    with transaction.atomic():
        ArticlePage.objects.get(pk=page.pk).get_latest_revision().publish()


def test_a_draft_read_before_the_page_went_live_is_refused_and_changes_nothing(site: TenantRef) -> None:
    with in_schema_of(site):
        page = draft()
        late = ArticlePage.objects.get(pk=page.pk)
        publish(page)
        late.title = "改过的标题"

        with pytest.raises(PublishedMeanwhileError, match="改过的标题”刚刚已经发布"):
            late.save()

        kept = ArticlePage.objects.get(pk=page.pk)
        address = kept.url
    assert (kept.live, kept.title) == (True, "供热开始")
    assert Client(headers={"host": site.primary_domain}).get(address).status_code == 200


def test_drafts_are_saved_and_live_pages_taken_down_as_ever(site: TenantRef) -> None:
    with in_schema_of(site):
        page = ArticlePage.objects.get(pk=draft().pk)
        page.title = "供热推迟"
        page.save()
        drafted = ArticlePage.objects.get(pk=page.pk)
        publish(page)
        shown = ArticlePage.objects.get(pk=page.pk)
        with transaction.atomic():
            shown.unpublish()
        shown.title = "供热推迟了"
        shown.save()
        down = ArticlePage.objects.get(pk=page.pk)

    assert (drafted.live, drafted.title) == (False, "供热推迟")
    assert (down.live, down.title) == (False, "供热推迟了")


def test_the_editor_saving_by_itself_takes_no_page_down(site: TenantRef) -> None:
    with in_schema_of(site):
        page = draft()
    person("reviewer", roles={Role.REVIEWER: [site]})
    client = signed_in(site, "reviewer")
    address = f"/admin/pages/{page.pk}/edit/"
    typed = nested_form_data(
        {"title": "打到一半", "body": streamfield([("paragraph", rich_text("<p>正文。</p>"))]), "attachments": streamfield([])}
    )
    form = querydict_from_html(client.get(address).content.decode(), form_id="page-edit-form").dict() | typed

    def publish_elsewhere() -> None:
        with in_schema_of(site):
            publish(page)
        connection.close()

    def publish_now(*_: Any) -> None:
        other = threading.Thread(target=publish_elsewhere)
        other.start()
        other.join()

    with hooks.register_temporarily("before_edit_page", publish_now):
        answer = client.post(address, form, headers={"accept": "application/json"})

    with in_schema_of(site):
        kept = ArticlePage.objects.get(pk=page.pk)
        revisions = kept.revisions.count()
    assert answer.status_code == 400
    assert (kept.live, kept.title, revisions) == (True, "供热开始", 1)
