"""Opening sites, with stock django-tenants creating schemas in between, in the same database."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.progress import track

from provisioning import services
from provisioning.contract import SiteSpec, StepReport
from registry.contract import Kind, State
from registry.models import City, Tenant
from registry.schemas import in_public
from tests.benchmarks.asking import ask
from tests.benchmarks.measuring import Meter, Spent, percentile, ratio, slope, summary
from tests.benchmarks.options import Options
from tests.benchmarks.reporting import Figure, Goal, Report
from tests.factories.sites import TAIYUAN, site_spec

SITES, QUICK_SITES = 30, 3
STOCK, QUICK_STOCK = 5, 1  # schemas made the stock way, spread over the run
WINDOW = 5  # openings whose median stands for "the 10th" and for the last
PATIENCE_SECONDS = 10.0
GOAL_SECONDS, GOAL_TIMES, GOAL_GROWTH = 1.0, 30.0, 1.3
GOAL_SITE = 300
HOW = (
    "In one process on one connection: a site is opened (all five steps of the journal, each committed), then its home page is asked for",
    "through all middleware until it answers 200. `schema` is the time between the commits of the steps before and after it.",
    "In between, spread over the run: a row saved with auto_create_schema, as stock django-tenants does it, in the same database.",
    "PostgreSQL flushes every commit to disk. The template was made before; starting `manage.py` is not included.",
)


@dataclass(frozen=True, slots=True)
class Opening:
    """Seconds of one opening: the schema alone, the verb, and until a reader gets the home page."""

    schema: float
    verb: float
    browsable: float
    spent: Spent


def run(options: Options) -> Report:
    """Open sites and return what it took."""
    count = options.sites or (QUICK_SITES if options.is_quick else SITES)
    stock_after = _spread(count, QUICK_STOCK if options.is_quick else STOCK)
    services.open_city("taiyuan", region_code=TAIYUAN)
    _open("warm")  # the process's first imports and compiled templates are nobody's cost of a site
    opened, stock = [], []
    for number in track(range(1, count + 1), description="opening sites", transient=True):
        opened.append(_open(f"d{number:03d}"))
        stock += [_create_stock(f"stock-{number:03d}")] if number in stock_after else []
    return _report(opened, stock)


def _spread(count: int, parts: int) -> set[int]:
    return {max(1, round(count * (part + 0.5) / parts)) for part in range(min(parts, count))}


def _open(slug: str) -> Opening:
    spec = site_spec(slug)
    committed: dict[str, float] = {}
    meter = Meter()

    def note(report: StepReport) -> None:
        committed[report.name] = meter.seconds()

    services.open_site(spec, on_step=note)
    verb, spent = meter.seconds(), meter.spent()
    _await_home_page(spec)
    before = next(sooner for sooner, later in pairwise(committed) if later == "schema")
    return Opening(committed["schema"] - committed[before], verb, meter.seconds(), spent)


def _await_home_page(spec: SiteSpec) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (answer := ask(f"{spec.slug}.localhost", "/")).status != 200:  # noqa: PLR2004 - http's "ok"
        if time.monotonic() > deadline:
            raise TimeoutError(f"{spec.slug} answers {answer.status} {PATIENCE_SECONDS:.0f} s after it was opened.")
        time.sleep(0.005)
    if spec.name not in answer.body.decode():
        raise AssertionError(f"The home page of {spec.slug} does not name the site.")


def _create_stock(slug: str) -> Spent:
    """Make a schema the way django-tenants does: a saved row runs all migrations in it."""
    with in_public():
        tenant = Tenant(
            slug=slug,
            schema_name=slug.replace("-", "_"),
            name=slug,
            short_name=slug,
            kind=Kind.DEPARTMENT.value,
            state=State.PREPARING.value,
            city=City.objects.get(slug="taiyuan"),
            region_id=TAIYUAN,
            theme="vermilion",
        )
        tenant.auto_create_schema = True  # type: ignore[misc] # a class attribute of django-tenants
        meter = Meter()
        tenant.save(verbosity=0)
        return meter.spent()


def _report(opened: Sequence[Opening], stock: Sequence[Spent]) -> Report:
    report = Report("opening", f"Opening {len(opened)} sites, {len(stock)} schemas made the stock way", HOW, "see each row")
    whole, schema = [each.browsable for each in opened], [each.schema for each in opened]
    created = [each.wall for each in stock]
    times = 1 / ratio(schema, created)
    report.figures += [
        Figure(
            "whole opening, until the home page is read",
            "s",
            summary(whole),
            goal=Goal(f"p95 ≤ {GOAL_SECONDS:.0f} s", percentile(whole, 0.95) <= GOAL_SECONDS),
        ),
        Figure("the verb alone", "s", summary([each.verb for each in opened])),
        Figure(
            "schema (reference: stock; ratio: stock : ours)",
            "s",
            summary(schema),
            summary(created),
            times,
            Goal(f"≥ {GOAL_TIMES:.0f} ×", times >= GOAL_TIMES),
        ),
        Figure(
            "Python's CPU of the verb (reference: of stock's schema)",
            "s",
            summary([each.spent.cpu for each in opened]),
            summary([each.cpu for each in stock]),
            1 / ratio([each.spent.cpu for each in opened], [each.cpu for each in stock]),
        ),
    ]
    _add_database_cpu(report, opened, stock)
    _add_growth(report, whole)
    report.details = {
        "whole_seconds": whole,
        "verb_seconds": [each.verb for each in opened],
        "schema_seconds": schema,
        "stock_seconds": created,
    }
    return report


def _add_database_cpu(report: Report, opened: Sequence[Opening], stock: Sequence[Spent]) -> None:
    ours = [each.spent.database_cpu for each in opened if each.spent.database_cpu is not None]
    other = [each.database_cpu for each in stock if each.database_cpu is not None]
    if ours and other:
        what = "PostgreSQL's CPU of the verb (reference: of stock's schema)"
        report.figures.append(Figure(what, "s", summary(ours), summary(other), 1 / ratio(ours, other)))


def _add_growth(report: Report, whole: Sequence[float]) -> None:
    """Compare the last openings with those around the 10th; what was not measured is called an extrapolation."""
    if len(whole) < 2 * WINDOW + 10:
        report.notes.append(f"{len(whole)} openings are too few to say how the cost grows.")
        return
    tenth, last = whole[7 : 7 + WINDOW], whole[-WINDOW:]
    growth = ratio(last, tenth)
    is_far = len(whole) >= GOAL_SITE
    goal = Goal(f"300th ≤ {GOAL_GROWTH} × 10th", growth <= GOAL_GROWTH) if is_far else None
    report.figures.append(Figure(f"openings up to the {len(whole)}th (reference: around the 10th)", "s", summary(last), summary(tenth), growth, goal))
    each = slope(whole)
    report.notes.append(f"Trend over the run: {each * 1000:+.2f} ms a site.")
    if not is_far:
        expected = percentile(tenth, 0.5) + each * (GOAL_SITE - 10)
        report.notes.append(
            f"The {GOAL_SITE}th site was not opened in this run. A straight line through this run would put it at {expected:.2f} s, "
            f"{expected / percentile(tenth, 0.5):.2f} × the 10th: an extrapolation; `--sites {GOAL_SITE}` measures it."
        )
