// Messages to this device: offered only where the browser may (HTTPS, or the machine itself) and the server can.
(() => {
  const API = "/api/v1/me/browsers";
  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=")), (c) => c.charCodeAt(0));
  const button = () => document.getElementById("push");
  const show = (on, text) => {
    const one = button();
    if (!one) return;
    one.hidden = false;
    one.setAttribute("aria-pressed", String(on));
    if (text) window.tapalSay(one.dataset[text]);
  };
  const known = () => JSON.parse(localStorage.getItem("tapal_push") || "null");

  const turnOn = async (worker) => {
    if (await Notification.requestPermission() !== "granted") { show(false, "denied"); return; }
    const { public_key: key } = await (await fetch(`${API}/key`)).json();
    const mine = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
    const answer = await fetch(API, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(mine.toJSON()),
    });
    if (!answer.ok) { await mine.unsubscribe(); show(false, "failed"); return; }
    localStorage.setItem("tapal_push", JSON.stringify((await answer.json()).id));
    show(true, "done");
  };
  const turnOff = async (mine) => {
    const id = known();
    if (id) await fetch(`${API}/${encodeURIComponent(id)}`, { method: "DELETE" });
    await mine.unsubscribe();
    localStorage.removeItem("tapal_push");
    show(false, "stopped");
  };
  const start = async () => {
    if (!button() || !window.isSecureContext || !("PushManager" in window) || !navigator.serviceWorker) return;
    const answer = await fetch(`${API}/key`);
    if (!answer.ok) return;
    const worker = await navigator.serviceWorker.ready;
    show(Boolean(await worker.pushManager.getSubscription()));
    document.addEventListener("click", async (event) => {
      if (!event.target.closest("#push")) return;
      const mine = await worker.pushManager.getSubscription();
      try { await (mine ? turnOff(mine) : turnOn(worker)); } catch { show(Boolean(mine), "failed"); }
    });
  };
  document.addEventListener("DOMContentLoaded", () => { start().catch(() => undefined); });
})();
