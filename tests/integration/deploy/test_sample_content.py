"""The demo shows every kind of content: related documents, interpretations, answers, the tree of openness, topics, home pages, accounts."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from deploy.demo import documents
from deploy.demo.letters import CONTACT, WRITER
from deploy.demo.samples import MARK
from deploy.demo.texts import TEXTS
from library.models import Campaign, Conclusion
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.channels.selectors import freshness
from tenants.consultations.models import ConsultationPage
from tenants.interpretations.contract import ClockState
from tenants.interpretations.models import InterpretationPage
from tenants.interpretations.selectors.clocks import standings
from tenants.interpretations.selectors.duties import waiting
from tenants.letters.models import AnswerPage, Letter
from tenants.openness.contract import State
from tenants.openness.selectors.duties import duties
from tenants.openness.selectors.progress import progress
from tenants.pages.models import ArticlePage, DocumentPage
from tests.factories.samples import demo_sites, tie

Sites = list[TenantRef]
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")  # Wagtail leaves that of a new rendition


@pytest.fixture(scope="module")
def sites(module_database: None) -> Sites:
    return demo_sites()


def shown(site: TenantRef, path: str) -> dict[str, Any]:
    response = Client(headers={"host": site.primary_domain}).get(path)
    assert response.status_code == 200, response.content.decode()[:500]
    return dict(response.context_data or {})


def path_of(site: TenantRef, name: str) -> str:
    found: str = Projection.objects.live().get(tenant_id=site.id, source_id=name).path
    return found


def test_everything_is_marked_and_made_once(sites: Sites) -> None:
    again = [documents.publish_documents(sites), *tie(sites)]

    assert again == [0] * len(again)
    for site in sites:
        with in_schema_of(site):
            titles = list(DocumentPage.objects.filter(source_id__startswith="sample-").values_list("title", flat=True))
            titles += InterpretationPage.objects.values_list("title", flat=True)
            titles += ConsultationPage.objects.values_list("title", flat=True)
            assert [title for title in titles if not title.endswith(MARK)] == []


def test_documents_change_each_other_across_sites(sites: Sites) -> None:
    """S16: what amends and repeals changes the other document, also the portal's repeal of a county's."""
    standing = dict(Projection.objects.filter(source_id__in=[text.name for text in TEXTS]).values_list("source_id", "validity"))

    assert standing["sample-parking"] == "amended"
    assert standing["sample-parking-notice"] == "repealed"
    assert (standing["sample-bikes"], standing["sample-flood"], standing["sample-jobs"]) == ("pending", "expired", "in_force")
    assert (standing["sample-stalls"], standing["sample-canteens"], standing["sample-talents"]) == ("repealed", "expired", "in_force")


def test_the_campaign_took_effect(sites: Sites) -> None:
    """S15, S16: a campaign of cleaning lists, decides and publishes what ended."""
    campaign = Campaign.objects.get()
    with in_schema_of(sites[1]):
        page = ArticlePage.objects.live().get(slug=f"qingli-{campaign.pk}")

    assert Conclusion.objects.get(campaign=campaign).page == page.pk
    assert page.summary.endswith("共清理文件 4 件：保留 2 件，修改 0 件，废止 1 件，失效 1 件。")


def test_the_way_of_a_decision_is_open(sites: Sites) -> None:
    """S14: from the page of a decision one comes to its draft, what it changed, and what explains it."""
    context = shown(sites[0], path_of(sites[0], "sample-parking-change"))

    groups = {group["label"]: [row["title"] for row in group["items_shown"]] for group in context["relations"]}
    assert groups == {
        "修改下列文件": [f"太原市城市停车管理办法{MARK}"],
        "征求意见稿": [f"太原市城市停车管理办法（修改征求意见稿）{MARK}", f"修改《太原市城市停车管理办法》公开征求意见{MARK}"],
    }
    assert [row.title for row in context["interpretations"]] == [f"漫画：停车新规改了什么{MARK}"]


def test_one_consultation_runs_and_one_was_answered_on_the_portal_and_one_runs_on_a_county(sites: Sites) -> None:
    """S12, S13: the portal shows the whole way of a decision, a county's street office asks its residents."""
    portal, county, _ = sites
    answered = shown(portal, path_of(portal, "sample-consult-parking"))
    running = [shown(portal, path_of(portal, "sample-consult-parks")), shown(county, "/hdjl/yjzj/sample-consult-lifts/")]

    assert (answered["status"]["code"], answered["received"], len(answered["outcomes"])) == ("answered", 7, 3)
    assert [stage["is_done"] for stage in answered["stages"]] == [True] * 4
    assert [(context["status"]["code"], context["opinion_form"]["button"]) for context in running] == [("open", "提交意见")] * 2


