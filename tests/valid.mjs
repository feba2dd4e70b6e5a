// A built site against what others say that its files must be: every page by an HTML validator, the
// sitemaps by their schema and a reader of sitemaps, the feeds by JSON Feed's schema, the data for
// search engines by a JSON-LD processor. `node tests/valid.mjs DIST`, from `make valid`.
import { execFileSync } from 'node:child_process'
import { createReadStream, readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'

const [dist] = process.argv.slice(2)
const validators = process.env.MANCHETTE_VALIDATORS
if (!dist || !validators) {
  console.error('Run this as `make valid`: it installs the validators and says where they are.')
  process.exit(2)
}
const require = createRequire(join(validators, 'node_modules', 'from.js'))
const { HtmlValidate } = require('html-validate')
const { XMLToSitemapItemStream, XMLToSitemapIndexStream, ErrorLevel } = require('sitemap')
const Ajv = require('ajv').default
const jsonld = require('jsonld')

const faults = []
const counts = {}
const count = kind => { counts[kind] = (counts[kind] ?? 0) + 1 }
const fault = (file, what) => faults.push(`${relative(dist, file)}: ${what}`)

function * files (folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory()) yield * files(path)
    else yield path
  }
}

// ---- HTML ---------------------------------------------------------------------------------------

const html = new HtmlValidate({
  root: true,
  extends: ['html-validate:standard', 'html-validate:a11y'],
  rules: {
    // How we write what may be written in several ways.
    'no-trailing-whitespace': 'off',
    'doctype-style': ['error', { style: 'lowercase' }],
    // A headline is as long as it is.
    'long-title': 'off',
    // A `pre` that scrolls sideways is a region as it is.
    'prefer-native-element': ['error', { exclude: ['region'] }]
  }
})

function unescape (attribute) {
  return attribute.replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}

async function page (file) {
  count('pages')
  const text = readFileSync(file, 'utf8')
  const report = await html.validateString(text, file)
  for (const { messages } of report.results) {
    for (const { line, column, ruleId, message } of messages) {
      fault(file, `${line}:${column}: ${message} (${ruleId})`)
    }
  }
  for (const [, json] of text.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)) {
    await linkedData(file, json, text)
  }
}

// ---- JSON-LD ------------------------------------------------------------------------------------

// schema.org's own context makes its vocabulary the default one; that is all that we use of it.
const documentLoader = url => {
  if (!/^https?:\/\/schema\.org\/?$/.test(url)) throw new Error(`asks for ${url}`)
  return { documentUrl: url, document: { '@context': { '@vocab': 'http://schema.org/' } } }
}

async function linkedData (file, json, text) {
  count('JSON-LD')
  try {
    const things = await jsonld.expand(JSON.parse(json), { documentLoader })
    const of = type => things.filter(thing => thing['@type']?.includes(`http://schema.org/${type}`))
    const value = (thing, name) => thing?.[`http://schema.org/${name}`]?.[0]?.['@value']
    const about = of('NewsArticle')[0] ?? of('CollectionPage')[0]
    if (!about) fault(file, 'JSON-LD: neither a NewsArticle nor a CollectionPage')
    if (of('BreadcrumbList').length !== 1) fault(file, 'JSON-LD: no BreadcrumbList')
    const [, canonical] = text.match(/<link rel="canonical" href="([^"]*)"/) ?? []
    if (value(about, 'url') !== unescape(canonical ?? '')) fault(file, 'JSON-LD: url is not the canonical address')
    const name = value(about, 'headline') ?? value(about, 'name')
    const [, title] = text.match(/<meta property="og:title" content="([^"]*)"/) ?? []
    if (!name || name !== unescape(title ?? '')) fault(file, `JSON-LD: is called ${name}, but the page ${title}`)
  } catch (error) {
    fault(file, `JSON-LD: ${error.message}`)
  }
}

// ---- Feeds --------------------------------------------------------------------------------------

const schema = structuredClone(require('jsonfeed-schema/schema-v1.1.json'))
// What the contract has otherwise: an item is a headline and a link, without the text; addresses may
// begin at the root; and a numeric id is taken as text.
const item = schema.properties.items.items
item.anyOf = [{ required: ['title'] }, { required: ['summary'] }]
item.properties.id.type = ['string', 'number']
const isFeed = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema)

function feed (file) {
  count('JSON Feeds')
  if (isFeed(JSON.parse(readFileSync(file, 'utf8')))) return
  for (const { instancePath, message } of isFeed.errors) fault(file, `${instancePath} ${message}`)
}

function xml (file, ...schema) {
  try {
    execFileSync('xmllint', ['--noout', '--nonet', ...schema, file], { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    fault(file, String(error.stderr ?? error).trim())
  }
}

// ---- Sitemaps -----------------------------------------------------------------------------------

async function read (file, Reader) {
  const items = []
  try {
    const reader = new Reader({ level: ErrorLevel.THROW })
    for await (const item of createReadStream(file).pipe(reader)) items.push(item)
  } catch (error) {
    fault(file, error.message)
  }
  return items
}

async function sitemap (file) {
  count('sitemaps')
  if (file.endsWith('sitemap.xml')) {
    xml(file)
    const parts = await read(file, XMLToSitemapIndexStream)
    if (parts.length === 0) fault(file, 'names no sitemap')
    return
  }
  xml(file, '--schema', join(validators, 'node_modules/sitemap/schema/sitemap.xsd'))
  await read(file, XMLToSitemapItemStream)
}

// ---- All of it ----------------------------------------------------------------------------------

for (const file of files(dist)) {
  const name = relative(dist, file)
  if (name.endsWith('.html')) await page(file)
  else if (/^api\/feeds\/.*\.json$/.test(name)) feed(file)
  else if (/^sitemap.*\.xml$/.test(name)) await sitemap(file)
  else if (name.endsWith('rss.xml')) { count('RSS'); xml(file) }
}
for (const kind of ['pages', 'JSON-LD', 'JSON Feeds', 'sitemaps', 'RSS']) {
  if (!counts[kind]) faults.push(`no ${kind} in ${dist}: is it a built site?`)
}
for (const line of faults) console.error(line)
console.log(Object.entries(counts).map(([kind, n]) => `${n} ${kind}`).join(', ') + `: ${faults.length} faults`)
process.exit(faults.length ? 1 : 0)
