"""The step that carries a blueprint into a site."""

from dataclasses import asdict, dataclass
from typing import Any

from blueprints.contract import Blueprint
from blueprints.models import KeptBlueprint
from blueprints.reading import read_blueprint
from provisioning import blueprints
from provisioning.contract import StepDefinition, Walk
from registry.selectors import tenant_by_slug


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """A site and the blueprint to carry into it; `digest` names the text that was kept."""

    slug: str
    blueprint: str
    digest: str

    @property
    def subject(self) -> str:
        """Return the slug."""
        return self.slug

    def as_json(self) -> dict[str, Any]:
        """Return the request as the journal keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ApplyRequest":
        """Return the request the journal kept."""
        return cls(**data)


def kept(request: ApplyRequest) -> Blueprint:
    """Return the blueprint of a request."""
    row = KeptBlueprint.objects.get(pk=request.digest)
    return read_blueprint(row.text, file=request.blueprint, vocabulary=blueprints.vocabulary())


def apply(walk: Walk[ApplyRequest]) -> None:
    """Carry the blueprint in and remember the site as it was."""
    walk.memory |= blueprints.apply(tenant_by_slug(walk.request.slug), kept(walk.request))


def take_back(walk: Walk[ApplyRequest]) -> None:
    """Give the site back what it had, as far as nobody changed it since."""
    blueprints.take_back(tenant_by_slug(walk.request.slug), walk.memory)


def foresee(request: ApplyRequest) -> str:
    """Say how much would be added and changed, and how much left alone."""
    found = blueprints.differences(tenant_by_slug(request.slug), kept(request))
    left = sum(entry.is_left_alone for entry in found)
    return f"adds or changes {len(found) - left} things, leaves {left} alone"


APPLY = (StepDefinition("shape", "套用蓝本", apply, take_back, foresee),)
