"""How a process that opens sites begins; it imports no models, since Django is set up only here."""

import os
import threading
from multiprocessing import parent_process

import django


def begin() -> None:
    """Set Django up, and let this process end with the one that started it: what is half done, the journal goes on with."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
