// Watches a page while it has its time. `watch` begins to note changes; `calm` says what it saw since; `frames` takes
// animations to where they are `argument` ms after their beginning and lets the page draw; `hold` stops them there.
(command, argument) => {
  const state = (globalThis.vigieRest ??= { changed: false, observer: null });
  const KINDS = { subtree: true, childList: true, characterData: true, attributes: true };
  const roots = (from) => [
    from,
    ...[...from.querySelectorAll("*")].flatMap((one) => (one.shadowRoot ? roots(one.shadowRoot) : [])),
  ];
  const now = () => performance.timeOrigin + performance.now();
  const jump = (animation) => {
    const end = animation.effect?.getComputedTiming().endTime ?? 0;
    const due = Math.min(Number(end), argument);
    if (animation.playState === "running" && Number(animation.currentTime ?? 0) < due) animation.currentTime = due;
  };
  const each = (work) => {
    for (const animation of document.getAnimations()) {
      try {
        work(animation);
      } catch {
        // An animation without a usable timeline, such as one bound to scrolling, stands still by itself.
      }
    }
  };
  const commands = {
    watch: () => {
      state.observer ??= new MutationObserver(() => (state.changed = true));
      state.observer.disconnect();
      for (const root of roots(document)) state.observer.observe(root, KINDS);
      state.changed = false;
    },
    calm: () => {
      if (state.observer?.takeRecords().length) state.changed = true;
    },
    hold: () =>
      each((animation) => {
        jump(animation);
        if (animation.playState === "running") animation.pause();
      }),
    // Two frames: what a page does for each frame, and what sees sizes and positions, has run once.
    frames: () => {
      each(jump);
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));
    },
    text: async () => {
      if (document.readyState === "loading")
        await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));
      return roots(document).map((root) => (root.body ?? root).innerText ?? root.textContent).join("\n");
    },
    // How many of the addresses in `argument` have been answered.
    answered: () => {
      const ended = new Set(performance.getEntriesByType("resource").map((entry) => entry.name));
      return argument.filter((address) => ended.has(address)).length;
    },
    // Whether an address of `argument.asked` failed at the server. Status 0: no answer came, or we refused it. That
    // something is not there (404) may well be an answer.
    failed: () => {
      const isCall = (entry) => /^(fetch|xmlhttprequest)$/.test(entry.initiatorType) && argument.asked.includes(entry.name);
      const isFailure = ({ name, responseStatus: status = 200 }) =>
        status === 429 || status >= 500 || (status === 0 && !argument.refused.includes(name));
      const calls = performance.getEntriesByType("resource").filter(isCall);
      return { failed: calls.some(isFailure) };
    },
  };
  const done = commands[command]();
  return done ?? { now: now(), changed: state.changed };
}
