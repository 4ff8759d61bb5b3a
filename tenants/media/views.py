"""Serves a site's pictures from its own folder and from no other."""

import posixpath

from django.conf import settings
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django.views.static import serve

ONE_DAY = 86_400


@transaction.non_atomic_requests
@require_safe
def serve_media(request: HttpRequest, path: str) -> FileResponse | HttpResponse:
    """Return a file of the site the host belongs to; anybody may read it. nginx does this in production.

    Raises:
        Http404: no such file, or it belongs to another site.

    """
    folder = f"{request.tenant.schema_name}/"  # type: ignore[attr-defined] # set by registry.middleware
    plain = posixpath.normpath(path)  # `s_a/images/../../s_b` is a path of another site
    if plain != path or not plain.startswith((f"{folder}images/", f"{folder}original_images/")):
        raise Http404  # files go through Wagtail's view, which checks their privacy
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    response.headers["Cache-Control"] = f"public, max-age={ONE_DAY}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
