declare const unit: unique symbol;

/** Milliseconds of logical time since the host's clock started; never wall time. */
export type Millis = number & { readonly [unit]: 'ms' };

/** Identifies a timer; counts up from 1 and is never given twice by one host. */
export type TimerId = number;
