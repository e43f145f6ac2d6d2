"""Computes from a form's HTML what a browser would send when the form is submitted. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from probes.failures import Failed, Failure

_BUTTONS = frozenset(("submit", "image", "button", "reset"))
_TICKED = frozenset(("checkbox", "radio"))
_CONTROLS = "input, select, textarea, button"


@dataclass(frozen=True, slots=True)
class Submission:
    """One form submission. `pairs` are (name, value), in document order as a browser sends them."""

    method: str
    url: str
    pairs: tuple[tuple[str, str], ...]
    multipart: bool = False

    def query(self, encoding: str) -> str:
        """The pairs as `application/x-www-form-urlencoded`; `encoding` is the page's own."""
        return urlencode(self.pairs, encoding=encoding, errors="xmlcharrefreplace")

    def address(self, encoding: str) -> str:
        """The URL to request: the form's action; with GET, the pairs replace its query."""
        if self.method != "GET":
            return self.url
        return urlsplit(self.url)._replace(query=self.query(encoding)).geturl()


def submission(
    html: str, page_url: str, selector: str, values: Mapping[str, str], button: str | None
) -> Submission:
    """The submission of the form `selector` with `values` set and `button` pressed.

    Raises `Failed(FORM_MISSING)` when the page has no such form or button, or no control for a value.
    """
    tree = LexborHTMLParser(html)
    form = tree.css_first(selector)
    if form is None:
        raise Failed(Failure.FORM_MISSING, f"no form {selector} on the page")
    controls = [node for node in _controls(tree, form) if not _disabled(node)]
    chosen = {_chosen(controls, name, value).mem_id: value for name, value in values.items()}
    pressed = _button(controls, button)
    method = (_override(pressed, "formmethod") or form.attributes.get("method") or "get").upper()
    return Submission(
        method="POST" if method == "POST" else "GET",
        url=_action(tree, form, pressed, page_url),
        pairs=tuple(_pairs(controls, chosen, pressed)),
        multipart=(form.attributes.get("enctype") or "").lower() == "multipart/form-data",
    )


def _controls(tree: LexborHTMLParser, form: LexborNode) -> Iterator[LexborNode]:
    form_id = form.attributes.get("id")
    inside = {node.mem_id for node in form.css(_CONTROLS)}
    for node in tree.css(_CONTROLS):
        owner = node.attributes.get("form")
        if owner == form_id if owner is not None else node.mem_id in inside:
            yield node


def _disabled(node: LexborNode) -> bool:
    if "disabled" in node.attributes:
        return True
    above = node.parent
    while above is not None:
        if above.tag == "fieldset" and "disabled" in above.attributes:
            return True
        above = above.parent
    return False


def _kind(node: LexborNode) -> str:
    if node.tag == "input":
        return (node.attributes.get("type") or "text").lower()
    if node.tag == "button":
        return (node.attributes.get("type") or "submit").lower()
    return node.tag or ""


def _value(node: LexborNode) -> str:
    if node.tag == "textarea":
        return node.text()
    return node.attributes.get("value") or ("on" if _kind(node) in _TICKED else "")


def _option_value(option: LexborNode) -> str:
    value = option.attributes.get("value")
    return " ".join(option.text().split()) if value is None else value


def _takes(node: LexborNode, value: str) -> bool:
    """Whether a person could give `value` to this control."""
    kind = _kind(node)
    if kind in _TICKED:
        return _value(node) == value
    if kind == "select":
        return any(_option_value(option) == value for option in node.css("option:not([disabled])"))
    return kind not in _BUTTONS and kind != "file"


def _chosen(controls: list[LexborNode], name: str, value: str) -> LexborNode:
    for node in controls:
        if node.attributes.get("name") == name and _takes(node, value):
            return node
    raise Failed(Failure.FORM_MISSING, f"the form has no usable field {name} for {value!r}")


def _button(controls: list[LexborNode], name: str | None) -> LexborNode | None:
    if name is None:
        return None
    buttons = [node for node in controls if _kind(node) == "submit"]
    for naming in (*map(_attribute, ("name", "id", "value")), _label):
        if found := next((node for node in buttons if naming(node) == name), None):
            return found
    raise Failed(Failure.FORM_MISSING, f"the form has no usable button {name}")


def _attribute(name: str) -> Callable[[LexborNode], str | None]:
    return lambda node: node.attributes.get(name)


def _label(node: LexborNode) -> str:
    return " ".join(node.text().split())


def _override(pressed: LexborNode | None, attribute: str) -> str | None:
    return pressed.attributes.get(attribute) if pressed is not None else None


def _action(tree: LexborHTMLParser, form: LexborNode, pressed: LexborNode | None, page_url: str) -> str:
    """The URL of the form's action. From an https page it is always https: old pages still write http."""
    action = (_override(pressed, "formaction") or form.attributes.get("action") or "").strip()
    base = tree.css_first("base[href]")
    base_url = urljoin(page_url, (base.attributes.get("href") or "") if base and action else "")
    url = urlsplit(urljoin(base_url, action))._replace(fragment="")
    if page_url.startswith("https:") and url.scheme == "http":
        url = url._replace(scheme="https")
    return url.geturl()


def _pairs(
    controls: list[LexborNode], chosen: Mapping[int, str], pressed: LexborNode | None
) -> Iterator[tuple[str, str]]:
    picked = {node.attributes.get("name") for node in controls if node.mem_id in chosen}
    for node in controls:
        if not (name := node.attributes.get("name")):
            continue
        if node.mem_id in chosen:
            yield name, chosen[node.mem_id]
        elif _kind(node) in _BUTTONS:
            if pressed is not None and node.mem_id == pressed.mem_id:
                yield name, node.attributes.get("value") or ""
        else:
            yield from ((name, value) for value in _defaults(node, name in picked))


def _defaults(node: LexborNode, replaced: bool) -> list[str]:
    """The values that a control sends if we set none.

    `replaced`: we chose another control of the same name, so a radio button checked before is not sent.
    """
    kind = _kind(node)
    if kind in _TICKED:
        sent = "checked" in node.attributes and not (kind == "radio" and replaced)
        return [_value(node)] if sent else []
    if kind == "select":
        return _selected(node)
    return [] if kind == "file" else [_value(node)]


def _selected(select: LexborNode) -> list[str]:
    options = select.css("option:not([disabled])")
    selected = [option for option in options if "selected" in option.attributes]
    if "multiple" in select.attributes:
        return [_option_value(option) for option in selected]
    return [_option_value(option) for option in (selected[-1:] or options[:1])]
