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

// A message from the office: shown even where no page is open; a touch opens the alert.
self.addEventListener("push", (event) => {
  const told = event.data?.json() ?? {};
  event.waitUntil(self.registration.showNotification(told.title || "Tapal", {
    body: told.body || "",
    icon: "/console-files/icon.svg",
    tag: told.url || "tapal",
    renotify: true,
    requireInteraction: true,
    data: { url: told.url || "/" },
  }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const wanted = new URL(event.notification.data?.url || "/", self.location.origin);
  const path = wanted.pathname + wanted.search;  // always on this server, whatever the message said
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const page = open.find((one) => new URL(one.url).pathname === path) || open[0];
    if (!page) return self.clients.openWindow(path);
    await page.focus();
    return new URL(page.url).pathname === path ? page : page.navigate(path);
  })());
});
