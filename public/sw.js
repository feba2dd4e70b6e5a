// Reads on without a network: keeps what the reader has opened, and what they asked to keep. Answers
// from the network first; only where that fails, or lets the reader wait, from what is kept. Knows
// nothing of a build: assets have their hash in their name, so one that is kept is the right one.
const base = new URL(registration.scope).pathname
const [APP, OPENED, PICTURES, SAVED] = ['app', 'pages', 'images', 'a-lire'].map(name => `manchette:${base}:${name}`)
// What is kept without being asked for: so many entries and bytes, what was read longest ago goes
// first. What is saved is the reader's, and goes when they say so.
const LIMITS = { [APP]: [24, 4e6], [OPENED]: [150, 10e6], [PICTURES]: [150, 20e6] }
// How long the network may take where there is something to show in its place, in milliseconds.
const PATIENCE = 3_000
// How long an answer with data may take at all: the app has given up by then, and asks again in vain as
// long as the browser waits for the same address.
const LIMIT = 12_000
// The page that starts the app at any address.
const FALLBACK = `${base}404.html`
// How a kept answer says when it was kept, when it was last read, how large it is, and what it is.
const KEPT = 'x-manchette-kept', READ = 'x-manchette-read', BYTES = 'x-manchette-bytes'
const HEADLINE = 'x-manchette-headline', PLACE = 'x-manchette-path', FOR = 'x-manchette-for'

// What a store holds, as far as this worker knows: entries and bytes. What is kept again counts twice.
const held = {}

const any = { ignoreVary: true }
const find = async (key, ...names) => {
  for (const name of names) {
    const found = await (await caches.open(name)).match(key, any)
    if (found) return found
  }
}

// All that is in a store, with what it says of itself.
const all = async name => {
  const cache = await caches.open(name)
  const keys = await cache.keys()
  return Promise.all(keys.map(async ({ url }) => ({ url, headers: (await cache.match(url, any))?.headers ?? new Headers() })))
}

// ---- What is kept -------------------------------------------------------------------------------

const keep = async (name, key, response, marks = {}) => {
  const body = await response.arrayBuffer() // an answer that breaks off is not kept
  const headers = new Headers(response.headers)
  headers.delete('content-encoding')
  headers.delete('content-length')
  const now = Date.now()
  for (const [mark, value] of Object.entries({ [KEPT]: now, [READ]: now, [BYTES]: body.byteLength, ...marks })) headers.set(mark, value)
  const cache = await caches.open(name)
  const put = () => cache.put(key, new Response(body, { headers }))
  try {
    await put()
  } catch {
    // The browser's own limit: half of what is not the reader's goes.
    for (const other of Object.keys(LIMITS)) await trim(other, 0.5)
    await put()
  }
  if (!LIMITS[name]) return
  const count = held[name]
  if (count) {
    count[0] += 1
    count[1] += body.byteLength
  }
  if (!count || LIMITS[name].some((limit, index) => count[index] > limit)) held[name] = await trim(name)
}

// What is too much goes, and a tenth of the rest, so that the store need not be looked through again
// soon; or as large a share as is said. What is left, in entries and bytes.
const trim = async (name, share) => {
  const cache = await caches.open(name)
  const entries = await all(name)
  const bytes = ({ headers }) => +headers.get(BYTES)
  const sum = some => some.reduce((sum, entry) => sum + bytes(entry), 0)
  const [limit, weight] = LIMITS[name]
  const part = share ?? (entries.length > limit || sum(entries) > weight ? 0.9 : 1)
  const most = Math.min(entries.length, limit) * part
  let room = weight * part
  entries.sort((a, b) => b.headers.get(READ) - a.headers.get(READ))
  const left = entries.filter((entry, index) => (room -= bytes(entry)) >= 0 && index < most)
  await Promise.all(entries.slice(left.length).map(({ url }) => cache.delete(url, any)))
  return [left.length, sum(left)]
}

// The slug of the article whose document this is.
const slugOf = url => /\/articles\/([^/]+)\.json$/.exec(url)?.[1]

// The documents that a page was made of.
const documents = html => {
  const block = /<script type="application\/json" id="documents">(.*?)<\/script>/s.exec(html)?.[1]
  return block ? JSON.parse(block) : {}
}

