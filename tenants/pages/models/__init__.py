"""The page types of a site: home, column, article, official document; `composing` puts together what each shows."""

from tenants.pages.models.columns import ColumnPage
from tenants.pages.models.documents import DocumentPage
from tenants.pages.models.home import HomePage
from tenants.pages.models.sitepage import TITLE, SitePage
from tenants.pages.models.texts import ArticlePage, TextPage

__all__ = ["TITLE", "ArticlePage", "ColumnPage", "DocumentPage", "HomePage", "SitePage", "TextPage"]
