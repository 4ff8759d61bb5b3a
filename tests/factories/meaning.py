"""Three texts of which one answers a question, and another one has its words."""

from pathlib import Path

from django.core.management import call_command
from django.test import override_settings

from registry.contract import TenantRef
from search import selectors
from search.contract import Question, Scope
from search.semantic import keeping
from search.semantic.asking import Meaning
from tests.factories.documents import document, publish

ASKED = "邻居的狗叫得我晚上睡不着，应该找谁管？"
# The first says the words of the question and is about something else; the second answers it.
TEXTS = {
    "夜班手册": "第一条　仓库的闹钟叫得值班的人晚上睡不着的，由各单位确定。",
    "养犬管理条例": "第一条　饲养犬只不得干扰他人正常生活。犬吠使他人晚上睡不好的，养犬人应当制止；拒不制止的，邻居可以向公安机关投诉。",
    "停车管理办法": "第一条　晚上在邻居门前停放车辆的，由住房部门管理。",
}


def read_by_the_model(site: TenantRef, model_folder: Path) -> None:
    """Publish the texts on a site, with both indices in step."""
    publish(*(document(site, number, title=title, body=body, source_id=title) for number, (title, body) in enumerate(TEXTS.items(), 1)))
    call_command("search", "rebuild", verbosity=0)
    with override_settings(SEARCH_SEMANTIC_FOLDER=model_folder):
        keeping.build()


def titles(question: str | Question, scope: Scope, meaning: Meaning = Meaning.AS_SET) -> list[str]:
    """Return the titles found, in order."""
    asked = question if isinstance(question, Question) else Question(text=question)
    found = selectors.find(asked, scope=scope, meaning=meaning)
    assert not found.is_degraded
    return [hit.title for hit in found.hits]
