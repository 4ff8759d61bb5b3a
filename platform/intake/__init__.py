"""What people hand in by a form of any site: numbers and codes, forms that are sent twice, robots, and how often one address may."""
