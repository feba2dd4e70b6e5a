// `make bench-edge`: what the servers of deploy/ bear. The built site behind nginx, then behind Varnish
// before nginx, with two hundred connections that never rest (wrk); then Varnish again, before origins
// that fail. All of it shares this machine's processors.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listens, nginx } from '../../tests/nginx.mjs'

const repo = new URL('../..', import.meta.url).pathname.replace(/\/$/, '')
const work = join(repo, 'target/bench-edge')
const CONNECTIONS = 200
const SECONDS = Number(process.argv[2] ?? 60)
const [ORIGIN, EDGE] = [18090, 18091]

// ---- What is asked for --------------------------------------------------------------------------

const files = (folder, ending) => readdirSync(join(repo, 'dist', folder), { recursive: true })
  .filter(name => name.endsWith(ending))
  .map(name => `/${folder}/${name}`.replace('//', '/'))

// A visit is a page, perhaps the app, some pictures, and a look at the news now and then. The order is
// the same in every run.
function mix () {
  const pages = files('', 'index.html').map(path => path.replace(/index\.html$/, ''))
  const articles = files('api/articles', '.json')
  const feeds = files('api/feeds', '.json')
  const assets = [...files('assets', '.js'), ...files('assets', '.wasm')]
  const pictures = files('media', '-400.webp')
  const kinds = [[pages, 10], [articles, 3], [feeds, 3], [assets, 2], [pictures, 2]]
  const every = kinds.flatMap(([paths, share]) => Array(share).fill(paths))
  const paths = []
  for (let round = 0; round < 200; round++) {
    every.forEach((some, index) => paths.push(some[(round * 7 + index) % some.length]))
  }
  return paths
}

// ---- Load ---------------------------------------------------------------------------------------

// The memory of a program and its children, in MiB.
function memory (pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return [pid, ...children]
    .map(pid => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0))
    .reduce((sum, kib) => sum + kib / 1024, 0)
}

