const r = new Response('héllo', { status: 201, statusText: 'Made', headers: { 'X-A': '1' } });
console.log(r.status, r.statusText, r.ok, r.type, r.url, r.redirected, r.bodyUsed, r.headers.get('content-type'), r.headers.get('x-a'));
console.log(await r.text(), r.bodyUsed); await r.text().catch((e) => console.log(e instanceof TypeError));
const j = Response.json({ a: [1] }, { status: 202 }); console.log(j.status, j.headers.get('content-type'), JSON.stringify(await j.json()));
const x = new Response(new URLSearchParams({ a: 'b c' })); console.log(x.headers.get('content-type'), await x.text());
const bytes = new Response(new Uint8Array([1, 2, 3])); const cl = bytes.clone(); console.log((await bytes.arrayBuffer()).byteLength, (await cl.arrayBuffer()).byteLength, bytes.headers.get('content-type'));
console.log(new Response().status, await new Response(null).text(), Response.error().type, Response.error().status, Response.redirect('http://a/b', 301).headers.get('location'));
for (const f of [() => new Response('x', { status: 204 }), () => new Response('', { status: 99 }), () => Response.redirect('http://a', 200), () => Response.json(undefined), () => new Request('/x'), () => new Request('http://a', { body: 'x' }), () => new Request('http://a', { method: 'a b' }), () => new Request('http://u:p@a/')]) {
  try { f(); console.log('ok'); } catch (e) { console.log(e.name); }
}
const q = new Request('http://a.b/c', { method: 'post', body: 'hi', headers: { K: 'v' }, redirect: 'manual' });
console.log(q.method, q.url, q.headers.get('k'), q.headers.get('content-type'), q.redirect, q.bodyUsed, q.signal.aborted, await q.clone().text(), await q.text(), q.bodyUsed);
console.log(new Request('http://a/', { method: 'patch' }).method, new Request('http://a/', { method: 'put' }).method, new Request('http://a').method);
const q2 = new Request(new Request('http://a/', { method: 'POST', body: 'z', headers: { m: '1' } }), { headers: { n: '2' } }); console.log(q2.method, q2.headers.get('m'), q2.headers.get('n'), await q2.text());
console.log(JSON.stringify(await new Response('\ufeff{"a":1}').json()), await new Response('\ufeffx').text()); await new Response('{').json().catch((e) => console.log(e.name));
const blob = new Blob(['ab', new Uint8Array([99])], { type: 'Text/Plain' }); console.log(blob.size, blob.type, await blob.text(), await blob.slice(1).text(), await new Response(blob).text(), new Response(blob).headers.get('content-type'));
const rb = await new Response('q', { headers: { 'content-type': 'a/b' } }).blob(); console.log(rb.type, rb.size);
