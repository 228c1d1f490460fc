// Labelling: boxes over a picture, drawn, moved and deleted with mouse, finger or keys, and handed to the page.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const WIDE = 1000;
  const SMALLEST = 0.005;
  const make = (name, attributes, text) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    return element;
  };
  const within = (value) => Math.min(1, Math.max(0, value));
  const round = (value) => Math.round(within(value) * 10000) / 10000;
  const safe = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

  class Labeller {
    constructor(root) {
      this.root = root;
      this.words = JSON.parse(root.dataset.words);
      this.labels = JSON.parse(root.dataset.labels);
      this.boxes = JSON.parse(root.dataset.boxes);
      this.svg = root.querySelector("svg.drawing");
      this.list = root.querySelector(".drawn");
      this.chosen = this.boxes.length ? 0 : -1;
      this.high = 562.5;
      const image = root.querySelector("img");
      image.addEventListener("load", () => this.fit(image));
      this.fit(image);
      this.svg.addEventListener("pointerdown", (event) => this.down(event));
      this.svg.addEventListener("pointermove", (event) => this.move(event));
      for (const name of ["pointerup", "pointercancel"]) this.svg.addEventListener(name, () => this.up());
      root.addEventListener("click", (event) => this.press(event));
      root.addEventListener("change", (event) => this.changed(event));
      this.keys = (event) => { if (root.isConnected) this.key(event); };
      document.addEventListener("keydown", this.keys);
    }
    fit(image) {
      if (image.naturalWidth) this.high = WIDE * image.naturalHeight / image.naturalWidth;
      this.svg.setAttribute("viewBox", `0 0 ${WIDE} ${this.high}`);
      this.draw();
    }
    place(event) {
      const box = this.svg.getBoundingClientRect();
      return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
    }

    down(event) {
      const corner = event.target.closest("[data-corner]"), shape = event.target.closest("[data-box]");
      const [x, y] = this.place(event);
      if (corner) {
        this.held = { box: this.chosen, corner: corner.dataset.corner };
      } else if (shape) {
        this.chosen = Number(shape.dataset.box);
        this.held = { box: this.chosen, from: [x, y], was: { ...this.boxes[this.chosen] } };
      } else {
        this.boxes.push({ label: this.labels[0], x1: x, y1: y, x2: x, y2: y, confidence: null });
        this.chosen = this.boxes.length - 1;
        this.held = { box: this.chosen, corner: "2:2", fresh: true };
      }
      event.preventDefault();
      this.svg.setPointerCapture(event.pointerId);
      this.draw();
    }
    move(event) {
      if (!this.held) return;
      const [x, y] = this.place(event), box = this.boxes[this.held.box];
      if (this.held.corner) {
        const [across, down] = this.held.corner.split(":");
        box[`x${across}`] = x; box[`y${down}`] = y;
      } else this.shift(box, this.held.was, x - this.held.from[0], y - this.held.from[1]);
      box.confidence = null;
      this.draw();
    }
    up() {
      if (!this.held) return;
      const box = this.boxes[this.held.box];
      this.order(box);
      if (this.held.fresh && (box.x2 - box.x1 < SMALLEST || box.y2 - box.y1 < SMALLEST)) this.drop(this.held.box);
      this.held = null;
      this.draw();
    }
    shift(box, was, dx, dy) {
      const [right, below] = [Math.min(1 - was.x2, Math.max(-was.x1, dx)), Math.min(1 - was.y2, Math.max(-was.y1, dy))];
      Object.assign(box, { x1: was.x1 + right, x2: was.x2 + right, y1: was.y1 + below, y2: was.y2 + below });
    }
    order(box) {
      [box.x1, box.x2] = [Math.min(box.x1, box.x2), Math.max(box.x1, box.x2)];
      [box.y1, box.y2] = [Math.min(box.y1, box.y2), Math.max(box.y1, box.y2)];
    }
    drop(index) {
      this.boxes.splice(index, 1);
      this.chosen = Math.min(this.chosen, this.boxes.length - 1);
    }
    add() {
      this.boxes.push({ label: this.labels[0], x1: 0.4, y1: 0.35, x2: 0.6, y2: 0.65, confidence: null });
      this.chosen = this.boxes.length - 1;
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      const box = this.boxes[this.chosen];
      if (by && box) {
        const step = 0.005;
        if (event.shiftKey) {
          box.x2 = within(Math.max(box.x1 + SMALLEST, box.x2 + by[0] * step));
          box.y2 = within(Math.max(box.y1 + SMALLEST, box.y2 + by[1] * step));
        } else this.shift(box, { ...box }, by[0] * step, by[1] * step);
        box.confidence = null;
      } else if ((event.key === "Delete" || event.key === "Backspace") && box) this.drop(this.chosen);
      else if (event.key === "a") this.add();
      else if (event.key === "n" && this.boxes.length) this.chosen = (this.chosen + 1) % this.boxes.length;
      else if (event.key === "s") this.send("save");
      else if (event.key === "x") this.send("negative");
      else if (event.key === "c") this.send("carry");
      else if (event.key === "k") this.send("skip");
      else if (event.key === "[" || event.key === "]") this.step(event.key === "]");
      else if (/^[1-9]$/.test(event.key) && box && this.labels[event.key - 1]) box.label = this.labels[event.key - 1];
      else return;
      event.preventDefault();
      this.draw();
    }
    press(event) {
      const act = event.target.closest("[data-label-act]");
      if (!act) return;
      const [what, index] = act.dataset.labelAct.split(":");
      if (what === "drop") this.drop(Number(index));
      if (what === "choose") this.chosen = Number(index);
      if (what === "add") this.add();
      if (what === "save" || what === "carry" || what === "negative") this.send(what);
      this.draw();
    }
    changed(event) {
      const field = event.target.closest("[data-label-of]");
      if (!field) return;
      this.chosen = Number(field.dataset.labelOf);
      this.boxes[this.chosen].label = field.value;
      this.draw();
    }
    step(on) {
      const here = document.querySelector("[data-frames] [aria-current]");
      const other = here ? (on ? here.nextElementSibling : here.previousElementSibling) : document.querySelector("[data-frames] a");
      other?.click();
    }
    send(act) {
      const boxes = this.boxes.map((box) => ({
        label: box.label, x1: round(box.x1), y1: round(box.y1), x2: round(box.x2), y2: round(box.y2) }));
      const detail = JSON.stringify({ act, boxes: act === "negative" || act === "skip" ? [] : boxes });
      this.root.dispatchEvent(new CustomEvent("labelled", { bubbles: true, detail }));
    }

    draw() {
      const drawn = [];
      this.boxes.forEach((box, index) => {
        const chosen = index === this.chosen;
        const [x, y] = [Math.min(box.x1, box.x2) * WIDE, Math.min(box.y1, box.y2) * this.high];
        const [width, height] = [Math.abs(box.x2 - box.x1) * WIDE, Math.abs(box.y2 - box.y1) * this.high];
        const look = `label-box${chosen ? " chosen" : ""}${box.confidence === null ? " mine" : ""}`;
        drawn.push(make("rect", { x, y, width, height, class: look, "data-box": index }));
        drawn.push(make("text", { x: x + 6, y: Math.max(y - 8, 22), class: "shape-name" }, `${index + 1} ${this.named(box)}`));
      });
      const box = this.boxes[this.chosen];
      if (box) {
        for (const [across, down] of [[1, 1], [2, 1], [1, 2], [2, 2]]) {
          drawn.push(make("circle", {
            cx: box[`x${across}`] * WIDE, cy: box[`y${down}`] * this.high, r: 12, class: "handle",
            "data-corner": `${across}:${down}` }));
        }
      }
      this.svg.replaceChildren(...drawn);
      if (!this.list.contains(document.activeElement) || this.list.childElementCount !== this.boxes.length) this.rows();
      else this.mark();
    }
    named(box) { return this.words[`label.${box.label}`] || box.label; }
    rows() {
      const words = this.words;
      this.list.innerHTML = this.boxes.map((box, index) => {
        const options = this.labels.map((label) => `<option value="${safe(label)}"${label === box.label ? " selected" : ""}>`
          + `${safe(words[`label.${label}`] || label)}</option>`).join("");
        const sure = box.confidence === null ? words.mine : `${words.proposed} ${Math.round(box.confidence * 100)}%`;
        return `<li${index === this.chosen ? ' class="chosen"' : ""}>
          <button type="button" class="button quiet" data-label-act="choose:${index}" aria-pressed="${index === this.chosen}">
            ${safe(words.box)} ${index + 1}</button>
          <select class="input" data-label-of="${index}" aria-label="${safe(words.label)} ${index + 1}">${options}</select>
          <span class="note">${safe(sure)}</span>
          <button type="button" class="button quiet" data-label-act="drop:${index}">${safe(words.drop)}
            <span class="sr">${index + 1}</span></button></li>`;
      }).join("") || `<li class="note">${safe(words.none)}</li>`;
    }
    mark() {
      [...this.list.children].forEach((row, index) => {
        row.classList.toggle("chosen", index === this.chosen);
        row.querySelector("[aria-pressed]")?.setAttribute("aria-pressed", String(index === this.chosen));
      });
    }
  }

  const find = () => {
    for (const root of document.querySelectorAll("[data-boxes]")) root.labeller ??= new Labeller(root);
  };
  document.addEventListener("DOMContentLoaded", () => {
    find();
    new MutationObserver(find).observe(document.body, { childList: true, subtree: true });
  });
})();
