"""Verbs: open a form, give a number and a code for what was handed in; the code itself is kept nowhere."""

import datetime as dt
import hashlib
import hmac
import re
import secrets
import unicodedata

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from intake.contract import TOKEN_HOURS, HastyFormError, Issued, Purpose, StaleFormError, TooManyError, TooManyOfPhoneError
from intake.models import Receipt
from registry.contract import TenantRef

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 signs, without I, O, 0 and 1
_CODE_LENGTH = 8
_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
_PHONE = re.compile(r"(?<!\d)(?:0086|\+?86)?-?(1[3-9]\d-?\d{4}-?\d{4}|0[1-9]\d{1,2}-?\d{7,8})(?!\d)")  # with its area, if it is no mobile
_MOST_FORGOTTEN = 1_000


def open_form(tenant: TenantRef, purpose: Purpose) -> str:
    """Return the mark of a form that is shown now: however often it is sent, it is taken once."""
    return _signer(tenant, purpose).sign(secrets.token_urlsafe(18))


def issue(token: str, *, tenant: TenantRef, purpose: Purpose, sender: str, contact: str = "", now: dt.datetime) -> Issued:
    """Give a number and a code for a form, in the caller's transaction; for one that was sent before, those that it has.

    `sender` is a digest of where it comes from, kept for a day; "" where that is not known. `contact` is what somebody left to be asked
    back: of a telephone in it a keyed digest is kept for a day, of the number nothing.

    Raises:
        StaleFormError: the form is not this site's, or too old.
        HastyFormError: nobody can have filled it in.
        TooManyError: the sender handed in too much within an hour.
        TooManyOfPhoneError: too much within a day names the same telephone.

    """
    signer = _signer(tenant, purpose)
    try:
        mark = signer.unsign(token, max_age=dt.timedelta(hours=TOKEN_HOURS))
    except BadSignature as error:
        raise StaleFormError from error
    known = _known(mark, tenant)
    if known:
        return known
    if settings.FORM_LEAST_SECONDS and not _is_older(signer, token, settings.FORM_LEAST_SECONDS):
        raise HastyFormError
    most = settings.FORMS_PER_HOUR
    if most and sender and Receipt.objects.filter(sender=sender, issued_at__gt=now - _HOUR).count() >= most:
        raise TooManyError
    phone = phone_digest(contact) if settings.FORMS_PER_PHONE else ""
    if phone and Receipt.objects.filter(phone=phone, issued_at__gt=now - _DAY).count() >= settings.FORMS_PER_PHONE:
        raise TooManyOfPhoneError(settings.FORMS_PER_PHONE)
    _forget_senders(now)
    return _issue(mark, tenant=tenant, purpose=purpose, sender=sender, phone=phone, now=now)


def issue_for(order: str, *, tenant: TenantRef, purpose: Purpose, now: dt.datetime) -> Issued:
    """Give a number for something that another system knows by a number of its own, in the caller's transaction.

    `order` names it within the whole platform; asked for again, the number it has is returned, whichever site asks.
    """
    return _known(f"order:{order}", tenant) or _issue(f"order:{order}", tenant=tenant, purpose=purpose, now=now)


def phone_digest(contact: str) -> str:
    """Return a keyed digest of the telephone that a contact names, the same however it is written; "" where it names none."""
    found = _PHONE.search("".join(unicodedata.normalize("NFKC", contact).split()))
    return salted_hmac("intake.phone", found[1].replace("-", ""), algorithm="sha256").hexdigest()[:32] if found else ""


def digest(code: str, number: str) -> str:
    """Return what is kept of a code; slow by intent, and different for each number."""
    clean = code.strip().upper().encode("utf-8", "replace")[:64]
    return hashlib.scrypt(clean, salt=number.encode("utf-8", "replace")[:64], n=4096, r=8, p=1, dklen=32).hex()


def is_code(code: str, number: str, kept: str) -> bool:
    """Whether it is the code of which `kept` was kept; takes as long where nothing is kept, so that the time tells nothing."""
    return hmac.compare_digest(digest(code, number), kept or "-") and bool(kept)


def _signer(tenant: TenantRef, purpose: Purpose) -> TimestampSigner:
    return TimestampSigner(salt=f"intake.{purpose.value}.{tenant.uuid.hex}")


def _is_older(signer: TimestampSigner, token: str, seconds: int) -> bool:
    try:
        signer.unsign(token, max_age=seconds)
    except BadSignature:
        return True
    return False


def _known(mark: str, tenant: TenantRef) -> Issued | None:
    number = Receipt.objects.filter(form=_form(mark, tenant)).values_list("number", flat=True).first()
    return Issued(number, _code(mark), is_new=False) if number else None


def _issue(mark: str, *, tenant: TenantRef, purpose: Purpose, sender: str = "", phone: str = "", now: dt.datetime) -> Issued:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('public.intake_receipt', 'id'))")
        (serial,) = cursor.fetchone() or (0,)
    number = f"{timezone.localtime(now):%Y%m%d}{serial:06d}"
    facts = {"purpose": purpose, "site": tenant.uuid, "form": _form(mark, tenant), "sender": sender, "phone": phone, "issued_at": now}
    try:
        with transaction.atomic():
            Receipt.objects.create(pk=serial, number=number, **facts)
    except IntegrityError:  # the same form was sent in the same moment, and that one is committed now
        known = _known(mark, tenant)
        if known is None:
            raise
        return known
    return Issued(number, _code(mark), is_new=True)


def _forget_senders(now: dt.datetime) -> None:
    """Take out the digests of addresses and telephones that are a day old; of any site, so that each form that is handed in tidies up."""
    kept = Receipt.objects.filter(Q(sender__gt="") | Q(phone__gt=""), issued_at__lte=now - _DAY)  # as the indexes are
    with transaction.atomic():
        old = kept.select_for_update(skip_locked=True).values_list("pk", flat=True)[:_MOST_FORGOTTEN]
        Receipt.objects.filter(pk__in=list(old)).update(sender="", phone="")


def _form(mark: str, tenant: TenantRef) -> str:
    """Return what is kept of a form's mark; an order of another system is the same in all sites of a city."""
    where = tenant.city_slug if mark.startswith("order:") else tenant.uuid.hex
    return hashlib.sha256(f"{where}|{mark}".encode()).hexdigest()


def _code(mark: str) -> str:
    """Return the code that goes with a form's mark: who sends a form twice is told the same code, though it is kept nowhere."""
    value = int.from_bytes(salted_hmac("intake.code", mark, algorithm="sha256").digest()[:5], "big")
    return "".join(_ALPHABET[(value >> (5 * place)) & 31] for place in range(_CODE_LENGTH))
