"""URLs of the three planes: `public` (platform host), `site` (readers), `editor` (staff)."""
