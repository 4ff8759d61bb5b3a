"""What changed between two versions of a power list."""

from hypothesis import given
from hypothesis import strategies as st

from tenants.organs.comparing import compare
from tenants.organs.contract import Differences, FieldChange, ItemChange


def row(code: str, **fields: str) -> dict[str, str]:
    return {"code": code, "kind": "permit", "name": f"事项{code}", "basis": "", "unit": "", "process": "", "supervision": ""} | fields


def test_items_are_added_removed_and_changed_by_field() -> None:
    older = [row("1"), row("2", kind="permit", basis="旧法"), row("3")]
    newer = [row("4"), row("2", kind="penalty", basis="新法"), row("3")]

    assert compare(older, newer) == Differences(
        added=(ItemChange("4", "事项4"),),
        removed=(ItemChange("1", "事项1"),),
        changed=(ItemChange("2", "事项2", (FieldChange("权力类型", "行政许可", "行政处罚"), FieldChange("设定依据", "旧法", "新法"))),),
    )


def test_another_order_is_no_change() -> None:
    assert compare([row("1"), row("2")], [row("2"), row("1")]).is_empty


LISTS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["", "甲", "乙"])).map(
    lambda found: [row(code, unit=unit) for code, unit in found.items()]
)


@given(older=LISTS, newer=LISTS)
def test_every_item_is_told_once(older: list[dict[str, str]], newer: list[dict[str, str]]) -> None:
    found = compare(older, newer)

    before, after = ({one["code"]: one for one in rows} for rows in (older, newer))
    assert {one.code for one in found.added} == after.keys() - before.keys()
    assert {one.code for one in found.removed} == before.keys() - after.keys()
    assert {one.code for one in found.changed} == {code for code in before.keys() & after.keys() if before[code] != after[code]}
