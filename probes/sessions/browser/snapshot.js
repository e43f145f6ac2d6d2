// Returns the document as HTML holding only what a person sees; null when it has more than `limit` elements.
(limit) => {
  // The document is copied whole, at once, into one where nothing runs or loads; then what is not seen goes from the
  // copy. Styles are read as little as can be: each question costs, and a page has thousands of elements.
  const inert = document.implementation.createHTMLDocument("");
  const UNSEEN = "script:not([type*='json' i]), style, template, noscript, input[type='hidden' i]";
  const HEAD = ":not(title, meta, link, base, script)";
  const KEPT = new Set(["html", "head", "body", "title", "meta", "link", "base", "script", "br", "option", "optgroup"]);
  const CONTROLS = new Set(["input", "select", "textarea", "button", "option", "optgroup", "fieldset"]);
  const FRAMES = new Set(["iframe", "object", "embed"]);
  const OPAQUE = { opacityProperty: true };
  const PAINTED = { opacityProperty: true, visibilityProperty: true };
  const covering = [];
  // What is struck out or cannot be clicked says so in the copy by a style of its own.
  const worn = new Map();
  // The elements that the copy leaves out, and those whose own text it leaves out, for the ink test.
  const unseen = (globalThis.vigieUnseen = { hidden: new Set(), hollow: new Set() });
  let nodes = 0;

  // Design systems draw radios and checkboxes on their label and hide the real control.
  const drawnByLabel = (element) =>
    (element.type === "radio" || element.type === "checkbox") &&
    [...element.labels].some((label) => label.checkVisibility(PAINTED));
  const cutOff = (element, style, lifted) => {
    if (/^inset\((50|100)%/.test(style.clipPath)) return true;
    const clipped = style.overflowX !== "visible";
    if (!clipped && !lifted) return false;
    if (lifted && /^rect\(([01]px,? ?){4}\)$/.test(style.clip)) return true;
    const box = element.getBoundingClientRect();
    if (clipped && (box.width <= 1 || box.height <= 1)) return true;
    return box.right + scrollX < 0 || box.bottom + scrollY < 0;
  };
  const covers = (element, style) => {
    const box = element.getBoundingClientRect();
    const whole = box.left <= 0 && box.top <= 0 && box.right >= innerWidth - 20 && box.bottom >= innerHeight - 20;
    return whole && !(/^(transparent|rgba\(.*, 0\))$/.test(style.backgroundColor) && style.backgroundImage === "none");
  };

  const dropText = (copy) => {
    for (const child of [...copy.childNodes]) if (child.nodeType === Node.TEXT_NODE) child.remove();
  };
  const reflect = (element, copy) => {
    if (element.checked !== undefined) copy.toggleAttribute("checked", element.checked);
    if (element.selected !== undefined) copy.toggleAttribute("selected", element.selected);
    copy.toggleAttribute("disabled", element.matches(":disabled"));
  };
  const wear = (element, copy, style) => {
    if (style.textDecorationLine.includes("line-through")) worn.set(copy, "text-decoration:line-through");
    // Around a box that can be clicked, as around the ones of dialogs, it says nothing of what is inside.
    else if (style.pointerEvents === "none" && ![...element.children].some((one) => getComputedStyle(one).pointerEvents !== "none"))
      worn.set(copy, "pointer-events:none");
  };
  // What rules write before, after or as the mark of an element is read as text of it, though no document holds it.
  // A counter, or marks that a sheet defines, stand as UNTOLD: what they write is not known here.
  const UNTOLD = "[…]";
  const SAYS = /[\p{L}\p{N}]|attr\(|counter|quote/u;
  const defined = new Set();
  const says = (rule) => {
    if (globalThis.CSSCounterStyleRule && rule instanceof CSSCounterStyleRule) defined.add(rule.name);
    return rule.style && (SAYS.test(rule.style.content) || /["']/.test(rule.style.listStyleType + rule.style.quotes));
  };
  const bearers = (list) => {
    const found = [];
    for (const rule of list) {
      if (rule.cssRules?.length) found.push(...bearers(rule.cssRules));
      if (rule.styleSheet) found.push(...bearersOf(rule.styleSheet));
      if (!says(rule)) continue;
      // A nested rule names its element by the rules around it: any element may be meant.
      const nested = rule.parentRule?.selectorText;
      for (const part of nested ? ["*"] : rule.selectorText.split(/,(?![^()]*\))/))
        found.push(part.replace(/::?(before|after|marker)\b.*$/i, "").replace(/(^|[\s>+~])$/, "$1*"));
    }
    return found;
  };
  const bearersOf = (sheet) => {
    try {
      return sheet.disabled ? [] : bearers(sheet.cssRules);
    } catch {
      return ["*"]; // A sheet of another host: its rules cannot be listed, what they do can be asked.
    }
  };
  const written = (root) => {
    const sheets = [...document.styleSheets, ...(root.styleSheets ?? []), ...document.adoptedStyleSheets, ...(root.adoptedStyleSheets ?? [])];
    const selectors = new Set(sheets.flatMap(bearersOf)).add("[style*='list-style' i], [style*='quotes' i]");
    if (defined.size) selectors.add("*");
    const found = new Set();
    for (const selector of selectors) {
      let chosen;
      try {
        chosen = root.querySelectorAll(selector);
      } catch {
        chosen = root.querySelectorAll("*");
      }
      // Marks and quotes are inherited: what an element says may stand beside those in it.
      for (const element of chosen) for (const one of [element, ...element.querySelectorAll("li, q, summary")]) found.add(one);
    }
    return found;
  };
  const STRING = /"((?:[^"\\]|\\.)*)"/g;
  const strings = (value) => [...value.matchAll(STRING)].map((part) => part[1].replace(/\\(.)/g, "$1"));
  const content = (value, quotes) => {
    if (/counters?\(/.test(value)) return UNTOLD;
    const [open = "", close = ""] = strings(quotes).map((one) => JSON.stringify(one));
    const told = value.replace(/no-(?:open|close)-quote/g, "").replace(/open-quote/g, open).replace(/close-quote/g, close);
    return strings(told).join("");
  };
  const mark = (element) => {
    const style = getComputedStyle(element);
    if (style.display !== "list-item") return "";
    const own = getComputedStyle(element, "::marker").content;
    if (own && own !== "normal") return content(own, style.quotes);
    return defined.has(style.listStyleType) ? UNTOLD : strings(style.listStyleType).join("");
  };
  const inscribe = (element, copy) => {
    const put = (said, where) => {
      if (!/[\p{L}\p{N}]/u.test(said) && said !== UNTOLD) return;
      const text = inert.createElement("span");
      text.textContent = said;
      copy[where](text);
    };
    for (const [pseudo, where] of [["::before", "prepend"], ["::after", "append"]]) {
      const style = getComputedStyle(element, pseudo);
      if (style.display !== "none" && style.visibility === "visible") put(content(style.content, style.quotes), where);
    }
    put(mark(element), "prepend");
  };
  // What becomes of an element: `hidden` with all in it, `hollow` (its own text is not painted, though an element
  // inside may be), `covers`, or nothing.
  const fate = (element, tag, copy) => {
    if (KEPT.has(tag) || drawnByLabel(element)) return;
    if (!element.checkVisibility(PAINTED)) {
      if (element.checkVisibility(OPAQUE)) return "hollow";
      return getComputedStyle(element).display === "contents" ? undefined : "hidden";
    }
    if (FRAMES.has(tag) && (element.offsetWidth < 2 || element.offsetHeight < 2)) return "hidden";
    const style = getComputedStyle(element);
    wear(element, copy, style);
    if (style.fontSize === "0px" && element.hasChildNodes()) return "hollow";
    if (style.display === "inline") return;
    const position = style.position;
    if (cutOff(element, style, position === "absolute" || position === "fixed")) return "hidden";
    if (parseFloat(style.textIndent) < -500 && element.hasChildNodes()) return "hollow";
    if (position === "fixed" && covers(element, style)) return "covers";
  };
  // `root` may be a document's element or the inside of a shadow; `copy` is its copy.
  const strip = (root, copy) => {
    const elements = root.querySelectorAll("*");
    const copies = copy.querySelectorAll("*");
    const found = { hidden: [...copy.querySelectorAll(UNSEEN)], hollow: [], covers: [] };
    nodes += elements.length;
    if (nodes > limit) return;
    const inscribed = written(root);
    const texts = [];
    for (let at = 0; at < elements.length; at++) {
      const element = elements[at];
      const tag = element.localName;
      if (CONTROLS.has(tag)) reflect(element, copies[at]);
      if (tag === "details" && !element.open) dropText(copies[at]);
      const end = fate(element, tag, copies[at]);
      found[end]?.push(copies[at]);
      unseen[end]?.add(element);
      if (!end && inscribed.has(element)) texts.push([element, copies[at]]);
      if (element.shadowRoot) unfold(element, copies[at]);
    }
    found.hollow.forEach(dropText);
    for (const [element, one] of texts) inscribe(element, one);
    found.hidden.forEach((one) => one.remove());
    // Innermost first: an element whose text is not painted stays only for what is visible inside it.
    found.hollow.reverse().forEach((one) => one.firstElementChild || one.remove());
    covering.push(...found.covers);
    return copy;
  };
  // Put what is in the element's shadow before what it was given; text it has no place for is not shown.
  const unfold = (host, copy) => {
    const copies = [...copy.childNodes];
    host.childNodes.forEach((child, at) => {
      if (child.nodeType === Node.TEXT_NODE && !child.assignedSlot) copies[at].remove();
    });
    const shadow = inert.createDocumentFragment();
    for (const child of host.shadowRoot.childNodes) shadow.append(inert.importNode(child, true));
    copy.prepend(strip(host.shadowRoot, shadow) ?? "");
  };
  const tidy = (copy) => {
    const comments = inert.createTreeWalker(copy, NodeFilter.SHOW_COMMENT);
    const found = [];
    while (comments.nextNode()) found.push(comments.currentNode);
    found.forEach((comment) => comment.remove());
    for (const one of copy.querySelectorAll(`head > ${HEAD}`)) one.remove();
    for (const one of copy.querySelectorAll("[style], [hidden]")) {
      one.removeAttribute("style");
      one.removeAttribute("hidden");
    }
    for (const [one, style] of worn) one.setAttribute("style", style);
    for (const one of covering) one.setAttribute("style", "position:fixed;inset:0");
    return copy.outerHTML;
  };

  const root = document.documentElement;
  const copy = root && strip(root, inert.importNode(root, true));
  const body = copy?.querySelector(":scope > body");
  if (body) inscribe(root, body); // Rules write around the whole page too.
  return nodes > limit ? null : "<!DOCTYPE html>" + (copy ? tidy(copy) : "<html></html>");
}
