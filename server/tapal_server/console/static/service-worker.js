// Makes the console installable, and says so where the server cannot be reached; nothing is kept, since an old list of
// alarms is worse than none.
const SAID = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Tapal</title><body style="font: 1.2rem system-ui; margin: 3rem 1.5rem; color-scheme: light dark">
<h1>Tapal</h1><p lang="id">Server tidak terjangkau. Awasi gerbang dengan mata sampai tersambung lagi.</p>
<p lang="en">The server cannot be reached. Watch the gates by eye until it is back.</p>
<p><a href="">Coba lagi / Try again</a></p>`;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return;
  const gone = () => new Response(SAID, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
  event.respondWith(fetch(event.request).catch(gone));
});
