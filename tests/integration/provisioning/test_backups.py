"""Backups of a site: what is in them, that they are proved aside, and that nothing changed passes."""

import csv
import gzip
import io
import json
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped] # none published
import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from memberships.contract import Role
from observability.models import AuditEntry
from provisioning import backups, restoring
from provisioning.backups import creating, files, sealing
from provisioning.backups.contract import (
    ArchiveError,
    Key,
    KeyNeededError,
    Made,
    Manifest,
    Protection,
    SnapshotError,
    SpaceError,
    UnknownSealError,
)
from provisioning.models import Backup
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.media.models import SiteFile
from tenants.pages.models import DocumentPage
from tests.factories.backups import NOON, back_up, fill, own_media
from tests.factories.hashing import hashes
from tests.factories.people import person
from tests.factories.sites import open_sites

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # Wagtail leaves a picture's temporary file open
]


@pytest.fixture(scope="module", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with own_media(tmp_path_factory.mktemp("own")):
        yield


@pytest.fixture(scope="module")
def site(module_database: None, _own_folders: None) -> TenantRef:
    """A filled site beside its portal."""
    portal, site = open_sites("taiyuan", "xiaodian")
    fill(portal)
    fill(site)
    person("zhangsan", roles={Role.EDITOR: [site]})
    return site


@pytest.fixture(scope="module")
def made(site: TenantRef, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """An archive of the site."""
    return back_up(site.slug, tmp_path_factory.mktemp("archives"))


@pytest.fixture
def untouched(made: Made) -> Iterator[None]:
    """Whatever the test does, no row of any schema changes but the notes on backups."""
    before = hashes()
    yield
    assert hashes() == before


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {each.name: content.read() for each in tar if (content := tar.extractfile(each))}


def test_an_archive_can_be_read_without_the_product(made: Made, site: TenantRef) -> None:
    listed = subprocess.run(["/usr/bin/env", "tar", "-tzf", made.path], capture_output=True, text=True, check=True).stdout.split()
    inside = members(made.path)
    manifest = json.loads(inside["manifest.json"])
    documents = list(csv.DictReader(io.StringIO(inside["tables/pages_documentpage.csv"].decode())))

    assert (listed[0], listed[-2:]) == ("README.txt", ["manifest.json", "seal.json"])
    assert (manifest["format"], manifest["format_version"], manifest["taken_at"]) == ("site-backup", 1, NOON.isoformat())
    assert [row["doc_no"] for row in documents] == [f"并政发〔2026〕{number}号" for number in range(3)]
    assert (manifest["site"]["slug"], manifest["site"]["name"], manifest["site"]["city_slug"]) == ("xiaodian", site.name, "taiyuan")
    assert {each["domain"] for each in manifest["domains"]} == {site.primary_domain, site.editor_domain}
    assert [(each["username"], each["role"]) for each in manifest["staff"]] == [("zhangsan", "editor")]
    assert manifest["missing_files"] == []
    media = sorted(name for name in inside if name.startswith("media/"))
    assert [name.split("/")[1] for name in media] == ["documents", "images", "original_images"]
    assert inside[media[0]].decode() == "xiaodian 附件"
    assert {page["status"] for page in manifest["pages"]} == {200}


def test_no_password_and_no_session_is_in_it(site: TenantRef, made: Made) -> None:
    inside = members(made.path)

    shadows = list(csv.DictReader(io.StringIO(inside["tables/accounts_user.csv"].decode())))

    assert [(row["username"], row["password"]) for row in shadows] == [("zhangsan", "!")]
    assert inside["tables/django_session.csv"].count(b"\n") == 1  # the header
    assert not any(b"md5$" in content for content in inside.values())


def test_it_is_noted_and_audited(made: Made, site: TenantRef) -> None:
    note = Backup.objects.get(path=str(made.path))
    entry = AuditEntry.objects.get(action="backup.created", subject=site.slug, detail__sha256=made.sha256)  # other tests make others

    assert (note.slug, note.tenant_uuid, note.city_slug, note.taken_at) == (site.slug, site.uuid, "taiyuan", NOON)
    assert (note.size, note.sha256) == (made.path.stat().st_size, made.sha256)
    assert (entry.actor, entry.tenant_uuid) == ("tests", site.uuid)
    assert made.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("untouched")
def test_verifying_restores_it_aside_and_leaves_nothing(made: Made, tmp_path: Path) -> None:
    verdict = backups.verify_backup(made.path, key=Key(), folder=tmp_path)

    assert (verdict.problems, verdict.notes) == ([], [])
    assert (verdict.rows, verdict.files, verdict.pages_rendered) == (made.rows, 3, verdict.pages_equal)
    assert verdict.pages_rendered >= 7
    note = Backup.objects.get(sha256=made.sha256)
    assert (note.is_good, note.problem) == (True, "")
    assert note.verified_at is not None
    assert list(tmp_path.iterdir()) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'aside%'")
        assert cursor.fetchall() == []


def test_verifying_notices_pages_that_are_no_longer_shown_as_they_were(
    site: TenantRef, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = back_up(site.slug, tmp_path)

    def serve_nothing(_page: DocumentPage, _request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        return HttpResponse("正文丢失")

    monkeypatch.setattr(DocumentPage, "serve", serve_nothing)
    verdict = backups.verify_backup(made.path, key=Key(), folder=tmp_path)

    assert not verdict.is_good
    assert "page /zwgk/zcwj/t0/: other content" in verdict.problems
    note = Backup.objects.get(sha256=made.sha256)
    assert (note.is_good, note.problem.startswith("page /")) == (False, True)


def test_editors_may_go_on_while_it_is_made(site: TenantRef, tmp_path: Path) -> None:
    """What is published, uploaded or deleted after the snapshot began is not in it; what was there then is."""
    with in_schema_of(site):
        doomed = SiteFile.objects.create(title="旧附件", file=files_content("doomed.txt"))
    other = connection.copy()
    done: list[str] = []

    def meanwhile(table: str) -> None:
        if done or table != "accounts_user":
            return
        done.append(table)
        with other.cursor() as cursor:
            cursor.execute("SET search_path = s_xiaodian")
            cursor.execute("DELETE FROM media_sitefile WHERE id = %s", [doomed.pk])
            cursor.execute("UPDATE wagtailcore_page SET title = '快照之后' WHERE slug = 't0'")
        (files.folder_of(site.schema_name) / doomed.file.name).unlink()

    try:
        made = back_up(site.slug, tmp_path, on_progress=meanwhile)
    finally:
        other.close()

    inside = members(made.path)
    assert done == ["accounts_user"]
    assert "快照之后" not in inside["tables/wagtailcore_page.csv"].decode()
    assert "旧附件" in inside["tables/media_sitefile.csv"].decode()
    assert inside[f"media/{doomed.file.name}"] == b"doomed.txt"
    assert made.missing_files == []
    assert backups.verify_backup(made.path, key=Key(), folder=tmp_path).problems == []


def files_content(name: str) -> Any:
    from django.core.files.base import ContentFile  # noqa: PLC0415

    return ContentFile(name.encode(), name)


def test_a_file_that_was_lost_before_is_named_and_does_not_stop_it(site: TenantRef, tmp_path: Path) -> None:
    with in_schema_of(site):
        lost = SiteFile.objects.create(title="丢失", file=files_content("lost.txt"))
    (files.folder_of(site.schema_name) / lost.file.name).unlink()

    made = back_up(site.slug, tmp_path)
    verdict = backups.verify_backup(made.path, key=Key(), folder=tmp_path)

    assert made.missing_files == [lost.file.name]
    assert (verdict.problems, verdict.notes) == ([], ["1 files were missing already when it was made"])
    with in_schema_of(site):
        SiteFile.objects.filter(pk=lost.pk).delete()


def test_inside_a_transaction_it_refuses(site: TenantRef, tmp_path: Path) -> None:
    with transaction.atomic(), pytest.raises(SnapshotError):
        back_up(site.slug, tmp_path)

    assert list(tmp_path.iterdir()) == []


# --- archives that were changed -----------------------------------------------

Change = Callable[[dict[str, bytes]], dict[str, bytes | tarfile.TarInfo]]


def repack(path: Path, target: Path, change: Change) -> Path:
    with tarfile.open(target, "w:gz") as tar:
        for name, content in change(members(path)).items():
            header = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            if isinstance(content, bytes):
                header.size = len(content)
            tar.addfile(header, io.BytesIO(content) if isinstance(content, bytes) else None)
    return target


def flipped(name: str) -> Change:
    def change(inside: dict[str, bytes]) -> dict[str, Any]:
        content = bytearray(inside[name])
        content[len(content) // 2] ^= 1
        return inside | {name: bytes(content)}

    return change


def without(name: str) -> Change:
    return lambda inside: {each: content for each, content in inside.items() if each != name}


def link(name: str, kind: bytes) -> Change:
    header = tarfile.TarInfo(name)
    header.type, header.linkname = kind, "/etc/passwd"
    return lambda inside: {name: header, **inside}


def reworded(inside: dict[str, bytes]) -> dict[str, Any]:
    return inside | {"manifest.json": inside["manifest.json"].replace(b'"slug": "xiaodian"', b'"slug": "taiyuan" ')}


def resealed(inside: dict[str, bytes]) -> dict[str, Any]:
    """Change a row, the manifest's hash of it and the seal's hash: all but the mark, for which the secret is needed."""
    import hashlib  # noqa: PLC0415

    name = "tables/pages_documentpage.csv"
    rows = inside[name].replace("并政发".encode(), "晋政发".encode())
    manifest = json.loads(inside["manifest.json"])
    manifest["members"][name]["sha256"] = hashlib.sha256(rows).hexdigest()
    content = json.dumps(manifest).encode()
    seal = json.loads(inside["seal.json"]) | {"sha256": hashlib.sha256(content).hexdigest()}
    return inside | {name: rows, "manifest.json": content, "seal.json": json.dumps(seal).encode()}


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (flipped("tables/pages_documentpage.csv"), "tables/pages_documentpage.csv: its content is not what the manifest promises"),
        (flipped("README.txt"), "README.txt: its content is not what the manifest promises"),
        (flipped("manifest.json"), "manifest.json: it was changed after the archive was sealed"),
        (reworded, "manifest.json: it was changed after the archive was sealed"),
        (resealed, "manifest.json: it was changed after the archive was sealed, and the seal with it"),
        (without("tables/auth_group.csv"), "tables/auth_group.csv: it is missing"),
        (without("manifest.json"), "manifest.json: it is missing"),
        (without("seal.json"), "seal.json: it is missing"),
        (lambda inside: inside | {"tables/more.csv": b"id\n"}, "tables/more.csv: the manifest does not know it"),
        (lambda inside: inside | {"program.sh": b"x"}, "program.sh: such a member does not belong"),
        (lambda inside: {"../outside.txt": b"x", **inside}, "../outside.txt: such a member does not belong"),
        (lambda inside: {"media/../../outside.txt": b"x", **inside}, "media/../../outside.txt: such a member does not belong"),
        (lambda inside: {"/tmp/outside.txt": b"x", **inside}, "/tmp/outside.txt: such a member does not belong"),  # noqa: S108 - a hostile name
        (link("media/link", tarfile.SYMTYPE), "media/link: only plain files belong"),
        (link("media/hard", tarfile.LNKTYPE), "media/hard: only plain files belong"),
        (link("media/device", tarfile.CHRTYPE), "media/device: only plain files belong"),
        (link("media", tarfile.DIRTYPE), "media: only plain files belong"),
    ],
)
def test_a_changed_archive_is_refused_with_the_member_named(made: Made, tmp_path: Path, change: Change, says: str) -> None:
    hostile = repack(made.path, tmp_path / "hostile.tar.gz", change)
    folder = tmp_path / "folder"

    with pytest.raises(ArchiveError) as verifying:
        backups.verify_backup(hostile, key=Key(), folder=folder)
    with pytest.raises(ArchiveError) as restored:
        restoring.restore_site(hostile, key=Key(), new_slug="copy")

    assert str(verifying.value).startswith(says)
    assert str(restored.value) == str(verifying.value)
    assert list(folder.iterdir()) == []
    assert not (tmp_path / "outside.txt").exists()


@pytest.mark.usefixtures("untouched")
def test_every_damaged_byte_is_noticed(made: Made, tmp_path: Path) -> None:
    """Of a few hundred places all over the file; also a file cut short and one with more behind it.

    In a stretch of noughts a changed distance copies the same noughts: where the very same bytes come out, nothing is damaged.
    """
    whole = made.path.read_bytes()
    content_of_whole = gzip.decompress(whole)
    damaged = tmp_path / "damaged.tar.gz"
    passed = []
    for place in [*range(10, len(whole), max(1, len(whole) // 60)), len(whole) - 1]:  # the first ten bytes are gzip's own: time, system
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            with backups.unpacked(damaged, key=Key(), folder=tmp_path / "folder"):
                if gzip.decompress(damaged.read_bytes()) != content_of_whole:
                    passed.append(place)
        except ArchiveError:
            pass
    for content in (whole[:-9], whole[: len(whole) // 2], b"", whole + b"more"):
        damaged.write_bytes(content)
        with pytest.raises(ArchiveError), backups.unpacked(damaged, key=Key(), folder=tmp_path / "folder"):
            pass

    assert passed == []


def test_an_archive_of_another_installation_needs_to_be_trusted(made: Made, tmp_path: Path, settings: Any) -> None:
    settings.SECRET_KEY = "another-installation-" + "x" * 40

    with pytest.raises(UnknownSealError):
        backups.verify_backup(made.path, key=Key(), folder=tmp_path)

    assert backups.verify_backup(made.path, key=Key(), folder=tmp_path, from_elsewhere=True).problems == []


# --- encryption -----------------------------------------------------------------


def test_an_archive_for_recipients_opens_with_their_key_alone(site: TenantRef, tmp_path: Path) -> None:
    ours, theirs = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()

    made = back_up(site.slug, tmp_path, protection=Protection(recipients=[str(ours.to_public())]))

    assert made.path.name == "xiaodian-20261125T040000Z.tar.gz.age"
    assert "小店区".encode() not in made.path.read_bytes()
    assert Backup.objects.get(path=str(made.path)).is_encrypted
    assert backups.verify_backup(made.path, key=Key(identity=f"# made today\n{ours}\n"), folder=tmp_path).problems == []
    for wrong in (Key(), Key(identity=str(theirs)), Key(identity="nonsense")):
        with pytest.raises(KeyNeededError):
            backups.verify_backup(made.path, key=wrong, folder=tmp_path)
    plain = pyrage.decrypt(made.path.read_bytes(), [ours])
    assert tarfile.open(fileobj=io.BytesIO(plain)).getnames()[0] == "README.txt"  # noqa: SIM115 - in memory
    cut = tmp_path / "cut.tar.gz.age"
    cut.write_bytes(made.path.read_bytes()[:-40])
    with pytest.raises(ArchiveError):
        backups.verify_backup(cut, key=Key(identity=str(ours)), folder=tmp_path)


def test_a_passphrase_protects_the_archive_and_the_age_program_could_open_it(site: TenantRef, tmp_path: Path) -> None:
    made = back_up(site.slug, tmp_path, protection=Protection(passphrase="汾河水长流"))

    verdict = backups.verify_backup(made.path, key=Key(passphrase="汾河水长流"), folder=tmp_path)
    with pytest.raises(KeyNeededError):
        backups.verify_backup(made.path, key=Key(passphrase="汾河水断流"), folder=tmp_path)

    assert verdict.problems == []
    outer = members(made.path)
    assert list(outer) == ["key.age", "archive.age"]
    identity = pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(outer["key.age"], "汾河水长流").decode())
    assert tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(outer["archive.age"], [identity]))).getnames()[0] == "README.txt"  # noqa: SIM115


def test_what_is_no_recipient_is_refused() -> None:
    with pytest.raises(sealing.RecipientError, match="'age1nonsense' is no age public key"):
        sealing.check_recipients(["age1nonsense"])


# --- room -----------------------------------------------------------------------


def test_too_little_room_is_said_before_anything_is_written(site: TenantRef, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioning.backups.space.free", lambda _folder: 1 << 20)

    with pytest.raises(SpaceError, match=r"has 1\.0 MiB free, at most 1\d\.\d MiB are needed"):
        back_up(site.slug, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(site: TenantRef, tmp_path: Path) -> None:
    (tmp_path / ".xiaodian-20261124T040000Z.tar.gz.partial").write_bytes(b"half")
    (tmp_path / ".xiaodian-bei-20261124T040000Z.tar.gz.partial").write_bytes(b"another site's")

    made = back_up(site.slug, tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == [".xiaodian-bei-20261124T040000Z.tar.gz.partial", made.path.name]
    assert list(files.folder_of("x").parent.glob(".held-*")) == []


def test_a_manifest_reads_back_as_it_was_written(made: Made) -> None:
    content = members(made.path)["manifest.json"]

    assert Manifest.from_bytes(content).as_bytes() == content
    assert creating.product_version() == Manifest.from_bytes(content).product_version
