// Opens pages in headless Chromium, on a desktop and a phone, light and dark, and prints one
// line for each thing that is wrong: a console message, a request that leaves the page, a
// style sheet that the policy did not let in, a page that must be scrolled sideways, a skip
// link that is not the first stop of the tab key, a violation that axe-core finds. Usage:
//   NODE_PATH=…/node_modules node check.cjs FILE...     (SHOTS=folder keeps screenshots)
const { chromium } = require('playwright-core')
const fs = require('fs')
const http = require('http')
const path = require('path')

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync']
const screens = [
  ['desktop', { width: 1366, height: 900 }, 'light'], ['desktop-dark', { width: 1366, height: 900 }, 'dark'],
  ['phone', { width: 390, height: 844 }, 'light'], ['phone-dark', { width: 390, height: 844 }, 'dark']]

// audit runs axe-core in a world of its own, as the page's policy lets no script in.
async function audit (context, page) {
  const devtools = await context.newCDPSession(page)
  const { frameTree } = await devtools.send('Page.getFrameTree')
  const { executionContextId } = await devtools.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id })
  await devtools.send('Runtime.evaluate', { contextId: executionContextId, expression: axe })
  const { result } = await devtools.send('Runtime.evaluate', {
    contextId: executionContextId,
    awaitPromise: true,
    returnByValue: true,
    expression: 'axe.run(document).then(r => JSON.stringify({ passed: r.passes.length, found: r.violations.map(v => v.id + " (" + v.impact + "), " + v.nodes.length + " times, first at " + v.nodes[0].target) }))'
  })
  return JSON.parse(result.value)
}

async function look (browser, base, name, [screen, viewport, colorScheme]) {
  const wrong = []
  const context = await browser.newContext({ viewport, colorScheme })
  const page = await context.newPage()
  page.on('console', m => wrong.push(`console ${m.type()}: ${m.text()}`))
  page.on('pageerror', e => wrong.push(`error: ${e}`))
  page.on('request', r => { if (r.url() !== base + name) wrong.push(`request: ${r.url()}`) })
  await page.goto(base + name, { waitUntil: 'load' })
  if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, `${name}-${screen}.png`), fullPage: true })
  if (await page.evaluate(() => getComputedStyle(document.querySelector('main')).display) !== 'grid') wrong.push('the style sheet is not in force')
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  if (sideways > 0) wrong.push(`${sideways} pixels wider than the screen`)
  await page.keyboard.press('Tab')
  if (await page.evaluate(() => document.activeElement.className) !== 'skip') wrong.push('the first stop of the tab key is not the skip link')
  const { passed, found } = await audit(context, page)
  if (passed < 20) wrong.push(`axe-core ran ${passed} rules only`)
  wrong.push(...found.map(f => 'axe-core: ' + f))
  await context.close()
  return wrong.map(w => `${name}, ${screen}: ${w}`)
}

async function main (files) {
  const pages = new Map(files.map(f => ['/' + path.basename(f), f]))
  const server = http.createServer((request, response) => {
    const file = pages.get(decodeURIComponent(request.url))
    if (!file) { response.statusCode = 404; response.end(); return }
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(fs.readFileSync(file))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${server.address().port}/`
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: quiet })
  for (const file of files) {
    for (const screen of screens) {
      for (const line of await look(browser, base, path.basename(file), screen)) console.log(line)
    }
  }
  await browser.close()
  server.close()
}

main(process.argv.slice(2)).catch(e => { console.error(e); process.exit(1) })
