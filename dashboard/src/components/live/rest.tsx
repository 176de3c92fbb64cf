/** The time to rest between sets: it begins with a set, and goes on over a reload. */

import { useEffect, useState } from "react";
import { duration } from "../../format/units";
import { Button } from "../button";

const UNTIL = "fitness.rest-until";
const LENGTH = "fitness.rest-seconds";
const USUAL = 120;
const STEP = 15;

export function restLength(): number {
  return Number(localStorage.getItem(LENGTH) ?? USUAL);
}

export function useRest() {
  const [until, setUntil] = useState(() => Number(localStorage.getItem(UNTIL) ?? 0));
  function set(next: number) {
    localStorage.setItem(UNTIL, String(next));
    setUntil(next);
  }
  return {
    until,
    begin: () => set(Date.now() + restLength() * 1000),
    skip: () => set(0),
    add: (seconds: number) => {
      localStorage.setItem(LENGTH, String(Math.max(STEP, restLength() + seconds)));
      set(Math.max(Date.now(), until + seconds * 1000));
    },
  };
}

export function RestTimer({ rest }: { rest: ReturnType<typeof useRest> }) {
  const now = useNow(rest.until);
  const left = Math.ceil((rest.until - now) / 1000);
  const over = rest.until > 0 && left <= 0;
  useEffect(() => {
    if (over) navigator.vibrate?.([200, 100, 200]);
  }, [over]);
  if (rest.until === 0) return null;
  return (
    <section className="rest" aria-label="Rest" data-over={over || undefined}>
      <span className="rest-time" role="timer">
        {over ? `Rested, ${duration(-left)} over` : `Rest ${duration(left)}`}
      </span>
      <span className="rest-actions">
        <Button look="quiet" aria-label="Take 15 seconds off the rest" onPress={() => rest.add(-STEP)}>
          −{STEP}
        </Button>
        <Button look="quiet" aria-label="Add 15 seconds to the rest" onPress={() => rest.add(STEP)}>
          +{STEP}
        </Button>
        <Button look="quiet" onPress={rest.skip}>
          Skip
        </Button>
      </span>
    </section>
  );
}

/** The time, each second anew while there is something to wait for. */
function useNow(until: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    if (until === 0) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  return now;
}
