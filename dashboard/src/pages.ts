/** The pages: a page is a line here and a module in routes/. */

import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { IconName } from "./components/icons";

export interface Page {
  path: string;
  name: string;
  icon: IconName;
  /** The second key after `g` that leads there. */
  key: string;
  /** Whether the phone's bar holds it; what does not is under More. */
  bar?: boolean;
  component: LazyExoticComponent<ComponentType>;
}

const page = (load: () => Promise<{ default: ComponentType }>) => lazy(load);

export const PAGES: Page[] = [
  { path: "/", name: "Today", icon: "today", key: "t", bar: true, component: page(() => import("./routes/today")) },
  { path: "/log", name: "Log", icon: "log", key: "l", bar: true, component: page(() => import("./routes/log")) },
  {
    path: "/trends",
    name: "Trends",
    icon: "trends",
    key: "r",
    bar: true,
    component: page(() => import("./routes/trends")),
  },
  {
    path: "/strength",
    name: "Strength",
    icon: "strength",
    key: "w",
    component: page(() => import("./routes/strength")),
  },
  { path: "/live", name: "Live", icon: "lift", key: "v", component: page(() => import("./routes/live")) },
  { path: "/plan", name: "Plan", icon: "plan", key: "p", component: page(() => import("./routes/plan")) },
  { path: "/shoes", name: "Shoes", icon: "shoes", key: "s", component: page(() => import("./routes/shoes")) },
  { path: "/inbox", name: "Inbox", icon: "inbox", key: "i", component: page(() => import("./routes/inbox")) },
  {
    path: "/changes",
    name: "Changes",
    icon: "changes",
    key: "c",
    bar: true,
    component: page(() => import("./routes/changes")),
  },
  {
    path: "/settings",
    name: "Settings",
    icon: "settings",
    key: ",",
    component: page(() => import("./routes/settings")),
  },
];

/** Pages that the navigation does not list: a record is reached from where it is shown. */
export const RECORDS = [
  { path: "/runs/:id", component: page(() => import("./routes/run")) },
  { path: "/workouts/:id", component: page(() => import("./routes/workout")) },
  { path: "/changes/:id", component: page(() => import("./routes/changeset")) },
];
