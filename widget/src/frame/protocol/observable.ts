/** As much of an observable as Web Chat asks of a `directLine`. */

export interface Observer<Value> {
  next?: (value: Value) => void;
}

export interface Observable<Value> {
  subscribe(observer: Observer<Value>): { unsubscribe(): void };
}

/** Hands each value to everyone who listens. */
export class Subject<Value> {
  readonly #observers = new Set<Observer<Value>>();

  next(value: Value): void {
    for (const observer of this.#observers) {
      observer.next?.(value);
    }
  }

  /** Listen, after `first` got what there is already. */
  observable(first: () => Iterable<Value>): Observable<Value> {
    return {
      subscribe: observer => {
        for (const value of first()) {
          observer.next?.(value);
        }
        this.#observers.add(observer);
        return { unsubscribe: () => void this.#observers.delete(observer) };
      },
    };
  }
}
