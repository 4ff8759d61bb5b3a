"""`python -m deploy.demo`: the demo city, until Ctrl-C or SIGTERM.

Exit codes: 0 served and was told to stop, 1 failed, 2 a setting that cannot be used, 130 told to stop before it was up.
"""

import os
import sys

from deploy.demo import supervisor
from deploy.demo.contract import DemoError, SettingError, read_options
from deploy.demo.display import Display
from deploy.embedded.contract import EmbeddedError

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def main() -> int:
    """Run the demo and return the exit code."""
    with Display() as display:
        try:
            supervisor.run(read_options(os.environ), display)
        except SettingError as error:
            problem, code = str(error), WRONG_USAGE
        except (DemoError, EmbeddedError) as error:
            problem, code = str(error), FAILED
        except supervisor.Interrupted:
            return INTERRUPTED
        else:
            return DONE
        display.pause()
        display.say(problem, style="red")
        return code


if __name__ == "__main__":
    sys.exit(main())
