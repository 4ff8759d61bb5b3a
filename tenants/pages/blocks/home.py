"""What a site's own home page is made of: blocks whose lists are fetched together by `composing.front`."""

from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

MOST_BLOCKS, MOST_COLUMNS, MOST_ROWS, MOST_PICTURES, MOST_FIGURES, MOST_LINKS = 12, 4, 20, 4, 8, 24
_ROWS = {"label": "每栏条数", "min_value": 1, "max_value": MOST_ROWS, "default": 8}
_CARDS = {"label": "最多几项", "min_value": 1, "max_value": MOST_ROWS, "default": 4}


class PictureBlock(blocks.StructBlock):
    """A picture with its words and the text it leads to."""

    image = ImageChooserBlock(label="图片")
    alt = blocks.CharBlock(label="图片说明（供读屏软件）", required=False, max_length=200)
    title = blocks.CharBlock(label="标题", max_length=100)
    page = blocks.PageChooserBlock(label="链接到", required=False)

    class Meta:
        icon = "image"
        label = "图片"


class LeadBlock(blocks.StructBlock):
    """The story that comes first, pictures beside each other, and columns next to it."""

    page = blocks.PageChooserBlock(label="头条", required=False, help_text="不选则用“头条”一栏所选，再没有则取最新的政务动态。")
    pictures = blocks.ListBlock(PictureBlock(), label="图片新闻", default=[], max_num=MOST_PICTURES, help_text="并排显示，不自动轮播。")
    columns = blocks.ListBlock(blocks.PageChooserBlock(page_type="pages.ColumnPage"), label="旁边的栏目", default=[], max_num=MOST_COLUMNS)
    rows = blocks.IntegerBlock(**_ROWS)

    class Meta:
        icon = "title"
        label = "头条与图片"


class ListsBlock(blocks.StructBlock):
    """The newest texts of columns, side by side."""

    columns = blocks.ListBlock(blocks.PageChooserBlock(page_type="pages.ColumnPage"), label="栏目", min_num=1, max_num=MOST_COLUMNS)
    rows = blocks.IntegerBlock(**_ROWS)
    across = blocks.ChoiceBlock(label="每行几栏", choices=[("1", "一栏"), ("2", "两栏"), ("3", "三栏")], default="2")

    class Meta:
        icon = "list-ul"
        label = "栏目列表"


class CardsBlock(blocks.StructBlock):
    """What a room of the site fills: services, topics, leaders."""

    title = blocks.CharBlock(label="标题", required=False, max_length=30)
    rows = blocks.IntegerBlock(**_CARDS)


class FigureBlock(blocks.StructBlock):
    """A figure with its unit and what it counts."""

    label = blocks.CharBlock(label="指标", max_length=40)
    value = blocks.CharBlock(label="数值", max_length=20)
    unit = blocks.CharBlock(label="单位", required=False, max_length=20)


class FiguresBlock(blocks.StructBlock):
    """Data of a period and where it comes from."""

    title = blocks.CharBlock(label="标题", default="数据发布", max_length=30)
    period = blocks.CharBlock(label="时间范围", max_length=40, help_text="例：2026年1—10月。没有时间的数据等于没有更新。")
    source = blocks.CharBlock(label="来源", max_length=60)
    figures = blocks.ListBlock(FigureBlock(), label="数据", min_num=1, max_num=MOST_FIGURES)

    class Meta:
        icon = "table"
        label = "数据"


class LinkBlock(blocks.StructBlock):
    """A link to a page of the site or elsewhere."""

    title = blocks.CharBlock(label="名称", max_length=40)
    page = blocks.PageChooserBlock(label="本站页面", required=False)
    url = blocks.URLBlock(label="或网址", required=False)


class LinksBlock(blocks.StructBlock):
    """Links under one heading."""

    title = blocks.CharBlock(label="标题", max_length=30)
    links = blocks.ListBlock(LinkBlock(), label="链接", min_num=1, max_num=MOST_LINKS)

    class Meta:
        icon = "link"
        label = "链接"


class BannerBlock(blocks.StructBlock):
    """A picture across the page that leads to a page."""

    image = ImageChooserBlock(label="图片", help_text="宽 1200 像素以上，高约为宽的八分之一。")
    title = blocks.CharBlock(label="图上说了什么", max_length=100, help_text="读屏软件读出这句话。")
    page = blocks.PageChooserBlock(label="链接到")

    class Meta:
        icon = "image"
        label = "横幅"


class HomeBlock(blocks.StreamBlock):
    """All of a home page but what the law fixes: the entry of openness stands behind the first block whatever is chosen."""

    lead = LeadBlock()
    lists = ListsBlock()
    services = CardsBlock(icon="form", label="办事服务")
    topics = CardsBlock(icon="tag", label="专题")
    leaders = CardsBlock(icon="group", label="政府领导")
    figures = FiguresBlock()
    links = LinksBlock()
    banner = BannerBlock()

    class Meta:
        block_counts = {name: {"max_num": 1} for name in ("lead", "services", "topics", "leaders")}
        max_num = MOST_BLOCKS
