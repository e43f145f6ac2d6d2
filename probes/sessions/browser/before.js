// Runs in every new document before the page's own scripts. What Chromium would ask for without letting us see the
// request first is not there: sockets, workers, and speculation rules, which it acts on as soon as it reads them.
(() => {
  const SILENT = ["Worker", "SharedWorker", "WebSocket", "WebSocketStream", "WebTransport", "RTCPeerConnection"];
  for (const name of [...SILENT, "webkitRTCPeerConnection"]) delete globalThis[name];
  const KINDS = { subtree: true, childList: true, attributes: true, attributeFilter: ["type"] };
  const Observer = MutationObserver;
  const isRules = (node) => node.localName === "script" && /^\s*speculationrules\s*$/i.test(node.getAttribute("type") ?? "");
  const check = (node) => {
    if (node.nodeType !== 1) return;
    if (isRules(node)) node.remove();
    enter(node);
  };
  // A shadow that came with the HTML is there, with all in it, before anybody is told of it.
  const enter = (root) => {
    for (const one of root.querySelectorAll("script")) if (isRules(one)) one.remove();
    for (const one of [root, ...root.querySelectorAll("*")]) if (one.shadowRoot) watch(one.shadowRoot);
  };
  const known = new WeakSet();
  const watch = (root) => {
    if (known.has(root)) return;
    known.add(root);
    enter(root);
    new Observer((records) => {
      for (const { target, addedNodes } of records) [target, ...addedNodes].forEach(check);
    }).observe(root, KINDS);
  };
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    watch(root);
    return root;
  };
  watch(document);
})();
