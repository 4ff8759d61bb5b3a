"""What readers and machines call to find their way: site maps, feeds, robots."""

from tenants.navigation.views.feeds import NewTexts
from tenants.navigation.views.maps import robots, site_map, sitemap, sitemap_index

__all__ = ["NewTexts", "robots", "site_map", "sitemap", "sitemap_index"]
