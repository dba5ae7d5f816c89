const h = new Headers({ 'X-B': ' 2 ', a: 1 });
h.append('x-b', '3'); h.append('Set-Cookie', 'a=1'); h.append('set-cookie', 'b=2');
console.log(h.get('X-b'), h.get('none'), h.has('A'), JSON.stringify([...h]));
console.log(JSON.stringify(h.getSetCookie()), [...h.keys()].join(), [...h.values()].join());
h.delete('a'); h.set('x-b', 'z'); console.log(JSON.stringify([...h.entries()]));
h.forEach((v, k, o) => console.log(k, v, o === h));
for (const bad of [{ 'a b': '1' }, { a: 'x\ny' }, [['a']], 5, { a: '\u0100' }]) {
  try { new Headers(bad); console.log('accepted'); } catch (e) { console.log(e instanceof TypeError); }
}
console.log(new Headers([['q', 'w']]).get('Q'), new Headers(new Headers({ m: 'n' })).get('m'));
console.log(Object.prototype.toString.call(h), typeof Headers.prototype.get, h instanceof Headers);
class My extends Headers { extra() { return this.get('k') + '!'; } }
console.log(new My({ k: 'v' }).extra(), new My() instanceof Headers);
