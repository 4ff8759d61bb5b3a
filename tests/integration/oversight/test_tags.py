"""The self-check fetches pages as a crawler does and finds each sort of fault; a whole site has none."""

import json
from typing import Any

import pytest
from django.core.management import call_command

from observability.terminal import CommandFailure, ExitCode
from oversight.contract import Fault, NoAddressesError
from oversight.services import inspect_site
from registry.contract import TenantRef
from registry.models import Tenant
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from tenants.pages import composing
from tenants.pages.models import ColumnPage
from tests.factories.pages import publish_article, publish_document
from tests.factories.sites import open_sites
from tests.factories.tables import execute

pytestmark = pytest.mark.usefixtures("database")
RECORD = "Mend the site's record: `manage.py site show`."


@pytest.fixture
def site() -> TenantRef:
    (tenant,) = open_sites("xiaodian", identifier="1401050000")
    with in_schema_of(tenant):
        for number in range(3):
            publish_document(f"办法{number}", slug=f"d{number}")
        publish_article("要闻", slug="a")
    return tenant


def test_a_new_site_with_texts_has_no_fault(site: TenantRef) -> None:
    """S34: every page carries the tags that its sort must carry."""
    with in_schema_of(site):
        columns = ColumnPage.objects.live().count()

    whole, some = inspect_site(site, most=0), inspect_site(site, most=3)

    assert (whole.fetched, whole.listed, whole.faults) == (columns + 5, columns + 5, ())
    assert (some.fetched, some.listed, some.faults) == (3, columns + 5, ())


def test_what_the_record_lacks_and_what_a_text_lost_is_told(site: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    Tenant.objects.filter(slug="xiaodian").update(identifier="")
    kept = composing.text

    def forged(page: Any, request: Any) -> dict[str, Any]:
        shown = kept(page, request)
        tags = [tag for tag in shown["meta"] if tag["name"] != "ContentSource"]
        return shown | {"meta": [{**tag, "content": "2026-7-19 7:16"} if tag["name"] == "PubDate" else tag for tag in tags]}

    monkeypatch.setattr(composing, "text", forged)

    faults = [fault for fault in inspect_site(tenant_by_slug("xiaodian"), most=0).faults if fault.path in ("/", "/zwdt/yaowen/a/")]

    lost = "A template lost it: run the tests of the theme."
    assert faults == [
        Fault("/", "SiteIDCode is empty", RECORD),
        Fault("/zwdt/yaowen/a/", "SiteIDCode is empty", RECORD),
        Fault("/zwdt/yaowen/a/", "PubDate is '2026-7-19 7:16': it must be like 2026-07-19 07:16", lost),
        Fault("/zwdt/yaowen/a/", "ContentSource is there 0 times, not once", lost),
    ]


def test_a_listed_page_that_does_not_answer_is_a_fault(site: TenantRef) -> None:
    with in_schema_of(site):
        execute("UPDATE wagtailcore_page SET url_path = url_path || 'lost/' WHERE slug = 'a'")

    faults = inspect_site(site, most=0).faults

    assert faults == (
        Fault("/zwdt/yaowen/a/lost/", "answers 404", "It is listed for search engines: publish it again, or run `search reconcile`."),
    )


def test_a_suspended_site_says_so(site: TenantRef) -> None:
    Tenant.objects.filter(slug="xiaodian").update(state="suspended")

    with pytest.raises(NoAddressesError, match=r"^xiaodian answers 503 for /sitemap.xml, so nobody can look at its pages\. Is it live\?$"):
        inspect_site(tenant_by_slug("xiaodian"), most=0)


def test_the_command_looks_at_every_live_site_and_ends_with_3_where_something_is_wrong(
    site: TenantRef, capsys: pytest.CaptureFixture[str]
) -> None:
    open_sites("jinyuan", identifier="")

    with pytest.raises(CommandFailure) as caught:
        call_command("oversight", "tags", "--pages", "1", "--json")

    told = json.loads(capsys.readouterr().out)
    assert caught.value.returncode == ExitCode.PARTLY_DONE
    assert {name: (each["fetched"], each["faults"]) for name, each in told["sites"].items()} == {"xiaodian": (1, 0), "jinyuan": (1, 1)}
    assert told["faults"] == [{"site": "jinyuan", "page": "/", "what": "SiteIDCode is empty", "mend": RECORD}]
    with pytest.raises(CommandFailure, match="nowhere"):
        call_command("oversight", "tags", "--site", "nowhere")
