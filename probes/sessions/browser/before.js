// Runs in every new document before the page's own scripts. What Chromium would ask for without letting us see the
// request first does nothing: sockets, workers, and speculation rules, which it acts on as soon as it reads them.
(() => {
  const SILENT = ["Worker", "SharedWorker", "WebSocket", "WebSocketStream", "WebTransport", "RTCPeerConnection"];
  // A page that uses one shows something else than it would to a person: it says so, and is then not read.
  const silence = (name) => {
    const refuse = () => {
      document.documentElement?.setAttribute("data-vigie-silenced", name);
      throw new DOMException(`${name} is not available`, "NotSupportedError");
    };
    const silent = class {
      constructor() {
        refuse();
      }
    };
    Object.defineProperty(silent, "name", { value: name });
    Object.defineProperty(globalThis, name, { value: silent, writable: true, configurable: true });
  };
  [...SILENT, "webkitRTCPeerConnection"].forEach(silence);
  // Our answer stays true. A page that asks whether a robot looks may show it something else than a person.
  const robot = Object.getOwnPropertyDescriptor(Navigator.prototype, "webdriver");
  const asked = function () {
    document.documentElement?.setAttribute("data-vigie-silenced", "webdriver");
    return robot.get.call(this);
  };
  if (robot) Object.defineProperty(Navigator.prototype, "webdriver", { ...robot, get: asked });
  const KINDS = { subtree: true, childList: true, attributes: true, attributeFilter: ["type"] };
  const Observer = MutationObserver;
  const isRules = (node) => node.localName === "script" && /^\s*speculationrules\s*$/i.test(node.getAttribute("type") ?? "");
  // Each element is looked at once: a page may have a hundred thousand.
  const seen = new WeakSet();
  const check = (root) => {
    const left = [root];
    for (let node = left.pop(); node; node = left.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      for (const child of node.children ?? []) left.push(child);
      if (node.nodeType !== 1) continue;
      // A shadow that came with the HTML is there, with all in it, before anybody is told of it.
      if (node.shadowRoot) watch(node.shadowRoot);
      if (isRules(node)) node.remove();
    }
  };
  const watch = (root) => {
    if (seen.has(root)) return;
    check(root);
    new Observer((records) => {
      for (const { target, addedNodes } of records) {
        if (target.nodeType === 1 && isRules(target)) target.remove();
        addedNodes.forEach(check);
      }
    }).observe(root, KINDS);
  };
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    watch(root);
    return root;
  };
  watch(document);

  // Chromium draws few frames while it runs a page's time: frames become timers, which run at the page's own pace.
  const timer = setTimeout;
  globalThis.requestAnimationFrame = (work) => timer(() => work(performance.now()), 16);
  globalThis.cancelAnimationFrame = clearTimeout;
  // A transition that is under way when the page is stopped would keep Chromium from giving a picture of it.
  if (Document.prototype.startViewTransition)
    Document.prototype.startViewTransition = (given) => {
      const update = typeof given === "function" ? given : given?.update;
      const done = Promise.resolve().then(() => update?.());
      return { updateCallbackDone: done, ready: done, finished: done, types: new Set(), skipTransition() {} };
    };
  addEventListener("pagereveal", (event) => event.viewTransition?.skipTransition());
})();
