(function (wt, hide, proto) {
  const { outOfRange } = wt;
  const offsetOf = (b, offset, width) => {
    if (offset === undefined) offset = 0;
    if (typeof offset !== 'number') throw wt.argType('offset', 'of type number', offset);
    if (!Number.isInteger(offset)) throw outOfRange('offset', 'an integer', offset);
    if (offset < 0 || offset + width > b.length) {
      if (b.length - width < 0) {
        throw wt.fail('RangeError', 'ERR_BUFFER_OUT_OF_BOUNDS', 'Attempt to access memory outside buffer bounds');
      }
      throw outOfRange('offset', `>= 0 and <= ${b.length - width}`, offset);
    }
    return offset;
  };
  const widthOf = (width) => {
    if (typeof width !== 'number') throw wt.argType('byteLength', 'of type number', width);
    if (!Number.isInteger(width)) throw outOfRange('byteLength', 'an integer', width);
    if (width < 1 || width > 6) throw outOfRange('byteLength', '>= 1 and <= 6', width);
    return width;
  };
  const limits = (value, width, signed) => {
    const bits = width * 8;
    const min = signed ? -(2 ** (bits - 1)) : 0;
    const max = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
    if (value > max || value < min) {
      const range = width > 4
        ? (signed ? `>= -(2 ** ${bits - 1}) and < 2 ** ${bits - 1}` : `>= 0 and < 2 ** ${bits}`)
        : `>= ${min} and <= ${max}`;
      throw outOfRange('value', range, value);
    }
  };
  const reader = (width, signed, little) => function (offset) {
    return wt.readInt(this, offsetOf(this, offset, width), width, signed, little);
  };
  const writer = (width, signed, little) => function (value, offset) {
    value = +value;
    limits(value, width, signed);
    offset = offsetOf(this, offset, width);
    wt.writeInt(this, offset, width, value, little);
    return offset + width;
  };
  const define = (name, aliasOf, fn) => {
    hide(proto, { [name]: fn });
    if (aliasOf) hide(proto, { [name.replace('UInt', 'Uint')]: fn });
  };
  for (const [name, width, signed] of [['UInt8', 1, false], ['Int8', 1, true], ['UInt16', 2, false],
    ['Int16', 2, true], ['UInt32', 4, false], ['Int32', 4, true]]) {
    for (const end of width === 1 ? [''] : ['LE', 'BE']) {
      define('read' + name + end, !signed, reader(width, signed, end === 'LE'));
      define('write' + name + end, !signed, writer(width, signed, end === 'LE'));
    }
  }
  for (const signed of [false, true]) {
    for (const end of ['LE', 'BE']) {
      const name = (signed ? 'Int' : 'UInt') + end;
      const little = end === 'LE';
      define('read' + name, !signed, function (offset, width) {
        width = widthOf(width);
        return wt.readInt(this, offsetOf(this, offset, width), width, signed, little);
      });
      define('write' + name, !signed, function (value, offset, width) {
        return writer(widthOf(width), signed, little).call(this, value, offset);
      });
      const big = (signed ? 'BigInt64' : 'BigUInt64') + end;
      const view = (b) => new DataView(b.buffer, b.byteOffset, b.byteLength);
      define('read' + big, !signed, function (offset) {
        const at = offsetOf(this, offset, 8);
        return signed ? view(this).getBigInt64(at, little) : view(this).getBigUint64(at, little);
      });
      define('write' + big, !signed, function (value, offset) {
        const fits = signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
        if (fits !== value) {
          throw outOfRange('value', signed ? '>= -(2n ** 63n) and < 2n ** 63n' : '>= 0n and < 2n ** 64n', value);
        }
        const at = offsetOf(this, offset, 8);
        view(this).setBigUint64(at, BigInt.asUintN(64, value), little);
        return at + 8;
      });
    }
  }
  for (const [name, width] of [['Float', 4], ['Double', 8]]) {
    for (const end of ['LE', 'BE']) {
      const little = end === 'LE';
      const field = 'Float' + width * 8;
      define('read' + name + end, false, function (offset) {
        const at = offsetOf(this, offset, width);
        return new DataView(this.buffer, this.byteOffset, this.byteLength)['get' + field](at, little);
      });
      define('write' + name + end, false, function (value, offset) {
        const at = offsetOf(this, offset, width);
        new DataView(this.buffer, this.byteOffset, this.byteLength)['set' + field](at, value, little);
        return at + width;
      });
    }
  }
})