const marks = (article, path) => article?.headline
  ? { [HEADLINE]: encodeURIComponent(article.headline), [PLACE]: path ?? `/${article.articleSection}/${article.slug}/` }
  : {}

const keepPage = async (name, key, response, more) => {
  const html = await response.clone().text()
  const { article, path } = documents(html)
  await keep(name, key, response, { ...marks(article, path), ...more })
  // The app of this build starts any page, so that one of which only the data is kept can be read.
  const start = /[^/"]+\.js(?=" integrity)/.exec(html)?.[0]
  const fallback = await find(FALLBACK, APP)
  if (start && !(await fallback?.text())?.includes(start)) await keepFallback()
}

const keepFallback = async () => {
  const answer = await fetch(FALLBACK, { cache: 'no-cache' })
  // Some hosts say 404 of this page itself.
  if (answer.ok || answer.status === 404) await keep(APP, FALLBACK, answer)
}

// An asset has the beginning of its SHA-256 in its name: what has another is not kept, or a reader
// would have it for ever.
const keepAsset = async (key, response) => {
  const hash = await crypto.subtle.digest('SHA-256', await response.clone().arrayBuffer())
  const digits = [...new Uint8Array(hash)].map(byte => byte.toString(16).padStart(2, '0')).join('')
  const [, named] = /-([0-9a-f]{16})\.\w+$/.exec(key) ?? []
  if (named && digits.startsWith(named)) await keep(APP, key, response)
}

// (What a hotel's network says in its place is no JSON, and is not kept over it.)
const keepDocument = async (key, response) => {
  const document = await response.clone().json()
  await keep(OPENED, key, response, slugOf(key) ? marks(document) : {})
}

// What was withdrawn goes: an article's document, and the pages that carry it. What was saved stays.
const forget = async key => {
  const slug = slugOf(key)
  for (const { url, headers } of await all(OPENED)) {
    if (url === key || slug && headers.get(PLACE)?.endsWith(`/${slug}/`)) await (await caches.open(OPENED)).delete(url, any)
  }
}

// What was opened is read once more; it is as old as it was.
const read = async key => {
  const found = await find(key, OPENED)
  if (found) await keep(OPENED, key, found, { [KEPT]: found.headers.get(KEPT) })
}

// A document of which only a page that carries it is kept.
const carried = async key => {
  const slug = slugOf(key), feed = /\/feeds\/(.+)\.json$/.exec(key)?.[1]
  const here = slug ? `/${slug}/` : feed === 'latest' ? '/' : `/${feed}/`
  const site = key.endsWith('/site.json')
  for (const name of [OPENED, SAVED]) {
    const cache = await caches.open(name)
    for (const { url } of (await cache.keys()).reverse()) {
      const path = `/${new URL(url).pathname.slice(base.length)}`
      if (path.endsWith('.json') || !(site || (slug ? path.endsWith(here) : path === here))) continue
      const page = await cache.match(url, any)
      const found = documents(await page.text())
      const document = site ? found.site : slug ? found.article : found.feed
      if (document) return new Response(JSON.stringify(document), { headers: { 'content-type': 'application/json', [KEPT]: page.headers.get(KEPT) } })
    }
  }
}

// ---- What is answered ---------------------------------------------------------------------------

const words = kept => {
  const date = new Date(+kept)
  const month = new Intl.DateTimeFormat('fr', { month: 'long' }).format(date)
  return `Version enregistrée le ${date.getDate() === 1 ? '1er' : date.getDate()} ${month} à ${date.getHours()} h ${String(date.getMinutes()).padStart(2, '0')}`
}

// From the network; what comes of it is kept when the page has it.
const network = (event, keepIt, options) => {
  const answer = (async () => {
    const answer = (await event.preloadResponse) ?? await fetch(event.request, options)
    // Firefox hands over what a preload that failed has become.
    if (answer.type === 'error') throw new TypeError('no network')
    return answer
  })()
  event.waitUntil(answer.then(answer => answer.ok && answer.type !== 'opaque' && keepIt(answer.clone())).catch(() => {}))
  return answer
}

// … and what is there no more is forgotten.
const current = (event, key, keepIt, options) => {
  const answer = network(event, keepIt, options)
  event.waitUntil(answer.then(({ status }) => (status === 404 || status === 410) && forget(key)).catch(() => {}))
  return answer
}

