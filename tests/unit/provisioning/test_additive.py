"""Which operations only add, and what is said of those that take away."""

from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from provisioning.fleet import additive
from provisioning.fleet.contract import ContractingError
from provisioning.fleet.planning import Named, needs_python
from registry.schemas import in_schema_of

NEW = migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True)), ("text", models.CharField(max_length=9))])
ADDS: list[tuple[Operation, ...]] = [
    (NEW,),
    (NEW, migrations.AddField("note", "more", models.CharField(max_length=9)), migrations.RemoveField("note", "text")),
    (migrations.AddField("page", "a", models.CharField(max_length=9, null=True)),),
    (migrations.AddField("page", "a", models.CharField(max_length=9, db_default="")),),
    (migrations.AddField("page", "a", models.ManyToManyField("media.page")),),
    (
        migrations.AddField("page", "a", models.IntegerField(null=True)),
        migrations.AddConstraint("page", models.CheckConstraint(condition=models.Q(a__gt=0), name="positive")),
    ),
    (migrations.AddIndex("page", models.Index(fields=["title"], name="i")),),
    (migrations.AlterField("page", "title", models.CharField(max_length=90)),),
    (migrations.AlterField("page", "title", models.TextField()),),
    (migrations.AlterField("page", "title", models.CharField("other words", max_length=40, null=True)),),
    (migrations.AlterField("page", "number", models.BigIntegerField()),),
    (migrations.AlterModelOptions("page", {"verbose_name": "页"}),),
    (migrations.RunPython(migrations.RunPython.noop),),
    (migrations.RunSQL("CREATE INDEX i ON media_page (title); COMMENT ON TABLE media_page IS 'x'"),),
    (migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("page", "title")]),),
]
TAKES = {
    "NOT NULL without a database default": migrations.AddField("page", "a", models.CharField(max_length=9, default="")),
    "takes away what older code": migrations.RemoveField("page", "title"),
    "Delete model Page takes away": migrations.DeleteModel("Page"),
    "Rename field title on page to name takes the old name": migrations.RenameField("page", "title", "name"),
    "Rename model Page to Leaf takes the old name": migrations.RenameModel("Page", "Leaf"),
    "varchar(40) becomes varchar(20)": migrations.AlterField("page", "title", models.CharField(max_length=20)),
    "must be unique": migrations.AlterField("page", "title", models.CharField(max_length=40, unique=True)),
    "NULL is refused": migrations.AlterField("page", "note", models.TextField()),
    "integer becomes varchar(40)": migrations.AlterField("page", "number", models.CharField(max_length=40)),
    "may refuse rows that older code writes": migrations.AddConstraint("page", models.UniqueConstraint(fields=["title"], name="u")),
    "runs SQL that is not known": migrations.RunSQL("CREATE INDEX i ON media_page (title); DROP TABLE media_page"),
    "Remove field note from page takes away": migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RemoveField("page", "note")]
    ),
}


def state() -> ProjectState:
    found = ProjectState()
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("title", models.CharField(max_length=40)),
        ("note", models.TextField(null=True)),
        ("number", models.IntegerField()),
    ]
    found.add_model(ModelState("media", "Page", fields))
    return found


def migration(*operations: Operation, **marks: object) -> migrations.Migration:
    made = migrations.Migration("0002_x", "media")
    for name, value in {"operations": list(operations), **marks}.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize("operations", ADDS)
def test_what_only_adds_passes(operations: tuple[Operation, ...]) -> None:
    with in_schema_of(Named("s_any")):
        assert additive.contractions([migration(*operations)], state()) == []


@pytest.mark.parametrize("words", TAKES)
def test_what_takes_away_is_named_with_what_to_do_instead(words: str) -> None:
    with in_schema_of(Named("s_any")):
        (found,) = additive.contractions([migration(TAKES[words])], state())

    assert words in str(found)
    assert found.migration == "media.0002_x"
    assert found.instead


def test_a_marked_second_step_passes_unless_the_first_waits_too() -> None:
    second = migration(migrations.RemoveField("page", "title"), second_step_of=("media", "0001_stop"))

    with in_schema_of(Named("s_any")):
        additive.check([second], state())
        with pytest.raises(ContractingError, match=r"is the second step of media\.0001_stop, which not every site has had"):
            additive.check([second], state(), pending_elsewhere=[("media", "0001_stop")])


def test_one_of_others_passes_when_accepted_by_name() -> None:
    with in_schema_of(Named("s_any")):
        additive.check([migration(migrations.DeleteModel("Page"))], state(), accepted=["media.0002_x"])


def test_what_is_for_another_schema_does_not_count() -> None:
    with in_schema_of(Named("public")):
        assert additive.contractions([migration(migrations.DeleteModel("Page"))], state()) == []


@pytest.mark.parametrize(
    ("operation", "is_atomic", "expected"),
    [
        (migrations.AddField("page", "a", models.TextField(null=True)), True, False),
        (migrations.RunSQL("SELECT 1"), True, False),
        (migrations.RunPython(migrations.RunPython.noop), True, False),
        (migrations.RunPython(lambda _apps, _editor: None), True, True),
        (migrations.SeparateDatabaseAndState(database_operations=[migrations.RunPython(lambda _apps, _editor: None)]), True, True),
        (AddIndexConcurrently("page", models.Index(fields=["title"], name="i")), False, True),
    ],
)
def test_what_needs_python(operation: Operation, is_atomic: bool, expected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    with in_schema_of(Named("s_any")):
        assert needs_python(migration(operation, atomic=is_atomic)) is expected
