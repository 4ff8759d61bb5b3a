"""Search's addresses, the same on every site and on the platform's own host."""

from django.urls import path

from search.views import Clicks, SearchAPI, SearchPage, Suggestions

urlpatterns = [
    path("search/", SearchPage.as_view(), name="search"),
    path("search/suggest/", Suggestions.as_view(), name="search-suggest"),
    path("search/click/", Clicks.as_view(), name="search-click"),
    path("api/search/", SearchAPI.as_view(), name="search-api"),
]
