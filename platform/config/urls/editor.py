"""A site's editor host: staff of that site with a ticket from the platform's sign-on, and nobody else."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail.admin import urls as admin_urls
from wagtail.documents import urls as document_urls

from memberships.urls import editor_urlpatterns
from tenants.media.views import serve_media
from tenants.pages.views import account

urlpatterns = [
    *editor_urlpatterns,  # before Wagtail's own: signing on happens at the platform alone
    path("", RedirectView.as_view(url="/admin/"), name="editor_home"),
    path("admin/account/", account, name="wagtailadmin_account"),
    path("admin/", include(admin_urls)),
    path("documents/", include(document_urls)),
    path("", include("theming.urls")),
    re_path(r"^media/(?P<path>.+)$", serve_media, name="serve_media"),
]
