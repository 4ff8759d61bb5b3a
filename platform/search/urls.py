"""Search's addresses, the same on every site and on the platform's own host."""

from django.urls import path

from search.views import SearchAPI, SearchPage

urlpatterns = [
    path("search/", SearchPage.as_view(), name="search"),
    path("api/search/", SearchAPI.as_view(), name="search-api"),
]
