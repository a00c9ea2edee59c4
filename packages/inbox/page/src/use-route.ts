/**
 * The route as state of the app, in step with the address bar and its back button.
 */
import { useCallback, useEffect, useState } from "preact/hooks";
import { formatRoute, parseRoute, type Route } from "./route.js";

/** `push`: the back button leads to where one was; else the address is replaced. */
export type Go = (change: Partial<Route>, push?: boolean) => void;

const current = (): Route => parseRoute(location.pathname, location.search);

export function useRoute(): readonly [Route, Go] {
  const [route, setRoute] = useState(current);
  useEffect(() => {
    const onBack = (): void => setRoute(current());
    addEventListener("popstate", onBack);
    return () => removeEventListener("popstate", onBack);
  }, []);
  const go = useCallback<Go>((change, push = false) => {
    const next = { ...current(), ...change };
    if (push) history.pushState(null, "", formatRoute(next));
    else history.replaceState(null, "", formatRoute(next));
    setRoute(next);
  }, []);
  return [route, go];
}
