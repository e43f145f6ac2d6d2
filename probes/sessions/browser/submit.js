// Fills and submits one form the way a person would. Returns null once done, or what is missing from the page.
(selector, values, button) => {
  const form = document.querySelector(selector);
  if (!form) return `no form ${selector} on the page`;
  const named = (name) => [...form.elements].filter((one) => one.name === name && !one.matches(":disabled"));
  const buttons = [...form.elements].filter((one) => ["submit", "button"].includes(one.type) && !one.matches(":disabled"));
  const label = (one) => one.textContent.replace(/\s+/g, " ").trim();
  const namings = [(one) => one.name, (one) => one.id, (one) => one.value, label];
  const ticked = (one) => one.type === "checkbox" || one.type === "radio";
  const takes = (one, value) => {
    if (ticked(one)) return one.value === value;
    if (one.tagName === "SELECT") return [...one.options].some((option) => option.value === value && !option.disabled);
    return !["submit", "image", "button", "reset", "file"].includes(one.type);
  };
  const chosen = [];
  for (const [name, value] of Object.entries(values)) {
    const control = named(name).find((one) => takes(one, value));
    if (!control) return `the form has no usable field ${name} for '${value}'`;
    chosen.push([control, value]);
  }
  const pressed = button === null ? null : namings.map((name) => buttons.find((one) => name(one) === button)).find(Boolean);
  if (pressed === undefined) return `the form has no usable button ${button}`;

  for (const [control, value] of chosen) {
    if (ticked(control)) {
      if (!control.checked) control.click();
      control.checked = true;
    } else {
      control.value = value;
      for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
    }
  }
  // Old pages post to http from https: browsers warn, and the answer would come in the clear.
  for (const [element, attribute] of [[form, "action"], [pressed, "formaction"]]) {
    const target = element?.getAttribute(attribute)?.trim();
    if (location.protocol === "https:" && target?.startsWith("http:"))
      element.setAttribute(attribute, "https:" + target.slice("http:".length));
  }
  if (pressed) pressed.click();
  else form.requestSubmit();
  return null;
}
