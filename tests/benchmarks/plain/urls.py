"""What `wagtail start` gives, and our site map, to which pages link."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.documents import urls as document_urls

from tenants.navigation.views import site_map

urlpatterns = [
    path("documents/", include(document_urls)),
    path("site-map/", site_map, name="site_map"),
    path("", include(wagtail_urls)),
]
