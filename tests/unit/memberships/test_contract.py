"""Roles and their groups."""

from memberships.contract import Role


def test_every_role_has_its_group() -> None:
    assert {role.value: role.group_name for role in Role} == {
        "administrator": "系统管理员",
        "editor": "编辑",
        "reviewer": "审核",
        "auditor": "审计",
    }
