const hex = (b) => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
const enc = new TextEncoder();
console.log(hex(enc.encode('aä€😀')), hex(enc.encode('\ud800x')), hex(enc.encode()), enc.encoding, enc.encode('x') instanceof Uint8Array);
const into = new Uint8Array(5); console.log(JSON.stringify(enc.encodeInto('aä€😀', into)), hex(into));
const dec = new TextDecoder();
console.log(dec.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xc3, 0xa4])), dec.encoding, dec.fatal, dec.ignoreBOM);
console.log(dec.decode(new Uint8Array([0x61, 0xff, 0xe2, 0x82, 0x62, 0xf0, 0x9f, 0x98])).length);
console.log(JSON.stringify(new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))));
try { new TextDecoder('utf8', { fatal: true }).decode(new Uint8Array([0xff])); } catch (e) { console.log(e.name, e.code); }
console.log(new TextDecoder('utf-16le').decode(new Uint8Array([0x61, 0, 0x3d, 0xd8, 0, 0xde])), new TextDecoder('latin1').decode(new Uint8Array([0x80, 0xe4])), new TextDecoder('latin1').encoding);
const s = new TextDecoder(); console.log(s.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + s.decode(new Uint8Array([0xac])));
try { new TextDecoder('nope'); } catch (e) { console.log(e.name, e.code); }
console.log(dec.decode(), dec.decode(new ArrayBuffer(2)).length, dec.decode(new DataView(enc.encode('dv').buffer)));
console.log(btoa('abc\xff'), atob('YWJj/w=='), atob(' YW Jj '), atob('YQ'));
for (const f of [() => btoa('€'), () => atob('a'), () => atob('?'), () => atob('YQ=')]) { try { f(); console.log('ok'); } catch (e) { console.log(e.name, e.code, e instanceof DOMException); } }
