"""A trigger raises the directory's version whenever a site, a city or a domain changes, whoever changes it."""

from django.db import migrations

FORWARD = """
INSERT INTO public.registry_directoryversion (number) VALUES (1);
CREATE FUNCTION public.registry_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE public.registry_directoryversion SET number = number + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER registry_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.registry_tenant
  FOR EACH STATEMENT EXECUTE FUNCTION public.registry_raise_version();
CREATE TRIGGER registry_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.registry_domain
  FOR EACH STATEMENT EXECUTE FUNCTION public.registry_raise_version();
CREATE TRIGGER registry_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.registry_city
  FOR EACH STATEMENT EXECUTE FUNCTION public.registry_raise_version();
"""
BACKWARD = """
DROP TRIGGER registry_version ON public.registry_tenant;
DROP TRIGGER registry_version ON public.registry_domain;
DROP TRIGGER registry_version ON public.registry_city;
DROP FUNCTION public.registry_raise_version();
DELETE FROM public.registry_directoryversion;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
