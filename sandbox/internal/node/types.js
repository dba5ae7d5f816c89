(function (wt) {
  const kinds = {
    isArgumentsObject: 'Arguments', isArrayBuffer: 'ArrayBuffer', isBigIntObject: 'BigInt', isBooleanObject: 'Boolean',
    isDate: 'Date', isGeneratorObject: 'Generator', isMap: 'Map', isMapIterator: 'Map Iterator', isNativeError: 'Error',
    isNumberObject: 'Number', isPromise: 'Promise', isProxy: 'Proxy', isRegExp: 'RegExp', isSet: 'Set',
    isSetIterator: 'Set Iterator', isStringObject: 'String', isSymbolObject: 'Symbol', isTypedArray: 'TypedArray',
    isWeakMap: 'WeakMap', isWeakSet: 'WeakSet', isDataView: 'DataView',
  };
  const types = {};
  for (const name of Object.keys(kinds)) types[name] = (v) => wt.kind(v) === kinds[name];
  const arrays = ['Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array',
    'Int32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'];
  const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
  for (const name of arrays) types['is' + name] = (v) => wt.kind(v) === 'TypedArray' && tagOf.call(v) === name;
  const text = (f) => typeof f === 'function' ? Function.prototype.toString.call(f) : '';
  Object.assign(types, {
    isAnyArrayBuffer: types.isArrayBuffer,
    isSharedArrayBuffer: () => false,
    isArrayBufferView: (v) => ArrayBuffer.isView(v),
    isAsyncFunction: (f) => /^async\b/.test(text(f)),
    isGeneratorFunction: (f) => /^(async\s+)?(function\s*)?\*/.test(text(f)),
    isBoxedPrimitive: (v) => ['Number', 'String', 'Boolean', 'Symbol', 'BigInt'].includes(wt.kind(v)),
    isExternal: () => false,
    isModuleNamespaceObject: () => false,
    isKeyObject: () => false,
    isCryptoKey: () => false,
  });
  return types;
})
