"""Pictures with their description and rights, and files; our own models from the first day, since Wagtail's cannot be swapped later."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from typing_extensions import override
from wagtail.documents.models import AbstractDocument, Document
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from tenants.media.contract import CAPTIONS
from tenants.media.extraction.captions import MOST_BYTES, CaptionsError, check_captions


class SiteImage(AbstractImage):
    """A picture of one site."""

    credit = models.CharField("来源与版权", max_length=120, blank=True)

    admin_form_fields = (*Image.admin_form_fields, "credit")

    class Meta(AbstractImage.Meta):
        verbose_name = verbose_name_plural = "图片"


class SiteRendition(AbstractRendition):
    """A picture cut or scaled for one use."""

    image = models.ForeignKey(SiteImage, models.CASCADE, related_name="renditions")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="media_one_rendition_per_use"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.image_id} {self.filter_spec}"


class SiteFile(AbstractDocument):
    """A file of one site, offered for download."""

    admin_form_fields = Document.admin_form_fields

    class Meta(AbstractDocument.Meta):
        verbose_name = verbose_name_plural = "文件"

    @override
    def clean(self) -> None:
        """Refuse captions that browsers would not show.

        Raises:
            ValidationError: the file is of a kind nobody takes, or is no WebVTT; the line is named.

        """
        super().clean()
        if self.file_extension.lower() != CAPTIONS:
            return
        try:
            with self.open_file() as file:
                check_captions(file.read(MOST_BYTES + 1))
        except CaptionsError as error:
            raise ValidationError({"file": str(error)}) from error
