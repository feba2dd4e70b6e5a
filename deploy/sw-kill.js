// In the place of sw.js, where the worker itself does harm: takes it away from every reader, with all
// that it keeps, what they saved included. Browsers ask for sw.js at a visit, at the latest a day
// after the last time. Leave it there for as long as the readers are to be reached.
addEventListener('install', () => skipWaiting())
addEventListener('activate', event => event.waitUntil((async () => {
  const names = await caches.keys()
  await Promise.all(names.filter(name => name.startsWith(`manchette:${new URL(registration.scope).pathname}:`)).map(name => caches.delete(name)))
  await registration.unregister()
})()))
