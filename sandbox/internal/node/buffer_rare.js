(function (wt, proto) {
  // What few scripts call, evaluated when the first of these is looked up.
  const hide = wt.hide;
  for (const [name, encoding] of [['utf8', 'utf8'], ['latin1', 'latin1'], ['ascii', 'ascii'], ['hex', 'hex'],
    ['base64', 'base64'], ['base64url', 'base64url'], ['ucs2', 'utf16le']]) {
    hide(proto, {
      [name + 'Slice'](start, end) { return this.toString(encoding, start, end); },
      [name + 'Write'](string, offset, length) { return this.write(string, offset, length, encoding); },
    });
  }

  function swap(b, width) {
    if (b.length % width !== 0) {
      throw wt.fail('RangeError', 'ERR_INVALID_BUFFER_SIZE', `Buffer size must be a multiple of ${width * 8}-bits`);
    }
    for (let i = 0; i < b.length; i += width) b.subarray(i, i + width).reverse();
    return b;
  }
  hide(proto, {
    swap16() { return swap(this, 2); },
    swap32() { return swap(this, 4); },
    swap64() { return swap(this, 8); },
  });
  return wt.numbers(hide, proto);
})
