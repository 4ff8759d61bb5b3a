"""A site from an open archive: refused where its preparation is."""

from typing import Any

from provisioning.contract import Verb
from provisioning.steps import importing
from provisioning.steps.importing import ImportRequest
from provisioning.verbs.opening import PREPARE

IMPORT: Verb[Any] = Verb(
    name="site import",
    label="导入站点",
    request=ImportRequest,
    steps=importing.IMPORT_SITE,
    check=PREPARE.check,
    is_done=PREPARE.is_done,
    prepare=PREPARE.prepare,
    check_undo=PREPARE.check_undo,
    picture=PREPARE.picture,
)
