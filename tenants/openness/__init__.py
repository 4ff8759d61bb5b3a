"""The openness platform of a site (政府信息公开), what it must publish and how far it is, and the duties of columns."""
