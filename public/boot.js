// Starts the app. The two names come from the page, so this file never changes with a build.
// A page that came as HTML is there already: the app waits until the browser has nothing to do, and
// stays away where the reader saves data, because all that is on the page works without it.
const script = document.querySelector('script[data-wasm]')
const there = document.querySelector('#documents')
// Where the app can't come, the page is told by the event that a script that fails has anyway.
const giveUp = () => script.dispatchEvent(new Event('error'))

const start = async () => {
  // Long enough for a very slow network; an app that comes later still takes its place.
  setTimeout(giveUp, 20_000)
  try {
    const app = import(script.dataset.js)
    const wasm = fetch(script.dataset.wasm, { priority: there ? 'low' : 'high' })
    await (await app).default({ module_or_path: wasm })
  } catch (error) {
    console.warn(error)
    giveUp()
  }
}

const saves = navigator.connection?.saveData || matchMedia('(prefers-reduced-data: reduce)').matches
if (!there) {
  start()
} else if (!saves) {
  const idle = window.requestIdleCallback ?? setTimeout
  const later = () => idle(start)
  if (document.readyState === 'complete') later()
  else addEventListener('load', later)
}
