"""An example for every operation of the OpenAPI document: what to send, and what comes back.

Examples that fields carry themselves come first; then what a field of that name usually holds; then its type.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

__all__ = ["complete", "install"]

_MOMENT = "2026-03-02T14:00:25.151+08:00"
_ID = "0198a5f2-7c1e-7c3a-9d52-3f6b1c2d4e5f"
_HEX = "3f" * 32
_NAMED: dict[str, Any] = {
    "id": _ID, "node": "nunukan-01", "site": "tunon-taka", "camera": "gate-1", "line": "gate", "berth": "north",
    "direction": "inbound", "checkpoint": "TTK", "lane": "2", "kind": "unlogged_crossing", "name": "sari",
    "display_name": "Sari", "user": "sari", "by": "sari", "actor": "sari", "assignee": "sari", "agency": "BP3MI",
    "source": "simkim", "first": "simkim", "second": "ksop", "voyage_id": "TWU-7", "vessel": "KM Purnama",
    "mmsi": 525000123, "imo": 9074729, "timezone": "Asia/Makassar", "language": "id", "title": "Not Found",
    "code": "K7QX2M9R", "proof": _HEX, "public": _HEX, "server": _HEX, "token": "tapal_3pQ...", "hash": _HEX,
    "previous": _HEX, "signature": "MEUCIQ...", "secret": "JBSWY3DPEHPK3PXP", "public_key": "BNc...", "key": "BNc...",
    "note": "ferry from Tawau is late", "reason": "direction 'up' is none of inbound, outbound", "record_id": "4711",
    "document_hash": "9f86d081884c7d659a2feaa0c55ad015", "probability": 0.87, "confidence": 0.91, "latitude": 4.143,
    "longitude": 117.664, "location": [4.143, 117.664], "recall": 0.96, "share": 0.998, "line_id": "gate",
    "scopes": ["see"], "permissions": ["judge", "see"], "client": "10.1.2.3", "media_type": "application/pdf",
    "file_name": "foto.jpg", "action": "alert.view", "subject": "alert:unlogged_crossing-01a2", "label": "person",
    "status": "open", "detail": "alert 'a1' is not known", "sha256": _HEX, "version": 1,
}  # fmt: skip
_TEXTS = {
    "application/octet-stream": (
        "record_id,recorded_at,direction,checkpoint\n4711,2026-03-02T14:00:25+08:00,masuk,TTK\n"
    ),
    "text/csv": (
        "voyage_id,site,direction,vessel,starts_at,ends_at,declared\n"
        "TWU-7,tunon-taka,masuk,KM Purnama,2026-03-02T14:00:00+08:00,2026-03-02T16:00:00+08:00,326\n"
    ),
}
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_DEEPEST = 12


def install(app: FastAPI) -> None:
    """Let the application's document carry the examples."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            complete(plain())
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way


def complete(document: dict[str, Any]) -> None:
    """Add what is missing, in place."""
    maker = _Maker(document.get("components", {}).get("schemas", {}))
    for path in document["paths"].values():
        for method, operation in path.items():
            if method not in _METHODS:
                continue
            for parameter in operation.get("parameters", ()):
                if parameter.get("required") and "example" not in parameter and "examples" not in parameter:
                    parameter["example"] = maker.make(parameter["schema"], parameter["name"])
            for media_type, content in _contents(operation):
                if "schema" in content and "example" not in content and "examples" not in content:
                    text = _TEXTS.get(media_type)
                    content["example"] = text if text is not None else maker.make(content["schema"], "")


def _contents(operation: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from operation.get("requestBody", {}).get("content", {}).items()
    for status, answer in operation["responses"].items():
        if str(status).startswith("2"):
            yield from answer.get("content", {}).items()


class _Maker:
    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas

    def make(self, schema: Mapping[str, Any], name: str, depth: int = 0) -> Any:
        """A value that fits the schema of a field of this name."""
        if "$ref" in schema:
            return self.make(self._schemas[schema["$ref"].rpartition("/")[2]], name, depth + 1)
        for key in ("examples", "enum"):
            if schema.get(key):
                return schema[key][0]
        for key in ("example", "const", "default"):
            if schema.get(key) is not None:
                return schema[key]
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self._choice(schema[key], name, depth)
        return self._typed(schema, name, depth)

    def _choice(self, options: list[Mapping[str, Any]], name: str, depth: int) -> Any:
        if depth > _DEEPEST and {"type": "null"} in options:
            return None
        return self.make(options[0], name, depth + 1)

    def _typed(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        kind = schema.get("type")
        if kind == "object":
            inside, needed = schema.get("properties", {}), schema.get("required", ())
            return {field: self.make(inside[field], field, depth + 1) for field in needed if field in inside}
        return self._list(schema, name, depth) if kind == "array" else _plain(schema, name)

    def _list(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self.make(one, name, depth + 1) for one in schema["prefixItems"]]
        if depth > _DEEPEST or "items" not in schema:
            return []
        return [self.make(schema["items"], name, depth + 1)] * max(1, schema.get("minItems", 1))


def _plain(schema: Mapping[str, Any], name: str) -> Any:
    kind = str(schema.get("type"))
    if kind == "string" and schema.get("format") == "date-time":
        return _MOMENT
    named = _NAMED.get(name)
    fits = {"string": str, "integer": int, "number": int | float, "boolean": bool}.get(kind)
    if fits is not None and isinstance(named, fits):
        return named
    if kind == "string":
        return _ID if name.endswith("id") else name.replace("_", " ") or "text"
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    return {"boolean": True, "integer": int(least) + 1, "number": least + 0.5, "null": None}.get(kind, {})
