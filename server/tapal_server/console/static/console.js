// What the browser keeps by itself: theme, language tag, ages, the state of the connection, messages.
(() => {
  const root = document.documentElement;
  const secure = location.protocol === "https:";
  const named = (name) => (secure ? "__Host-" : "") + name;
  const cookie = (name) => document.cookie.split("; ").find((c) => c.startsWith(named(name) + "="))?.split("=")[1];
  const remember = (name, value) => {
    document.cookie = `${named(name)}=${value}; path=/; max-age=31536000; samesite=lax` + (secure ? "; secure" : "");
  };

  root.dataset.theme = cookie("tapal_theme") || "auto";

  const texts = () => JSON.parse(document.getElementById("tapal-words")?.textContent || "{}");
  const fill = (text, n) => text.replace("{n}", n);
  const age = (iso, words) => {
    const minutes = Math.floor((Date.now() - Date.parse(iso)) / 60000);
    if (minutes < 1) return words.now;
    if (minutes < 60) return fill(words.minutes, minutes);
    if (minutes < 2880) return fill(words.hours, Math.floor(minutes / 60));
    return fill(words.days, Math.floor(minutes / 1440));
  };
  const refreshAges = () => {
    const words = texts();
    if (!words.now) return;
    for (const element of document.querySelectorAll("time[data-age]")) {
      const text = age(element.dateTime, words);
      if (element.textContent !== text) element.textContent = text;
    }
  };

  const markTheme = () => {
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === root.dataset.theme));
    }
  };

  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-choice]");
    if (theme) {
      root.dataset.theme = theme.dataset.themeChoice;
      remember("tapal_theme", theme.dataset.themeChoice);
      markTheme();
    }
    const language = event.target.closest("[data-language-choice]");
    if (language) {
      remember("tapal_language", language.dataset.languageChoice);
      location.reload();
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  let hideMessage;
  window.tapalSay = (text, forMs = 6000) => {
    const box = document.getElementById("tapal-said");
    if (!box) return;
    box.textContent = text;
    clearTimeout(hideMessage);
    hideMessage = setTimeout(() => { box.textContent = ""; }, forMs);
  };

  // No press is lost in silence. The server answers each one when it has heard it and when it has done it; a press it
  // has not heard is kept for this tab, so that the page says so even after the browser had to load it again.
  const PATIENCE_MS = 5000, STUCK_MS = 30000, TOLD_MS = 20000, KEY = "tapal_presses";
  const presses = new Map();
  const keep = () => {
    const unheard = [...presses.values()].filter((one) => !one.heard).map((one) => one.what);
    sessionStorage.setItem(KEY, JSON.stringify(unheard));
  };
  const told = (name, what) => window.tapalSay((texts()[name] || "").replace("{what}", what), TOLD_MS);
  const release = (press) => {
    const one = presses.get(press);
    if (!one) return null;
    clearTimeout(one.late);
    clearTimeout(one.stuck);
    one.element.removeAttribute("aria-busy");
    presses.delete(press);
    keep();
    return one;
  };
  window.tapalMay = (element) => element.getAttribute("aria-busy") !== "true";
  let lastPress = 0;
  window.tapalPress = (element) => {
    const press = ++lastPress;
    const what = (element.ariaLabel || element.innerText || "").trim().split("\n")[0].slice(0, 60);
    const late = setTimeout(() => told("unheard", what), PATIENCE_MS);
    const stuck = setTimeout(() => element.removeAttribute("aria-busy"), STUCK_MS);
    const card = element.closest(".card"), focus = document.activeElement;
    const follows = Boolean(card?.contains(focus) && focus.matches(":focus-visible"));
    element.setAttribute("aria-busy", "true");
    presses.set(press, { element, what, late, stuck, heard: false, follows });
    keep();
    return press;
  };
  window.tapalHeard = (press) => {
    const one = presses.get(press);
    if (!one) return;
    one.heard = true;
    clearTimeout(one.late);
    keep();
  };
  window.tapalDone = (press, done) => {
    const one = release(press);
    if (one && !done) told("failed", one.what);
    if (one?.follows) follow(one.element.dataset.id, 40);
  };
  // What is pressed by key moves its card to another list; the focus goes with it, or the next key had no place to be.
  const follow = (id, looks) => {
    if (document.activeElement !== document.body || !looks) return;
    const card = document.querySelector(`.card [data-id="${CSS.escape(id)}"]`)?.closest(".card");
    if (card) card.querySelector(".card-link").focus();
    else setTimeout(() => follow(id, looks - 1), 50);
  };
  const tellLost = () => {
    const lost = JSON.parse(sessionStorage.getItem(KEY) || "[]");
    sessionStorage.removeItem(KEY);
    if (lost.length) told("lost", lost.join(", "));
  };

  // The alarm: two rising tones, repeated until every pressing alert is acknowledged. What is of low severity, such as one
  // whose record is probably late, sounds once and softly. Browsers let a page sound only after a touch, so the switch
  // shows what really holds, and any touch wakes the sound again after a reload.
  const REPEAT_MS = 20000;
  let audio, waiting = [], known = new Set(), pressing = new Set(), lastRing = 0;
  const wanted = () => localStorage.getItem("tapal_sound") === "on";
  const awake = () => audio?.state === "running";
  const showSound = () => {
    const button = document.getElementById("sound");
    if (button) button.setAttribute("aria-pressed", String(wanted() && awake()));
  };
  const wake = async () => {
    audio ??= new AudioContext();
    if (audio.state !== "running") await audio.resume();
    showSound();
  };
  const tone = (at, hertz, loudness) => {
    const oscillator = audio.createOscillator(), gain = audio.createGain();
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(loudness, at + .02);
    gain.gain.setValueAtTime(loudness, at + .2);
    gain.gain.linearRampToValueAtTime(0, at + .28);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(at);
    oscillator.stop(at + .3);
  };
  const ring = () => {
    if (!wanted() || !awake()) return;
    lastRing = Date.now();
    window.tapalRings = (window.tapalRings || 0) + 1;
    for (const [after, hertz] of [[0, 660], [.32, 880], [.8, 660], [1.12, 880]]) tone(audio.currentTime + after, hertz, .5);
    navigator.vibrate?.([200, 100, 200]);
  };
  const chime = () => {
    if (!wanted() || !awake()) return;
    window.tapalChimes = (window.tapalChimes || 0) + 1;
    tone(audio.currentTime, 440, .15);
  };
  window.tapalDuty = (ids, loud) => {
    const rises = loud.some((id) => !pressing.has(id)), fresh = ids.some((id) => !known.has(id));
    waiting = loud;
    known = new Set(ids);
    pressing = new Set(loud);
    for (const count of document.querySelectorAll("[data-count=duty]")) count.textContent = ids.length || "";
    document.title = (ids.length ? `(${ids.length}) ` : "") + document.title.replace(/^\(\d+\) /, "");
    if (rises) ring();
    else if (fresh) chime();
  };
  setInterval(() => { if (waiting.length && Date.now() - lastRing > REPEAT_MS) ring(); }, 1000);
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, (event) => {
      if (wanted() && !event.target.closest?.("#sound")) wake();
    }, { capture: true });
  }
  document.addEventListener("click", async (event) => {
    if (!event.target.closest("#sound")) return;
    const on = !(wanted() && awake());
    localStorage.setItem("tapal_sound", on ? "on" : "off");
    if (on) { await wake(); ring(); }
    showSound();
  });

  window.tapalClearNote = () => {
    const note = document.getElementById("note");
    if (note) note.value = "";
  };

  // Keys of one letter, where nothing is typed; the help page lists them and turns them off (WCAG 2.1.4). A verdict's
  // key only goes to its button: a key pressed by chance must not judge.
  const KEYS = "tapal_keys", SEQUENCE_MS = 1500;
  const keysOn = () => localStorage.getItem(KEYS) !== "off";
  const showKeys = () => document.getElementById("keys")?.setAttribute("aria-pressed", String(keysOn()));
  const visible = (element) => element.offsetParent !== null;
  const step = (by) => {
    const cards = [...document.querySelectorAll(".card .card-link")].filter(visible);
    const at = cards.findIndex((one) => one.closest(".card").contains(document.activeElement));
    cards[Math.min(cards.length - 1, Math.max(0, at < 0 ? 0 : at + by))]?.focus();
  };
  const press = (act) => {
    const here = document.activeElement?.closest(".card");
    const button = (here || document).querySelector(`[data-act="${act}"]`);
    if (here || document.querySelectorAll(`[data-act="${act}"]`).length === 1) button?.click();
  };
  const verdict = (n) => document.querySelectorAll(".verdicts [data-act]")[n - 1]?.focus();
  let leading = 0;
  const does = {
    "?": () => location.assign("/help"),
    j: () => step(1), k: () => step(-1), a: () => press("acknowledge"), x: () => press("resolve"),
    n: () => document.getElementById("note")?.focus(),
    1: () => verdict(1), 2: () => verdict(2), 3: () => verdict(3), 4: () => verdict(4),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable=true]");
    if (!keysOn() || typing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (Date.now() - leading < SEQUENCE_MS) {
      leading = 0;
      const link = document.querySelector(`.nav a[data-letter="${CSS.escape(event.key.toLowerCase())}"]`);
      if (link) { event.preventDefault(); location.assign(link.href); }
    } else if (event.key === "g") {
      leading = Date.now();
    } else if (does[event.key] && !event.target.closest?.("svg")) {
      event.preventDefault();
      does[event.key]();
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#keys")) return;
    localStorage.setItem(KEYS, keysOn() ? "off" : "on");
    showKeys();
  });

  // A phone that slept shows old alarms: say so until the socket is back.
  const watch = () => {
    const socket = window.socket;
    if (socket) document.body.classList.toggle("cut", !socket.connected && window.tapalWasUp === true);
    if (socket?.connected) window.tapalWasUp = true;
  };

  // The navigation of a large screen is longer than some screens: it begins where one is.
  let placed = false;
  const showPlace = () => {
    const here = !placed && document.querySelector(".nav a[aria-current]"), nav = here && here.closest(".nav");
    if (!nav || nav.scrollHeight <= nav.clientHeight) return;
    placed = true;
    const under = here.getBoundingClientRect().bottom - nav.getBoundingClientRect().bottom;
    if (under > -8) nav.scrollTop += under + nav.clientHeight / 3;
  };

  document.addEventListener("DOMContentLoaded", () => {
    navigator.serviceWorker?.register("/service-worker.js");
    markTheme();
    tellLost();
    showKeys();
    setInterval(() => { showSound(); showKeys(); showPlace(); }, 1000);
    setInterval(refreshAges, 2000);
    setInterval(watch, 1000);
    new MutationObserver(() => markTheme()).observe(document.body, { childList: true });
  });
})();
