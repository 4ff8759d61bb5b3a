"""The editor's Chinese: complete for the installed Wagtail, compiled as written, and without a broken placeholder or tag."""

import gettext
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import gettext as translated
from django.utils.translation import ngettext, override

from config.settings.apps import TENANT_APPS
from deploy.catalogues import LOCALE, Message, compiled, read_messages, sources

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
TAG = re.compile(r"<[^>]+>")
DOMAINS = ("django", "djangojs")


def shipped(domain: str) -> list[Path]:
    """Return the English catalogues of the Wagtail apps that sites use."""
    folders = [Path(str(spec.origin)).parent for app in TENANT_APPS if app.startswith("wagtail") and (spec := find_spec(app))]
    found = [folder / "locale" / "en" / "LC_MESSAGES" / f"{domain}.po" for folder in folders]
    return [path for path in found if path.exists()]


def own(domain: str) -> list[Message]:
    return [message for message in read_messages(LOCALE / "zh_Hans" / "LC_MESSAGES" / f"{domain}.po") if message.text]


def in_wagtail(domain: str) -> dict[str, Message]:
    return {message.key: message for path in shipped(domain) for message in read_messages(path) if message.text}


def names_in_chinese(path: Path) -> set[str]:
    """Return what Wagtail's own Chinese catalogue beside an English one translates."""
    with (path.parents[2] / "zh_Hans" / "LC_MESSAGES" / path.name).with_suffix(".mo").open("rb") as stream:
        catalogue = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined] # its only list of what it holds
    return {key[0] if isinstance(key, tuple) else key for key in catalogue}


def test_the_settings_name_the_folder() -> None:
    assert [str(LOCALE)] == settings.LOCALE_PATHS


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_compiled_as_written(path: Path) -> None:
    message = f"run `python -m deploy.catalogues`: {path.with_suffix('.mo').name} is older than {path.name}"
    assert path.with_suffix(".mo").read_bytes() == compiled(read_messages(path)), message


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_message_of_wagtail_has_its_chinese(domain: str) -> None:
    ours = {message.text for message in own(domain)}

    lacking = [
        message.text
        for path in shipped(domain)
        for message in read_messages(path)
        if message.text and message.text not in ours | names_in_chinese(path)
    ]

    assert len(shipped(domain)) == {"django": 12, "djangojs": 1}[domain]
    assert not lacking, "translate in platform/config/locale:\n" + "\n".join(lacking)


@pytest.mark.parametrize("domain", DOMAINS)
def test_nothing_is_kept_that_wagtail_no_longer_says(domain: str) -> None:
    assert [message.text for message in own(domain) if message.key not in in_wagtail(domain)] == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_translation_has_one_form_and_no_invented_placeholder_or_tag(domain: str) -> None:
    for message in own(domain):
        (form,) = message.forms
        said = message.text + message.plural
        assert form, message.text
        assert set(PLACEHOLDER.findall(form)) <= set(PLACEHOLDER.findall(said)), message.text
        assert {tag.replace(" /", "/") for tag in TAG.findall(form)} <= {tag.replace(" /", "/") for tag in TAG.findall(said)}, message.text
        assert (form[:1] == "\n", form[-1:] == "\n") == (message.text[:1] == "\n", message.text[-1:] == "\n"), message.text


def test_django_speaks_it() -> None:
    with override("zh-hans"):
        assert translated("Exploring") == "页面"  # lacking in Wagtail
        assert translated("Live") == "已发布"  # said otherwise in Wagtail
        assert ngettext("%(num_parent_objects)d page", "%(num_parent_objects)d pages", 3) % {"num_parent_objects": 3} == "3 个页面"
