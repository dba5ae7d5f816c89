console.table([{ a: 1, b: 'x' }, { a: 2, c: true }]); console.table([1, 'two']); console.table('plain'); console.table({ r1: { v: 1 }, r2: { v: 22 } });
console.group('G', 1); console.log('in\nner'); console.group(); console.log({ a: 1 }); console.groupEnd(); console.groupEnd(); console.groupEnd(); console.log('out');
console.count(); console.count('q'); console.count(); console.countReset(); console.count();
console.log('%', 5); console.log(); console.log(true, null, undefined, -0, 0, 1.5, 'x', 10n, Symbol('s')); console.log('%s-%d', 'a', 1, { z: 1 }); console.info('i'); console.debug('d'); console.dir({ a: { b: { c: {} } } }, { depth: 0 }); console.log('100%', 'x'); console.log('%%'); console.log('%%', 1);