def test_interpretations_have_several_forms_and_two_documents_wait(sites: Sites) -> None:
    """S22, S24: text, pictures, comic, questions, what a leader says; other channels with proof; a county explains the portal's text."""
    with in_schema_of(sites[0]):
        kinds = {kind for page in InterpretationPage.objects.live() for kind in page.kinds}
        proofs = [row.proof for page in InterpretationPage.objects.all() for row in page.channels.all()]
        open_ones = {each.title for each in waiting(sites[0], today=timezone.localdate())}

    assert kinds == {
        "text",
        "pictures",
        "comic",
        "questions",
        "leader",
        "video",
        "audio",
    }  # the texts of the other forms are not imported here
    assert (len(proofs), None in proofs) == (6, False)
    assert open_ones == {f"太原市电动自行车停放充电管理规定{MARK}", f"太原市人民政府关于废止部分行政规范性文件的决定{MARK}"}
    explained = shown(sites[1], path_of(sites[1], "sample-explain-sites"))["documents"]
    assert [document.site for document in explained] == ["太原市人民政府"]


def test_a_film_has_captions_and_words_and_a_sound_has_words(sites: Sites) -> None:
    """S22: a video and an audio interpretation, of files the editor would take, that a reader can play, read and download."""
    with in_schema_of(sites[0]):
        page = InterpretationPage.objects.get(source_id="sample-explain-jobs-film")
        for row in page.media.all():
            row.full_clean()
            for file in filter(None, (row.file, row.captions)):
                file.full_clean()
        assert page.unbacked == []
    film, sound = shown(sites[0], path_of(sites[0], "sample-explain-jobs-film"))["media"]

    assert (film.medium, sound.medium) == ("video", "audio")
    assert film.transcript[-1] == "措施三，就业见习：失业青年参加三至十二个月见习，给予补贴。"
    assert len(sound.transcript) == 1
    reader = Client(headers={"host": sites[0].primary_domain})
    served: list[Any] = [reader.get(url) for url in (film.url, film.extra["captions"], sound.url)]
    begins = [b"".join(answer.streaming_content)[:8] for answer in served]
    assert (begins[0][4:], begins[1], begins[2][:1]) == (b"ftyp", b"WEBVTT\n\n", b"\xff")


def test_an_issue_is_answered_in_time_and_another_runs(sites: Sites) -> None:
    """S26: what people talk about, with its clock."""
    with in_schema_of(sites[0]):
        states = [each.clocks[0].state for each in standings(sites[0], now=timezone.now())]

    assert states == [ClockState.RUNNING, ClockState.ON_TIME]


