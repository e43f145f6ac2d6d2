// Finds words in the still page and covers them, so that pictures with and without them can be compared.
// `find` takes texts, and keeps every place where each stands. `look` scrolls to a place (or to the top), covers all
// words, and returns where the window is on the page, its size, and where their pieces are in it; `bare` uncovers them,
// `cover` covers them again; `settle` makes the page look as it did and returns their rectangles; `leave` ends it. What was typed into a field is no word of the page.
(command, argument) => {
  const MOST_PLACES = 12;
  const UNSEEN = "script, style, template, noscript, title, textarea, input:not([type='submit' i], [type='button' i])";
  const state = (globalThis.vigieInk ??= {});
  const squeeze = (text) => text.replace(/[\s\p{Cf}]+/gu, "");
  const unseen = globalThis.vigieUnseen ?? { hidden: new Set(), hollow: new Set() };

  // The letters of the page in the order of its copy, without white space: {letter, node, at}. A letter of a control's
  // value has no node but the control.
  const letters = [];
  const controls = [];
  const read = (node) => {
    for (let at = 0; at < node.data.length; at++) {
      const letter = node.data[at];
      if (squeeze(letter)) letters.push({ letter, node, at });
    }
  };
  const walk = (root) => {
    for (const child of root.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && !unseen.hollow.has(root)) read(child);
      if (child.nodeType !== Node.ELEMENT_NODE || unseen.hidden.has(child) || child.matches(UNSEEN)) continue;
      if (child.matches("input, select, [aria-label]")) controls.push(child);
      if (child.shadowRoot) walk(child.shadowRoot);
      if (child.localName !== "select") walk(child);
    }
  };
  const isWord = (letter) => letter !== undefined && /[\p{L}\p{N}]/u.test(letter);
  const glued = (one, other) => one && other && one.node === other.node && Math.abs(one.at - other.at) === 1;
  // Whether the words begin and end where words of the page do: « 9 » does not stand in « 19 ».
  const whole = (start, end) =>
    !(glued(letters[start - 1], letters[start]) && isWord(letters[start - 1].letter) && isWord(letters[start].letter)) &&
    !(glued(letters[end - 1], letters[end]) && isWord(letters[end - 1].letter) && isWord(letters[end].letter));
  // One range for each run of letters that nothing separates.
  const pieces = (start, end) => {
    const found = [];
    for (let at = start; at < end; at++) {
      const one = letters[at];
      if (at > start && glued(letters[at - 1], one)) found.at(-1).setEnd(one.node, one.at + 1);
      else {
        const range = new Range();
        range.setStart(one.node, one.at);
        range.setEnd(one.node, one.at + 1);
        found.push(range);
      }
    }
    return found.filter((range) => isWord([...range.toString()].find(isWord)) || found.length === 1);
  };
  const shown = (control) => {
    if (control.localName === "select") return [...control.selectedOptions].map((option) => option.text).join(" ");
    if (control.localName === "input") return control.value;
    return control.innerText?.trim() ? "" : control.ariaLabel;
  };
  const find = (texts) => {
    walk(document);
    const text = letters.map((one) => one.letter).join("");
    const placesOf = (wanted, word) => {
      const places = [];
      for (let at = text.indexOf(wanted); at >= 0 && places.length < MOST_PLACES; at = text.indexOf(wanted, at + 1))
        if (whole(at, at + wanted.length)) places.push({ word, ranges: pieces(at, at + wanted.length) });
      for (const control of controls)
        if (squeeze(shown(control) ?? "") === wanted && places.length < MOST_PLACES) places.push({ word, control });
      return places;
    };
    state.places = texts.flatMap((one, word) => (squeeze(one) ? placesOf(squeeze(one), word) : []));
    state.styles = new Map(
      state.places.flatMap(({ control }) => (control ? [[control, control.getAttribute("style")]] : [])),
    );
    return state.places.map((place) => place.word);
  };

  // Dots instead of letters, or letters in reverse: there is ink, and nobody could read the words.
  const illegible = (range) => {
    for (let around = range.startContainer.parentElement; around; around = around.parentElement) {
      const style = getComputedStyle(around);
      if (style.webkitTextSecurity !== "none") return true;
      if (style.unicodeBidi.includes("override") && style.direction === "rtl") return true;
    }
    return false;
  };
  // A line is judged bit by bit, each three times as wide as it is high: what lies over half of it must not count.
  const sliced = (box) => {
    const count = Math.max(1, Math.floor(box.width / (3 * box.height || 1)));
    const width = box.width / count;
    return Array.from({ length: count }, (_, n) => new DOMRect(box.left + n * width, box.top, width, box.height));
  };
  // None when a piece of the words has no box or cannot be read: then they cannot all be seen.
  const boxes = (place) => {
    if (place.control) return [place.control.getBoundingClientRect()];
    if (place.ranges.some(illegible)) return [];
    const found = place.ranges.map((range) => [...range.getClientRects()]);
    return found.every((some) => some.length) ? found.flat().flatMap(sliced) : [];
  };
  const SHEET = "::highlight(vigie-ink) { color: transparent !important; -webkit-text-fill-color: transparent !important;"
    + "-webkit-text-stroke-color: transparent !important; text-shadow: none !important }";
  const undress = (control) => {
    const style = state.styles.get(control);
    if (style === null) control.removeAttribute("style");
    else control.setAttribute("style", style);
  };
  // No transition may begin, neither when a control is covered nor when it is uncovered.
  const dress = (control, rules) => {
    undress(control);
    for (const [name, value] of Object.entries({ transition: "none", ...rules }))
      control.style.setProperty(name, value, "important");
    // Takes effect now: else what comes next may be taken together with this, and begin a transition.
    getComputedStyle(control).color;
  };
  const covering = (control) =>
    control.matches("input, select")
      ? { color: "transparent", "-webkit-text-fill-color": "transparent" }
      : { visibility: "hidden" };
  // Once for all: with each new sheet Chromium works out the styles of the whole page again.
  const adopt = (ranges) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(SHEET);
    state.sheeted = new Set([document, ...ranges.map((range) => range.startContainer.getRootNode())]);
    for (const root of state.sheeted) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  };
  const cover = () => {
    const ranges = state.places.flatMap((place) => place.ranges ?? []);
    if (!state.sheeted) adopt(ranges);
    CSS.highlights.set("vigie-ink", new Highlight(...ranges));
    for (const control of state.styles.keys()) dress(control, covering(control));
  };
  const bare = () => {
    CSS.highlights.delete("vigie-ink");
    for (const control of state.styles.keys()) dress(control, {});
  };
  // As a person would scroll: only what has a scroll bar, never sideways in the window.
  const bring = (place) => {
    let element = place.control ?? place.ranges[0].startContainer.parentElement;
    const middle = () => boxes(place)[0] ?? new DOMRect();
    for (; element && element !== document.documentElement; element = element.parentElement ?? element.getRootNode().host) {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      if (/auto|scroll/.test(style.overflowY)) element.scrollTop += middle().top - y;
      if (/auto|scroll/.test(style.overflowX)) element.scrollLeft += middle().left - x;
    }
    scrollTo({ left: 0, top: scrollY + middle().top - innerHeight / 2, behavior: "instant" });
  };
  const flat = (box) => [box.left, box.top, box.width, box.height];
  const commands = {
    find: () => find(argument),
    look: () => {
      if (argument === null) scrollTo({ left: 0, top: 0, behavior: "instant" });
      else bring(state.places[argument]);
      cover();
      return [scrollX, scrollY, innerWidth, innerHeight, state.places.map((place) => boxes(place).map(flat))];
    },
    cover,
    bare,
    settle: () => {
      bare();
      for (const control of state.styles.keys()) undress(control);
      scrollTo({ left: 0, top: 0, behavior: "instant" });
      return state.places.map((place) => boxes(place).map(flat));
    },
    leave: () => {
      for (const root of state.sheeted ?? []) root.adoptedStyleSheets = root.adoptedStyleSheets.slice(0, -1);
      state.sheeted = null;
    },
  };
  return commands[command]();
}
