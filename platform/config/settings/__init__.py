"""Settings: `production` is the base; `local` and `test` derive from it. One subject per file."""
