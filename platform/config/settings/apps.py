"""Which app's tables live where: the folder says it, these lists repeat it, a test compares them."""

BOTH = [  # a table in `public` and one in each site's schema
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "accounts",
]

SHARED_APPS = [
    "django_tenants",
    *BOTH,
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django_tasks",
    "django_tasks_db",
    "observability",
    "rules",
    "calendars",
    "vocabularies",
    "catalogues",
    "registry",
    "outbox",
    "jobs",
    "theming",
    "search",
    "memberships",
    "exchange",
    "blueprints",
    "library",
    "intake",
    "provisioning",
    "oversight",
    "console",
]

TENANT_APPS = [
    *BOTH,
    "tenants.pages",
    "tenants.navigation",
    "tenants.media",
    "tenants.openness",
    "tenants.curation",
    "tenants.sharing",
    "tenants.documents",
    "tenants.organs",
    "tenants.topics",
    "tenants.interpretations",
    "tenants.consultations",
    "tenants.services",
    "tenants.channels",
    "tenants.letters",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
]

INSTALLED_APPS = SHARED_APPS + [app for app in TENANT_APPS if app not in SHARED_APPS]

TENANT_MODEL = "registry.Tenant"
TENANT_DOMAIN_MODEL = "registry.Domain"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
