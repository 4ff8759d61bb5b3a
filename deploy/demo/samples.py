"""What the demo invents, every piece marked as a sample: articles for the columns no real text fills, footers, people by role."""

from dataclasses import dataclass

MARK = "（样例）"
NOTE = "本文为样例，仅用于演示网站的栏目、版面与检索，不代表任何机关的工作或意见。"
UNDERTAKER = "样例承办单位"
PHONE = "0351-0000000（样例）"
ADDRESS = "太原市样例路1号（样例）"
ICP = "晋ICP备00000000号（样例）"
POLICE_RECORD = "晋公网安备 00000000000000号（样例）"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample article: the column it belongs to, how many days before the demo's first start it appeared, its paragraphs.

    `{short}` and `{name}` stand for the site's short and full name.
    """

    column: str
    days_ago: int
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign on: named for the role, not for a person."""

    username: str
    name: str
    role: str


PEOPLE = (
    Person("admin", "系统管理员", "administrator"),
    Person("editor", "编辑", "editor"),
    Person("reviewer", "审核", "reviewer"),
    Person("auditor", "审计", "auditor"),
)
# The three who run the platform; nobody of them works at a site.
OFFICERS = (
    Person("ops", "平台系统管理员", "operations"),
    Person("security", "平台安全管理员", "security"),
    Person("audit", "平台审计员", "audit"),
)

ARTICLES = (
    Sample(
        "yaowen",
        1,
        "{short}部署政务公开重点工作",
        (
            "{short}召开会议，部署本年度政务公开重点工作，要求各单位把公开贯穿于决策、执行、管理、服务和结果全过程。",
            "会议强调，要及时更新政府信息公开目录，做好政策文件与解读材料的同步发布，让公众找得到、看得懂、用得上。",
        ),
    ),
    Sample(
        "yaowen",
        6,
        "{short}推进政务服务“一件事”集成办理",
        (
            "{short}梳理群众和企业办事高频事项，推进跨部门集成办理，压减材料、时限和跑动次数。",
            "下一步将在线上线下同步公布办事指南，并定期听取意见加以改进。",
        ),
    ),
    Sample(
        "yaowen",
        15,
        "{short}开展政府网站内容检查",
        ("{short}对所属栏目开展自查，重点检查信息更新、链接可用、表述规范和无障碍访问，发现问题限期整改。",),
    ),
    Sample(
        "tzgg",
        2,
        "关于{name}网站升级后试运行的公告",
        (
            "为更好地服务公众，{name}网站完成升级并开始试运行。试运行期间，欢迎通过“互动交流”栏目提出意见建议。",
            "原有地址继续有效，无需重新收藏。",
        ),
    ),
    Sample(
        "tzgg",
        9,
        "关于公开征集{short}民生实事项目建议的通知",
        ("现面向社会公开征集{short}下一年度民生实事项目建议，范围包括教育、就业、医疗、养老、住房、交通和生态环境等方面。",),
    ),
    Sample("tzgg", 20, "{short}政务服务大厅节假日办理时间安排", ("节假日期间，政务服务大厅实行预约办理，具体时间以大厅公告为准。",)),
    Sample("zhidu", 31, "政府信息公开工作制度目录", ("列示政府信息公开属性源头认定、保密审查、依申请公开办理、年度报告发布等制度。",)),
    Sample(
        "fdzdgk", 32, "法定主动公开内容目录", ("依照《中华人民共和国政府信息公开条例》第二十条，列示本机关应当主动公开的内容和对应栏目。",)
    ),
    Sample(
        "ysqgk",
        33,
        "依申请公开政府信息办理流程",
        ("申请人可以当面、邮寄或者在线提交申请；行政机关自收到申请之日起二十个工作日内予以答复。",),
    ),
    Sample("bsfw", 12, "企业开办一次办办事指南", ("企业设立登记、公章刻制、发票领用、社保登记等事项可以一次提交、联动办理。",)),
    Sample("hdjl", 18, "网上来信办理说明", ("来信按职责分办，办理结果在承诺时限内答复；涉及个人隐私的来信不公开。",)),
)
