"""Content types, permissions and roles of a migrated site: what Django and our apps make after a migration, as three statements a site.

The template schema was migrated by Django with everything that follows, so what it has and a site lacks is copied by its natural names.
"""

from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from django.db.migrations import Migration, operations
from django.utils.module_loading import import_string

from provisioning.fleet.planning import needs_python, operations_of
from registry.contract import TEMPLATE_SCHEMA

_PLAIN = (
    operations.AddField,
    operations.AlterField,
    operations.RemoveField,
    operations.RenameField,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.RenameIndex,
    operations.AddConstraint,
    operations.RemoveConstraint,
    operations.AlterUniqueTogether,
    operations.AlterModelManagers,
)
_TYPES = f"""
    INSERT INTO django_content_type (app_label, model)
    SELECT app_label, model FROM {TEMPLATE_SCHEMA}.django_content_type ON CONFLICT DO NOTHING
"""  # noqa: S608 - a constant of ours
_PERMISSIONS = f"""
    INSERT INTO auth_permission (name, content_type_id, codename)
    SELECT p.name, mine.id, p.codename FROM {TEMPLATE_SCHEMA}.auth_permission p
    JOIN {TEMPLATE_SCHEMA}.django_content_type t ON t.id = p.content_type_id
    JOIN django_content_type mine ON (mine.app_label, mine.model) = (t.app_label, t.model) ON CONFLICT DO NOTHING
"""  # noqa: S608 - a constant of ours


def may_change(migrations: Sequence[Migration]) -> bool:
    """Whether the migrations could bring new content types or permissions; runs inside the schema they are for."""
    return any(
        needs_python(migration) or not all(isinstance(each, _PLAIN) for each in operations_of(migration)) for migration in migrations
    )


def bring() -> bool:
    """Give the current schema the content types and permissions it lacks, in the caller's transaction; returns whether it lacked any."""
    with connection.cursor() as cursor:
        cursor.execute(_TYPES)
        types = cursor.rowcount
        cursor.execute(_PERMISSIONS)
        return bool(types + cursor.rowcount)


def bring_roles() -> None:
    """Give the current schema the roles of this code, see settings.SITE_ROLES; in the caller's transaction."""
    for path in settings.SITE_ROLES:
        import_string(path)()
