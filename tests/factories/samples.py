"""What the demo shows, on three sites: the portal, a county, an office; with the real texts that the samples rest on."""

import json
from collections.abc import Sequence

from django.db import transaction

from deploy.demo import consulting, documents, explaining, guides, homes, letters, openness, topics
from deploy.demo.organs import publish_organs_of
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.services import publish_many
from tenants.pages import importing
from tenants.pages.services import document_of
from tests.factories.pages import publish_article
from tests.factories.sites import open_sites
from tests.factories.texts import all_texts

SLUGS = ("taiyuan", "xiaodian", "jyj")
REAL = {"pol-4d9e4925d2": "zcwj", "pol-d3011b64dc": "zcwj", "pol-4ee75ba612": "zcwj", "reg-69f17d5e88": "flfg", "reg-484ad57b41": "flfg"}


def demo_sites() -> list[TenantRef]:
    """Open the three sites and put the demo's samples onto them; needs the `database` fixture."""
    sites = open_sites(*SLUGS)
    for site in sites:
        with in_schema_of(site), transaction.atomic():
            publish_article(
                "部署政务公开重点工作", slug="sample-1", source_id="sample-1", summary="贯穿决策、执行、管理、服务和结果全过程。"
            )
            publish_many(document_of(page, site) for page in guides.publish_guides())
            publish_organs_of(site)
    documents.publish_documents(sites)
    _import_real(sites[0])
    tie(sites)
    return sites


def _import_real(portal: TenantRef) -> None:
    wanted = [text for text in all_texts() if text["id"] in REAL]
    with in_schema_of(portal):
        for column in sorted(set(REAL.values())):
            lines = (json.dumps(text, ensure_ascii=False) for text in wanted if REAL[text["id"]] == column)
            importing.import_texts(importing.find_column(column), lines)


def tie(sites: Sequence[TenantRef]) -> list[int]:
    """Do what the demo does once all texts are there; return what each step made, so that a second time is seen to make nothing."""
    portal = sites[0]
    made = [documents.relate_documents(sites), documents.await_interpretation(portal)]
    for site in sites:
        made.append(explaining.publish_interpretations(site, portal=portal))
        made.append(consulting.publish_consultations(site))
        made.append(topics.publish_topics(site))
        made.append(openness.publish_openness(site))
        with in_schema_of(site), transaction.atomic():
            made.append(letters.publish_letters(site))
        made.append(int(homes.compose_home(site)))
    with in_schema_of(portal), transaction.atomic():
        made.append(explaining.publish_response(portal))
    letters.hand_over(portal, sites[1])
    return made
