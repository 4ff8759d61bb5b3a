"""The sample documents of the demo: what each says, where it stands, and what it has to do with the others."""

from dataclasses import dataclass

from library.contract import RelationKind
from search.contract import DocumentClass, Validity

PORTAL, COUNTY, OFFICE = "taiyuan", "xiaodian", "jyj"
JOBS_BASIS = "pol-4d9e4925d2"  # 国发〔2018〕39号
IN_FORCE, PENDING, EXPIRED = Validity.IN_FORCE.value, Validity.PENDING.value, Validity.EXPIRED.value


@dataclass(frozen=True, slots=True)
class Text:
    """A sample document: where it stands, what it says, and which others it is related to, each by its source number."""

    site: str
    name: str
    title: str
    doc_no: str
    days_ago: int
    lines: tuple[str, ...]
    signed_days_ago: int = 0
    validity: str = IN_FORCE
    kind: DocumentClass = DocumentClass.NORMATIVE
    genre: str = ""
    subject: str = "02"
    until_days: int = 0  # from today; before it if negative
    effective_days: int = 0
    relations: tuple[tuple[RelationKind, str], ...] = ()
    topics: tuple[str, ...] = ()


TEXTS = (
    Text(
        PORTAL,
        "sample-parking",
        "太原市城市停车管理办法",
        "样政发〔2022〕3号",
        1500,
        (
            "第一条 为规范城市停车秩序，方便群众出行，制定本办法。",
            "第二条 本办法适用于本市建成区内公共停车场和道路停车泊位的规划、使用和收费管理。",
            "第三条 停车泊位的设置应当公布位置、时段和收费标准。",
            "第四条 停车不超过十五分钟的，不收取停车费。",
            "第五条 残疾人专用车辆在专用泊位停放的，免收停车费。",
            "第六条 对停车收费有异议的，可以拨打样例热线反映，经营者应当在三个工作日内答复。",
            "第七条 本办法自公布之日起三十日后施行，有效期五年。",
        ),
        until_days=330,
        genre="命令",
        subject="10",
        kind=DocumentClass.RULE,
    ),
    Text(
        PORTAL,
        "sample-parking-draft",
        "太原市城市停车管理办法（修改征求意见稿）",
        "",
        95,
        ("现就修改《太原市城市停车管理办法》征求意见：", "一、将免费停车时间由十五分钟延长为三十分钟。", "二、增加夜间停车优惠的规定。"),
        kind=DocumentClass.OTHER,
        validity=Validity.UNKNOWN.value,
        subject="10",
        relations=((RelationKind.DRAFT_OF, "sample-parking-change"),),
    ),
    Text(
        PORTAL,
        "sample-parking-change",
        "太原市人民政府关于修改《太原市城市停车管理办法》的决定",
        "样政发〔2026〕9号",
        40,
        (
            "第一条 将第四条修改为：“停车不超过三十分钟的，不收取停车费。”",
            "第二条 增加一条，作为第五条：“二十二时至次日七时停车的，实行优惠收费。”",
            "第三条 本决定自公布之日起施行。",
        ),
        genre="决定",
        subject="10",
        kind=DocumentClass.RULE,
        relations=((RelationKind.AMENDS, "sample-parking"),),
    ),
    Text(
        PORTAL,
        "sample-jobs",
        "太原市促进就业若干措施",
        "样政办发〔2026〕12号",
        12,
        (
            "一、对不裁员或者少裁员的参保企业，按规定返还失业保险费。",
            "二、符合条件的人员自主创业的，可以申请创业担保贷款。",
            "三、组织失业青年参加三至十二个月的就业见习，按规定给予补贴。",
            "四、失业人员可以在常住地办理失业登记，享受就业服务。",
            "五、本措施自公布之日起施行，有效期三年。",
        ),
        genre="通知",
        subject="15",
        until_days=1080,
        relations=((RelationKind.BASED_ON, JOBS_BASIS),),
        topics=("wenjiuye", "bao-jiuye"),
    ),
    Text(
        PORTAL,
        "sample-bikes",
        "太原市电动自行车停放充电管理规定",
        "样政发〔2026〕11号",
        9,
        ("第一条 为预防火灾，规范电动自行车停放、充电，制定本规定。", "第二条 禁止在建筑物的公共门厅、疏散通道、楼梯间停放、充电。"),
        validity=PENDING,
        effective_days=30,
        genre="命令",
        subject="16",
        kind=DocumentClass.RULE,
    ),
    Text(
        PORTAL,
        "sample-flood",
        "太原市汛期临时管控措施",
        "样政办发〔2025〕6号",
        520,
        ("一、汛期暂停沿河低洼路段的停车。", "二、本措施有效期一年。"),
        validity=EXPIRED,
        until_days=-155,
        genre="通告",
        subject="17",
    ),
    Text(
        PORTAL,
        "sample-market",
        "太原市餐饮服务食品安全监督检查标准",
        "样市监发〔2026〕2号",
        70,
        ("一、检查事项：许可、场所、设备、人员、原料、加工过程、餐饮具消毒。", "二、检查结果自作出之日起二十个工作日内公开。"),
        signed_days_ago=110,
        kind=DocumentClass.MARKET,
        genre="通知",
        subject="09",
        topics=("yingshang",),
    ),
    Text(
        COUNTY,
        "sample-jobs-plan",
        "小店区促进就业实施方案",
        "样小政办发〔2026〕5号",
        6,
        ("一、落实市级促进就业措施，建立重点群体就业台账。", "二、每季度举办专场招聘活动。", "三、本方案有效期三年。"),
        genre="通知",
        subject="15",
        until_days=1085,
        relations=((RelationKind.BASED_ON, "sample-jobs"),),
        topics=("wenjiuye", "bao-jiuye"),
    ),
    Text(
        COUNTY,
        "sample-parking-notice",
        "小店区临时停车收费通知",
        "样小政发〔2021〕8号",
        1700,
        ("一、临时停车每小时收费三元。", "二、本通知自公布之日起施行。"),
        genre="通知",
        subject="10",
    ),
    Text(
        COUNTY,
        "sample-talents",
        "小店区人才公寓管理办法",
        "样小政办发〔2024〕2号",
        610,
        ("第一条 为做好人才住房保障，制定本办法。", "第二条 人才公寓的申请条件、程序和租金标准应当公布。"),
        signed_days_ago=670,
        genre="通知",
        subject="15",
    ),
    Text(
        COUNTY,
        "sample-canteens",
        "小店区小餐饮专项整治方案",
        "样小政办发〔2022〕7号",
        1400,
        ("一、整治范围：辖区内小餐饮经营单位。", "二、整治时间：一年。"),
        genre="通知",
        subject="09",
    ),
    Text(
        COUNTY,
        "sample-stalls",
        "小店区早市摊位管理暂行办法",
        "样小政发〔2020〕4号",
        2100,
        ("第一条 早市摊位实行登记管理。", "第二条 摊位费按月收取。"),
        genre="通知",
        subject="08",
    ),
    Text(
        OFFICE,
        "sample-school",
        "太原市义务教育招生入学工作指导意见",
        "样教发〔2026〕4号",
        75,
        ("一、义务教育学校划片免试就近入学。", "二、各县（市、区）公布学校名单、划片范围、招生计划、报名条件和咨询电话。"),
        genre="意见",
        subject="11",
        topics=("bao-minsheng",),
    ),
    # Last, for it ends what stands above.
    Text(
        PORTAL,
        "sample-end",
        "太原市人民政府关于废止部分行政规范性文件的决定",
        "样政发〔2026〕10号",
        33,
        ("经研究，决定废止《小店区临时停车收费通知》等文件。", "本决定自公布之日起施行。"),
        genre="决定",
        relations=((RelationKind.REPEALS, "sample-parking-notice"),),
    ),
)
