// Starts the app. The two names come from the page, so this file never changes with a build.
// Where the app can't come, the page is told by the event that a script that fails has anyway.
const script = document.querySelector('script[data-wasm]')
const giveUp = () => script.dispatchEvent(new Event('error'))

// Long enough for a very slow network; an app that comes later still takes its place.
setTimeout(giveUp, 20_000)
try {
  const app = await import(script.dataset.js)
  await app.default({ module_or_path: script.dataset.wasm })
} catch (error) {
  console.warn(error)
  giveUp()
}
