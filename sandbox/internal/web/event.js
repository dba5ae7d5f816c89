(function () {
  const now = Date.now;
  // The state that EventTarget needs lies under a registered symbol, for the two
  // classes are evaluated apart.
  const state = Symbol.for('wt.event');
  class Event {
    constructor(type, options) {
      if (arguments.length === 0) throw new TypeError('The "type" argument must be specified');
      const { bubbles = false, cancelable = false, composed = false } = options || {};
      const s = { type: `${type}`, bubbles: !!bubbles, cancelable: !!cancelable, composed: !!composed,
        target: null, current: null, phase: 0, prevented: false, stopped: false, passive: false, time: now() };
      Object.defineProperty(this, state, { value: s });
    }
    get type() { return this[state].type; }
    get bubbles() { return this[state].bubbles; }
    get cancelable() { return this[state].cancelable; }
    get composed() { return this[state].composed; }
    get target() { return this[state].target; }
    get srcElement() { return this[state].target; }
    get currentTarget() { return this[state].current; }
    get eventPhase() { return this[state].phase; }
    get defaultPrevented() { return this[state].prevented; }
    get returnValue() { return !this[state].prevented; }
    get timeStamp() { return this[state].time; }
    get isTrusted() { return false; }
    get cancelBubble() { return this[state].stopped; }
    composedPath() { return this[state].phase ? [this[state].current] : []; }
    preventDefault() {
      const s = this[state];
      if (s.cancelable && !s.passive) s.prevented = true;
    }
    stopPropagation() {}
    stopImmediatePropagation() { this[state].stopped = true; }
    get [Symbol.toStringTag]() { return 'Event'; }
  }
  const phases = { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 };
  for (const name of Object.keys(phases)) Object.defineProperty(Event, name, { value: phases[name], enumerable: true });
  return Event;
})
