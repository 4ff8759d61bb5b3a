"""The topics that the province's work points of 2020 ask for, with their members."""

from typing import Any

from django.db import migrations

BASIS = "山西省2020年政务公开工作要点"
TOPICS = {
    ("liuwen", "六稳", "稳就业、稳金融、稳外贸、稳外资、稳投资、稳预期的政策举措及其成效。"): [
        ("wenjiuye", "稳就业"), ("wenjinrong", "稳金融"), ("wenwaimao", "稳外贸"),
        ("wenwaizi", "稳外资"), ("wentouzi", "稳投资"), ("wenyuqi", "稳预期"),
    ],
    ("liubao", "六保", "保居民就业、保基本民生、保市场主体、保粮食能源安全、保产业链供应链稳定、保基层运转。"): [
        ("bao-jiuye", "保居民就业"), ("bao-minsheng", "保基本民生"), ("bao-shichang", "保市场主体"),
        ("bao-liangshi-nengyuan", "保粮食能源安全"), ("bao-chanyelian", "保产业链供应链稳定"), ("bao-jiceng", "保基层运转"),
    ],
    ("liuxin", "六新", "新基建、新技术、新材料、新装备、新产品、新业态的政策与突破。"): [
        ("xin-jijian", "新基建"), ("xin-jishu", "新技术"), ("xin-cailiao", "新材料"),
        ("xin-zhuangbei", "新装备"), ("xin-chanpin", "新产品"), ("xin-yetai", "新业态"),
    ],
    ("gongjianzhan", "三大攻坚战", "防范化解重大风险、精准脱贫、污染防治。"): [
        ("fengxian", "防范化解重大风险"), ("tuopin", "精准脱贫"), ("wuran-fangzhi", "污染防治"),
    ],
    ("zhuanxing", "转型发展", "观念、经济、方式、路径、动力、结构、机制、管理转型。"): [
        ("zhuanxing-guannian", "观念转型"), ("zhuanxing-jingji", "经济转型"), ("zhuanxing-fangshi", "方式转型"),
        ("zhuanxing-lujing", "路径转型"), ("zhuanxing-dongli", "动力转型"), ("zhuanxing-jiegou", "结构转型"),
        ("zhuanxing-jizhi", "机制转型"), ("zhuanxing-guanli", "管理转型"),
    ],
    ("yingshang", "优化营商环境", "“放管服”改革与营商环境建设的政策、解读与成效。"): [
        ("chengnuozhi", "承诺制改革"), ("yimeiyinzhang", "一枚印章管审批"), ("zhengzhao-fenli", "证照分离"),
    ],
}  # fmt: skip
BELOW = {"wuran-fangzhi": [("lantian", "蓝天保卫战"), ("bishui", "碧水保卫战"), ("jingtu", "净土保卫战")]}


def seed(apps: Any, _schema_editor: Any) -> None:
    row = apps.get_model("vocabularies", "TopicRow")
    for place, ((slug, title, description), members) in enumerate(TOPICS.items()):
        row.objects.create(slug=slug, title=title, description=description, basis=BASIS, position=place)
        _add(row, slug, members)
    for slug, members in BELOW.items():
        _add(row, slug, members)


def _add(row: Any, parent: str, members: list[tuple[str, str]]) -> None:
    for place, (slug, title) in enumerate(members):
        row.objects.create(slug=slug, title=title, parent_id=parent, basis=BASIS, position=place)


class Migration(migrations.Migration):
    dependencies = [("vocabularies", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
