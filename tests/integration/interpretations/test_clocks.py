"""Clocks of issues on real rows: by kind, by rule, stopped by what was published; sorted by urgency; each site its own."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from wagtail.models import Page

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.interpretations.models import PublicIssue, ResponseChannel, ResponsePage, ResponseUpdate
from tenants.interpretations.selectors.clocks import Standing, standings
from tests.conftest import empty_database
from tests.factories.interpretations import answer, issue, moment
from tests.factories.sites import copied_sites

NOTICED = moment("2026-01-05 08:00")
Sites = tuple[TenantRef, TenantRef]


@pytest.fixture(scope="module")
def sites(module_database: Any) -> Sites:
    empty_database()
    here, there = copied_sites("xiaodian", "yingze")
    return here, there


@pytest.fixture(autouse=True)
def _no_issues(sites: Sites) -> Iterator[None]:
    yield
    for site in sites:
        with in_schema_of(site), transaction.atomic():
            for page in Page.objects.filter(depth__gt=2).exclude(content_type__model="columnpage"):
                page.specific.delete()
            PublicIssue.objects.all().delete()


def hours(count: float) -> dt.datetime:
    return NOTICED + dt.timedelta(hours=count)


def clocks(each: Standing) -> list[tuple[str, int, str]]:
    return [(clock.label, clock.hours, clock.text) for clock in each.clocks]


def test_each_kind_has_the_clocks_of_its_rules(sites: Sites) -> None:
    """D16: 5 h and a press conference in 24 h; 48 h; 24 h. S26: shown to staff with what is left."""
    here, _ = sites
    with in_schema_of(here):
        for kind in ("emergency", "opinion", "misreading"):
            issue(kind, kind=kind, noticed_at=NOTICED)

        found = {each.issue.title: clocks(each) for each in standings(here, now=hours(4) + dt.timedelta(minutes=59))}

    assert found == {
        "emergency": [("发布权威信息", 5, "还剩1分钟"), ("举行新闻发布会", 24, "还剩19小时1分钟")],
        "opinion": [("予以回应", 48, "还剩1天19小时1分钟")],
        "misreading": [("澄清误读", 24, "还剩19小时1分钟")],
    }


def test_an_answer_stops_the_clock_when_it_is_published_and_not_before(sites: Sites) -> None:
    """D16: a draft does not stop it, the first publication does, a withdrawal starts it again."""
    here, _ = sites
    with in_schema_of(here):
        known = issue(kind="emergency", noticed_at=NOTICED)
        page = answer(known, at=hours(5))
        answer(known, "第二篇", slug="second", at=hours(30))

        def told(now: float) -> list[tuple[str, int, str]]:
            return clocks(standings(here, now=hours(now))[0])

        assert told(40)[0] == ("发布权威信息", 5, "按时，用时5小时")
        ResponsePage.objects.filter(pk=page.pk).update(first_published_at=hours(5) + dt.timedelta(seconds=1))
        assert told(40)[0] == ("发布权威信息", 5, "超时，用时5小时")
        ResponsePage.objects.filter(pk=page.pk).update(live=False)
        assert told(40)[0] == ("发布权威信息", 5, "超时，用时1天6小时")
        ResponsePage.objects.update(live=False)
        assert told(40)[0] == ("发布权威信息", 5, "已超时1天11小时")


def test_only_a_press_conference_that_met_stops_its_clock(sites: Sites) -> None:
    """D16: an announcement is not the conference."""
    here, _ = sites
    with in_schema_of(here):
        known = issue(kind="emergency", noticed_at=NOTICED)
        answer(known, "发布会预告", form="press", held_at=hours(24), at=hours(2))

        before, after = (clocks(standings(here, now=hours(now))[0])[1] for now in (23, 24))

    assert before == ("举行新闻发布会", 24, "还剩1小时")
    assert after == ("举行新闻发布会", 24, "按时，用时1天")


def test_a_page_from_before_is_no_answer(sites: Sites) -> None:
    """S26: an old page tied to a new issue stops nothing, and the editor is told."""
    here, _ = sites
    with in_schema_of(here):
        old = answer(None, at=hours(-1))
        known = issue(kind="misreading", noticed_at=NOTICED)
        ResponsePage.objects.filter(pk=old.pk).update(issue=known)
        old.refresh_from_db()

        found = standings(here, now=hours(25))[0]

        assert (found.responses, clocks(found)) == ([], [("澄清误读", 24, "已超时1小时")])
        with pytest.raises(ValidationError, match="获知这件舆情之前就已发布"):
            old.clean()


def test_the_most_urgent_stands_first(sites: Sites) -> None:
    """S26: overdue by most, then least time left, then what is done, the newest first; waived ones have no clock."""
    here, there = sites
    with in_schema_of(here):
        now = hours(50)
        issue("还早", kind="opinion", noticed_at=hours(40))
        issue("超时很久", kind="emergency", noticed_at=NOTICED)
        issue("快到时", kind="misreading", noticed_at=hours(27))
        issue("刚超时", kind="opinion", noticed_at=hours(1))
        issue("不回应", kind="opinion", noticed_at=NOTICED, waived_reason="已由上级统一回应")
        answer(issue("已回应", kind="opinion", noticed_at=hours(2)), at=hours(3))

        found = standings(here, now=now)
        still_open = standings(here, now=now, only_open=True)

    assert [each.issue.title for each in found] == ["超时很久", "刚超时", "快到时", "还早", "已回应", "不回应"]
    assert [each.issue.title for each in still_open] == ["超时很久", "刚超时", "快到时", "还早"]
    assert clocks(found[5]) == []
    with in_schema_of(there):
        assert standings(there, now=now) == []


def test_a_day_without_the_rule_is_told_so(sites: Sites) -> None:
    here, _ = sites
    with in_schema_of(here):
        issue(kind="opinion", noticed_at=moment("2015-01-05 08:00"))

        found = standings(here, now=NOTICED)

    assert clocks(found[0]) == [("予以回应", 0, "本地没有这项时限规定")]
    assert not found[0].is_open


def test_what_followed_and_how_far_it_reached_is_added_up(sites: Sites) -> None:
    """S27: updates and reach; figures nobody entered are not zero."""
    here, _ = sites
    with in_schema_of(here):
        known = issue(noticed_at=NOTICED)
        page = answer(known, at=hours(1))
        ResponseUpdate.objects.create(page=page, at=hours(9), text="恢复供水。")
        ResponseUpdate.objects.create(page=page, at=hours(6), text="抢修中。")
        for reads, shares in ((1200, None), (30, None), (None, None)):
            row = {"channel": "weibo", "link": "https://weibo.com/a", "published_on": NOTICED.date()}
            ResponseChannel.objects.create(page=page, reads=reads, shares=shares, **row)

        found = standings(here, now=hours(10))[0]

    assert (found.updates, found.last_update_at, found.reads, found.shares) == (2, hours(9), 1230, None)


def test_what_makes_no_sense_is_refused(sites: Sites) -> None:
    here, _ = sites
    with in_schema_of(here):
        known = issue(noticed_at=NOTICED)
        answer(known)
        with pytest.raises(ValidationError, match="获知时间不能晚于现在"):
            PublicIssue(
                title="x", kind="opinion", source="x", organ="x", noticed_at=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
            ).clean()
        with pytest.raises(ValidationError, match="请填写新闻发布会的举行时间"):
            ResponsePage(title="x", form="press", issue=known).clean()
        with pytest.raises(ProtectedError):
            known.delete()

        assert PublicIssue.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"channel": "wechat", "link": "https://mp.weixin.qq.com/s/abc"}, {}),
        ({"channel": "weibo", "link": "https://m.weibo.cn/1"}, {}),
        ({"channel": "news_site", "link": "https://news.example.com/1"}, {}),
        ({"channel": "press", "link": "http://xiaodian.localhost/zwdt/"}, {}),
        ({"channel": "news_site", "link": "http://xiaodian.localhost/zwdt/"}, {"link": "这是政府网站的网址，不算其他渠道"}),
        ({"channel": "wechat", "link": "https://weixin.qq.com.evil.example/s"}, {"link": "应在 weixin.qq.com 之下"}),
        ({"channel": "weibo", "link": "https://notweibo.com/1"}, {"link": "应在 weibo.com、weibo.cn 之下"}),
        ({"channel": "news_site", "link": "ftp://news.example.com/1"}, {"link": "完整网址"}),
        ({"channel": "news_site", "link": "javascript:alert(1)"}, {"link": "完整网址"}),
        ({"channel": "news_site", "link": "https://user@news.example.com/"}, {"link": "不能是IP地址"}),
        ({"channel": "news_site", "link": "http://127.0.0.1/a"}, {"link": "不能是IP地址"}),
        ({"channel": "news_site", "link": "http://localhost/a"}, {"link": "不能是IP地址"}),
        ({"channel": "broadcast", "link": ""}, {"link": "请填写佐证链接，或上传佐证文件"}),
        (
            {"channel": "news_site", "link": "https://news.example.com/1", "published_on": dt.date(2999, 1, 1)},
            {"published_on": "不能晚于今天"},
        ),
    ],
)
def test_a_channel_needs_a_proof_that_proves_something(sites: Sites, fields: dict[str, Any], wrong: dict[str, str]) -> None:
    """S24: the proof link is checked: a public address, of that channel, and no site of the city's own."""
    here, _ = sites
    with in_schema_of(here):
        row = ResponseChannel(**{"published_on": dt.date(2026, 1, 5), **fields})

        if not wrong:
            row.clean()
            return
        with pytest.raises(ValidationError) as refused:
            row.clean()

    assert set(refused.value.message_dict) == set(wrong)
    for name, words in wrong.items():
        assert words in refused.value.message_dict[name][0]
