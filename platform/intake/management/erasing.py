"""What commands share that erase what people handed in: over all sites, one after the other."""

from collections.abc import Callable

from observability.terminal import CommandFailure, ExitCode, Terminal, argument
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import writable_sites

SITE = argument("--site", default="", help="Only this site.")


def erase_everywhere(terminal: Terminal, erase: Callable[[TenantRef], int], *, what: str) -> None:
    """Erase on the site of `--site`, or on all that may be changed, and tell how many; one that fails stops no other.

    Raises:
        CommandFailure: no site of that name can be changed, or some failed.

    """
    done, failed = dict[str, int](), list[str]()
    tenants = _tenants(terminal.options["site"])
    with terminal.progress(len(tenants), "Erasing") as progress:
        for tenant in tenants:
            try:
                with in_schema_of(tenant):
                    done[tenant.slug] = erase(tenant)
            except Exception as error:  # noqa: BLE001 - one broken site stops no other; it is reported
                failed.append(f"{tenant.slug}: {error}")
            progress.advance(note=tenant.slug)
    erased, verb = sum(done.values()), "would be erased" if terminal.is_dry_run else "erased"
    terminal.result(
        {"erased": erased, "sites": {slug: count for slug, count in done.items() if count}, "failed": failed},
        text=f"{erased} {what} {verb} on {len(done)} sites, {len(failed)} failed." if erased or failed else f"0 {what} to erase.",
    )
    if failed:
        raise CommandFailure("\n".join(failed), code=ExitCode.PARTLY_DONE)


def _tenants(slug: str) -> list[TenantRef]:
    found = writable_sites(slug)
    if not found and slug:
        raise CommandFailure("No site of that name can be changed: see `manage.py site list`.", code=ExitCode.WRONG_USAGE)
    return found
