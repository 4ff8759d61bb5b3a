"""Opening a site from an open archive: refused where opening is, and where a line of the archive is wrong."""

from typing import Any

from provisioning.contract import Verb
from provisioning.steps import importing
from provisioning.steps.importing import ImportRequest
from provisioning.verbs.opening import OPEN

IMPORT: Verb[Any] = Verb(
    name="site import",
    label="导入站点",
    request=ImportRequest,
    steps=importing.IMPORT_SITE,
    check=OPEN.check,
    is_done=OPEN.is_done,
    prepare=OPEN.prepare,
    check_undo=OPEN.check_undo,
    picture=OPEN.picture,
)
