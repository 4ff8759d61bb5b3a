"""The platform's own host: all cities, sign-on, search over everything, health. Anybody may read; `/sites/` asks for sign-on."""

from django.urls import include, path

from console.urls import platform_urlpatterns as console_urlpatterns
from memberships.urls import platform_urlpatterns
from registry.views import platform_home

urlpatterns = [
    path("", platform_home, name="platform_home"),
    path("", include("search.urls")),
    path("", include("theming.urls")),
    path("", include("observability.urls")),
    *platform_urlpatterns,
    *console_urlpatterns,  # for the three officers; each view says which
]
