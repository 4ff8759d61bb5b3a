"""Every verb of operations, by name; the command line, the console and the tests walk this table."""

from collections.abc import Mapping
from typing import Any

from provisioning.contract import Verb
from provisioning.steps.cloning import CloneSpec
from provisioning.steps.restoring import RestoreRequest
from provisioning.verbs.blueprints import APPLY, apply_request
from provisioning.verbs.cloning import CLONE, clone_request
from provisioning.verbs.closing import PURGE, RETIRE
from provisioning.verbs.domains import ADD as ADD_DOMAIN
from provisioning.verbs.domains import REMOVE as REMOVE_DOMAIN
from provisioning.verbs.importing import IMPORT
from provisioning.verbs.opening import OPEN, PREPARE
from provisioning.verbs.renaming import RENAME
from provisioning.verbs.restoring import RESTORE
from provisioning.verbs.states import OFFLINE, READ_ONLY, RESUME, SUSPEND

ALL: Mapping[str, Verb[Any]] = {
    verb.name: verb
    for verb in (
        *(PREPARE, OPEN, CLONE, APPLY, SUSPEND, RESUME, READ_ONLY, OFFLINE),
        *(RENAME, ADD_DOMAIN, REMOVE_DOMAIN, RETIRE, PURGE, RESTORE, IMPORT),
    )
}

__all__ = [
    "ADD_DOMAIN",
    "ALL",
    "APPLY",
    "CLONE",
    "IMPORT",
    "OFFLINE",
    "OPEN",
    "PREPARE",
    "PURGE",
    "READ_ONLY",
    "REMOVE_DOMAIN",
    "RENAME",
    "RESTORE",
    "RESUME",
    "RETIRE",
    "SUSPEND",
    "CloneSpec",
    "RestoreRequest",
    "apply_request",
    "clone_request",
]
