"""What a guide shows, as plain values; the number of queries does not grow with its rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat

from library.contract import Cited
from library.selectors import cited_with_organ
from registry.contract import TenantRef
from registry.selectors import site_url
from search.contract import VALIDITY_LABELS, Card, CardFact, Validity
from tenants.pages import composing as pages
from tenants.pages import describing
from tenants.services.contract import Audience, Element, Fee, days_text, missing

if TYPE_CHECKING:
    from tenants.services.models import ServicePage

MATERIALS_NAMED = 3  # on a result's card
CARD_TEXT = 80  # characters of a fact on a card


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsThere:
    """Which of its rows a guide has, as far as key elements stand in them."""

    materials: bool
    steps: bool
    places: bool
    hours: bool
    phones: bool


def missing_of(page: "ServicePage", rows: RowsThere) -> tuple[Element, ...]:
    """Return the key elements a guide lacks."""
    return missing(
        {
            Element.NAME: page.title,
            Element.BASIS: page.basis.strip(),
            Element.CONDITIONS: page.conditions.strip(),
            Element.MATERIALS: page.needs_no_material or rows.materials,
            Element.PLACE: rows.places,
            Element.ORGAN: page.organ_name,
            Element.FEES: page.fee == Fee.FREE or (page.fee == Fee.CHARGED and page.fee_standard.strip()),
            Element.HOURS: page.hours or rows.hours,
            Element.PHONE: page.phone or rows.phones,
            Element.STEPS: rows.steps,
        }
    )


def guide(page: "ServicePage", request: HttpRequest) -> dict[str, Any]:
    """Return what a guide's template shows; what is not known is left out, with its anchor."""
    materials = list(page.materials.all())
    files = _files_of(page, materials)
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    cited, organ = cited_with_organ(lines_in(page.basis), site=tenant, organ=page.organ_id or page.organ_name)
    shown: dict[str, Any] = {
        "facts": facts_of(page, organ_url=organ.url if organ else ""),
        "basis": _basis(cited),
        "conditions": lines_in(page.conditions),
        "materials": [_material(row, files) for row in materials],
        "needs_no_material": page.needs_no_material,
        "steps": [{"name": row.name, "detail": row.detail, "time_limit": row.time_limit} for row in page.steps.all()],
        "windows": [_window(row, page.hours) for row in page.shown_windows],
        "fee": _fee(page),
        "phones": [{"label": label, "number": number} for label, number in _phones(page)],
        "result": _result(page, files),
        "questions": [{"question": question, "answer": lines_in(answer)} for question, answer in questions_of(page)],
        "entry": page.entry,
    }
    return pages.text(page, request) | shown | {"contents": _contents(page, shown)}


def _basis(cited: Iterable[Cited]) -> list[dict[str, Any]]:
    """Return the lines of the legal basis; what the city's library has is linked, with a mark where it is not in force as it was."""
    return [
        {
            "before": each.before,
            "name": f"《{each.name}》" if each.name else "",
            "behind": each.behind,
            "url": each.url,
            "validity": _standing(each.partner.validity) if each.partner else None,
        }
        for each in cited
    ]


def _standing(validity: Validity) -> dict[str, str] | None:
    is_as_it_was = validity in (Validity.IN_FORCE, Validity.UNKNOWN)
    return None if is_as_it_was else {"code": validity.value, "label": VALIDITY_LABELS[validity]}


def facts_of(page: "ServicePage", *, organ_url: str = "") -> list[dict[str, str]]:
    """Return the rows of the table at the top."""
    rows = [
        ("事项编码", page.code),
        ("办理机构", page.organ_name),
        ("服务对象", "、".join(audience_labels(page.audiences))),
        ("法定办结时限", days_text(page.statutory_days)),
        ("承诺办结时限", days_text(page.promised_days)),
        ("到现场次数", "" if page.visits is None else f"{page.visits} 次" if page.visits else "不用到现场"),
        ("网办深度", page.get_online_depth_display()),
        ("办理时间", page.hours),
        ("收费", page.get_fee_display()),
        ("办理结果", page.result_name),
    ]
    urls = {"办理机构": organ_url}
    return [{"label": label, "value": value, "url": urls.get(label, "")} for label, value in rows if value]


def audience_labels(audiences: Iterable[str]) -> list[str]:
    """Return for whom a service is, in words; codes nobody knows are left out."""
    return [choice.label for choice in Audience if choice.value in audiences]


def questions_of(page: "ServicePage") -> list[tuple[str, str]]:
    """Return questions with their answers."""
    return [(child.value["question"], child.value["answer"]) for child in page.questions]


def lines_of(page: "ServicePage") -> list[str]:
    """Return what a reader reads in the tables, for search."""
    facts = [f"{fact['label']}：{fact['value']}" for fact in facts_of(page)]
    materials = [f"{row.name} {row.note}".strip() for row in page.materials.all()]
    steps = [f"{row.name} {row.detail} {row.time_limit}".strip() for row in page.steps.all()]
    windows = [" ".join(part for part in (row.name, row.address, row.hours, row.phone, row.route) if part) for row in page.windows.all()]
    questions = [f"{question}\n{answer}" for question, answer in questions_of(page)]
    phones = [f"{label}：{number}" for label, number in _phones(page)]
    return [
        *facts,
        *lines_in(page.basis),
        *lines_in(page.conditions),
        *materials,
        *steps,
        *windows,
        *lines_in(page.fee_standard),
        *phones,
        *questions,
    ]


