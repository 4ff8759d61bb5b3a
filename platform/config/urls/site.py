"""A site's public hosts: anybody may read what is published; there is no way into the editor from here."""

from django.db import transaction
from django.urls import include, path, re_path
from wagtail.documents import urls as document_urls
from wagtail.urls import serve_pattern
from wagtail.views import serve

from tenants.consultations.views.sending import SendOpinion
from tenants.documents.views.reading import download, library
from tenants.letters.views import public as letters
from tenants.media.views import serve_media
from tenants.navigation.views import NewTexts, reading_aids, robots, site_map, sitemap, sitemap_index

urlpatterns = [
    path("", include("search.urls")),
    path("", include("theming.urls")),
    path("site-map/", site_map, name="site_map"),
    path("reading-aids/", reading_aids, name="reading_aids"),
    path("sitemap.xml", sitemap_index, name="sitemap_index"),
    path("sitemap-<slug:section>.xml", sitemap, name="sitemap"),
    path("robots.txt", robots, name="robots"),
    path("feed/", NewTexts(), name="feed"),
    path("feed/<path:path>", NewTexts(), name="column_feed"),
    path("wenjianku/", library, name="library"),
    path("wenjianku/<int:page>.docx", download, {"kind": "docx"}, name="document_word"),
    path("wenjianku/<int:page>.pdf", download, {"kind": "pdf"}, name="document_pdf"),
    path("yijian/<int:page>/", SendOpinion.as_view(), name="consultation_opinion"),
    path("letters/write/", letters.write, name="letter_write"),
    path("letters/receipt/", letters.receipt, name="letter_receipt"),
    path("letters/query/", letters.query, name="letter_query"),
    path("documents/", include(document_urls)),
    re_path(r"^media/(?P<path>.+)$", serve_media, name="serve_media"),
    re_path(serve_pattern, transaction.non_atomic_requests(serve), name="wagtail_serve"),  # reading needs no transaction around it
]
