"""The API described: OpenAPI 3.1 for programs, a page for people; both made of the parameters that check requests."""

from typing import Any

from search.contract import MAX_DEPTH, Facet, Match, Tab, Validity
from search.requests.parameters import PARAMETERS, Form, Parameter

VERSION = "1.0.0"
_TEXT = {"type": "string"}
_ADDRESS = {"type": "string", "format": "uri"}
_FORMS = {
    Form.QUERY: "文字",
    Form.NAME: "名称",
    Form.CHOICE: "选项",
    Form.NUMBER: "整数",
    Form.DATE: "日期（2024-01-31）",
}


def openapi(*, path: str, per_minute: int) -> dict[str, Any]:
    """Return the description as OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "政府网站统一检索接口",
            "version": VERSION,
            "description": f"只读，无需登录；结果与检索页面完全一致。{_limits(per_minute)}",
        },
        "servers": [{"url": "/"}],
        "paths": {path: {"get": _operation()}},
        "components": {"schemas": _schemas()},
    }


def page(*, path: str, openapi_url: str, per_minute: int) -> dict[str, Any]:
    """Return what the page for people shows."""
    return {
        "url": path,
        "example_url": f"{path}?q=%E5%85%BB%E8%80%81%E6%9C%8D%E5%8A%A1&size=5",
        "openapi_url": openapi_url,
        "limits": _limits(per_minute),
        "parameters": [
            {
                "name": parameter.name,
                "form": _FORMS[parameter.form],
                "description": parameter.description,
                "choices": [{"value": value, "label": label} for value, label in (parameter.choices or {}).items()],
                "bounds": f"{parameter.first} 至 {parameter.last}" if parameter.last and parameter.last <= MAX_DEPTH * 10 else "",
                "default": parameter.default,
            }
            for parameter in PARAMETERS
        ],
    }


def _limits(per_minute: int) -> str:
    limit = f"每个地址每分钟最多 {per_minute} 次，超出时返回 429 和 Retry-After；" if per_minute else ""
    return f"{limit}最多可取前 {MAX_DEPTH} 条结果；支持 ETag 与跨域读取。"


def _operation() -> dict[str, Any]:
    def answer(description: str, schema: str) -> dict[str, Any]:
        return {"description": description, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}

    return {
        "operationId": "search",
        "summary": "检索已公开的内容",
        "parameters": [_parameter(parameter) for parameter in PARAMETERS],
        "responses": {
            "200": answer("检索结果。", "Answer"),
            "304": {"description": "与 If-None-Match 所指的结果相同。"},
            "422": answer("有参数不正确，逐个指出；未知参数也会被拒绝。", "Errors"),
            "429": answer("请求过于频繁，Retry-After 说明要等多少秒。", "Errors"),
            "503": answer("暂时无法检索。", "Errors"),
        },
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.description,
        "schema": _schema_of(parameter),
    }
    return described | ({"example": _valued(parameter, parameter.example)} if parameter.example else {})


def _schema_of(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer" if parameter.form is Form.NUMBER else "string"}
    if parameter.choices:
        schema["enum"] = [str(value) for value in parameter.choices]
    if parameter.form is Form.NUMBER:
        schema |= {"minimum": parameter.first, "maximum": parameter.last}
    if parameter.form is Form.DATE:
        schema["format"] = "date"
    if parameter.default:
        schema["default"] = _valued(parameter, parameter.default)
    return schema


def _valued(parameter: Parameter, text: str) -> str | int:
    return int(text) if parameter.form is Form.NUMBER else text


def _schemas() -> dict[str, Any]:
    whole = {"type": "integer", "minimum": 0}
    value = _object(value={"type": ["string", "integer"]}, label=_TEXT, count=whole)
    hits = {"type": "array", "items": {"$ref": "#/components/schemas/Hit"}}
    return {
        "Answer": _object(
            query=_TEXT,
            total={**whole, "maximum": MAX_DEPTH, "description": "不同内容的条数，转载不重复计算。"},
            total_relation={"type": "string", "enum": ["eq", "gte"], "description": f"gte 表示多于 {MAX_DEPTH} 条。"},
            took_ms=whole,
            degraded={"type": "boolean", "description": "检索引擎不可用，由数据库代答。"},
            correction={
                "description": "可能想搜的词；is_applied 表示原词没有结果，以下是该词的结果。",
                "oneOf": [_object(text=_TEXT, is_applied={"type": "boolean"}), {"type": "null"}],
            },
            partial={"type": "boolean", "description": "没有内容包含全部搜索词，以下内容包含其中一部分。"},
            promoted={
                "type": "array",
                "items": _object(title=_TEXT, url=_ADDRESS, site_name=_TEXT, key=_TEXT),
                "description": "编辑对这个查询的推荐，显示在最前；不再出现在 hits 中。",
            },
            hits=hits,
            services={**hits, "description": "查询意在办事时排在最前的办事内容。"},
            facets=_object(**{facet.value: {"type": "array", "items": value} for facet in Facet}),
        ),
        "Hit": _hit(),
        "Errors": _object(errors={"type": "array", "items": _object(field=_TEXT, message=_TEXT)}),
    }


def _hit() -> dict[str, Any]:
    return _object(
        id=_TEXT,
        source_id=_TEXT,
        title=_TEXT,
        title_html={**_TEXT, "description": "已转义，匹配处有 mark 标记。"},
        snippet_html={**_TEXT, "description": "已转义，匹配处有 mark 标记。"},
        summary=_TEXT,
        url=_ADDRESS,
        site=_TEXT,
        site_name=_TEXT,
        tab={"type": "string", "enum": [tab.value for tab in Tab]},
        kind=_TEXT,
        doc_no=_TEXT,
        index_no=_TEXT,
        issuer=_TEXT,
        validity={"type": "string", "enum": [validity.value for validity in Validity]},
        status={
            "description": "意见征集今天的状态（未开始、征集中、已结束、已反馈）和起止日期；其他页面为 null。",
            "oneOf": [_object(code=_TEXT, label=_TEXT, note={**_TEXT, "description": "没有则为空。"}), {"type": "null"}],
        },
        published_at={"type": ["string", "null"], "format": "date-time"},
        article={**_TEXT, "description": "摘要所在的条，例如“第十二条”；没有则为空。"},
        article_url={**_TEXT, "description": "该条在页面中的地址；没有则为空。"},
        matched_in={"type": "array", "items": {"type": "string", "enum": [match.value for match in Match]}},
        files={"type": "array", "items": _object(title=_TEXT, extension=_TEXT, size={"type": "integer"}, url=_ADDRESS)},
        card={
            "description": "办事指南的要点和在线办理入口；不是办事指南则为 null。",
            "oneOf": [
                _object(facts={"type": "array", "items": _object(label=_TEXT, text=_TEXT)}, entry={**_TEXT, "description": "没有则为空。"}),
                {"type": "null"},
            ],
        },
        coming={
            "description": "已公布、尚未施行的新版本；没有则为 null。",
            "oneOf": [_object(url=_ADDRESS, effective_date={"type": ["string", "null"], "format": "date"}), {"type": "null"}],
        },
        copies={"type": "array", "items": _object(site=_TEXT, url=_ADDRESS)},
    )


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
