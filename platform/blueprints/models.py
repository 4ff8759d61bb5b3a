"""Every blueprint that was applied or saved, word for word, and which one each site was last given; in `public`."""

from typing import ClassVar

from django.db import models
from typing_extensions import override

from registry.models import Tenant


class KeptBlueprint(models.Model):
    """The text of a blueprint; kept for good, because what was applied decides what may be changed later."""

    digest = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    text = models.TextField()
    kept_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["name", "version"], name="blueprints_by_name")]

    @override
    def __str__(self) -> str:
        return f"{self.name} {self.version} {self.digest[:8]}"


class AppliedBlueprint(models.Model):
    """The blueprint a site was last given."""

    tenant = models.OneToOneField(Tenant, models.CASCADE, primary_key=True, related_name="applied_blueprint")
    blueprint = models.ForeignKey(KeptBlueprint, models.PROTECT, related_name="applications")
    applied_at = models.DateTimeField(auto_now=True)

    @override
    def __str__(self) -> str:
        return f"{self.tenant_id} {self.blueprint_id}"
