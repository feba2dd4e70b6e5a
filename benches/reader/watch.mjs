// One visit, watched frame by frame: when the text is painted, when a tap on the largest A takes, how
// long it is from a tap on a card to the next headline.

// Runs in the page before everything else. A frame that finds something has it painted at its end:
// the time taken is that of the next one.
function observe () {
  const seen = window.__seen = { lost: 0 }
  const painted = (name, is) => {
    const look = () => is() ? requestAnimationFrame(now => { seen[name] ??= now }) : requestAnimationFrame(look)
    requestAnimationFrame(look)
  }
  const shown = element => element && !element.closest('.skeleton') && element.getBoundingClientRect().height > 0
  const first = selector => document.querySelector(selector)
  painted('painted', () => shown(first('h1')) && shown(first('.body p')))
  // From the frame that has painted the control, the largest A is tapped every 50 ms until letters
  // grow; each tap before the one that takes is lost.
  const letters = () => parseFloat(getComputedStyle(document.documentElement).fontSize)
  const tap = () => {
    const before = letters()
    first('input[name=taille][value=maximale]').closest('label').click()
    requestAnimationFrame(now => {
      if (letters() > before) { seen.larger = now; return }
      seen.lost++
      setTimeout(tap, 50)
    })
  }
  const wait = () => shown(first('input[name=taille]')?.closest('label')) ? requestAnimationFrame(tap) : requestAnimationFrame(wait)
  requestAnimationFrame(wait)
  new MutationObserver(() => {
    if (document.documentElement?.dataset.app !== undefined) seen.awake ??= performance.now()
  }).observe(document, { attributes: true, subtree: true, childList: true, attributeFilter: ['data-app'] })
  // From the finger to the next page's headline.
  addEventListener('pointerdown', event => {
    const card = event.target.closest('.card')
    if (!card) return
    const was = first('h1').textContent
    const start = event.timeStamp
    const look = () => first('h1')?.textContent !== was
      ? requestAnimationFrame(now => { seen.next = now - start })
      : requestAnimationFrame(look)
    requestAnimationFrame(look)
  }, true)
}

export async function watch (browser, url, network) {
  const context = await browser.newContext({ viewport: { width: 412, height: 823 }, isMobile: true, hasTouch: true, deviceScaleFactor: 1.75 })
  const page = await context.newPage()
  await page.addInitScript(observe)
  const cdp = await context.newCDPSession(page)
  await cdp.send('Network.enable')
  let bytes = 0
  const kinds = {}
  cdp.on('Network.responseReceived', ({ requestId, type }) => { kinds[requestId] = type })
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (kinds[requestId] !== 'Image') bytes += encodedDataLength
  })
  if (network) {
    const throughput = network.megabits * 1e6 / 8
    await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: network.latency, downloadThroughput: throughput, uploadThroughput: throughput })
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: network.cpu })
  }
  await page.goto(url)
  await page.waitForFunction(() => window.__seen.larger !== undefined && window.__seen.painted !== undefined)
  const hasApp = await page.evaluate(() => document.querySelector('#ensuite, script[data-app]') !== null)
  let seen
  if (hasApp) {
    await page.waitForFunction(() => window.__seen.awake !== undefined)
    const until = bytes
    // Normal letters again: another page is not to be laid out larger than elsewhere.
    await page.evaluate(() => document.querySelector('input[name=taille][value=normale]').closest('label').click())
    await page.waitForLoadState('networkidle')
    const card = page.locator('.card a[href^="/"]').first()
    await card.scrollIntoViewIfNeeded()
    // Who taps a card has seen it: its picture is no longer on its way.
    await page.waitForFunction(() => [...document.images].every(image => image.complete || image.getBoundingClientRect().top > innerHeight * 4))
    await page.waitForLoadState('networkidle')
    await card.tap()
    await page.waitForFunction(() => window.__seen.next !== undefined)
    seen = { ...await page.evaluate(() => window.__seen), bytes: until }
  } else {
    seen = { ...await page.evaluate(() => window.__seen), bytes }
  }
  await context.close()
  return seen
}
