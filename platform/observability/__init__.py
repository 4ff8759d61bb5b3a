"""How we know what runs: logs, health, audit trail, `doctor`, and the look of the command line. Imports nothing of ours."""
