// On the real clock time goes on while a service is looked at, and Node's timers may come a millisecond early.

import { expect, test } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import { createTestWorld, plainApp, START } from "./fixture.ts";

/** Each timer comes a millisecond too early, and that millisecond goes by between the first and the second look at the clock. */
class HastyClock extends VirtualClock {
  #early = 0;
  #latest = 0;

  override now(): number {
    this.#latest = Math.max(this.#latest, super.now() + 1 - this.#early);
    this.#early = 0;
    return this.#latest;
  }

  override schedule(delayMilliseconds: number, run: () => void): () => void {
    return super.schedule(delayMilliseconds, () => {
      this.#early = 1;
      run();
    });
  }
}

test("what becomes due during a reconciliation is not missed", () => {
  const world = createTestWorld(undefined, new HastyClock(START));
  world.create(world.register([plainApp]));
  const steady = () => world.ecs.isSteady({ cluster: "shop", service: "web" });
  expect(world.until("steady", steady, 120)).toBeGreaterThan(40);
});
