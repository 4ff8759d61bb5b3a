"""Roles: the membership in `public` and the shadow in the site's schema say the same."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.models import PersonHasPasswordError, User
from memberships import services
from memberships.contract import Role
from memberships.models import Membership
from observability.models import AuditEntry
from registry.contract import TenantRef
from registry.schemas import in_public, in_schema_of
from tests.factories.people import PASSWORD, person
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.usefixtures("database")


def shadow_of(user: User, site: TenantRef) -> User | None:
    with in_schema_of(site):
        return User.objects.filter(uuid=user.uuid).first()


def groups_of(user: User, site: TenantRef) -> list[str]:
    with in_schema_of(site):
        return list(Group.objects.filter(user__uuid=user.uuid).values_list("name", flat=True))


def test_a_grant_casts_a_shadow_that_has_no_password() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person()

    assert services.grant(zhang, site, Role.EDITOR, by="tests") is True

    shadow = shadow_of(zhang, site)
    assert shadow is not None
    assert (shadow.username, shadow.name, shadow.is_active) == ("zhangsan", "示例人员", True)
    assert (shadow.has_usable_password(), shadow.is_superuser, shadow.is_staff) == (False, False, False)
    assert shadow.check_password(PASSWORD) is False
    assert groups_of(zhang, site) == ["编辑"]
    membership = Membership.objects.get()
    assert (membership.person_id, membership.tenant_id, membership.role, membership.granted_by_id) == (zhang.pk, site.id, "editor", None)
    assert AuditEntry.objects.filter(action="membership.granted", actor="tests", subject="zhangsan", tenant_uuid=site.uuid).count() == 1


def test_a_grant_reaches_no_other_site() -> None:
    here, there = copied_sites("xiaodian", "yingze")

    zhang = person(roles={Role.EDITOR: [here]})

    assert shadow_of(zhang, there) is None


def test_granting_again_changes_nothing() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})
    before = shadow_of(zhang, site)

    assert services.grant(zhang, site, Role.EDITOR, by="tests") is False

    after = shadow_of(zhang, site)
    assert before is not None
    assert after is not None
    assert (after.pk, after.password) == (before.pk, before.password)
    assert AuditEntry.objects.filter(action="membership.granted").count() == 1


def test_granting_again_mends_a_shadow() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})
    with in_schema_of(site):
        shadow = User.objects.get(uuid=zhang.uuid)
        shadow.set_password(PASSWORD)
        shadow.is_superuser = True
        shadow.save()
        shadow.groups.clear()

    assert services.grant(zhang, site, Role.EDITOR, by="tests") is True

    mended = shadow_of(zhang, site)
    assert mended is not None
    assert (mended.has_usable_password(), mended.is_superuser) == (False, False)
    assert groups_of(zhang, site) == ["编辑"]


def test_another_role_replaces_the_first_and_ends_sessions() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})
    before = shadow_of(zhang, site)

    services.grant(zhang, site, Role.REVIEWER, by=zhang)

    after = shadow_of(zhang, site)
    assert groups_of(zhang, site) == ["审核"]
    assert Membership.objects.get().granted_by_id == zhang.pk
    assert before is not None
    assert after is not None
    with in_schema_of(site):
        assert before.get_session_auth_hash() != after.get_session_auth_hash()


def test_a_revoked_role_leaves_an_inactive_shadow_without_groups() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})

    assert services.revoke(zhang, site, by="tests") is True
    assert services.revoke(zhang, site, by="tests") is False

    shadow = shadow_of(zhang, site)
    assert shadow is not None
    assert shadow.is_active is False
    assert groups_of(zhang, site) == []
    assert Membership.objects.get().is_active is False
    assert AuditEntry.objects.filter(action="membership.revoked").count() == 1


def test_a_role_comes_back_with_the_same_shadow() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})
    before = shadow_of(zhang, site)
    services.revoke(zhang, site, by="tests")

    services.grant(zhang, site, Role.EDITOR, by="tests")

    after = shadow_of(zhang, site)
    assert before is not None
    assert after is not None
    assert (after.pk, after.is_active) == (before.pk, True)


def test_nobody_administers_and_audits_in_one_city() -> None:
    here, there = copied_sites("xiaodian", "yingze")
    zhang = person(roles={Role.ADMINISTRATOR: [here]})

    with pytest.raises(services.SeparationOfDutiesError, match="administrator at xiaodian"):
        services.grant(zhang, there, Role.AUDITOR, by="tests")

    assert shadow_of(zhang, there) is None
    assert Membership.objects.count() == 1


def test_a_revoked_administrator_may_audit() -> None:
    here, there = copied_sites("xiaodian", "yingze")
    zhang = person(roles={Role.ADMINISTRATOR: [here]})
    services.revoke(zhang, here, by="tests")

    assert services.grant(zhang, there, Role.AUDITOR, by="tests") is True


def test_a_missing_group_leaves_nothing_half_done() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person()
    with in_schema_of(site):
        Group.objects.filter(name="审计").delete()

    with pytest.raises(services.RoleGroupMissingError, match="no group 审计"):
        services.grant(zhang, site, Role.AUDITOR, by="tests")

    assert Membership.objects.count() == 0
    assert shadow_of(zhang, site) is None


def test_a_site_without_tables_gets_no_shadow_and_reaches_no_person() -> None:
    (site,) = copied_sites("xiaodian")
    zhang = person(roles={Role.EDITOR: [site]})
    nowhere = replace(site, schema_name="s_nowhere")

    with pytest.raises(services.RoleGroupMissingError, match="open the site first"):
        services.grant(zhang, nowhere, Role.REVIEWER, by="tests")
    services.revoke(zhang, nowhere, by="tests")

    assert Membership.objects.get().role == "editor"
    kept = User.objects.get()
    assert (kept.is_active, kept.check_password(PASSWORD)) == (True, True)


def test_a_closed_account_loses_everything_and_gets_nothing() -> None:
    here, there = copied_sites("xiaodian", "yingze")
    zhang = person(roles={Role.EDITOR: [here, there]})

    assert services.deactivate_person(zhang, by="tests") is True
    assert services.deactivate_person(zhang, by="tests") is False

    assert [shadow.is_active for shadow in (shadow_of(zhang, here), shadow_of(zhang, there)) if shadow] == [False, False]
    with pytest.raises(services.InactivePersonError):
        services.grant(zhang, here, Role.EDITOR, by="tests")


@pytest.mark.parametrize("name", ["zhangsan", "ZhangSan"])
def test_a_name_is_taken_in_whatever_case(name: str) -> None:
    person("zhangsan")

    with pytest.raises(services.UsernameTakenError):
        services.create_person(name, name="", password=PASSWORD)


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("li si", PASSWORD),
        ("lisi", "short"),
        ("lisi", "123456789012345"),
        ("", PASSWORD),
        ("li\udc80si", PASSWORD),
        ("lisi", PASSWORD + "\x00"),
    ],
)
def test_a_bad_name_or_password_is_refused(username: str, password: str) -> None:
    with pytest.raises(services.InvalidPersonError) as refusal:
        services.create_person(username, name="", password=password)

    assert refusal.value.messages != []
    assert User.objects.count() == 0


def test_accounts_are_kept() -> None:
    zhang = person()

    with pytest.raises(PermissionDenied):
        zhang.delete()
    with pytest.raises(PersonHasPasswordError):
        zhang.end_sessions()

    assert User.objects.count() == 1


def test_no_foreign_key_crosses_schemas() -> None:
    copied_sites("xiaodian")

    with in_public(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid"
            " WHERE k.contype = 'f' AND a.relnamespace <> b.relnamespace"
        )
        assert cursor.fetchone() == (0,)
