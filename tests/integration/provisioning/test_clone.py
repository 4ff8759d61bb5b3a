"""A site made after another: what comes along, and that nothing comes along that is not published."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from PIL import Image
from wagtail.models import Comment, ModelLogEntry, Page, PageLogEntry, PageViewRestriction, ReferenceIndex, Revision, Site

from accounts.models import User
from memberships.contract import Role
from observability.terminal import CommandFailure
from provisioning import blueprints, services, verbs
from provisioning.contract import RefusedError, StateError
from provisioning.steps.opening import media_folder
from registry.contract import State, TenantRef
from registry.models import Tenant
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from search.models import Projection
from tenants.media.models import SiteFile, SiteImage
from tenants.pages.models import ArticlePage, ColumnPage, DocumentPage, HomePage
from tests.factories.pages import column, publish_article, publish_document
from tests.factories.people import person
from tests.factories.sites import open_sites, put_into
from tests.factories.tables import execute, rows

pytestmark = pytest.mark.usefixtures("database")
NO_PAPERS = ("--override-officer", "示例", "--override-reason", "测试用站点，没有真实备案")
NEW = ("--name", "太原市迎泽区人民政府", "--short-name", "迎泽区", "--city", "taiyuan", "--region", "140106", *NO_PAPERS)
SECRET = "未公开的内容"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.MULTITENANT_RELATIVE_MEDIA_ROOT = "%s"  # django-tenants forgets the folder it remembers


def clone(capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    call_command("site", "clone", "yingze", "--source", "xiaodian", *NEW, *more, "--json")
    return json.loads(capsys.readouterr().out)


def picture(name: str) -> SiteImage:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(content, "PNG")
    content.seek(0)
    made: SiteImage = SiteImage.objects.create(title=name, file=ImageFile(content, name=f"{name}.png"))
    return made


def fill(site: TenantRef) -> None:
    """Put into a site what a site has after a year: texts, drafts, people, comments, sessions, locks, a closed page."""
    person("zhangsan", roles={Role.REVIEWER: [site]})
    with in_schema_of(site), transaction.atomic():
        shadow = User.objects.get()
        used, unused = picture("used"), picture("unused")
        paper = SiteFile.objects.create(title="附件", file=ContentFile(b"%PDF-1.4", name="paper.pdf"), uploaded_by_user=shadow)
        publish_document("停车管理办法", doc_no="小政发〔2026〕3号", slug="parking", attachments=[("file", paper)])
        article = publish_article("要闻一", slug="one", owner=shadow)
        article.body = [("paragraph", "<p>正文。</p>"), ("image", {"image": used, "alt": "", "caption": ""})]
        article.save_revision(user=shadow).publish(user=shadow)
        article.refresh_from_db()
        article.title = SECRET
        article.save_revision(user=shadow)
        Comment.objects.create(page_id=article.pk, user=shadow, text=SECRET, contentpath="title")
        column("yaowen").add_child(instance=ArticlePage(title=SECRET, slug="draft", live=False, owner=shadow))
        closed = publish_article("内部", slug="closed", parent="tzgg")
        PageViewRestriction.objects.create(page_id=closed.pk, restriction_type="password", password=SECRET)
        ColumnPage.objects.get(slug="hdjl").delete()
        execute("INSERT INTO django_session VALUES ('key', %s, now() + interval '1 day')", SECRET)
        assert unused.pk != used.pk


def count_of(schema: str, table: str) -> int:
    return int(rows(f'SELECT count(*) FROM "{schema}"."{table}"')[0][0])  # noqa: S608 - names of tables


def test_a_clone_with_content_has_what_was_published_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = open_sites("xiaodian")
    fill(source)
    before = {table: count_of("s_xiaodian", table) for (table,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 's_xiaodian'")}

    document = clone(capsys, "--with-content")

    assert document["ran"] == [step.name for step in verbs.CLONE.steps]
    site = tenant_by_slug("yingze")
    assert (site.state, site.theme, site.primary_domain, site.icp) == (State.LIVE, "azure", "yingze.localhost", "")
    with in_schema_of(site):
        assert sorted(page.title for page in [*ArticlePage.objects.all(), *DocumentPage.objects.all()]) == [
            "停车管理办法",
            "内部",
            "要闻一",
        ]
        assert (HomePage.objects.get().title, Site.objects.get().hostname) == ("太原市迎泽区人民政府", "yingze.localhost")
        assert not ColumnPage.objects.filter(slug="hdjl").exists()
        assert {model.__name__: model.objects.count() for model in (User, Revision, Comment, PageLogEntry, ModelLogEntry)} == {
            "User": 0, "Revision": 0, "Comment": 0, "PageLogEntry": 0, "ModelLogEntry": 0,
        }  # fmt: skip
        assert not Page.objects.exclude(owner=None, latest_revision=None, live_revision=None).exists()
        assert not Page.objects.filter(has_unpublished_changes=True).exists()
        assert [(found.restriction_type, found.password) for found in PageViewRestriction.objects.all()] == [("login", "")]
        assert [image.title for image in SiteImage.objects.all()] == ["used"]
        assert SiteFile.objects.get().uploaded_by_user_id is None
        assert Page.find_problems() == ([], [], [], [], [])
        assert ReferenceIndex.objects.filter(to_object_id=str(SiteImage.objects.get().pk)).exists()
    files = {str(path.relative_to(media_folder("s_yingze"))) for path in media_folder("s_yingze").rglob("*") if path.is_file()}
    assert files == {"original_images/used.png", "documents/paper.pdf"}
    assert count_of("s_yingze", "django_session") == 0
    dump = "\n".join(
        str(row)
        for (table,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 's_yingze'")
        for row in rows(f'SELECT * FROM "s_yingze"."{table}"')  # noqa: S608 - names of tables
    )
    assert SECRET not in dump
    assert "zhangsan" not in dump
    assert {table: count_of("s_xiaodian", table) for table in before} == before


def test_a_clones_pages_are_its_own_in_search_and_to_readers_and_editors(capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = open_sites("xiaodian")
    fill(source)

    clone(capsys, "--with-content")

    site = tenant_by_slug("yingze")
    found = Projection.objects.live().filter(tenant_id=site.id)
    assert sorted(found.values_list("title", flat=True)) == ["停车管理办法", "要闻一"]
    assert Projection.objects.live().filter(tenant_id=source.id).count() == 2
    reader = Client(headers={"host": "yingze.localhost"})
    assert reader.get("/zwgk/zcwj/parking/").status_code == 200
    assert reader.get("/zwdt/yaowen/draft/").status_code == 404
    with in_schema_of(site), transaction.atomic():
        page = publish_article("本站第一篇", slug="own")
        page.title = "改过"
        page.save_revision().publish()
    with in_schema_of(source):
        assert not ArticlePage.objects.filter(slug="own").exists()


def test_a_clone_without_content_has_the_structure_alone(capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = open_sites("xiaodian")
    fill(source)
    with in_schema_of(source), transaction.atomic():
        ColumnPage.objects.get(slug="bsfw").add_child(instance=ColumnPage(title="一件事", slug="yijianshi", column_type="services"))

    clone(capsys)

    site = tenant_by_slug("yingze")
    with in_schema_of(source):
        structure = list(ColumnPage.objects.order_by("path").values_list("url_path", "title", "column_type"))
    with in_schema_of(site):
        assert list(ColumnPage.objects.order_by("path").values_list("url_path", "title", "column_type")) == structure
        assert Page.objects.count() == len(structure) + 2
        assert SiteImage.objects.count() == SiteFile.objects.count() == User.objects.count() == 0
    assert blueprints.differences(site, blueprints.load("like-xiaodian")) == []
    assert not media_folder("s_yingze").exists()


def test_a_clone_is_taken_back_with_its_files(capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = open_sites("xiaodian")
    fill(source)
    clone(capsys, "--with-content")

    services.roll_back(verbs.CLONE, "yingze", by="zhangsan")

    assert list(Tenant.objects.values_list("slug", flat=True)) == ["xiaodian"]
    assert not media_folder("s_yingze").exists()
    assert rows("SELECT count(*) FROM pg_namespace WHERE nspname = 's_yingze'") == [(0,)]
    assert media_folder("s_xiaodian").exists()
    assert Projection.objects.live().count() == 2


def test_what_cannot_be_cloned_is_refused_and_changes_nothing() -> None:
    source, other = open_sites("xiaodian", "yangqu")

    with pytest.raises(CommandFailure, match="There is no site 'nowhere'"):
        call_command("site", "clone", "yingze", "--source", "nowhere", *NEW)
    with pytest.raises(CommandFailure, match="needs --source"):
        call_command("site", "clone", "yingze", *NEW)
    execute("DELETE FROM s_yangqu.django_migrations WHERE app = 'pages'")
    with pytest.raises(CommandFailure, match="fleet migrate"):
        call_command("site", "clone", "yingze", "--source", "yangqu", "--with-content", *NEW)
    put_into(State.SUSPENDED, source)
    with pytest.raises(CommandFailure, match="only what readers may see is cloned"):
        call_command("site", "clone", "yingze", "--source", "xiaodian", "--with-content", *NEW)
    assert issubclass(StateError, RefusedError)
    assert other.slug == "yangqu"
    assert Tenant.objects.count() == 2


def test_somebody_decided_about_every_model_of_a_site() -> None:
    """A new model must be named among those copied or here, among those that stay behind."""
    stays = {
        "accounts", "sessions", "wagtailembeds", "wagtailusers", "wagtailadmin", "wagtailsearch",
    }  # fmt: skip
    left = {
        "wagtailcore.Comment", "wagtailcore.CommentReply", "wagtailcore.PageSubscription", "wagtailcore.Revision",
        "wagtailcore.PageLogEntry", "wagtailcore.ModelLogEntry", "wagtailcore.TaskState", "wagtailcore.WorkflowState",
        "wagtailcore.UploadedFile", "wagtailcore.GroupSitePermission", "wagtailcore.WorkflowContentType", "media.SiteRendition",
        "wagtailcore.PageViewRestriction_groups", "wagtailcore.CollectionViewRestriction_groups",
        "interpretations.InterpretationDuty", "interpretations.PublicIssue", "official_documents.DocumentRelation",
        "official_documents.DocumentNumbering", "channels.Post", "openness.Fulfilment", "consultations.Opinion",
        "letters.Letter",
    }  # fmt: skip
    own = set(settings.TENANT_APPS)
    models = {
        f"{model._meta.app_label}.{model.__name__}"
        for config in apps.get_app_configs()
        if config.name in own
        for model in config.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and config.label not in stays
    }

    copied = set(settings.CLONED_MODELS)
    assert models - copied - left == {"wagtailimages.Image", "wagtailimages.Rendition", "wagtaildocs.Document"} & models
    assert copied - models == set()
