"""One copy per site: the apps whose tables live in each site's schema."""
