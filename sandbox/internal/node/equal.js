(function (wt, a, b, strict) {
  // Pairs under comparison count as equal, so that cycles end.
  const pairs = [];
  const enumerable = (o) => Object.keys(o).concat(Object.getOwnPropertySymbols(o)
    .filter((s) => Object.prototype.propertyIsEnumerable.call(o, s)));

  function same(x, y) {
    if (Object.is(x, y)) return true;
    if (!strict && x == y && (typeof x !== 'object' || typeof y !== 'object' || x === null)) return true; // loose by contract
    if (typeof x !== 'object' || typeof y !== 'object' || x === null || y === null) {
      return !strict && x !== x && y !== y;
    }
    if (strict && Object.getPrototypeOf(x) !== Object.getPrototypeOf(y)) return false;
    const kind = wt.kind(x);
    if (kind !== wt.kind(y) || Array.isArray(x) !== Array.isArray(y)) return false;
    if (!sameInside(kind, x, y)) return false;
    if (pairs.some(([p, q]) => p === x && q === y)) return true;
    pairs.push([x, y]);
    const equal = sameMembers(kind, x, y);
    pairs.pop();
    return equal;
  }
  function sameInside(kind, x, y) {
    switch (kind) {
      case 'Date': return Object.is(x.getTime(), y.getTime());
      case 'RegExp': return x.source === y.source && x.flags === y.flags && x.lastIndex === y.lastIndex;
      case 'Error': return x.message === y.message && x.name === y.name && same(x.cause, y.cause);
      case 'Number': case 'String': case 'Boolean': case 'BigInt': case 'Symbol':
        return Object.is(x.valueOf(), y.valueOf());
      case 'ArrayBuffer': return same(new Uint8Array(x), new Uint8Array(y));
      case 'TypedArray': return x.length === y.length && x.every((v, i) => (strict ? Object.is(v, y[i]) : v === y[i]));
      default: return x.length === y.length || !Array.isArray(x);
    }
  }
  function sameMembers(kind, x, y) {
    if (kind === 'Set') {
      if (x.size !== y.size) return false;
      const rest = Array.from(y).filter((v) => !x.has(v));
      for (const v of x) if (!y.has(v) && !take(rest, (w) => same(v, w))) return false;
    }
    if (kind === 'Map') {
      if (x.size !== y.size) return false;
      const rest = Array.from(y).filter(([k]) => !x.has(k));
      for (const [k, v] of x) {
        if (y.has(k) ? !same(v, y.get(k)) : !take(rest, ([l, w]) => same(k, l) && same(v, w))) return false;
      }
    }
    if (kind === 'TypedArray') return true;
    const keys = enumerable(x);
    if (keys.length !== enumerable(y).length) return false;
    return keys.every((k) => Object.prototype.propertyIsEnumerable.call(y, k) && same(x[k], y[k]));
  }
  function take(list, match) {
    const at = list.findIndex(match);
    if (at !== -1) list.splice(at, 1);
    return at !== -1;
  }
  return same(a, b);
})
