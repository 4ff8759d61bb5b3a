"""The four roles of a site and what each may do, as Wagtail sees it."""

import pytest
from wagtail.models import GroupPagePermission, Page, Task, Workflow

from accounts.models import User
from memberships.contract import Role
from registry.schemas import in_schema_of
from tenants.pages import services
from tests.factories.people import person
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.usefixtures("database")

EXPECTED = {  # add, edit, publish, lock, delete in bulk
    Role.EDITOR: (True, True, False, False, False),
    Role.REVIEWER: (True, True, True, True, False),
    Role.ADMINISTRATOR: (True, True, True, True, True),
    Role.AUDITOR: (False, False, False, False, False),
}


@pytest.mark.parametrize("role", EXPECTED)
def test_a_role_may_do_what_its_name_says(role: Role) -> None:

    (tenant,) = copied_sites("xiaodian")
    person("somebody", roles={role: [tenant]})

    with in_schema_of(tenant):
        shadow = User.objects.get(username="somebody")
        may = Page.objects.get(slug="zcwj").permissions_for_user(shadow)
        can = (
            may.can_add_subpage(),
            may.can_edit(),
            may.can_publish(),
            may.can_lock(),
            may.user_has_lock() or "bulk_delete" in may.permissions,
        )
        assert can == EXPECTED[role]
        assert shadow.has_perm("wagtailadmin.access_admin")
        assert not shadow.is_superuser
        assert [perm for perm in shadow.get_all_permissions() if perm.split(".")[0] in ("accounts", "auth")] == []


def test_running_it_again_changes_nothing() -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        before = sorted(GroupPagePermission.objects.values_list("group__name", "permission__codename"))
        services.ensure_roles()
        assert sorted(GroupPagePermission.objects.values_list("group__name", "permission__codename")) == before


def test_wagtails_approval_is_wired_to_the_reviewers() -> None:
    (tenant,) = copied_sites("xiaodian")
    with in_schema_of(tenant):
        assert Workflow.objects.count() == 1
        task = Task.objects.get().specific
        assert [group.name for group in task.groups.all()] == ["审核"]
