"""What is refused, in the words of the console; for the verbs of provisioning the exact sentence is shown below it."""

import datetime as dt

from calendars.contract import CalendarFileError
from exchange.contract import ExchangeError
from provisioning import contract
from provisioning.verbs.restoring import UnconfirmedError
from registry.contract import GreyPeriodError
from rules.contract import UNIT_LABELS, RuleExistsError, RuleOverlapError, RuleRefusedError, RuleUnitError, RuleValueError

REFUSALS = (contract.RefusedError, RuleRefusedError, GreyPeriodError, ExchangeError, CalendarFileError)

_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (CalendarFileError, "第一行应写明各列的名称：date,is_working,name,source,published_on。"),
    (RuleExistsError, "同一范围在这一天已有另一条规则。规则不改写：请换一个第一天。"),
    (RuleValueError, "数值不对：百分比为0到100；每年的某一天写作月日，如131是1月31日；最后一天不能早于第一天。"),
    (UnconfirmedError, "这个站点上一次恢复还没有确认。请先在站点页面确认恢复，或退回恢复前。"),
    (contract.BlueprintRefusedError, "蓝本不能用：没有这个蓝本、内容有问题，或与站点类别不符。"),
    (contract.SlugError, "标识不能用：格式不对、是保留字，或已被其他站点使用。请换一个标识。"),
    (contract.CityError, "没有这个城市，请先登记城市。"),
    (contract.RegionError, "没有这个行政区划代码，请核对。"),
    (contract.ThemeError, "没有这个主题。"),
    (contract.NotOwnedError, "没有查到这个域名的归属记录。请按下面的内容添加TXT解析记录，稍后重试；或写明没有验证归属仍要增加的理由。"),
    (contract.DomainError, "域名不能用：格式不对，或属于其他站点。"),
    (contract.PersonError, "没有这个账号，请先建立人员账号。"),
    (contract.FilingsError, "开办手续不全。请补填编号和日期，或写明仍要开通的理由。"),
    (contract.IdentifierError, "网站标识码格式不对，应为十位数字。"),
    (contract.UnknownSiteError, "没有这个站点。"),
    (contract.RulesError, "不符合规定的时限或次数，具体依据见下。"),
    (contract.ClosedError, "站点已经关闭，不能再操作。"),
    (contract.StateError, "站点当前的状态不允许这项操作。"),
    (contract.UnfinishedError, "另一项操作还没有结束。请先在任务页面重试或撤销它。"),
    (contract.DifferentRequestError, "同一项操作曾以不同内容开始且没有结束。请用原来的内容继续，或先撤销。"),
    (contract.RollingBackError, "这项操作正在撤销，不能继续向前。"),
    (contract.NothingToUndoError, "没有可以撤销的操作。"),
    (contract.LaterOperationError, "之后又有新的操作或内容，不能撤销。"),
    (contract.IrreversibleError, "操作已经越过不能撤销的步骤，只能继续完成。"),
)


_FIELDS: tuple[tuple[type[Exception], str], ...] = (
    (CalendarFileError, "text"),
    (RuleUnitError, "unit"),
    (RuleValueError, "value"),
    (RuleOverlapError, "valid_to"),
    (RuleExistsError, "valid_from"),
)


def in_chinese(error: Exception) -> str:
    """Return what a refusal means and what to do."""
    if isinstance(error, GreyPeriodError | ExchangeError):
        return str(error)  # written for people already
    if isinstance(error, RuleUnitError):
        return f"这条规则以“{UNIT_LABELS[error.unit]}”计数，程序按它读数。请换算成这个单位。"
    if isinstance(error, RuleOverlapError):
        last = error.begins - dt.timedelta(days=1)
        return f"同一范围已有一条自{error.begins:%Y-%m-%d}起的规则，会与新的重叠。请把最后一天填到{last:%Y-%m-%d}或更早。"
    return next((words for kind, words in _WORDS if isinstance(error, kind)), "请求不符合条件，没有做任何改动。")


def words_of(path: str) -> str:
    """Return what a failed job's exception means, by its module and name; empty where the console has no words for it."""
    return next((words for kind, words in _WORDS if f"{kind.__module__}.{kind.__qualname__}" == path), "")


def field_of(error: Exception) -> str:
    """Return the field a refusal is about; empty where it is about all of them."""
    return next((field for kind, field in _FIELDS if isinstance(error, kind)), "")