def card_of(page: "ServicePage") -> Card:
    """Return what a search result's card says of a guide: on what basis, with what, how long, where, and where to begin."""
    names = [row.name for row in page.materials.all()]
    listed = "、".join(names[:MATERIALS_NAMED]) + ("等" if len(names) > MATERIALS_NAMED else "")
    address = next((row.address for row in page.windows.all() if row.address), "")
    rows = [
        ("设定依据", "；".join(lines_in(page.basis))),
        ("办理材料", f"{len(names)} 份：{listed}" if names else "无需提交" if page.needs_no_material else ""),
        ("承诺时限" if page.promised_days is not None else "法定时限", days_text(_limit(page))),
        ("办理地点", address),
        ("咨询电话", page.phone),
    ]
    return Card(facts=tuple(CardFact(label, _short(text)) for label, text in rows if text), entry=page.entry)


def described(page: "ServicePage", tenant: TenantRef, url: str) -> dict[str, Any]:
    """Return the guide in the words of schema.org."""
    windows = [_given({"@type": "Place", "name": row.name, "address": row.address, "telephone": row.phone}) for row in page.shown_windows]
    channels: list[dict[str, Any]] = [{"@type": "ServiceChannel", "serviceLocation": window} for window in windows]
    if page.entry:
        address = site_url(tenant, page.entry) if page.entry.startswith("/") else page.entry
        channels.append({"@type": "ServiceChannel", "serviceUrl": address})
    phone = [{"@type": "ContactPoint", "contactType": "咨询", "telephone": page.phone}] if page.phone else []
    provider = {"@type": "GovernmentOrganization", "name": page.organ_name, "contactPoint": phone}
    facts = {
        "name": page.title,
        "description": page.in_short(tenant),
        "identifier": page.code,
        "provider": _given(provider) if page.organ_name else describing.organization(tenant),
        "areaServed": {"@type": "AdministrativeArea", "name": tenant.region_name},
        "audience": [{"@type": "Audience", "audienceType": label} for label in audience_labels(page.audiences)],
        "serviceOutput": {"@type": "Thing", "name": page.result_name} if page.result_name else None,
        "availableChannel": channels,
    }
    return {"@context": describing.CONTEXT, "@type": "GovernmentService", "url": url, **_given(facts)}


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def lines_in(text: str) -> list[str]:
    """Return the lines of a field that say something."""
    return [line for raw in text.splitlines() if (line := raw.strip())]


def _short(text: str) -> str:
    return text if len(text) <= CARD_TEXT else text[: CARD_TEXT - 1] + "…"


def _limit(page: "ServicePage") -> int | None:
    return page.statutory_days if page.promised_days is None else page.promised_days


def _phones(page: "ServicePage") -> list[tuple[str, str]]:
    return [(label, number) for label, number in (("咨询电话", page.phone), ("监督投诉电话", page.complaint_phone)) if number]


def _fee(page: "ServicePage") -> dict[str, Any] | None:
    if not page.fee:
        return None
    return {"label": page.get_fee_display(), "standard": lines_in(page.fee_standard) if page.fee == Fee.CHARGED else []}


def _files_of(page: "ServicePage", materials: Iterable[Any]) -> dict[int, Any]:
    """Return the files of all rows in one query."""
    ids = [pk for row in materials for pk in (row.form_file_id, row.sample_file_id) if pk]
    if page.result_sample_id:
        ids.append(page.result_sample_id)
    found: dict[int, Any] = apps.get_model("media", "SiteFile").objects.in_bulk(ids) if ids else {}
    return found


def _file(number: int | None, files: dict[int, Any]) -> dict[str, str] | None:
    file = files.get(number or 0)
    if file is None:
        return None
    return {
        "title": file.title,
        "url": file.url,
        "extension": file.file_extension.upper(),
        "size_text": filesizeformat(file.get_file_size()),
    }


def _material(row: Any, files: dict[int, Any]) -> dict[str, Any]:
    counted = [f"{name} {count} 份" for name, count in (("原件", row.originals), ("复印件", row.copies)) if count]
    return {
        "name": row.name,
        "count": "，".join(counted) or "仅核验",
        "origin": row.get_origin_display(),
        "note": row.note,
        "form": _file(row.form_file_id, files),
        "sample": _file(row.sample_file_id, files),
    }


def _window(row: Any, hours: str) -> dict[str, str]:
    return {"name": row.name, "address": row.address, "hours": row.hours or hours, "phone": row.phone, "route": row.route}


def _result(page: "ServicePage", files: dict[int, Any]) -> dict[str, Any] | None:
    sample = _file(page.result_sample_id, files)
    return {"name": page.result_name, "sample": sample} if page.result_name or sample else None


def _contents(page: "ServicePage", shown: dict[str, Any]) -> list[dict[str, str]]:
    """Return the anchors of what the guide has."""
    parts = [
        ("facts", "基本信息", shown["facts"]),
        ("basis", "设定依据", shown["basis"]),
        ("conditions", "申请条件", shown["conditions"]),
        ("materials", "办理材料", shown["materials"] or shown["needs_no_material"]),
        ("steps", "办理流程", shown["steps"]),
        ("windows", "办理地点", shown["windows"]),
        ("fees", "收费标准", shown["fee"]),
        ("result", "办理结果", shown["result"]),
        ("phones", "咨询投诉", shown["phones"]),
        ("questions", "常见问题", shown["questions"]),
        ("more", "补充说明", bool(page.body)),
    ]
    return [{"anchor": anchor, "label": label} for anchor, label, has in parts if has]
