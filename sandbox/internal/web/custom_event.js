(function (wt) {
  return class CustomEvent extends wt.global('Event') {
    #detail;
    constructor(type, options) {
      super(type, options);
      this.#detail = options && options.detail !== undefined ? options.detail : null;
    }
    get detail() { return this.#detail; }
  };
})
