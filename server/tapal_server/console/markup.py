"""HTML built from values, escaped unless it is already `Html`."""

import html
from collections.abc import Iterable

VOID = frozenset({"img", "input", "br", "hr", "link", "meta", "path", "circle", "rect", "line", "polygon", "polyline"})


class Html(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


Child = str | Iterable[str | None] | None
Attribute = str | float | bool | None


def escape(child: Child) -> str:
    """The markup of one child: plain text escaped, markup kept, None dropped, sequences joined."""
    if child is None:
        return ""
    if isinstance(child, Html):
        return str(child)
    if isinstance(child, str):
        return html.escape(child, quote=False)
    return "".join(escape(part) for part in child)


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """One element; `class_` means class, other underscores are hyphens, True is a bare attribute, None is left out."""
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        spelt = key.rstrip("_").replace("_", "-")
        parts.append(spelt if value is True else f'{spelt}="{html.escape(_number(value), quote=True)}"')
    opening = " ".join(parts)
    if name in VOID and not children:
        return Html(f"<{opening}>") if name in {"img", "input", "br", "hr", "link", "meta"} else Html(f"<{opening}/>")
    return Html(f"<{opening}>{''.join(escape(child) for child in children)}</{name}>")


def join(*children: Child) -> Html:
    """Several children as one piece of markup."""
    return Html("".join(escape(child) for child in children))


def _number(value: Attribute) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
