// Waits until one of `until` is attached (or, without any, until the page has loaded), at most `settle` ms; then
// returns the document as HTML holding only what a person sees, or null when it has more than `limit` nodes.
async (until, settle, limit) => {
  const ready = () =>
    document.readyState !== "loading" &&
    (until.length ? until.some((one) => document.querySelector(one)) : document.readyState === "complete");
  if (!ready())
    await new Promise((resolve) => {
      const check = () => ready() && done();
      const observer = new MutationObserver(check);
      const timer = setTimeout(() => done(), settle);
      const done = () => {
        observer.disconnect();
        clearTimeout(timer);
        document.removeEventListener("readystatechange", check);
        resolve();
      };
      document.addEventListener("readystatechange", check);
      observer.observe(document, { subtree: true, childList: true, attributes: true });
    });

  const DEEPEST = 600;
  const HEAD = new Set(["TITLE", "META", "LINK", "BASE"]);
  const DROPPED = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT"]);
  const ALWAYS = new Set(["HTML", "BODY", "BR", "OPTION", "OPTGROUP"]);
  const inert = document.implementation.createHTMLDocument("");
  let nodes = 0;

  const clipped = (element, style) => {
    if (/^inset\((50|100)%/.test(style.clipPath)) return true;
    const lifted = style.position === "absolute" || style.position === "fixed";
    if (lifted && /^rect\(([01]px,? ?){4}\)$/.test(style.clip)) return true;
    const cut = style.overflowX !== "visible" && style.overflowY !== "visible";
    if (!lifted && !cut) return false;
    const box = element.getBoundingClientRect();
    if (cut && (box.width <= 1 || box.height <= 1)) return true;
    return box.right + scrollX < 0 || box.bottom + scrollY < 0;
  };
  const gone = (element, style) => {
    if (style.display === "none" || parseFloat(style.opacity) < 0.02) return true;
    if (element.getAttribute("aria-hidden") === "true" || element.type === "hidden") return true;
    if (ALWAYS.has(element.tagName) || style.display === "contents") return false;
    return !element.checkVisibility() || clipped(element, style);
  };
  // Design systems draw radios and checkboxes on their label and hide the real control.
  const drawnByLabel = (element) =>
    (element.type === "radio" || element.type === "checkbox") &&
    [...element.labels].some((label) => label.checkVisibility({ opacityProperty: true, visibilityProperty: true }));
  // Text here is not painted, though an element inside may be.
  const veiled = (style) =>
    style.visibility !== "visible" || parseFloat(style.fontSize) === 0 || parseFloat(style.textIndent) < -500;
  const covers = (element, style) => {
    if (style.position !== "fixed") return false;
    const box = element.getBoundingClientRect();
    const whole = box.left <= 0 && box.top <= 0 && box.right >= innerWidth - 20 && box.bottom >= innerHeight - 20;
    const clear = /^(transparent|rgba\(.*, 0\))$/.test(style.backgroundColor) && style.backgroundImage === "none";
    return whole && !clear;
  };

  const shell = (element) => {
    const copy = inert.importNode(element, false);
    copy.removeAttribute("style");
    copy.removeAttribute("hidden");
    if ("checked" in element) copy.toggleAttribute("checked", element.checked);
    if (element.tagName === "OPTION") copy.toggleAttribute("selected", element.selected);
    if ("disabled" in element) copy.toggleAttribute("disabled", element.matches(":disabled"));
    return copy;
  };
  const inside = (element) => {
    if (element.shadowRoot) return element.shadowRoot.childNodes;
    const slotted = element.tagName === "SLOT" ? element.assignedNodes({ flatten: true }) : [];
    return slotted.length ? slotted : element.childNodes;
  };
  const fill = (copy, element, depth, textToo) => {
    const closed = element.tagName === "DETAILS" && !element.open;
    for (const child of inside(element)) {
      if (closed && child.tagName !== "SUMMARY") continue;
      if (child.nodeType === Node.TEXT_NODE && textToo) copy.append(child.data);
      else if (child.nodeType === Node.ELEMENT_NODE) {
        const kept = visible(child, depth + 1);
        if (kept) copy.append(kept);
      }
    }
    return copy;
  };
  const inHead = (element, depth) =>
    HEAD.has(element.tagName) ? fill(shell(element), element, depth, true) : data(element);
  const data = (element) => {
    if (element.tagName !== "SCRIPT" || !/json/i.test(element.type)) return null;
    const copy = inert.importNode(element, false);
    copy.textContent = element.textContent;
    return copy;
  };
  const visible = (element, depth) => {
    if (++nodes > limit || depth > DEEPEST) return null;
    if (element.tagName === "HEAD") {
      const copy = inert.importNode(element, false);
      for (const child of element.children) copy.append(inHead(child, depth) ?? "");
      return copy;
    }
    if (DROPPED.has(element.tagName)) return data(element);
    const style = getComputedStyle(element);
    if (gone(element, style) && !drawnByLabel(element)) return null;
    const copy = shell(element);
    if (covers(element, style)) copy.setAttribute("style", "position:fixed;inset:0");
    if (!veiled(style) || drawnByLabel(element)) return fill(copy, element, depth, true);
    return fill(copy, element, depth, false).firstElementChild ? copy : null;
  };

  const root = document.documentElement && visible(document.documentElement, 0);
  return nodes > limit ? null : "<!DOCTYPE html>" + (root ? root.outerHTML : "<html></html>");
}
