"""What provisioning refuses, in the words of the console; the exact sentence is shown below it."""

from provisioning import contract

_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (contract.SlugError, "标识不能用：格式不对、是保留字，或已被其他站点使用。请换一个标识。"),
    (contract.CityError, "没有这个城市，请先登记城市。"),
    (contract.RegionError, "没有这个行政区划代码，请核对。"),
    (contract.ThemeError, "没有这个主题。"),
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


def in_chinese(error: Exception) -> str:
    """Return what a refusal means and what to do."""
    return next((words for kind, words in _WORDS if isinstance(error, kind)), "请求不符合条件，没有做任何改动。")
