"""The words these screens use."""

from search.models import Effect, Match

LABELS = {"match": dict(Match.choices), "effect": dict(Effect.choices), "is_two_way": {"true": "是", "": "否"}}
CHANGE_LABELS = {"added": "新增", "changed": "修改", "removed": "删除"}
KIND_LABELS = {
    "title_exact": "完整标题",
    "title_partial": "部分标题",
    "abbrev": "简称",
    "doc_number": "文号",
    "article_phrase": "条文语句",
    "article_ref": "条款",
    "typo": "错别字",
    "pinyin_full": "拼音全拼",
    "pinyin_initials": "拼音首字母",
    "traditional": "繁体",
    "place_topic": "地名加事项",
    "lay_question": "日常提问",
}
