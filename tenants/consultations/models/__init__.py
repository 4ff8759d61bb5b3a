"""The consultation with what belongs to its page, and the opinions people sent."""

from tenants.consultations.models.consulting import ConsultationHearing, ConsultationOutcome, ConsultationPage
from tenants.consultations.models.opinions import Opinion

__all__ = ["ConsultationHearing", "ConsultationOutcome", "ConsultationPage", "Opinion"]
