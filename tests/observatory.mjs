// The deployed headers as Mozilla's HTTP Observatory sees them: its own scanner against deploy/nginx.conf
// over TLS, on this machine. `node tests/observatory.mjs DIST`, from `make observatory`.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import tls from 'node:tls'
import { nginx } from './nginx.mjs'

const GRADE = 'A+'
const SCORE = 120 // and above
const HOST = 'manchette.test'

const [dist] = process.argv.slice(2)
const observatory = process.env.MANCHETTE_OBSERVATORY
if (!dist || !observatory) {
  console.error('Run this as `make observatory`: it installs the scanner and says where it is.')
  process.exit(2)
}

// A certificate for this run. The scanner's process must know it from its start.
const folder = process.env.MANCHETTE_OBSERVATORY_FOLDER ?? mkdtempSync(join(tmpdir(), 'manchette-observatory-'))
const [key, certificate] = ['key.pem', 'certificate.pem'].map(name => join(folder, name))
if (!process.env.MANCHETTE_OBSERVATORY_FOLDER) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', `/CN=${HOST}`,
    '-addext', `subjectAltName=DNS:${HOST}`, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  const { status } = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, MANCHETTE_OBSERVATORY_FOLDER: folder, NODE_EXTRA_CA_CERTS: certificate }
  })
  rmSync(folder, { recursive: true, force: true })
  process.exit(status ?? 1)
}

const free = () => new Promise(resolve => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })
})
const ports = { 80: await free(), 443: await free() }
await nginx({
  folder,
  root: dist,
  port: ports[443],
  change: text => `server { listen 127.0.0.1:${ports[80]}; return 301 https://$host$request_uri; }
  ${text.replace(`listen 127.0.0.1:${ports[443]};`, `listen 127.0.0.1:${ports[443]} ssl; ssl_certificate ${certificate}; ssl_certificate_key ${key};`)}`
})

// The scanner asks for a host by its name, at the usual ports: here both lead to this nginx.
const here = options => ({ ...options, host: '127.0.0.1', port: ports[options.port] ?? options.port })
const { createConnection } = http.Agent.prototype
http.Agent.prototype.createConnection = function (options, ...rest) { return createConnection.call(this, here(options), ...rest) }
const secure = tls.connect
tls.connect = (options, ...rest) => secure({ ...here(options), servername: HOST }, ...rest)

const scanner = join(observatory, 'node_modules/@mdn/mdn-http-observatory')
// The list of hosts that browsers know beforehand. This one is not on it.
const list = join(scanner, 'conf/hsts-preload.json')
if (!existsSync(list)) writeFileSync(list, '{}')
const { scan } = await import(pathToFileURL(join(scanner, 'src/index.js')))
const { scan: { grade, score }, tests } = await scan(HOST)
for (const [name, { pass, scoreModifier, result }] of Object.entries(tests)) {
  console.log(`${pass ? 'ok  ' : 'FAIL'} ${String(scoreModifier ?? 0).padStart(4)}  ${name}: ${result}`)
}
console.log(`Mozilla HTTP Observatory: ${grade}, ${score} points`)
process.exit(grade === GRADE && score > SCORE ? 0 : 1)
