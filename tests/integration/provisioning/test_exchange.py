"""Open archives: what another system finds in one, that a site comes back equal from it, and that a wrong line stops everything."""

import io
import json
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from modelcluster.fields import ParentalKey
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction, Site

from library import selectors as library
from library.contract import Member
from observability.terminal import CommandFailure, ExitCode
from provisioning import cloning, exporting, importing
from provisioning.backups import files
from provisioning.backups.contract import ArchiveError
from provisioning.backups.exchange import LinesError
from registry.contract import Kind, State, TenantRef
from registry.models import Tenant
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from search.contract import document_key
from search.models import Projection
from tenants.channels.models import Post
from tenants.documents.models import DocumentNumbering, DocumentRelation
from tenants.media.models import SiteFile, SiteImage
from tenants.openness.models import Fulfilment
from tenants.organs.models import PowerListPage, PowerVersion
from tenants.pages.exporting.records import LEFT_OUT, LEFT_OUT_APPS, record_models
from tenants.pages.models import ArticlePage, DocumentPage, HomePage
from tenants.services.models import LifeEvent
from tests.factories import guides
from tests.factories.backups import NOON, fill, own_media
from tests.factories.hashing import hashes
from tests.factories.organs import item, organ, power_list
from tests.factories.pages import column, publish_article
from tests.factories.sites import open_sites

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Wagtail leaves a picture's temporary file open

Change = Callable[[dict[str, bytes]], dict[str, bytes]]


