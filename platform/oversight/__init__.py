"""What inspectors look for on a site, looked for by ourselves first."""
