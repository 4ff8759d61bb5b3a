"""Who works at which site, in which role, and how they get from the platform's sign-on into a site's editor."""
