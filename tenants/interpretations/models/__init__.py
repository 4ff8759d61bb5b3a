"""The page types, what belongs to their pages, and the record of what became known."""

from tenants.interpretations.models.channels import ChannelRow
from tenants.interpretations.models.explaining import (
    InterpretationChannel,
    InterpretationDuty,
    InterpretationMedia,
    InterpretationPage,
    InterpretationQuestion,
    InterpretedDocument,
)
from tenants.interpretations.models.responding import PublicIssue, ResponseChannel, ResponsePage, ResponseUpdate

__all__ = [
    "ChannelRow",
    "InterpretationChannel",
    "InterpretationDuty",
    "InterpretationMedia",
    "InterpretationPage",
    "InterpretationQuestion",
    "InterpretedDocument",
    "PublicIssue",
    "ResponseChannel",
    "ResponsePage",
    "ResponseUpdate",
]
