"""A whole site in one file: made, checked by restoring it aside, and read again; see the room's README for the format."""

from provisioning.backups.creating import create_backup, plan_backup
from provisioning.backups.unpacking import unpacked
from provisioning.backups.verifying import verify_backup

__all__ = ["create_backup", "plan_backup", "unpacked", "verify_backup"]
