"""A trigger refuses to change or delete audit entries, whoever asks."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.observability_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit entries are only added: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER observability_append_only BEFORE UPDATE OR DELETE ON public.observability_auditentry
  FOR EACH ROW EXECUTE FUNCTION public.observability_refuse_change();
"""
BACKWARD = """
DROP TRIGGER observability_append_only ON public.observability_auditentry;
DROP FUNCTION public.observability_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("observability", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
