// Starts the app. A page that came as HTML asks for this when it stands there: the app waits until the
// browser has nothing to do, and stays away where the reader saves data, because all that is on the
// page works without it.
const script = document.querySelector('script[data-app]')
const there = document.querySelector('#documents')
// The names of its two files: the final ones, with their hashes, are put before this line by
// `manchette prerender`.
const app = typeof files === 'undefined' ? script.dataset : files
const address = name => new URL(name, import.meta.url).href
// Where the app can't come, the page is told by the event that a script that fails has anyway.
const giveUp = () => script.dispatchEvent(new Event('error'))

// An import can't be given a hash. So the file is fetched by its hash first, and imported from the
// browser's own copy. (A preload with a hash does it at once, but of one that has failed WebKit keeps
// the failure over reloads.)
const priority = there ? 'low' : 'high'
// What breaks off is asked for once more, past what is kept: WebKit keeps half a file for as long as it
// would have kept the whole.
const twice = get => get('default').catch(() => get('reload'))
const bytes = (name, integrity = '') => twice(async cache =>
  (await fetch(address(name), { cache, priority, integrity })).arrayBuffer())
// (A module that failed is imported by another name the next time: the failure stays with the first.)
const javascript = async attempt => {
  if (app.jsIntegrity) await bytes(app.js, app.jsIntegrity)
  return twice(cache => import(address(app.js) + (attempt > 1 || cache === 'reload' ? `#${cache}${attempt}` : '')))
}
// Firefox never ends what it compiles, now and then, where a page was left and is soon come back to.
const compile = file => new Promise((done, fail) => {
  const one = () => WebAssembly.compile(file).then(done, fail)
  const first = one()
  const second = setTimeout(one, 3_000)
  first.then(() => clearTimeout(second))
})
const compiled = async () => compile(await bytes(app.wasm, app.wasmIntegrity))

let attempts = 0, awake
const load = async () => {
  const attempt = ++attempts
  // Long enough for a very slow network; an app that comes later still takes its place.
  const late = setTimeout(giveUp, 20_000)
  try {
    const wasm = compiled()
    wasm.catch(() => {}) // said below; the module may fail first
    const { initSync } = await javascript(attempt)
    const module = await wasm
    if (attempt === attempts) {
      awake = true
      initSync({ module })
    }
  } catch (error) {
    console.warn(error)
    giveUp()
  }
  clearTimeout(late)
  removeEventListener('click', want)
}
let started
const start = () => started ??= load()
// Where the page was left, its files broke off; where the reader comes back to it, they come anew.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted && started && !awake) started = load()
})

// A video that opens in its place, an article to keep: for that, the reader gets the app at once. If
// it can't come, a link leads where it always did.
const want = event => {
  const wanted = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
    ? null
    : event.target.closest?.('.embed a, .later')
  if (!wanted) return
  event.preventDefault()
  start().then(() => wanted.click())
}

// Where Trusted Types are asked for, a script's address is not taken from a text, which anybody might
// have made. This one is ours, and the only one that is ever needed.
const trusted = url => window.trustedTypes?.createPolicy('manchette', { createScriptURL: () => url }).createScriptURL('') ?? url

// The worker that keeps what was opened. Of a page that came before it, it is told.
const keep = async () => {
  const workers = navigator.serviceWorker
  if (!workers) return
  try {
    await workers.register(trusted(address('../sw.js')))
    const { active } = await workers.ready
    const files = performance.getEntriesByType('resource').map(({ name }) => name)
    if (!visit?.workerStart) active.postMessage({ opened: location.origin + location.pathname, files })
  } catch (error) {
    console.warn(error)
  }
}

// The server says that the request asked for it (`Save-Data`), or the browser says it itself.
const [visit] = performance.getEntriesByType('navigation')
const saves = visit?.serverTiming?.some(({ name }) => name === 'save-data')
  || navigator.connection?.saveData
  || matchMedia('(prefers-reduced-data: reduce)').matches
if (there) addEventListener('click', want)
if (!there) start().then(keep)
else if (saves) keep()
else {
  // A machine that is never idle gets the app all the same.
  const soon = () => start().then(keep)
  window.requestIdleCallback ? requestIdleCallback(soon, { timeout: 5_000 }) : setTimeout(soon)
}
