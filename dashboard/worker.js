/**
 * The service worker: it hands out the dashboard's own files, so that the page loads without a network. It keeps no
 * answer of the API, and so nothing about any person. The build puts FILES and BUILD before it.
 */

const PAGE = "/dashboard/";
const CACHE = `dashboard ${BUILD}`;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([PAGE, ...FILES])));
});

// A new worker waits until no page of the old build is open, whose files stay until then.
addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("dashboard ") && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || !pathname.startsWith(PAGE)) return;
  if (request.mode === "navigate") event.respondWith(newestPage(request));
  else if (FILES.includes(pathname)) event.respondWith(keptFile(request));
});

async function newestPage(request) {
  try {
    return await fetch(request);
  } catch {
    return (await kept(PAGE)) ?? Response.error();
  }
}

async function keptFile(request) {
  return (await kept(request)) ?? fetch(request);
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  return cache.match(request, { ignoreVary: true });
}
