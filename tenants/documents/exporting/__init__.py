"""A document's text as a file in official layout: Word, PDF."""

from tenants.documents.exporting.paper import Paper, paper_of
from tenants.documents.exporting.pdf import pdf_of
from tenants.documents.exporting.word import word_of

__all__ = ["Paper", "paper_of", "pdf_of", "word_of"]
