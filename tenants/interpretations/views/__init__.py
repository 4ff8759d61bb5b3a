"""The screens for staff: meters, waiting documents, issues by urgency."""
