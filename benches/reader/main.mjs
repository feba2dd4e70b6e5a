// `make bench-reader`: what a reader waits for. The article page, the same page written by hand, and
// the app without its pages, side by side, in Debian's Chromium: by Lighthouse, then by watching
// frames while letters are made larger and a card is tapped.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { watch } from './watch.mjs'
import { serve } from './site.mjs'

const readers = process.env.MANCHETTE_READERS
if (!readers) {
  console.error('Run this as `make bench-reader`: it installs what is needed and says where it is.')
  process.exit(2)
}
const from = createRequire(join(readers, 'node_modules', 'from.js'))
const load = name => import(pathToFileURL(from.resolve(name)))

const RUNS = 5
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync']

const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const row = cells => console.log(cells.map((cell, index) => index ? String(cell).padStart(15) : String(cell).padEnd(34)).join(''))

// ---- Lighthouse ---------------------------------------------------------------------------------

async function lighthouse (pages) {
  const { default: run } = await load('lighthouse')
  const { launch } = await load('chrome-launcher')
  const chromePath = process.env.CHROME_PATH ?? '/usr/bin/chromium'
  const seen = Object.fromEntries(Object.keys(pages).map(name => [name, []]))
  for (let round = 0; round < RUNS; round++) {
    for (const [name, url] of Object.entries(pages)) {
      const chrome = await launch({ chromePath, chromeFlags: flags, logLevel: 'error' })
      const { lhr } = await run(url, { port: chrome.port, output: 'json', logLevel: 'error' })
      await chrome.kill()
      seen[name].push(lhr)
    }
  }
  console.log(`Lighthouse, mobile defaults (simulated slow 4G and CPU), median of ${RUNS} runs\n`)
  row(['', ...Object.keys(pages), 'ours / hand'])
  const audits = [
    ['first-contentful-paint', 'FCP, ms'], ['largest-contentful-paint', 'LCP, ms'],
    ['total-blocking-time', 'TBT, ms'], ['cumulative-layout-shift', 'CLS'], ['total-byte-weight', 'bytes in all']
  ]
  const line = (label, value, digits = 0) => {
    const values = Object.values(seen).map(runs => median(runs.map(value)))
    const [ours, hand] = values
    row([label, ...values.map(value => value.toFixed(digits)), hand ? (ours / hand).toFixed(3) : ''])
  }
  for (const [id, label] of audits) line(label, lhr => lhr.audits[id].numericValue, label === 'CLS' ? 3 : 0)
  for (const id of ['performance', 'accessibility', 'best-practices', 'seo']) {
    line(id, lhr => Math.round(lhr.categories[id].score * 100))
  }
  const [first] = seen.ours
  const failed = Object.values(first.audits).filter(audit => audit.score !== null && audit.score < 0.9 && !['informative', 'notApplicable', 'manual'].includes(audit.scoreDisplayMode))
  for (const { id, title } of failed) console.log(`  ours, not passed: ${id}: ${title}`)
}

// ---- All of it ----------------------------------------------------------------------------------

const pages = await serve()
await lighthouse(pages)
const { chromium } = (await load('playwright-core')).default
const browser = await chromium.launch({ executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium', args: flags })
for (const [label, network] of [
  ['Unthrottled', null],
  ['Slow 4G (1.6 Mbit/s, 150 ms) and a CPU four times slower', { megabits: 1.6, latency: 150, cpu: 4 }]
]) {
  console.log(`\n${label}, median of ${RUNS} visits with an empty cache\n`)
  row(['', ...Object.keys(pages)])
  const seen = {}
  for (let round = 0; round < RUNS; round++) {
    for (const [name, url] of Object.entries(pages)) (seen[name] ??= []).push(await watch(browser, url, network))
  }
  for (const [key, label] of [
    ['painted', 'headline and text painted, ms'], ['larger', 'largest A works, ms'], ['lost', 'taps lost'],
    ['awake', 'app awake, ms'], ['next', 'card tapped → next headline, ms'], ['bytes', 'bytes until awake, no pictures']
  ]) {
    row([label, ...Object.values(seen).map(runs => {
      const values = runs.map(run => run[key]).filter(value => value !== undefined)
      return values.length ? Math.round(median(values)) : '–'
    })])
  }
}
await browser.close()
process.exit(0)
