const a = { d: new Date(5), r: /x/gi, m: new Map([[1, { z: 1 }]]), s: new Set(['q']), u: new Uint8Array([1, 2, 3]).subarray(1), b: 10n, n: null, un: undefined, arr: [1, , 3] };
a.self = a; const c = structuredClone(a);
console.log(c !== a, c.self === c, c.d.getTime(), c.r.flags, c.m.get(1).z, c.s.has('q'), c.u[0], c.u.length, c.u.byteOffset, c.b, c.n, 'un' in c, 1 in c.arr, c.arr.length);
const e = structuredClone(new RangeError('boom', { cause: 5 })); console.log(e instanceof RangeError, e.message, e.cause, e.name);
for (const v of [() => {}, Symbol('q'), { f() {} }, new WeakMap(), Promise.resolve()]) { try { structuredClone(v); } catch (x) { console.log(x.name, x.code); } }
class K { constructor() { this.p = 1; } } console.log(structuredClone(new K()).constructor === Object, structuredClone('x'), structuredClone(Object(3)).valueOf());
const buf = new ArrayBuffer(4); const v2 = structuredClone({ x: new Uint8Array(buf), y: new DataView(buf) }); console.log(v2.x.buffer === v2.y.buffer, v2.x.buffer !== buf);
try { structuredClone(); } catch (x) { console.log(x.name); }
