"""The steps of making a site after another: its structure as a blueprint, or its published content row by row."""

import shutil
from dataclasses import dataclass
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.utils.module_loading import import_string

from blueprints.services import note_application_of
from provisioning import blueprints
from provisioning.backups import tables
from provisioning.contract import SiteSpec, StepDefinition, Walk
from provisioning.steps import opening
from registry.contract import TEMPLATE_SCHEMA, TenantRef
from registry.schemas import in_public, in_schema_of
from registry.selectors import tenant_by_slug

PATIENCE = "10s"  # to wait for editors of the source who save at this moment


@dataclass(frozen=True, slots=True)
class CloneSpec(SiteSpec):
    """A site to open after another, with its content or with its structure alone."""

    source: str = ""
    with_content: bool = False


def create_schema(walk: Walk[CloneSpec]) -> None:
    """Make the site's tables, as the template has them, and fill them with the source's content if that is wanted."""
    opening.create_schema(walk)  # type: ignore[arg-type] # a walk of a kind of SiteSpec
    if walk.request.with_content and walk.memory["made_schema"]:
        _copy_rows(tenant_by_slug(walk.request.source).schema_name, opening.schema_name(walk.request.slug))


def _copy_rows(source: str, target: str) -> None:
    """Fill a schema with the rows of another, all as of one moment: who saves in the source meanwhile waits."""
    copied = [apps.get_model(label) for label in settings.CLONED_MODELS]
    names = [_table(source, model) for model in copied]
    migrations = tables.migrations_of(target)
    with in_public(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'; LOCK TABLE {', '.join(names)} IN SHARE MODE")
        with tables.emptied(target):
            for model in copied:
                columns = ", ".join(f'"{field.column}"' for field in model._meta.local_concrete_fields)
                values = ", ".join(_value(field, copied) for field in model._meta.local_concrete_fields)
                cursor.execute(f"INSERT INTO {_table(target, model)} ({columns}) SELECT {values} FROM {_table(source, model)}")  # noqa: S608 - names of models
            rows = [tuple(name.split(".", 1)) for name in migrations]
            cursor.executemany(f'INSERT INTO "{target}".django_migrations (app, name, applied) VALUES (%s, %s, now())', rows)  # noqa: S608 - checked name
    standing = tables.sequences_of(source)
    made = {table for table, _ in (column.split(".", 1) for column in standing)} & {model._meta.db_table for model in copied}
    tables.set_sequences(target, {column: at for column, at in standing.items() if column.split(".", 1)[0] in made})


def _table(schema: str, model: type[models.Model]) -> str:
    return f'"{schema}"."{model._meta.db_table}"'


def _value(field: models.Field[Any, Any], copied: list[type[models.Model]]) -> str:
    """Return what is copied of a column; what refers to rows that stay behind refers to nothing."""
    related: Any = field.remote_field
    if related is not None and related.model not in copied:
        return "NULL"
    return f'"{field.column}"'


def build_pages(walk: Walk[CloneSpec]) -> None:
    """Make the site its own: name, host, nothing of what was not published; or carry the source's structure into it."""
    if not walk.request.with_content:
        opening.build_pages(walk)  # type: ignore[arg-type] # as above
        return
    tenant, source = tenant_by_slug(walk.request.slug), tenant_by_slug(walk.request.source)
    with in_schema_of(tenant):
        for path in settings.SITE_BUILDERS:
            import_string(path)(tenant)
        blueprints.shape().settle(tenant, source=source)
        for path in settings.SITE_PROJECTORS:
            import_string(path)(tenant)
    with in_public():
        note_application_of(tenant, blueprints.given_digest(source))


def copy_files(walk: Walk[CloneSpec]) -> None:
    """Copy the pictures and files that the new site has rows of; what is there already is not copied again."""
    if not walk.request.with_content:
        return
    tenant, source = tenant_by_slug(walk.request.slug), tenant_by_slug(walk.request.source)
    for name in _file_names(tenant):
        old = opening.media_folder(source.schema_name) / name
        new = opening.media_folder(tenant.schema_name) / name
        if old.is_file() and not (new.is_file() and new.stat().st_size == old.stat().st_size):
            new.parent.mkdir(parents=True, exist_ok=True)
            partial = new.with_name(new.name + ".partial")
            shutil.copyfile(old, partial)
            partial.replace(new)


def _file_names(tenant: TenantRef) -> list[str]:
    names: list[str] = []
    with in_schema_of(tenant):
        for model in (apps.get_model(label) for label in settings.CLONED_MODELS):
            for field in model._meta.local_concrete_fields:
                if isinstance(field, models.FileField):
                    rows: Any = cast("Any", model).objects.exclude(**{field.name: ""})
                    names += rows.values_list(field.name, flat=True)
    return names


def _remove_files(walk: Walk[CloneSpec]) -> None:
    """Remove the copies; the folder belongs to this site alone."""
    if walk.memory.get("made_schema"):
        shutil.rmtree(opening.media_folder(opening.schema_name(walk.request.slug)), ignore_errors=True)


def _steps() -> tuple[StepDefinition[Any], ...]:
    """Return the steps of opening with those that copy in their places."""
    own: dict[str, StepDefinition[Any]] = {
        "schema": StepDefinition("schema", "建立数据表并复制内容", create_schema, opening.drop_schema, _foresee_schema),
        "pages": StepDefinition("pages", "改为本站并编入检索", build_pages, opening.unpublish_pages, _foresee_pages),
    }
    files: StepDefinition[Any] = StepDefinition("files", "复制图片和文件", copy_files, _remove_files, _foresee_files)
    steps: list[StepDefinition[Any]] = []
    for step in opening.OPEN_SITE:
        steps.append(own.get(step.name, step))
        if step.name == "pages":
            steps.append(files)
    return tuple(steps)


def _foresee_schema(spec: CloneSpec) -> str:
    extent = f"with the published content of {spec.source}" if spec.with_content else "empty"
    return f"makes the tables in {opening.schema_name(spec.slug)}, {extent}"


def _foresee_pages(spec: CloneSpec) -> str:
    if spec.with_content:
        return "puts its own name and host in, takes drafts and history out, tells search"
    return f"makes the home page and columns as {spec.source} has them"


def _foresee_files(spec: CloneSpec) -> str:
    return f"copies the pictures and files of {spec.source} that its pages use" if spec.with_content else "nothing"


CLONE_SITE = _steps()


def is_migrated(source: TenantRef) -> bool:
    """Whether a site's tables are those of the template."""
    return tables.migrations_of(source.schema_name) == tables.migrations_of(TEMPLATE_SCHEMA)
