"""What readers and machines call to find their way: site maps, feeds, robots."""

from tenants.navigation.views.feeds import NewTexts
from tenants.navigation.views.maps import robots, site_map, sitemap, sitemap_index
from tenants.navigation.views.reading import reading_aids

__all__ = ["NewTexts", "reading_aids", "robots", "site_map", "sitemap", "sitemap_index"]
