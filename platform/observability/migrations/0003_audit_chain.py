"""The audit trail becomes a chain: each entry is linked to the one before when its transaction commits; truncation is refused too."""

from django.db import migrations, models

FORWARD = """
INSERT INTO public.observability_audithead (id, number, digest) VALUES (1, 0, '');

-- Every part with its length before it, so that no two entries have the same text. `observability.chain.text_of` says the same in Python.
CREATE FUNCTION public.observability_part(part text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN part IS NULL THEN '-,' ELSE octet_length(part) || ':' || part || ',' END
$$;

CREATE FUNCTION public.observability_link(entry public.observability_auditentry) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  head public.observability_audithead;
  content text;
BEGIN
  SELECT * INTO STRICT head FROM public.observability_audithead WHERE id = 1 FOR UPDATE;
  head.number := head.number + 1;
  content := public.observability_part(head.digest) || public.observability_part(head.number::text)
    || public.observability_part(entry.id::text) || public.observability_part((extract(epoch FROM entry.at) * 1000000)::bigint::text)
    || public.observability_part(entry.actor) || public.observability_part(entry.action) || public.observability_part(entry.subject)
    || public.observability_part(entry.tenant_uuid::text) || public.observability_part(entry.detail::text)
    || public.observability_part(host(entry.address));
  head.digest := encode(sha256(convert_to(content, 'UTF8')), 'hex');
  INSERT INTO public.observability_auditlink (number, entry_id, digest) VALUES (head.number, entry.id, head.digest);
  UPDATE public.observability_audithead SET number = head.number, digest = head.digest WHERE id = 1;
END $$;

DO $$
DECLARE entry public.observability_auditentry;
BEGIN
  FOR entry IN SELECT * FROM public.observability_auditentry ORDER BY id LOOP
    PERFORM public.observability_link(entry);
  END LOOP;
END $$;
SET CONSTRAINTS ALL IMMEDIATE;

-- At commit, so that the lock on the head is held for a moment only and is the last one taken: no verb waits for another, none deadlocks.
CREATE FUNCTION public.observability_link_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM public.observability_link(NEW);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER observability_chained AFTER INSERT ON public.observability_auditentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.observability_link_new();

CREATE FUNCTION public.observability_refuse_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'the audit chain is written by its trigger only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER observability_by_trigger_only BEFORE INSERT ON public.observability_auditlink
  FOR EACH ROW EXECUTE FUNCTION public.observability_refuse_by_hand();
CREATE TRIGGER observability_by_trigger_only BEFORE INSERT OR UPDATE ON public.observability_audithead
  FOR EACH ROW EXECUTE FUNCTION public.observability_refuse_by_hand();
CREATE TRIGGER observability_append_only BEFORE UPDATE OR DELETE ON public.observability_auditlink
  FOR EACH ROW EXECUTE FUNCTION public.observability_refuse_change();
CREATE TRIGGER observability_append_only BEFORE DELETE ON public.observability_audithead
  FOR EACH ROW EXECUTE FUNCTION public.observability_refuse_change();
CREATE TRIGGER observability_no_truncate BEFORE TRUNCATE ON public.observability_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION public.observability_refuse_change();
CREATE TRIGGER observability_no_truncate BEFORE TRUNCATE ON public.observability_auditlink
  FOR EACH STATEMENT EXECUTE FUNCTION public.observability_refuse_change();
CREATE TRIGGER observability_no_truncate BEFORE TRUNCATE ON public.observability_audithead
  FOR EACH STATEMENT EXECUTE FUNCTION public.observability_refuse_change();
"""
BACKWARD = """
DROP TRIGGER observability_chained ON public.observability_auditentry;
DROP TRIGGER observability_no_truncate ON public.observability_auditentry;
DROP TRIGGER observability_no_truncate ON public.observability_auditlink;
DROP TRIGGER observability_no_truncate ON public.observability_audithead;
DROP TRIGGER observability_append_only ON public.observability_auditlink;
DROP TRIGGER observability_append_only ON public.observability_audithead;
DROP TRIGGER observability_by_trigger_only ON public.observability_auditlink;
DROP TRIGGER observability_by_trigger_only ON public.observability_audithead;
DROP FUNCTION public.observability_refuse_by_hand();
DROP FUNCTION public.observability_link_new();
DROP FUNCTION public.observability_link(public.observability_auditentry);
DROP FUNCTION public.observability_part(text);
"""


class Migration(migrations.Migration):
    dependencies = [("observability", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
            ],
        ),
        migrations.AddIndex(model_name="auditentry", index=models.Index(fields=["at"], name="observability_audit_at")),
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("digest", models.CharField(help_text="SHA-256 of the digest before, the number and the entry.", max_length=64)),
                (
                    "entry",
                    models.OneToOneField(on_delete=models.deletion.PROTECT, related_name="link", to="observability.auditentry"),
                ),
            ],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
