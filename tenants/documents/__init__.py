"""A site's official documents: relations and validity kept in step, layout, downloads, the library's page, campaigns of cleaning."""
