const show = (u) => console.log(JSON.stringify([u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash]));
for (const s of ['https://user:pa%20ss@EXAMPLE.com:443/a/../b/./c?x=1#frag', 'http://münchen.de/ü?ä#ö', 'file:///C:/x/../y', 'mailto:a@b.c',
  'http://[::1]:8080/', 'http://127.1/', 'data:text/plain,hi there', 'http://a.b/%7Efoo/%zz', 'HTTP://x:80', 'ws://h:80/?a b', 'http://ex.com/a b"<>`{}|^', "http://h/?q='x'", 'blob:https://a.b/c',
  'javascript:alert(1)', 'http:\\\\x\\y', 'https:example.org', 'http://0x7f.1/', 'non-special://h:9/p?q#f', '  http://t.co/ \n']) {
  try { show(new URL(s)); } catch (e) { console.log('throws', s, e.code, e.message); }
}
for (const [s, b] of [['../x?y', 'http://a/b/c/d'], ['//h2/p', 'https://a/'], ['?q', 'http://a/b#f'], ['#z', 'http://a/b?c'], ['', 'http://a/b?c#d'], ['a:b', 'http://x'], ['/p', 'mailto:x']]) {
  try { show(new URL(s, b)); } catch (e) { console.log('throws', s, e.code); }
}
for (const s of ['', 'foo', 'http://', 'http://a b/', 'http://[::1', 'http://h:99999', '//x', 'http://ex ample']) console.log(s, URL.canParse(s));
const u = new URL('http://a.b/c?x=1&y=2');
u.searchParams.append('z', 'ä &'); u.searchParams.delete('x'); console.log(u.href);
u.search = '?n=1'; console.log(u.searchParams.get('n'), u.searchParams.size, u.searchParams === u.searchParams);
u.hash = 'h h'; u.port = '8080'; u.pathname = 'p q'; u.username = 'me:@'; u.password = 'x'; u.hostname = 'x.y'; u.protocol = 'https'; console.log(u.href);
u.port = '443'; u.host = 'q.r:99'; console.log(u.href); u.port = ''; u.hash = ''; u.search = ''; console.log(u.href, JSON.stringify(u), `${u}`);
u.href = 'http://new/?k=v'; console.log(u.searchParams.get('k'));
try { u.href = 'bad'; } catch (e) { console.log(e.code); }
u.searchParams.set('k', '2'); u.searchParams.sort(); console.log(u.search);
u.searchParams.delete('k'); console.log(u.href);
const p = new URLSearchParams('?a=1&a=2&b=%20+x&c');
console.log(p.getAll('a').join(), p.get('b'), p.get('c'), p.get('d'), p.has('a', '2'), p.has('a', '9'), p.toString(), p.size);
p.delete('a', '1'); p.set('b', '~!*()\''); console.log(p.toString(), [...p].length, [...p.keys()].join(), [...p.values()].join());
console.log(new URLSearchParams({ a: 1, b: 'x y' }).toString(), new URLSearchParams([['q', 'é']]).toString(), new URLSearchParams(new Map([['m', '1']])).toString(), new URLSearchParams(p).toString());
p.forEach((v, k) => console.log(k, v));
console.log(new URLSearchParams('a=%E4%BD%zz&=x&&y=').toString());
console.log(Object.prototype.toString.call(u), Object.prototype.toString.call(p), u instanceof URL);
const q = new URLSearchParams('z=1&a=2&z=0&ä=3'); q.sort(); console.log(q.toString());
console.log(new URL('http://u:p@a.b:1/c?d=e#f'), new URLSearchParams('a=1&b=x y'), new URLSearchParams(), [new URLSearchParams('z=1')]);
