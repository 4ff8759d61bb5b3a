"""How a request is answered: middleware, URLs, templates, static files."""

from config import env

ROOT_URLCONF = "config.urls.public"
PLATFORM_HOST = env.platform_host()
EDITOR_SUFFIX = env.editor_suffix()
SITE_SUFFIX = env.site_suffix()
PUBLIC_PORT = env.public_port()
PROXY_COUNT = env.proxy_count()
VAR_DIR = str(env.var_dir())
FILINGS_ROOT = str(env.var_dir() / "filings")  # copies of the papers a site opens with; served to nobody
PG_DUMP = env.pg_dump()
BACKUP_DIR = str(env.backup_dir())
BACKUP_MAX_AGE_HOURS = env.backup_max_age_hours()
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True
DEFAULT_THEME = "vermilion"
PLATFORM_THEME = "azure"
DEMO_NOTICE = env.demo_notice()

MIDDLEWARE = [
    "observability.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.HeadersMiddleware",  # before the next one, whose own answers carry them too
    "registry.middleware.TenantMiddleware",
    "theming.middleware.TraditionalMiddleware",
    "theming.middleware.ColourMiddleware",
    "theming.middleware.ThemeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "memberships.middleware.IdleSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.RedirectMiddleware",
    "tenants.documents.middleware.RefusedDocuments",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.navigation.context_processors.frame",
            ],
            "loaders": [
                "theming.loaders.ThemeLoader",
                ("django.template.loaders.cached.Loader", ["django.template.loaders.app_directories.Loader"]),
            ],
        },
    },
]

STATICFILES_FINDERS = ["theming.finders.ThemeFinder", "django.contrib.staticfiles.finders.AppDirectoriesFinder"]
STORAGES = {
    "default": {"BACKEND": "django_tenants.files.storage.TenantFileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Each is called with the new site's TenantRef, inside its schema and a transaction, and may run again: what exists stays.
SITE_BUILDERS = ["tenants.pages.services.build_site"]
# How a notice gets onto a site's notice column and off again; called with that site's TenantRef, inside a transaction.
SITE_NOTICES = {
    "publish": "tenants.pages.services.publish_notice",
    "withdraw": "tenants.pages.services.withdraw_notice",
    "has_place": "tenants.pages.services.has_notice_column",  # whether it has such a column; changes nothing
}
# Called in the same way when a site's rows were put back from an archive: first these, then those that bring search in step.
SITE_RESTORERS = ["tenants.pages.restoring.adopt_site"]
SITE_EXPORTER = "tenants.pages.exporting.export_site"
SITE_IMPORTER = "tenants.pages.exporting.import_site"
SITE_ROWS_CHECK = "tenants.pages.exporting.check_rows"
SITE_PROJECTORS = [
    "tenants.pages.restoring.project_site",
    "tenants.documents.restoring.relate_site",
    "tenants.interpretations.restoring.relate_site",
    "tenants.consultations.restoring.relate_site",
]
# How a document of a site takes the validity that other documents give it; called with its TenantRef and `page`, inside a transaction.
DOCUMENT_SETTLER = "tenants.documents.services.settle"
# How what a campaign of cleaning decided takes effect on a site; called with its TenantRef, `campaign` and `items`, inside a transaction.
DOCUMENT_CLEANER = "tenants.documents.services.clean"
SITE_ROLES = ["tenants.pages.services.ensure_roles"]
# What a blueprint may say of a site and how it is carried out: the functions of `blueprints.contract.SiteShape`.
SITE_SHAPE = "tenants.pages.shaping"
