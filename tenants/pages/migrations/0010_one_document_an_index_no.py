"""One index number (索引号) a document of a site; where rows clash already, they are named and nothing is changed."""

from django.db import migrations, models

# Each site's tables are asked before they change; as SQL, so that many sites are migrated by text.
CLASHES = """
DO $$
DECLARE clashes text;
BEGIN
    SELECT string_agg(format('%s: %s', index_no, pages), '; ' ORDER BY index_no) INTO clashes FROM (
        SELECT d.index_no, string_agg(format('page %s "%s"', p.id, p.title), ', ' ORDER BY p.id) AS pages
        FROM pages_documentpage d JOIN wagtailcore_page p ON p.id = d.page_ptr_id
        WHERE d.index_no <> '' GROUP BY d.index_no HAVING count(*) > 1
    ) AS taken;
    IF clashes IS NOT NULL THEN
        RAISE EXCEPTION 'Index numbers that several documents have: %', clashes
            USING ERRCODE = 'unique_violation', HINT = 'Give all but one of each another number, or none, and run the migration again.';
    END IF;
END $$
"""


class Migration(migrations.Migration):
    second_step_of = ("documents", "0001_initial")  # since then the editor's form refuses a number in use
    dependencies = [("pages", "0009_alter_articlepage_body_alter_documentpage_body")]
    operations = [
        migrations.RunSQL([CLASHES], migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="documentpage",
            constraint=models.UniqueConstraint(
                fields=["index_no"],
                condition=~models.Q(index_no=""),
                name="pages_one_document_an_index_no",
                violation_error_message="这个索引号已用于本网站的另一份文件。请另编一个，或留空由系统编号。",
            ),
        ),
    ]