// The network's answer, or what is kept in its place, which is looked for only then.
const firstOf = async (answer, kept) => {
  const came = answer.catch(() => {})
  const late = new Promise(resolve => setTimeout(resolve, PATIENCE))
  const first = await Promise.race([came, late])
  return first && first.status < 500 && first.status !== 429 ? first : await kept() ?? came
}

// A page is the same without the slash at the end of its address.
const keyOf = url => url.replace(/\/?([?#].*)?$/, '/')

const page = async event => {
  const key = keyOf(event.request.url)
  const answer = current(event, key, answer => keepPage(OPENED, key, answer))
  const shown = await firstOf(answer, () => find(key, OPENED, SAVED))
  // The app says calmly what the matter is, and has what is kept of it.
  if (!shown || shown.status >= 500) return await find(FALLBACK, APP) ?? shown ?? Response.error()
  if (!shown.headers.has(KEPT)) return shown
  event.waitUntil(read(key))
  const html = await shown.text()
  return new Response(html.replace('id="enregistree" hidden>', `id="enregistree">${words(shown.headers.get(KEPT))}`), { headers: shown.headers })
}

const data = async event => {
  const key = event.request.url
  // (Older browsers lack one or both.)
  const limit = AbortSignal.timeout?.(LIMIT)
  const signal = limit && AbortSignal.any ? AbortSignal.any([event.request.signal, limit]) : limit ?? event.request.signal
  const answer = current(event, key, answer => keepDocument(key, answer), { signal })
  const shown = await firstOf(answer, async () => await find(key, OPENED, SAVED) ?? carried(key))
  if (!shown?.headers.has(KEPT)) return shown ?? Response.error()
  event.waitUntil(read(key))
  const headers = new Headers(shown.headers)
  headers.set(KEPT, encodeURIComponent(words(shown.headers.get(KEPT))))
  return new Response(shown.body, { headers })
}

const asset = async event => {
  const { cache, url } = event.request
  const kept = cache === 'reload' || cache === 'no-store' ? null : await find(url, APP)
  return kept ?? network(event, answer => keepAsset(url, answer))
}

// The same picture in another width is better than none: in one of those that the press and WordPress
// make. (`vue-1.jpg` and `vue-2.jpg` are two pictures.)
const same = url => url.replace(/-(?:400|800|1200|\d+x\d+)(?=\.\w+$)/, '')
const alike = async url => {
  for (const name of [PICTURES, SAVED]) {
    const cache = await caches.open(name)
    const key = (await cache.keys()).find(key => same(key.url) === same(url))
    if (key) return cache.match(key, any)
  }
}
const picture = async event => {
  const { url } = event.request
  const answer = network(event, answer => keep(PICTURES, url, answer))
  return await firstOf(answer, async () => await find(url, PICTURES, SAVED) ?? alike(url)) ?? Response.error()
}

addEventListener('fetch', event => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || request.headers.has('range')) return
  const ours = origin === location.origin && pathname.startsWith(base)
  if (request.mode === 'navigate') {
    if (ours && !/\.\w+$/.test(pathname)) event.respondWith(page(event))
  } else if (request.headers.get('accept') === 'application/json') event.respondWith(data(event))
  else if (ours && pathname.startsWith(`${base}assets/`)) event.respondWith(asset(event))
  else if (ours && request.destination === 'image') event.respondWith(picture(event))
})

// ---- What the page says and asks ----------------------------------------------------------------

// A page that came before there was a worker, with what it is made of: all of it is in the browser's
// own cache.
const opened = async ({ opened, files }) => {
  // The one that fails keeps no other away.
  const once = async (name, key, keepIt) => {
    if (await find(key, name)) return
    const answer = await fetch(key, { cache: 'force-cache' })
    if (answer.ok) await keepIt(answer)
  }
  const one = (...file) => once(...file).catch(() => {})
  await one(OPENED, keyOf(opened), answer => keepPage(OPENED, keyOf(opened), answer))
  // The first page may be the fallback itself, in the place of one that was not there.
  if (!await find(FALLBACK, APP)) await keepFallback().catch(() => {})
  for (const file of files) {
    const { origin, pathname } = new URL(file)
    if (origin !== location.origin) continue
    if (pathname.startsWith(`${base}assets/`)) await one(APP, file, answer => keepAsset(file, answer))
    else if (/\.(webp|avif|jpe?g|png|gif|svg)$/.test(pathname)) await one(PICTURES, file, answer => keep(PICTURES, file, answer))
  }
}

// A document that the app has of such a page, where the page carries none.
const came = async ({ came, text }) => {
  if (!await find(came, OPENED)) await keepDocument(came, new Response(text, { headers: { 'content-type': 'application/json' } }))
}

// One file for each picture of an article: of those wide enough for a telephone the smallest.
const pictures = (node, found = []) => {
  if (!node || typeof node !== 'object') return found
  if (typeof node.url === 'string' && (node.srcset || node.width || node.type === 'image')) {
    const widths = (node.srcset ?? '').split(/,\s+/).map(one => one.split(' ')).filter(([, width]) => parseInt(width) >= 800)
    found.push(widths.sort((a, b) => parseInt(a[1]) - parseInt(b[1]))[0]?.[0] ?? node.url)
  }
  for (const [name, child] of Object.entries(node)) if (name !== 'related') pictures(child, found)
  return found
}

// From the network, or as it was when it was kept.
const fresh = async (url, options) => {
  const answer = await fetch(url, options).catch(() => {})
  return answer?.ok ? answer : find(url, OPENED)
}

const save = async ({ save, document }) => {
  const key = new URL(save, location.origin).href
  const since = answer => answer.headers.has(KEPT) ? { [KEPT]: answer.headers.get(KEPT) } : {}
  const page = await fresh(key)
  let article
  if (page) {
    article = documents(await page.clone().text()).article
    await keepPage(SAVED, key, page, since(page))
  } else {
    // Newer than the pages: then its document, from which the app makes one.
    const answer = await fresh(document, { headers: { accept: 'application/json' } })
    article = await answer.clone().json()
    await keep(SAVED, document, answer, { ...marks(article), ...since(answer) })
  }
  for (const source of pictures(article)) {
    // A document's addresses are as seen from the edition's own root.
    const url = new URL(source.replace(/^\/(?!\/)/, base), location.origin)
    if (url.origin !== location.origin) continue
    const before = (await find(url.href, SAVED))?.headers.get(FOR)?.split(' ') ?? []
    const answer = await find(url.href, PICTURES, SAVED) ?? await fetch(url).catch(() => {}) ?? await alike(url.href)
    if (answer?.ok) await keep(SAVED, url.href, answer, { [FOR]: [...new Set([...before, save])].join(' ') })
  }
}

const drop = async ({ drop, document }) => {
  const own = [new URL(drop, location.origin).href, document]
  for (const { url, headers } of await all(SAVED)) {
    const of = headers.get(FOR)?.split(' ') ?? []
    const others = of.filter(one => one !== drop)
    if (own.includes(url) || of.length && !others.length) await (await caches.open(SAVED)).delete(url, any)
    else if (others.length < of.length) await keep(SAVED, url, await find(url, SAVED), { [FOR]: others.join(' ') })
  }
}

// What can be read now, what was read last first: the page shows it. Of an article that was to be
// saved or dropped, that this is done.
const shelf = async done => {
  const list = new Map()
  for (const name of [SAVED, OPENED]) {
    for (const { headers } of await all(name)) {
      const path = headers.get(PLACE)
      if (!path) continue
      const saved = list.get(path)?.saved || name === SAVED
      list.set(path, { path, headline: decodeURIComponent(headers.get(HEADLINE)), saved, kept: words(headers.get(KEPT)), read: +headers.get(READ) })
    }
  }
  return JSON.stringify({ done, articles: [...list.values()].sort((a, b) => b.read - a.read) })
}

addEventListener('message', event => event.waitUntil((async () => {
  const { data } = event
  if (data.opened) await opened(data)
  if (data.came) await came(data).catch(() => {})
  if (data.save) await save(data).catch(() => {})
  if (data.drop) await drop(data)
  const list = await shelf(data.save ?? data.drop)
  for (const client of await clients.matchAll({ type: 'window' })) client.postMessage(list)
})()))

addEventListener('install', () => skipWaiting())
addEventListener('activate', event => event.waitUntil((async () => {
  // Spares the worker's start. WebKit loses a preload now and then, and the page would be asked for twice.
  if (!/AppleWebKit(?!.*Chrome)/.test(navigator.userAgent)) await registration.navigationPreload?.enable()
  await clients.claim()
})()))
