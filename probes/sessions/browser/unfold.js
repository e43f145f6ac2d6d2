// Clicks one control the way a person would. Returns null once done, or why it was left alone.
(selector) => {
  const control = document.querySelector(selector);
  if (!control || control.matches(":disabled")) return `no usable control ${selector} on the page`;
  if (control.closest("a[href]:not([href^='#'])") || (control.form && ["submit", "image", "reset"].includes(control.type)))
    return `${selector} leads elsewhere`;
  control.focus();
  control.click();
  return null;
}
