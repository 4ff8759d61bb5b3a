"""`manage.py doctor`: what is wrong with this installation and how to mend it."""

from collections.abc import Sequence

from typing_extensions import override

from observability.doctor import Level, examine_all
from observability.terminal import CommandFailure, Terminal, Verb, VerbCommand


class Command(VerbCommand):
    help = "Look at everything this installation needs and say how to mend what is wrong."
    requires_system_checks = []  # it must run where those fail

    @override
    def verbs(self) -> Sequence[Verb]:
        return [Verb("", self.help, self.examine)]

    def examine(self, terminal: Terminal) -> None:
        """Run every check; fails when any check did."""
        findings = examine_all()
        terminal.table(
            "", ["check", "state", "found", "how to mend"], [[name, f.level.value, f.what, f.mend] for name, f in findings.items()]
        )
        terminal.result({name: {"level": f.level.value, "what": f.what, "mend": f.mend} for name, f in findings.items()})
        failed = [name for name, finding in findings.items() if finding.level is Level.FAILED]
        if failed:
            raise CommandFailure(f"{len(failed)} of {len(findings)} checks failed: {', '.join(failed)}.")
