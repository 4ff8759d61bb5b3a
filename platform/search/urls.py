"""Search's addresses, the same on every site and on the platform's own host."""

from django.urls import path

from search.views.api import SearchAPI, SearchAPIPage, SearchDescription
from search.views.clicks import Clicks
from search.views.feedback import SearchFeedback
from search.views.feeds import SearchFeed
from search.views.pages import SearchPage
from search.views.suggestions import Suggestions

urlpatterns = [
    path("search/", SearchPage.as_view(), name="search"),
    path("search/suggest/", Suggestions.as_view(), name="search-suggest"),
    path("search/click/", Clicks.as_view(), name="search-click"),
    path("search/feed/", SearchFeed.as_view(), name="search-feed"),
    path("search/feedback/", SearchFeedback.as_view(), name="search-feedback"),
    path("search/api/", SearchAPIPage.as_view(), name="search-api-page"),
    path("api/search/", SearchAPI.as_view(), name="search-api"),
    path("api/search/openapi.json", SearchDescription.as_view(), name="search-openapi"),
]
