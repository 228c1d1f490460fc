// Live pictures: asked for at a low rate, only for cameras in view, only while somebody looks.
// Lines and zones: drawn over the picture with mouse, finger or keys, and sent to the node by the page.
(() => {
  const EVERY_MS = 3000;
  const at = (node, camera) => `/api/v1/nodes/${encodeURIComponent(node)}/cameras/${encodeURIComponent(camera)}/snapshot`;
  const seen = new WeakMap();
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) seen.set(entry.target, entry.isIntersecting);
  });
  const watched = new WeakSet();

  const look = async (tile) => {
    const [node, camera] = tile.dataset.live.split("/");
    await fetch(at(node, camera), { method: "POST" });
    const answer = await fetch(at(node, camera), { cache: "no-store" });
    if (!answer.ok) return;
    const image = tile.querySelector("img"), before = image.src;
    image.src = URL.createObjectURL(await answer.blob());
    if (before.startsWith("blob:")) URL.revokeObjectURL(before);
    image.hidden = false;
    tile.classList.add("seen");
    const time = tile.querySelector("time[data-age]");
    const taken = answer.headers.get("X-Taken-At");
    if (time && taken) time.dateTime = taken;
    tile.classList.toggle("old", Date.now() - Date.parse(taken) > 15000);
  };
  const round = () => {
    for (const tile of document.querySelectorAll("[data-live]")) {
      if (!watched.has(tile)) { watched.add(tile); watcher.observe(tile); seen.set(tile, true); }
      if (document.hidden || !seen.get(tile) || tile.looking) continue;
      tile.looking = true;
      look(tile).catch(() => tile.classList.add("old")).finally(() => { tile.looking = false; });
    }
  };
  setInterval(round, EVERY_MS);
  document.addEventListener("visibilitychange", round);

  // -- lines and zones ------------------------------------------------------------------------------------------------
  const SVG = "http://www.w3.org/2000/svg";
  const WIDE = 1000;
  const LEAST = 0.01;  // from the frame's edge, where nothing can be seen on both sides
  const make = (name, attributes, text) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    return element;
  };
  const clamp = (value) => Math.min(1 - LEAST, Math.max(LEAST, value));
  const short = (point) => point.map((value) => Math.round(clamp(value) * 1000) / 1000);

  class Editor {
    constructor(root) {
      this.root = root;
      this.words = JSON.parse(root.dataset.words);
      this.may = root.dataset.may === "yes";
      this.svg = root.querySelector("svg.drawing");
      this.list = root.querySelector(".drawn");
      const { lines, zones } = JSON.parse(root.dataset.geometry);
      this.lines = lines; this.zones = zones;
      this.drawing = null;
      const image = root.querySelector("img");
      image.addEventListener("load", () => this.fit(image));
      this.high = 562.5;
      this.fit(image);
      this.svg.addEventListener("pointerdown", (event) => this.down(event));
      this.svg.addEventListener("pointermove", (event) => this.move(event));
      for (const name of ["pointerup", "pointercancel"]) this.svg.addEventListener(name, () => this.up());
      root.addEventListener("click", (event) => this.press(event));
      root.addEventListener("change", (event) => this.changed(event));
      this.svg.addEventListener("keydown", (event) => this.key(event));
    }
    fit(image) {
      if (image.naturalWidth) this.high = WIDE * image.naturalHeight / image.naturalWidth;
      this.svg.setAttribute("viewBox", `0 0 ${WIDE} ${this.high}`);
      this.draw();
    }
    place(event) {
      const box = this.svg.getBoundingClientRect();
      return short([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
    }
    x(point) { return point[0] * WIDE; }
    y(point) { return point[1] * this.high; }

    down(event) {
      if (!this.may) return;
      const handle = event.target.closest("[data-handle]");
      const point = this.place(event);
      if (handle && !this.tool) {
        this.held = handle.dataset.handle.split(":");
      } else if (this.tool === "line") {
        const line = { id: this.name("line", this.lines), from: point, to: point, inbound: "left_to_right" };
        this.lines.push(line);
        this.held = ["line", this.lines.length - 1, "to"];
      } else if (this.tool === "zone") {
        if (!this.drawing) {
          this.drawing = { id: this.name("zone", this.zones), kind: "waiting", polygon: [point] };
        } else if (Math.hypot(...point.map((v, i) => v - this.drawing.polygon[0][i])) < 0.03) {
          this.close(); return;
        } else this.drawing.polygon.push(point);
        this.draw(); return;
      } else return;
      event.preventDefault();
      this.svg.setPointerCapture(event.pointerId);
      this.draw();
    }
    move(event) {
      if (!this.held) return;
      this.put(this.held, this.place(event));
      this.draw();
    }
    up() {
      if (!this.held) return;
      const [what, index, part] = this.held;
      this.held = null;
      if (what === "line" && this.tool === "line") {
        const line = this.lines[index];
        if (Math.hypot(line.to[0] - line.from[0], line.to[1] - line.from[1]) < 0.02) this.lines.splice(index, 1);
        this.choose(null);
      }
      this.draw(part);
    }
    put([what, index, part], point) {
      if (what === "line") this.lines[index][part] = point;
      else this.zones[index].polygon[part] = point;
    }
    get([what, index, part]) { return what === "line" ? this.lines[index][part] : this.zones[index].polygon[part]; }
    key(event) {
      const handle = event.target.closest("[data-handle]");
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!handle || !by || !this.may) return;
      event.preventDefault();
      const key = handle.dataset.handle.split(":"), step = event.shiftKey ? 0.05 : 0.01;
      this.put(key, short(this.get(key).map((value, i) => value + by[i] * step)));
      this.draw();
      this.svg.querySelector(`[data-handle="${handle.dataset.handle}"]`)?.focus();
    }
    name(stem, taken) {
      for (let n = 1; ; n += 1) if (!taken.some((one) => one.id === `${stem}-${n}`)) return `${stem}-${n}`;
    }
    close() {
      if (this.drawing?.polygon.length > 2) this.zones.push(this.drawing);
      this.drawing = null;
      this.choose(null);
      this.draw();
    }
    choose(tool) {
      this.tool = tool;
      if (tool !== "zone") this.drawing = null;
      this.root.classList.toggle("busy-drawing", Boolean(tool));
      for (const button of this.root.querySelectorAll("[data-tool]")) {
        button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
      }
    }
    press(event) {
      const tool = event.target.closest("[data-tool]");
      if (tool) {
        if (this.tool === "zone" && tool.dataset.tool === "zone") { this.close(); return; }
        this.choose(this.tool === tool.dataset.tool ? null : tool.dataset.tool);
        this.draw();
      }
      const act = event.target.closest("[data-shape]");
      if (act) {
        const [what, index, how] = act.dataset.shape.split(":");
        const all = what === "line" ? this.lines : this.zones;
        if (how === "drop") all.splice(Number(index), 1);
        if (how === "flip") {
          const line = all[index];
          line.inbound = line.inbound === "left_to_right" ? "right_to_left" : "left_to_right";
        }
        this.draw();
      }
      if (event.target.closest("[data-add]")) {
        const x = 0.3 + 0.05 * (this.lines.length % 8);
        this.lines.push({ id: this.name("line", this.lines), from: [x, 0.3], to: [x, 0.7], inbound: "left_to_right" });
        this.draw();
        this.svg.querySelector(`[data-handle="line:${this.lines.length - 1}:from"]`)?.focus();
      }
      if (event.target.closest("[data-send]")) {
        this.choose(null);
        const geometry = JSON.stringify({ lines: this.lines, zones: this.zones });
        this.root.dispatchEvent(new CustomEvent("geometry", { bubbles: true, detail: geometry }));
      }
    }
    changed(event) {
      const field = event.target.closest("[data-field]");
      if (!field) return;
      const [what, index, key] = field.dataset.field.split(":");
      (what === "line" ? this.lines : this.zones)[index][key] = field.value.trim();
      this.draw();
    }

    draw() {
      const drawn = [];
      this.zones.forEach((zone, i) => drawn.push(...this.zone(zone, i)));
      if (this.drawing) {
        const points = this.drawing.polygon.map((point) => `${this.x(point)},${this.y(point)}`).join(" ");
        drawn.push(make("polyline", { points, class: "zone open" }));
        for (const point of this.drawing.polygon) {
          drawn.push(make("circle", { cx: this.x(point), cy: this.y(point), r: 9, class: "corner" }));
        }
      }
      this.lines.forEach((line, i) => drawn.push(...this.line(line, i)));
      this.svg.replaceChildren(...drawn);
      this.list.innerHTML = this.lines.map((line, i) => this.row("line", line, i)).join("")
        + this.zones.map((zone, i) => this.row("zone", zone, i)).join("");
    }
    line(line, index) {
      const [x1, y1, x2, y2] = [this.x(line.from), this.y(line.from), this.x(line.to), this.y(line.to)];
      const length = Math.hypot(x2 - x1, y2 - y1) || 1;
      const side = line.inbound === "left_to_right" ? 1 : -1;
      const [nx, ny] = [-(y2 - y1) / length * side, (x2 - x1) / length * side];  // where inbound steps to
      const [mx, my] = [(x1 + x2) / 2, (y1 + y2) / 2];
      const [tx, ty] = [mx + nx * 70, my + ny * 70];
      const wing = (turn) => `${tx - nx * 20 + turn * ny * 13},${ty - ny * 20 - turn * nx * 13}`;
      return [
        make("line", { x1, y1, x2, y2, class: "edge back" }),
        make("line", { x1, y1, x2, y2, class: "edge" }),
        make("line", { x1: mx, y1: my, x2: tx, y2: ty, class: "arrow" }),
        make("polygon", { points: `${tx},${ty} ${wing(1)} ${wing(-1)}`, class: "arrow-head" }),
        make("text", { x: Math.min(x1, WIDE - 120) + 12, y: Math.max(y1 - 12, 24), class: "shape-name" }, line.id),
        ...["from", "to"].map((part) => this.handle(`line:${index}:${part}`, line[part], `${line.id}: ${this.words[part]}`)),
      ];
    }
    zone(zone, index) {
      const points = zone.polygon.map((point) => `${this.x(point)},${this.y(point)}`).join(" ");
      const [first] = zone.polygon;
      return [
        make("polygon", { points, class: `zone ${zone.kind}` }),
        make("text", { x: this.x(first) + 12, y: this.y(first) + 30, class: "shape-name" }, zone.id),
        ...zone.polygon.map((point, n) => this.handle(`zone:${index}:${n}`, point, `${zone.id}: ${this.words.corner} ${n + 1}`)),
      ];
    }
    handle(key, point, label) {
      const attributes = { cx: this.x(point), cy: this.y(point), r: 14, class: "handle", "data-handle": key };
      if (this.may) Object.assign(attributes, { tabindex: 0, role: "button", "aria-label": label });
      return make("circle", attributes);
    }
    row(what, shape, index) {
      const safe = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
      const key = `${what}:${index}`, words = this.words;
      if (!this.may) return `<li><b>${safe(shape.id)}</b> <span class="note">${safe(words[shape.kind] || words.line)}</span></li>`;
      const kinds = ["counter", "restricted", "berth", "waiting"].map(
        (kind) => `<option value="${kind}"${kind === shape.kind ? " selected" : ""}>${safe(words[kind])}</option>`);
      const middle = what === "line"
        ? `<button type="button" class="button" data-shape="${key}:flip">${safe(words.flip)}</button>`
        : `<select class="input" data-field="${key}:kind" aria-label="${safe(shape.id)}: ${safe(words.kind)}">${kinds.join("")}</select>`;
      return `<li><input class="input" data-field="${key}:id" value="${safe(shape.id)}" maxlength="64"
        aria-label="${safe(words.id)} ${safe(words[what])} ${index + 1}">${middle}
        <button type="button" class="button quiet" data-shape="${key}:drop">${safe(words.drop)}<span class="sr"> ${safe(shape.id)}</span></button></li>`;
    }
  }

  const edit = () => {
    for (const root of document.querySelectorAll("[data-geometry]")) root.editor ??= new Editor(root);
  };
  document.addEventListener("DOMContentLoaded", () => {
    edit(); round();
    new MutationObserver(edit).observe(document.body, { childList: true, subtree: true });
  });
})();