// One run of wrk, with the memory of `watched` a quarter on its way and at its end.
async function load (port, seconds, watched = {}) {
  const program = spawn('wrk', ['-t2', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '30s',
    '-s', join(repo, 'benches/edge/mix.lua'), `http://127.0.0.1:${port}`],
  { env: { ...process.env, PATHS: join(work, 'paths') }, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  program.stdout.on('data', data => { said += data })
  const weigh = () => Object.fromEntries(Object.entries(watched).map(([name, pid]) => [name, memory(pid)]))
  const ended = new Promise(resolve => program.on('close', resolve))
  await sleep(seconds * 250)
  const early = weigh()
  await sleep(seconds * 700)
  const late = weigh()
  if (await ended) throw new Error(`wrk failed:\n${said}`)
  const result = JSON.parse(said.trim().split('\n').at(-1))
  return { ...result, early, late, errors: result.refused + result.broken + result.timeouts }
}

const row = cells => console.log(cells.map((cell, index) => index ? String(cell).padStart(12) : String(cell).padEnd(34)).join(''))
const heads = ['requests/s', 'p50, ms', 'p95, ms', 'p99, ms', 'max, ms', 'errors']
const figures = run => [Math.round(run.requests / run.seconds), ...[run.p50, run.p95, run.p99, run.max].map(ms => ms.toFixed(1)), run.errors]

// ---- The edge -----------------------------------------------------------------------------------

async function varnish () {
  const deployed = readFileSync(join(repo, 'deploy/varnish.vcl'), 'utf8')
  const file = join(work, 'edge.vcl')
  writeFileSync(file, deployed.replace('.port = "8080";', `.port = "${ORIGIN}";`))
  const server = spawn('varnishd', ['-F', '-j', 'none', '-n', join(work, 'varnish'), '-a', `127.0.0.1:${EDGE}`,
    '-f', file, '-s', 'malloc,256m', '-p', 'http_gzip_support=off'], { stdio: 'ignore' })
  process.on('exit', () => server.kill())
  for (let tries = 0; tries < 300 && server.exitCode === null; tries++) {
    if (await listens(EDGE)) return server
    await sleep(100)
  }
  throw new Error('Varnish does not start with deploy/varnish.vcl')
}

function counters () {
  const { counters } = JSON.parse(execFileSync('varnishstat', ['-1', '-j', '-n', join(work, 'varnish')]))
  const value = name => counters[`MAIN.${name}`].value
  return { hits: value('cache_hit'), misses: value('cache_miss') + value('s_pass') }
}

// What stands in the origin's place when it fails: each answers Varnish's probe, or does not, and the
// rest in its own way.
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n'
const FINE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}'
const FAILURES = {
  'origin gone': null,
  'hangs after the head': socket => socket.write(HEAD),
  'the same, but for the probe': (socket, probe) => probe ? socket.end(FINE) : socket.write(HEAD),
  '500, but for the probe': (socket, probe) => socket.end(probe ? FINE : 'HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
  'half a body, but for the probe': (socket, probe) => socket.end(probe ? FINE : HEAD + 'half')
}

async function failing (answer) {
  if (!answer) return () => {}
  const open = new Set()
  const server = createServer(socket => {
    open.add(socket)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
    socket.once('data', data => answer(socket, data.includes('/api/site.json')))
  })
  await new Promise(resolve => server.listen(ORIGIN, '127.0.0.1', resolve))
  return () => {
    for (const socket of open) socket.destroy()
    return new Promise(resolve => server.close(resolve))
  }
}

// ---- All of it ----------------------------------------------------------------------------------

rmSync(work, { recursive: true, force: true })
mkdirSync(work, { recursive: true })
const paths = mix()
writeFileSync(join(work, 'paths'), paths.join('\n') + '\n')
const site = { folder: work, root: join(repo, 'dist'), port: ORIGIN, workers: 2 }
const stopped = server => new Promise(resolve => { server.on('exit', resolve); server.kill() })

console.log(`${CONNECTIONS} connections, ${SECONDS} s, ${new Set(paths).size} addresses: half pages, the rest documents, scripts, wasm and pictures\n`)
row(['', ...heads])
let origin = await nginx(site)
await load(ORIGIN, 3) // what is on disk is in memory from here on
const alone = await load(ORIGIN, SECONDS, { nginx: origin.pid })
row(['nginx alone', ...figures(alone)])
const edge = await varnish()
await load(EDGE, 3)
const before = counters()
const well = await load(EDGE, SECONDS, { nginx: origin.pid, varnish: edge.pid })
const after = counters()
row(['Varnish before nginx', ...figures(well)])
const [hits, misses] = ['hits', 'misses'].map(name => after[name] - before[name])
console.log(`\n${misses} of ${hits + misses} asked of Varnish were missing there: hit rate ${(100 * hits / (hits + misses)).toFixed(3)} %; Varnish / nginx: ${(well.requests / alone.requests).toFixed(2)} times the requests, ${(well.p99 / alone.p99).toFixed(2)} times the p99`)
for (const [name, run] of [['nginx alone', alone], ['Varnish before nginx', well]]) {
  const sizes = Object.keys(run.early).map(program => `${program} ${run.early[program].toFixed(1)} → ${run.late[program].toFixed(1)} MiB`)
  console.log(`memory, ${name}: ${sizes.join(', ')}`)
}

// Long enough that what is kept grows too old to be shown unasked, and is asked for in vain.
console.log(`\nVarnish while the origin fails\n`)
row(['', ...heads, 'p95 / well'])
for (const [name, answer] of Object.entries(FAILURES)) {
  await stopped(origin)
  const end = await failing(answer)
  const run = await load(EDGE, SECONDS)
  row([name, ...figures(run), (run.p95 / well.p95).toFixed(2)])
  await end()
  origin = await nginx(site)
  await load(EDGE, 10) // until all is new again
}
process.exit(0)