@pytest.fixture(scope="module", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with own_media(tmp_path_factory.mktemp("own")):
        yield


@pytest.fixture(scope="module")
def site(module_database: None, _own_folders: None) -> TenantRef:
    """A site with everything that travels."""
    _, site = open_sites("taiyuan", "xiaodian")
    fill(site)
    with in_schema_of(site), transaction.atomic():
        target, attachment = DocumentPage.objects.get(slug="t0"), SiteFile.objects.get()
        html = f'<p>见<a linktype="page" id="{target.pk}">办法</a>和<a linktype="document" id="{attachment.pk}">附件</a>\u2028</p>'
        linking = publish_article("有链接的新闻", html, slug="linking", keywords="链接,测试")
        classes = {"subject": "0201", "combined_class": "0102"}
        draft = column("zcwj").add_child(
            instance=DocumentPage(title="未发布的办法", slug="draft", live=False, doc_no="并政发〔2026〕9号", **classes)
        )
        PageViewRestriction.objects.create(page=draft, restriction_type=PageViewRestriction.LOGIN)
        Redirect.objects.create(old_path="/old", redirect_page=target)
        Redirect.objects.create(old_path="/older", redirect_link="https://example.com/", is_permanent=False)
        SiteImage.objects.get().tags.add("河流")
        column("zwgk").move(column("zwdt"), "left")
        HomePage.objects.update(lead=linking)
        records(site, target)
    return site


def records(tenant: TenantRef, target: DocumentPage) -> None:
    """Give the current site one of all that is no page."""
    account = guides.publish_account("样例微博", slug="weibo", kind="weibo")
    news = ArticlePage.objects.get(slug="linking")
    Post.objects.create(account=account, posted_date=date(2026, 11, 24), title="样例", link="https://weibo.com/1", page=news)
    Post.objects.create(account=account, posted_date=date(2026, 11, 25), title="样例二")
    Fulfilment.objects.create(kind="statutory", code="09", page=column("zwgk"))
    Fulfilment.objects.create(kind="statutory", code="09", page=target)
    DocumentNumbering.objects.create(site=Site.objects.get(), code="012345678", template="{code}/{year}-{number}", year=2026, last_number=7)
    LifeEvent.objects.filter(code="birth").update(label="出生和抚养", is_offered=False)
    LifeEvent.objects.filter(code="vehicle").delete()
    power_list(organ("教育局", slug="jyj"), item())
    other = DocumentPage.objects.get(slug="t1")
    other.relations = [DocumentRelation(kind="based_on", reference=target.title, target=document_key(tenant.uuid, target.pk))]
    other.save_revision().publish()


@pytest.fixture(scope="module")
def exported(site: TenantRef, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its open archive."""
    return exporting.export_site(site, tmp_path_factory.mktemp("open") / "site.tar.gz", now=NOON).path


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {each.name: content.read() for each in tar if (content := tar.extractfile(each))}


def rows(inside: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in inside[f"{name}.jsonl"].split(b"\n") if line]


READER = """
import json, sys, tarfile
with tarfile.open(sys.argv[1]) as tar:
    pages = [json.loads(line) for line in tar.extractfile("pages.jsonl")]
    print(json.dumps({page["path"]: page["text"] for page in pages}))
"""


def test_ten_lines_of_another_system_read_it(exported: Path) -> None:
    said = subprocess.run([sys.executable, "-I", "-c", READER, exported], capture_output=True, text=True, check=True).stdout

    assert json.loads(said)["/zwgk/zcwj/t0/"] == "第一条 太原市小店区人民政府的第0号办法。"


def test_it_holds_the_site_its_pages_and_its_files(exported: Path, site: TenantRef) -> None:
    inside = members(exported)
    head, pages, media = json.loads(inside["export.json"]), rows(inside, "pages"), rows(inside, "media")

    assert (head["format"], head["format_version"], head["exported_at"]) == ("site-export", 1, NOON.isoformat())
    assert (head["site"]["name"], head["site"]["region"], head["site"]["kind"]) == (site.name, "140105", "county")
    assert head["counts"] == {name: len(rows(inside, name)) for name in ("media", "columns", "pages", "redirects", "records")}
    columns = rows(inside, "columns")
    assert (columns[0]["path"], columns[0]["parent"], columns[0]["fields"]["lead"]) == ("/", None, "/zwdt/yaowen/linking/")
    by_path = {page["path"]: page for page in pages}
    assert by_path["/zwgk/zcwj/t1/"]["fields"]["doc_no"] == "并政发〔2026〕1号"
    draft = by_path["/zwgk/zcwj/draft/"]
    assert (draft["live"], draft["restriction"], draft["parent"]) == (False, "login", "/zwgk/zcwj/")
    (link,) = by_path["/zwdt/yaowen/linking/"]["fields"]["body"]
    assert '<a linktype="page" href="/zwgk/zcwj/t0/">办法</a>' in link["value"]
    (attachment,) = by_path["/zwdt/yaowen/news/"]["fields"]["attachments"]
    assert attachment["value"] in {each["file"] for each in media if each["kind"] == "file"}
    assert inside[attachment["value"]].decode() == "xiaodian 附件"
    assert [each["tags"] for each in media if each["kind"] == "image"] == [["河流"]]
    assert rows(inside, "redirects")[0] == {"from": "/old", "to_page": "/zwgk/zcwj/t0/", "to": "", "permanent": True}
    assert b"accounts" not in b"".join(inside.values())


def test_a_site_comes_back_equal(exported: Path, site: TenantRef, tmp_path: Path) -> None:
    untouched = hashes(schemas="^s_")

    first = importing.import_site(exported, slug="copy")
    second = importing.import_site(exported, slug="copy")
    copy = tenant_by_slug("copy")
    again = exporting.export_site(copy, tmp_path / "again.tar.gz", now=NOON + timedelta(hours=1)).path

    assert first.ran == ("reserve", "schema", "pages", "import", "staff")
    assert second.ran == ()
    before, after = members(exported), members(again)
    head, its_head = json.loads(before.pop("export.json")), json.loads(after.pop("export.json"))
    assert after == before
    assert its_head["members"] == head["members"]
    different = {name for name in head["site"] if head["site"][name] != its_head["site"][name]}
    assert different == {"slug", "domains"}
    assert {name: value for name, value in hashes(schemas="^s_").items() if not name.startswith("s_copy.")} == untouched
    with in_schema_of(copy):
        linking = ArticlePage.objects.get(slug="linking")
        target = DocumentPage.objects.get(slug="t0")
        assert f'id="{target.pk}"' in str(linking.body.raw_data[0]["value"])
        assert Path(SiteImage.objects.get().file.path).is_file()
        assert DocumentPage.objects.values_list("subject", "combined_class").get(slug="draft") == ("0201", "0102")
        assert Page.find_problems() == ([], [], [], [], [])
        assert Counter(each["type"] for each in rows(after, "records")) == {
            "channels.post": 2,
            "official_documents.documentnumbering": 1,
            "openness.fulfilment": 2,
            "organs.powerversion": 1,
            "services.lifeevent": 17,
        }
        assert [(post.account.title, post.page and post.page.slug) for post in Post.objects.order_by("pk")] == [
            ("样例微博", "linking"),
            ("样例微博", None),
        ]
        assert [each.page.slug for each in Fulfilment.objects.order_by("pk")] == ["zwgk", "t0"]
        assert not LifeEvent.objects.filter(code="vehicle").exists()
        assert DocumentNumbering.objects.get().last_number == 8  # the relation's document took one
        assert PowerVersion.objects.get().page == PowerListPage.objects.get()
        relation = DocumentRelation.objects.get()
        assert relation.target == document_key(copy.uuid, target.pk)  # its own document, not the original's
        assert library.relations_of(Member(copy.uuid, target.pk))[0].partner.member == Member(copy.uuid, relation.page_id)
    live = Projection.objects.live().filter(tenant_id=copy.id)
    assert sorted(live.values_list("path", flat=True)) == sorted(
        Projection.objects.live().filter(tenant_id=site.id).values_list("path", flat=True)
    )


def test_all_that_a_site_has_travels_or_says_why_not() -> None:
    """A new model of a tenant's app is a page, belongs to one, or is a record; whoever adds one decides here."""
    room = {config.label: config for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
    everything = {model for config in room.values() for model in config.get_models()}
    pages = {model for model in everything if issubclass(model, Page)}
    belonging = {model for model in everything if any(isinstance(each, ParentalKey) for each in model._meta.get_fields())}
    known = pages | belonging | {SiteImage, SiteFile} | set(record_models())
    left = {model for model in everything - known if model._meta.app_label not in LEFT_OUT_APPS}

    assert [model._meta.label_lower for model in record_models()] == [
        "channels.post",
        "official_documents.documentnumbering",
        "openness.fulfilment",
        "organs.powerversion",
        "services.lifeevent",
    ]
    assert {model._meta.label_lower for model in left} == set(LEFT_OUT)
    assert set(LEFT_OUT_APPS) <= set(room) | {"taggit"}
    assert not {config.label for config in room.values() if config.name.startswith("tenants.")} & set(LEFT_OUT_APPS)
    assert all(len(reason) > 10 for reason in [*LEFT_OUT.values(), *LEFT_OUT_APPS.values()])


def with_records(*changes: tuple[int, dict[str, Any]]) -> Change:
    """Change the fields of records, and leave the hashes out."""

    def change(inside: dict[str, bytes]) -> dict[str, bytes]:
        lines = rows(inside, "records")
        for number, fields in changes:
            lines[number - 1]["fields"] |= fields
        lines.append({"type": "poem", "fields": {}})
        head = json.loads(inside["export.json"])
        head.pop("members")
        text = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        return inside | {"records.jsonl": text, "export.json": json.dumps(head).encode()}

    return change


def test_wrong_records_are_named_by_line_and_field_and_the_good_ones_are_there(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields: list[dict[str, Any]] = [{"link": "ftp://weibo.com/1"}, {"posted_date": "gestern"}, {}, {"page": "/gone/"}, {"kind": "poem"}]
    wrong = with_records(*enumerate(fields, start=1))
    archive = str(repack(exported, tmp_path / "wrong.tar.gz", wrong))

    with pytest.raises(CommandFailure, match="5 wrong values") as caught:
        call_command("site", "import", archive, "--as", "partly", "--json")

    said = json.loads(capsys.readouterr().out)["refused"]
    assert caught.value.returncode == ExitCode.PARTLY_DONE
    assert [line.partition(" of ")[0] for line in said] == [
        "records.jsonl line 1: link: 链接要以 https:// 或 http:// 开头。",
        "records.jsonl line 2: posted_date: “gestern”的值有一个错误的日期格式。它的格式应该是YYYY-MM-DD",
        "records.jsonl line 4: page: nothing here is called '/gone/'",
        "records.jsonl line 5: kind: 值 'poem' 不是有效选项。",
        "records.jsonl line 24: type is 'poem'; write one",
    ]
    with in_schema_of(tenant_by_slug("partly")):
        assert (Post.objects.count(), Fulfilment.objects.count(), LifeEvent.objects.count()) == (0, 0, 17)
        assert DocumentPage.objects.filter(slug="t0").exists()
    call_command("site", "import", archive, "--as", "partly", "--json")
    assert json.loads(capsys.readouterr().out)["ran"] == []  # a second time changes nothing


def repack(path: Path, target: Path, change: Change) -> Path:
    with tarfile.open(target, "w:gz") as tar:
        for name, content in change(members(path)).items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            tar.addfile(header, io.BytesIO(content))
    return target


def with_line(name: str, number: int, **changes: Any) -> Change:
    """Change one row, and leave the hashes out, as another system's export would."""

    def change(inside: dict[str, bytes]) -> dict[str, bytes]:
        lines = rows(inside, name)
        lines[number - 1] |= changes
        head = json.loads(inside["export.json"])
        head.pop("members")
        text = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        return inside | {f"{name}.jsonl": text, "export.json": json.dumps(head).encode()}

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (with_line("pages", 2, title=""), "pages.jsonl line 2: title is missing or no text"),
        (with_line("pages", 1, parent="/nowhere/"), "pages.jsonl line 1: its parent '/nowhere/' is not among the rows before it"),
        (with_line("pages", 3, type="poem"), "pages.jsonl line 3: there is no page type 'poem'"),
        (with_line("pages", 1, first_published_at="gestern"), "pages.jsonl line 1: first_published_at is 'gestern'"),
        (with_line("pages", 2, path="/zwgk/zcwj/t0/"), "the path '/zwgk/zcwj/t0/' is there twice"),
        (with_line("pages", 1, fields={"category": "poem"}), "pages.jsonl line 1: "),
        (with_line("media", 1, file="media/images/x.svg"), "media.jsonl line 1: 'media/images/x.svg' is no"),
        (with_line("redirects", 1, to_page="/gone/"), "redirects.jsonl line 1: nothing here is called '/gone/'"),
        (with_line("columns", 1, type="columnpage"), "there must be one page of type homepage, not 0"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_imported(exported: Path, tmp_path: Path, change: Change, says: str) -> None:
    wrong = repack(exported, tmp_path / "wrong.tar.gz", change)
    untouched = hashes(schemas="^s_")

    with pytest.raises(LinesError) as caught:
        importing.import_site(wrong, slug="wrong")

    assert says in str(caught.value)
    assert not Tenant.objects.filter(slug="wrong").exists()
    assert not cloning.has_schema("s_wrong")
    assert not files.folder_of("s_wrong").exists()
    assert hashes(schemas="^s_") == untouched


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda inside: inside | {"pages.jsonl": inside["pages.jsonl"] + b"{}\n"},
            "pages.jsonl: its content is not what",
        ),
        (lambda inside: {name: content for name, content in inside.items() if name != "export.json"}, "export.json: it is missing"),
        (lambda inside: inside | {"export.json": b"{}"}, "export.json: it cannot be read"),
        (lambda inside: {"../evil": b"", **inside}, "../evil: such a member does not belong"),
        (lambda inside: {"media/../../evil": b"", **inside}, "media/../../evil: such a member does not belong"),
    ],
)
def test_a_strange_archive_is_refused_with_the_member_named(exported: Path, tmp_path: Path, change: Change, says: str) -> None:
    wrong = repack(exported, tmp_path / "wrong.tar.gz", change)

    with pytest.raises(ArchiveError) as caught:
        importing.import_site(wrong, slug="wrong")

    assert str(caught.value).startswith(says)
    assert not Tenant.objects.filter(slug="wrong").exists()


def test_a_hand_made_archive_becomes_a_site(site: TenantRef, tmp_path: Path) -> None:
    head = {"format": "site-export", "format_version": 1, "site": {"name": "太原市档案局", "kind": "department", "region": "140100"}}
    pages = [
        {"path": "/", "parent": None, "type": "homepage", "title": "档案局", "slug": "home", "live": True},
        {"path": "/news/", "parent": "/", "type": "columnpage", "title": "动态", "slug": "news", "live": True},
    ]
    text = {"path": "/news/a/", "parent": "/news/", "type": "articlepage", "title": "开馆", "slug": "a", "live": True}
    text["fields"] = {"body": [{"type": "paragraph", "value": "<p>新馆开放。</p>", "id": "0b7f0ac4-7a3f-4f0f-9c39-6c9a3f3c2d11"}]}
    archive = tmp_path / "made.tar.gz"
    content = {"export.json": json.dumps(head), "columns.jsonl": "\n".join(map(json.dumps, pages)), "pages.jsonl": json.dumps(text)}
    with tarfile.open(archive, "w:gz") as tar:
        for name, part in content.items():
            header = tarfile.TarInfo(name)
            header.size = len(part.encode())
            tar.addfile(header, io.BytesIO(part.encode()))

    importing.import_site(archive, slug="daj", city="taiyuan")

    made = tenant_by_slug("daj")
    assert (made.name, made.kind, made.state) == ("太原市档案局", Kind.DEPARTMENT, State.PREPARING)
    assert list(Projection.objects.live().filter(tenant_id=made.id).values_list("title", "body")) == [("开馆", "新馆开放。")]


def test_at_the_command_line(site: TenantRef, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "out.tar.gz")

    call_command("site", "export", "xiaodian", file, "--dry-run", "--json")
    assert not Path(file).exists()
    call_command("site", "export", "xiaodian", file, "--json")
    capsys.readouterr()
    call_command("site", "import", file, "--as", "cmd", "--dry-run", "--json")
    plan = json.loads(capsys.readouterr().out)
    assert not Tenant.objects.filter(slug="cmd").exists()
    call_command("site", "import", file, "--as", "cmd", "--json")
    done = json.loads(capsys.readouterr().out)
    with pytest.raises(CommandFailure, match="There is a site 'xiaodian'") as caught:
        call_command("site", "import", file, "--as", "xiaodian", "--yes")

    assert (done["slug"], done["ran"]) == ("cmd", plan["steps"])
    assert caught.value.returncode == ExitCode.WRONG_USAGE
