"""A site's public hosts: anybody may read what is published; there is no way into the editor from here."""

from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.documents import urls as document_urls

from tenants.media.views import serve_media
from tenants.navigation.views import site_map

urlpatterns = [
    path("", include("search.urls")),
    path("", include("theming.urls")),
    path("site-map/", site_map, name="site_map"),
    path("documents/", include(document_urls)),
    re_path(r"^media/(?P<path>.+)$", serve_media, name="serve_media"),
    path("", include(wagtail_urls)),
]
