"""A process that dies after a chosen step of a verb: a real one, without a chance to clean up."""

import gc
import os
import traceback
from collections.abc import Callable

from django.db import connections

from provisioning.contract import OnStep, StepReport
from registry.selectors import forget_directory
from tests.factories.tables import wait_until_alone

DEAD = 9


def killed_after(step: str, act: Callable[[OnStep], object]) -> None:
    """Do something in a process of its own, which dies right after the named step was committed."""
    connections.close_all()  # two processes on one connection would both break
    gc.freeze()  # the child collects nothing it inherited: among that are a browser's pipes and everybody's connections
    child = os.fork()
    if child == 0:
        _live_until(step, act)
    gc.unfreeze()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DEAD, f"the process did not come to the step {step!r}"
    wait_until_alone()  # its locks stand until the server has noticed
    forget_directory()


def _live_until(step: str, act: Callable[[OnStep], object]) -> None:
    for inherited in connections.all(initialized_only=True):
        # Above a browser's event loop Django has other connections than below it, and a child has no loop: it would go on with one that
        # the parent still holds, and its locks would outlive it. Dropped, not closed: that would end the parent's session.
        del connections[inherited.alias]

    def die(report: StepReport) -> None:
        if report.name == step and not report.was_done:
            os._exit(DEAD)

    try:
        act(die)
    except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as a second test run
        traceback.print_exc()
    os._exit(1)
