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
from registry.selectors import forget_directory
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
    "One process, one connection: a site is opened (five steps, each committed with its journal row), then its home page is asked for",
    "through all middleware until it answers 200.",
    "Every other time a process answers that has to look into the registry anyway, else one that did so during the opening:",
    "it is busy, and goes on with its copy of the registry for up to half a second.",
    "Schema: from the commit of the step before to its own. Stock: a row saved with auto_create_schema, as django-tenants does it,",
    "in the same database, spread over the run. PostgreSQL flushes every commit to disk.",
    "The template was made before; starting `manage.py` is not included.",
)


@dataclass(frozen=True, slots=True)
class Opening:
    """Seconds of one opening: the schema alone, the verb, and until a reader gets the home page, from a process that `is_busy` or not."""

    schema: float
    verb: float
    browsable: float
    spent: Spent
    is_busy: bool


def run(options: Options) -> Report:
    """Open sites and return what it took."""
    count = options.sites or (QUICK_SITES if options.is_quick else SITES)
    stock_after = _spread(count, QUICK_STOCK if options.is_quick else STOCK)
    services.open_city("taiyuan", region_code=TAIYUAN)
    _open("warm", is_busy=False)  # the process's first imports and compiled templates are nobody's cost of a site
    opened, stock = [], []
    for number in track(range(1, count + 1), description="opening sites", transient=True):
        opened.append(_open(f"d{number:03d}", is_busy=number % 2 == 0))
        stock += [_create_stock(f"stock-{number:03d}")] if number in stock_after else []
    return _report(opened, stock)


def _spread(count: int, parts: int) -> set[int]:
    return {max(1, round(count * (part + 0.5) / parts)) for part in range(min(parts, count))}


def _open(slug: str, *, is_busy: bool) -> Opening:
    spec = site_spec(slug)
    committed: dict[str, float] = {}
    meter = Meter()

    def note(report: StepReport) -> None:
        committed[report.name] = meter.seconds()

    services.open_site(spec, on_step=note)
    verb, spent = meter.seconds(), meter.spent()
    if not is_busy:
        forget_directory()  # as a process that nobody asked anything a moment ago
    _await_home_page(spec)
    before = next(sooner for sooner, later in pairwise(committed) if later == "schema")
    return Opening(committed["schema"] - committed[before], verb, meter.seconds(), spent, is_busy)


def _await_home_page(spec: SiteSpec) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (answer := ask(f"{spec.slug}.localhost", "/")).status != 200:
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
        tenant.auto_create_schema = True
        meter = Meter()
        tenant.save(verbosity=0)
        return meter.spent()


def _report(opened: Sequence[Opening], stock: Sequence[Spent]) -> Report:
    report = Report(
        "opening", f"Opening {len(opened)} sites, {len(stock)} schemas made the stock way", HOW, "stock : ours; of growth, last : 10th"
    )
    whole, schema = [each.browsable for each in opened if not each.is_busy], [each.schema for each in opened]
    busy = [each.browsable for each in opened if each.is_busy] or whole
    created = [each.wall for each in stock]
    times = 1 / ratio(schema, created)
    cpu, stock_cpu = [each.spent.cpu for each in opened], [each.cpu for each in stock]
    report.figures += [
        Figure("whole, until the home page is read", "s", summary(whole), goal=_whole_goal(whole)),
        Figure("whole, in a process busy serving", "s", summary(busy), goal=_whole_goal(busy)),
        Figure("the verb alone", "s", summary([each.verb for each in opened])),
        Figure("schema", "s", summary(schema), summary(created), times, Goal(f"≥ {GOAL_TIMES:.0f} ×", times >= GOAL_TIMES)),
        Figure("Python's CPU: verb, stock schema", "s", summary(cpu), summary(stock_cpu), 1 / ratio(cpu, stock_cpu)),
    ]
    _add_database_cpu(report, opened, stock)
    _add_growth(report, opened)
    report.details = {
        "whole_seconds": whole,
        "busy_seconds": busy,
        "verb_seconds": [each.verb for each in opened],
        "schema_seconds": schema,
        "stock_seconds": created,
    }
    return report


def _add_database_cpu(report: Report, opened: Sequence[Opening], stock: Sequence[Spent]) -> None:
    ours = [each.spent.database_cpu for each in opened if each.spent.database_cpu is not None]
    other = [each.database_cpu for each in stock if each.database_cpu is not None]
    if ours and other:
        report.figures.append(Figure("PostgreSQL's CPU: verb, stock schema", "s", summary(ours), summary(other), 1 / ratio(ours, other)))


def _whole_goal(whole: Sequence[float]) -> Goal:
    return Goal(f"p95 ≤ {GOAL_SECONDS:.0f} s", percentile(whole, 0.95) <= GOAL_SECONDS)


def _add_growth(report: Report, opened: Sequence[Opening]) -> None:
    """Compare the last openings with those around the 10th; what was not measured is called an extrapolation."""
    count = len(opened)
    if count < 2 * WINDOW + 10:
        report.notes.append(f"{count} openings are too few to say how the cost grows.")
        return
    is_far = count >= GOAL_SITE
    processors = [each.spent.cpu + (each.spent.database_cpu or 0.0) for each in opened]
    for what, samples in (("verb", [each.verb for each in opened]), ("both CPUs of the verb", processors)):
        tenth, last = samples[7 : 7 + WINDOW], samples[-WINDOW:]
        growth = ratio(last, tenth)
        goal = Goal(f"≤ {GOAL_GROWTH} ×", growth <= GOAL_GROWTH) if is_far else None
        report.figures.append(Figure(f"{what}: to the {count}th, about the 10th", "s", summary(last), summary(tenth), growth, goal))
    each = slope(processors)
    report.notes.append(f"Trend of both CPUs over the run: {each * 1000:+.2f} ms a site.")
    if not is_far and each <= 0:
        report.notes.append(f"The {GOAL_SITE}th site was not opened in this run, which shows no growth; `--sites {GOAL_SITE}` measures it.")
    elif not is_far:
        expected = 1 + each * (GOAL_SITE - 10) / percentile(processors[7 : 7 + WINDOW], 0.5)
        report.notes.append(
            f"The {GOAL_SITE}th site was not opened in this run. The trend would put its CPU at {expected:.2f} × the 10th's:"
        )
        report.notes.append(f"an extrapolation; `--sites {GOAL_SITE}` measures it.")
