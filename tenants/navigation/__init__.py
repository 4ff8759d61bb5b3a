"""What surrounds every page: site record, menu, breadcrumb, site map."""