def test_the_tree_shows_what_is_there_late_blank_and_missing(sites: Sites) -> None:
    """S31, S32, S33: entries in time, overdue, blank, without a column."""
    with in_schema_of(sites[0]):
        states = {each.item.title: each.state for each in progress(sites[0], today=timezone.localdate())}
        columns = {duty.title: duty.state for duty in duties(sites[0], today=timezone.localdate())}

    assert (states["规划计划"], states["统计信息"], states["民生政策措施"]) == (State.FINE, State.FINE, State.FINE)
    assert (states["财政预决算"], states["公务员招考"]) == (State.OVERDUE, State.OVERDUE)
    assert (states["应急管理"], states["政府采购"]) == (State.BLANK, State.UNMAPPED)
    assert (columns["权责清单"], columns["应急预案"]) == (State.FINE, State.BLANK)  # the lists stand below the organs


def test_supervision_is_linked_and_its_results_are_listed(sites: Sites) -> None:
    """S18: the entry on penalties leads to the results of checks by draw, the home page to where they are published nationwide."""
    entry = shown(sites[0], "/zfxxgk/fdzdgk/?item=20-06")
    links = {link["title"]: link["url"] for link in shown(sites[0], "/")["parts"][-1]["links"]}

    assert [column["title"] for column in entry["entry"]["columns"]] == ["行政执法"]
    assert [item.title for item in entry["items"]] == [f"“双随机、一公开”抽查结果公示{MARK}"]
    assert links["国家企业信用信息公示系统"] == "https://www.gsxt.gov.cn/"


def test_topics_gather_from_several_sites(sites: Sites) -> None:
    """S1, S2, S6: the portal's topics show policies, interpretations and results of all its sites."""
    sections = {part["title"]: part["items"] for part in shown(sites[0], path_of(sites[0], "liuwen"))["sections"]}

    assert list(sections) == ["政策举措", "政策解读", "进展成效"]
    assert {row["site"] for row in sections["政策举措"]} == {"", "小店区"}
    assert [row["title"] for row in sections["进展成效"]] == [f"小店区举办重点群体专场招聘活动{MARK}"]


def test_home_pages_show_the_layouts(sites: Sites) -> None:
    """S31: one composed of blocks, two as they come ready; the entry of openness stands on each."""
    kinds = [[part["kind"] for part in shown(site, "/")["parts"]] for site in sites]

    assert kinds == [
        ["lead", "lists", "services", "topics", "lists", "figures", "leaders", "links"],
        ["services", "lists", "lead", "topics", "lists"],
        ["lists", "lead", "leaders", "topics"],
    ]
    assert len(shown(sites[0], "/")["parts"][0]["pictures"]) == 2


def test_accounts_are_fresh_silent_and_closed(sites: Sites) -> None:
    """S36: one account is kept well, one has been silent for too long, one is closed."""
    with in_schema_of(sites[0]):
        found = [(each.account.title, each.is_stale) for each in freshness(sites[0], on=timezone.localdate())]

    assert sorted(found) == [(f"样例发布{MARK}", False), (f"样例微博{MARK}", True)]


def test_letters_stand_in_every_state_and_one_is_answered_by_a_county(sites: Sites) -> None:
    """S19, S21: samples of letters, answers for all to read, one number at two sites; only the answers are public."""
    portal, county, office = sites
    with in_schema_of(portal):
        states = dict(Letter.objects.values_list("state", "number"))
        titles = list(AnswerPage.objects.live().values_list("title", flat=True))
    with in_schema_of(county):
        there = Letter.objects.get(origin=portal.uuid)
    column = shown(portal, "/hdjl/lx/")
    page = Client(headers={"host": portal.primary_domain}).get("/hdjl/lx/").content.decode()

    assert set(states) == {"answered", "forwarded", "waiting"}
    assert (there.number, there.state) == (states["forwarded"], "waiting")
    assert len(titles) == 3
    assert all(title.endswith(MARK) for title in titles)
    assert [each["title"] for each in column["answers"]] == sorted(titles, key=titles.index)[::-1]
    assert sum(row["received"] for row in column["rows"]) == 5
    assert not any(secret in page for secret in (WRITER, CONTACT, there.number))
    with in_schema_of(office):
        assert Letter.objects.count() == 0  # a department takes no letters
