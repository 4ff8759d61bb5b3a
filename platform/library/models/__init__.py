"""What joins documents of several sites, and campaigns of cleaning; in `public`: no row of a site's schema is referenced."""

from library.models.campaigns import Campaign, CampaignItem, Conclusion
from library.models.relations import Relation, RelationQuerySet

__all__ = ["Campaign", "CampaignItem", "Conclusion", "Relation", "RelationQuerySet"]
