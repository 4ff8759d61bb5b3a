"""People: the row in `public` is the person, the row in a site's schema is a shadow without a usable password."""
